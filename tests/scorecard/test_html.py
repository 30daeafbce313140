"""The readiness report as one HTML file: what is in its data, how much of it, and what it may run."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from base64 import b64encode
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import samples
from msgspec.structs import replace

from readiness.errors import SourceError, UsageError
from readiness.outputs.scorecard.options import ScorecardOptions
from readiness.outputs.scorecard.view import wide_steps, worst_first
from readiness.outputs.scorecard_html import render, render_html
from readiness.outputs.scorecard_html.figures import area_rows, off_target, tier_rows
from readiness.outputs.scorecard_html.items import SHARE, in_turn
from readiness.outputs.scorecard_html.overview import headline
from readiness.outputs.scorecard_html.page import SCRIPTS
from readiness.scorecard.model import Evidence, Step
from readiness.values import Span

NAMES = ("card", "small", "empty", "hostile")

PACKAGE = Path(__file__).parents[2] / "src" / "readiness" / "outputs" / "scorecard_html"


def data(text: str) -> dict[str, Any]:
    """The data of a page."""
    (found,) = re.findall(r'<script id="data" type="application/json">(.*?)</script>', text, re.DOTALL)
    read: dict[str, Any] = json.loads(found)
    return read


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_loaded_and_only_its_own_style_and_scripts_run(name: str) -> None:
    text = render_html(getattr(samples, name)(), "1.2.3")
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src 'none'; ")
    parts = {tag: re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL) for tag in ("style", "script")}
    assert len(parts["style"]) == 1
    assert len(parts["script"]) == (2 if name in ("card", "hostile") else 1)  # with the charts of a history
    for tag, contents in parts.items():
        digests = [b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in contents]
        allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
        assert f"{tag}-src {allowed};" in policy
    own = text.replace((PACKAGE / "vendor/uPlot.iife.min.js").read_text(encoding="utf-8"), "")
    markup = re.sub(r"<script.*?</script>", "", own, flags=re.DOTALL)
    assert not re.findall(
        r"<(?:link|img|iframe|object|embed|base)\b|<[^>]*\s(?:src|style)=|@import|url\(", markup
    )
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|fetch\(|\beval\b", own)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_bytes_for_the_same_scorecard(name: str) -> None:
    make = getattr(samples, name)
    assert render_html(make(), "1.2.3") == render_html(make(), "1.2.3")


def test_texts_of_a_repository_cannot_end_the_data_or_become_markup() -> None:
    text = render_html(samples.hostile(), "1.2.3")
    raw = text[text.index('<script id="data"') : text.index("</script>")]
    assert raw.count("<") == 1  # its own
    assert "<img" not in text and "<!--" not in text.replace("<!DOCTYPE", "")
    assert "\u202e" not in text and "\x1b" not in text and "\x00" not in text
    read = data(text)
    assert [one["name"] for one in read["services"]][:3] == list(samples.HOSTILE[:3])
    assert all("link" not in one for one in read["services"])
    assert {address for policy in read["policies"] for address in policy[4]} == {"https://docs.example.com/"}


def test_a_control_has_its_numbers_evidence_and_what_is_missing() -> None:
    card = samples.card()
    read = data(render_html(card))
    strings = read["strings"]
    service = card.services[0]
    rows = {read["controls"][row[0]][0]: row for row in read["services"][0]["controls"]}
    asked = [one for one in service.controls if one.status != "not-applicable"]
    assert list(rows) == [one.control for one in asked]
    assert {one.status for one in asked} >= {"met", "partly", "not-met"}
    for control in asked:
        row = rows[control.control] + [0] * 13
        assert read["statuses"][row[1]] == control.status
        assert (row[3], row[4]) == (control.met, control.of)
        assert tuple(row[7:10]) == (control.failed, control.waived, control.unknown)
        assert [[strings[path], line, strings[text]] for path, line, text in row[6] or []] == [
            [one.path, one.line, one.text] for one in control.evidence
        ]
        items = [read["items"][number] for number in row[5] or []]
        assert [(strings[item[7]], strings[item[4]], item[5]) for item in items] == [
            (one.addresses[0], one.path, one.line) for one in control.missing
        ]


def test_all_findings_are_in_a_small_report_with_their_code() -> None:
    card = samples.card()
    read = data(render_html(card))
    assert len(read["items"]) == read["itemsTotal"] == len(card.report.findings)
    code = read["strings"][read["items"][0][10]]
    assert code == "4 |   storage_encrypted = false\n  |   ^^^^^^^^^^^^^^^^^^^^^^^^^"
    statuses = [read["itemStatuses"][item[2]] for item in read["items"]]
    assert statuses == sorted(statuses, key=["fail", "unknown", "waived"].index)


def test_what_a_control_misses_and_no_finding_says_is_there_too() -> None:
    card = samples.card()
    card.report.findings = []
    read = data(render_html(card))
    missing = {
        one.fingerprint
        for service in card.services
        for control in service.controls
        for one in control.missing
    }
    assert len(read["items"]) == len(missing) > 0
    assert read["policies"][0][1] == samples.controls()[read["policies"][0][0].removeprefix("acme-")].title


def test_a_limit_leaves_out_findings_and_says_so() -> None:
    card = samples.card()
    whole = render_html(card)
    part = render_html(card, limit=100_000)
    read = data(part)
    assert 0 < len(read["items"]) < read["itemsTotal"] == len(card.report.findings)
    assert len(part) < len(whole) - 50_000
    # Every service that has findings has some.
    named = {item[3] for item in read["items"]}
    assert named == {item[3] for item in data(whole)["items"]}
    # How much each control misses is known all the same.
    for short, full in zip(read["services"], data(whole)["services"], strict=True):
        assert [row[:5] for row in short["controls"]] == [row[:5] for row in full["controls"]]
        assert [row[11:12] for row in short["controls"]] == [row[11:12] for row in full["controls"]]


def test_services_take_turns_and_failures_go_first() -> None:
    one = samples.finding("own-01", "a", "a.tf", 1, "low", "fail")
    many = [(replace(one, fingerprint=str(n)), "a") for n in range(SHARE + 5)]
    others = [
        (samples.finding("own-01", "b", "b.tf", 1, "critical", "waived"), "b"),
        (samples.finding("own-01", "b", "b.tf", 2, "high", "fail"), "b"),
    ]
    order = in_turn([*many, *others])
    names = [([*many, *others])[index][1] for index in order]
    assert names == ["b", *["a"] * SHARE, "b", *["a"] * 5]


def test_the_numbers_of_the_overview() -> None:
    card = samples.card()
    everything, *tiers = tier_rows(card)
    assert everything.total == len(card.services) == sum(row.total for row in tiers)
    assert everything.counts[0] == sum(one.level == "" for one in card.services)
    scores = [one.score for one in card.services if one.score is not None]
    assert everything.score == sum(scores) / len(scores)
    rows = area_rows(card)
    assert [row.score for row in rows] == sorted(row.score for row in rows)
    slo = next(row for row in rows if row.area == "slo")
    mine = [
        area for one in card.services for area in one.areas if area.area == "slo" and area.score is not None
    ]
    assert (slo.services, slo.none) == (len(mine), sum(area.level == "" for area in mine))
    steps = wide_steps(card.services)
    assert len(steps[0].unlocks) == max(len(step.unlocks) for step in steps) > 1
    assert {kpi.id for kpi in off_target(card.kpis)} == {
        kpi.id for kpi in card.kpis if kpi.on_target is False
    }


def test_the_headline() -> None:
    card = samples.card()
    assert headline(card) == (
        "9 of 19 services reach bronze or better; in tier 0, the strictest here, 0 of 2 do."
    )
    for service in card.services:
        service.level = "gold"
    assert headline(card) == "All 19 services are at bronze or above; 19 at gold."
    for service in card.services:
        service.problem = "tier 9 is not defined"
    assert headline(card) == "No service could be judged."
    (one,) = card.services = card.services[:1]
    one.name, one.problem = "pay", None
    assert headline(card) == "pay is at gold."
    one.level = ""
    assert headline(card) == "pay is below bronze."


def test_a_secret_in_plain_text_is_on_no_page() -> None:
    card = samples.card(services=1, runs=0)
    path = "deploy/api.yaml"
    card.report.sources[path] = "env:\n  - name: TOKEN\n    value: hunter2\n    optional: 7\n"
    secret = samples.finding("sec-secret-01", card.services[0].name, path, 3, "critical", "fail")
    other = samples.finding("res-01", card.services[0].name, path, 2, "high", "fail")
    card.report.findings += [
        replace(secret, span=Span(path, 3, 5, 3, 19)),
        replace(other, span=Span(path, 2, 5, 4, 16)),
    ]
    text = render_html(card)
    assert "hunter2" not in text
    read = data(text)
    rows = [row for row in read["items"] if read["strings"][row[4]] == path]
    assert [read["strings"][row[10]] for row in rows] == [
        "3 | (left out: it holds a secret)",
        "2 |   - name: TOKEN\n  |     ^^^^^^^^^^^\n3 | (left out: it holds a secret)\n4 |     optional: 7",
    ]


def test_the_overview_names_the_services_to_look_at_first() -> None:
    card = samples.card()
    for service in card.services:
        service.tier, service.level, service.next_level, service.score = 2, "silver", "gold", 80
    for service, tier, level, score in zip(
        card.services[5:9], (0, 1, 1, 1), ("silver", "bronze", "", ""), (90, 60, 50, 40), strict=True
    ):
        service.tier, service.level, service.score = tier, level, score
    card.services[4].tier, card.services[4].level, card.services[4].next_level = 0, "gold", None
    (table,) = re.findall("<h2>Services to look at first</h2>(.*?)</section>", render_html(card), re.DOTALL)
    names = re.findall('<th scope="row"><a href="#/service/([^"]*)">([^<]*)</a>', table)
    order = [card.services[number].name for number in (5, 8, 7, 6)]
    assert [name for _, name in names[:4]] == [key for key, _ in names[:4]] == order
    assert len(names) == 5
    for service in card.services:
        service.next_level = None
    assert "Services to look at first" not in render_html(card)


def test_the_overview_says_how_key_figures_changed() -> None:
    card = samples.card()
    for kpi, (comparison, trend) in zip(card.kpis, ((">=", 2.5), ("<=", 1.0), (">=", -3.0)), strict=False):
        kpi.comparison, kpi.trend, kpi.on_target = comparison, trend, False
        kpi.target, kpi.actual = 1000, 1
    for kpi in card.kpis[3:]:
        kpi.on_target = True
    text = render_html(card)
    (table,) = re.findall("<h2>Key figures off target</h2>(.*?)</section>", text, re.DOTALL)
    assert set(re.findall(r'<td class="num spare">([+-][^<]*)</td></tr>', table)) == {
        "+2.5, better", "+1, worse", "-3, worse",
    }  # fmt: skip
    for kpi in card.kpis:
        kpi.trend = None
    (table,) = re.findall("<h2>Key figures off target</h2>(.*?)</section>", render_html(card), re.DOTALL)
    assert "Change" not in table


def test_runs_that_are_measured_otherwise_are_not_compared() -> None:
    card = samples.card()
    assert "Better than on 2026-07-01" in render_html(card)
    card.history = [*(replace(one, definitions="old") for one in card.history[:-1]), card.history[-1]]
    text = render_html(card)
    assert "2026-07-01: average" not in text
    assert [point["measured"] for point in data(text)["history"]] == [0] * 7 + [1]


def test_one_service_alone() -> None:
    card = samples.card()
    service = card.services[3]
    read = data(render(card, ScorecardOptions(version="1.2.3", service=service.name)))
    assert [one["name"] for one in read["services"]] == [service.name]
    assert read["kpis"] == read["health"] == read["unassigned"] == []
    assert len(read["items"]) == sum(len(control.missing) for control in service.controls)
    assert [point["services"] for point in read["history"]] == [
        [point.services[service.name][0]] for point in card.history
    ]
    with pytest.raises(UsageError, match="there is no service 'serch'; did you mean 'search'"):
        render(card, ScorecardOptions(service="serch"))


def test_two_services_of_one_name_have_pages_of_their_own() -> None:
    card = samples.card(services=3)
    for service in card.services:
        service.name = "api"
    assert [one["key"] for one in data(render_html(card))["services"]] == ["api", "api~2", "api~3"]
    for service, repository in zip(card.services, ("x", "y", "y"), strict=True):
        service.repository = repository
    assert [one["key"] for one in data(render_html(card))["services"]] == ["x/api", "y/api", "y/api~2"]


def test_beyond_two_hundred_services_their_table_needs_javascript() -> None:
    few, many = (render_html(samples.card(services=number, runs=0)) for number in (200, 201))
    (table,) = re.findall("<noscript>(.*?)</noscript>", few, re.DOTALL)
    assert table.count('<tr><th scope="row">') == 200
    (note,) = re.findall("<noscript>(.*?)</noscript>", many, re.DOTALL)
    assert "201 services" in unescape(note) and "<table" not in note


def test_every_script_of_the_folder_is_in_the_page_and_parses(tmp_path: Path) -> None:
    assert sorted(path.name for path in (PACKAGE / "js").glob("*.js")) == sorted(SCRIPTS)
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node to parse the scripts with")
    script = re.findall(r"<script>(.*?)</script>", render_html(samples.small()), re.DOTALL)[-1]
    path = tmp_path / "page.js"
    path.write_text(script, encoding="utf-8")
    done = subprocess.run([node, "--check", str(path)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_vendored_library_is_the_one_that_is_named() -> None:
    vendor = PACKAGE / "vendor"
    for line in (vendor / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split()
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest
    assert "(v1.6.32)" in (vendor / "uPlot.iife.min.js").read_text(encoding="utf-8")[:80]
    assert "MIT License" in (vendor / "uPlot.LICENSE").read_text(encoding="utf-8")


def test_a_text_without_end_is_cut() -> None:
    card = samples.card(services=1)
    first = card.report.findings[0]
    card.report.findings[0] = replace(first, message="x" * 1_000_000)
    read = data(render_html(card))
    (long,) = (text for text in read["strings"] if text.startswith("xx"))
    assert long == "x" * 3999 + "…"


def test_kinds_of_change_are_counted_once_for_each_control_and_finding() -> None:
    def step(path: str, closes: tuple[str, ...], prints: tuple[str, ...], policy: str = "replicas") -> Step:
        return Step("Run two", policy, "high", path, 1, closes, len(prints), (), None, None, prints)

    services = samples.card(services=2, runs=0).services
    for service in services:
        service.repository = ""
    services[0].steps = [step("a.yaml", ("res-01",), ("1",)), step("b.yaml", ("res-01",), ("2", "shared"))]
    services[1].steps = [
        step("c.yaml", ("res-01",), ("3", "shared")),
        step("c.yaml", ("res-01",), ("4",), "zones"),
    ]
    first, second = wide_steps(services)
    names = [service.name for service in services]
    assert (first.step.policy, first.services, first.controls) == ("replicas", names, ["res-01"])
    assert first.closes == {(names[0], "res-01"), (names[1], "res-01")}
    # In the second service the control waits for something else, too.
    assert first.unlocks == {(names[0], "res-01")} and second.unlocks == set()
    assert (first.findings, list(first.places)) == (
        4, [("", "a.yaml", 1), ("", "b.yaml", 1), ("", "c.yaml", 1)],
    )  # fmt: skip


def test_evidence_that_is_left_out_is_counted() -> None:
    card = samples.card(services=1, runs=0)
    control = next(one for one in card.services[0].controls if one.status == "met")
    control.evidence = [Evidence(f"{n}.tf", n, "kept") for n in range(1, 10)]
    whole = data(render_html(card))
    row = next(
        one for one in whole["services"][0]["controls"] if whole["controls"][one[0]][0] == control.control
    )
    assert [whole["strings"][one[0]] for one in row[6][:-1]] == [f"{n}.tf" for n in range(1, 6)]
    assert row[6][-1] == 4
    none = data(render_html(card, limit=10_000))
    row = next(
        one for one in none["services"][0]["controls"] if none["controls"][one[0]][0] == control.control
    )
    assert row[6] == [9]


def test_services_for_which_there_is_no_room_are_there_in_short_the_most_ready_first() -> None:
    card = samples.card(services=60, runs=0)
    limit = 80_000
    read = data(render_html(card, limit=limit))
    short = {one["name"] for one in read["services"] if isinstance(one.get("controls", ""), str)}
    order = [one.name for one in worst_first(card, card.services)]
    assert 10 < len(short) < 50
    assert short == set(order[-len(short) :])
    assert len(read["services"]) == read["servicesTotal"] == 60
    by_name = {one.name: one for one in card.services}
    for row in read["services"]:
        service = by_name[row["name"]]
        assert row["score"] == service.score
        assert row.get("stepsTotal", 0) == len(service.steps)
        if row["name"] not in short:
            continue
        marks = dict(zip((one[0] for one in read["controls"]), row["controls"], strict=True))
        for control in service.controls:
            mark = marks[control.control]
            status = "not-applicable" if mark == "." else read["statuses"][int(mark)]
            assert status == control.status


def test_services_that_are_left_out_at_last_are_counted_with_their_findings() -> None:
    card = samples.card(services=200, runs=0)
    read = data(render_html(card, limit=80_000))
    order = [one.name for one in worst_first(card, card.services)]
    names = {one["name"] for one in read["services"]}
    assert read["servicesTotal"] == 200 and 50 < len(names) < 200
    assert names == set(order[: len(names)])
    assert read["itemsTotal"] == len(card.report.findings)
    # No finding of a service that is left out stands there as one of no service.
    assert {read["services"][item[3] - 1]["name"] for item in read["items"]} <= names
    assert all(item[3] for item in read["items"])


@pytest.mark.parametrize("services", [400, 4_000])
def test_a_page_keeps_to_its_limit(services: int) -> None:
    limit = 1_000_000
    card = samples.card(services=services, runs=70)
    text = render_html(card, limit=limit)
    start = text.index('<script id="data"')
    assert len(text[start : text.index("</script>", start)].encode()) <= limit * 1.02


def test_texts_that_are_written_longer_keep_to_the_limit() -> None:
    card = samples.card(services=40, runs=0)
    card.report.findings = [replace(one, message="<" * 300 + one.fingerprint) for one in card.report.findings]
    text = render_html(card, limit=200_000)
    start = text.index('<script id="data"')
    assert len(text[start : text.index("</script>", start)].encode()) <= 204_000


def test_problems_that_are_left_out_are_counted() -> None:
    card = samples.card(services=1, runs=0)
    card.report.errors = [SourceError("a.yaml", n, 1, "x" * 9_000) for n in range(1, 3_000)]
    read = data(render_html(card))
    assert len(read["problems"]) == 2_000
    assert read["problemsTotal"] == len(card.problems) + 2_999 + len(card.report.notices)
    assert {len(one[1]) for one in read["problems"] if one[0] == "input"} == {4_000}


def test_the_overview_says_that_something_was_not_read() -> None:
    card = samples.card()
    note = "1 error and 1 problem</a> while reading and judging: the numbers are of what was read."
    assert note in render_html(card)
    card.problems = []
    card.report.errors = []
    assert "while reading" not in render_html(card)


def test_the_name_of_a_level_is_escaped_once() -> None:
    card = samples.card(services=2, runs=0)
    card.levels = ("r&d", "gold")
    for service in card.services:
        service.level = "r&d"
    text = render_html(card)
    assert '<th scope="col" class="num">r&amp;d</th>' in text
    assert "&amp;amp;" not in text
