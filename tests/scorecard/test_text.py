"""The report in a terminal: an overview of 80 columns, and the page of one service."""

from __future__ import annotations

import re

import pytest
from form_samples import OPTIONS, of, scorecard
from msgspec.structs import replace
from samples import card, empty, hostile

from readiness.errors import SourceError, UsageError
from readiness.outputs.scorecard import FORMATS, ScorecardOptions, render
from readiness.outputs.scorecard.text_table import cut
from readiness.outputs.terminal import text_width
from readiness.scorecard.model import Problem, Step

OVERVIEW = """\
acme/shop, 3 services: 1 gold, 1 none, 1 no level
commit 3f1c2b7a9d0e, 2026-08-01T06:00:00Z

service   tier  level           score  owner     weakest areas
lost         9  ?                   -  -         the tier 9 is not defined
checkout     0  none (bronze?)     41  payments  Backup and recovery 0, Runbook…
search      2?  gold              100  -

Key figures: 1 of 3 off target
figure                     now  target    trend
Alerts with a runbook     50 %  >= 90 %    -2.5  off: 1 of 2, 1 unknown
Services with an owner  66.7 %  >= 60 %          met: 2 of 3
Restore tests in time        -  >= 100 %         not measured: 0 of 0

What to do next
1. Add `runbook_url` to the alert HighErrors
   alerts/rules.yaml:12  closes run-01 (1 finding) of checkout
   $ readiness check --fix --select run-link

Problems
- infra/lost.tf:6:5: the tier 9 is not defined

1 check waits for a value that is not known; 1 service may be at a higher level.
1 service names no tier (marked ?).
1 resource belongs to no service.
"""

CHECKOUT = """\
checkout: level none, score 41
It would be bronze if everything unknown turned out well.

owner         payments (catalog, catalog-info.yaml:8)
tier          0
system        shop
link          https://git.example.com/acme/checkout
environments  prod, staging
found by      catalog, catalog-info.yaml:4; 14 resources

Ownership  score 100, level gold
met        own-01 Everything has an owner (3 of 3)
           catalog-info.yaml:8 spec.owner is payments

Runbooks  score 50, level none, held down by run-01
partly     run-01 Alerts link to a runbook (1 of 2)
           high alerts/rules.yaml:12 [run-link]
             run-link is missing

Backup and recovery  score 0, level none
waived     bck-01 Data stores are backed up (0 of 1)
           waived high infra/db.tf:3 [db-backup, safe fix]
             db-backup is missing
             owner shop, until 2027-01-31: it moves in March

Resilience  score -, level none
unknown    res-01 No single zone (0 of 1)
           unknown high infra/db.tf:7 [db-zones]
             db-zones is missing
             var.zones has no value

Not asked of what this service has: run-02.

To bronze: 1 change
1. Add `runbook_url` to the alert HighErrors
   alerts/rules.yaml:12  closes run-01 (1 finding)
   $ readiness check --fix --select run-link
"""


def test_the_overview() -> None:
    assert render("text", scorecard(), OPTIONS) == OVERVIEW


def test_the_page_of_a_service() -> None:
    assert render("text", scorecard(), of("checkout")) == CHECKOUT


def test_a_service_without_a_level_says_why() -> None:
    text = render("text", scorecard(), of("lost"))
    assert text.startswith("lost: no level\nthe tier 9 is not defined\n")
    assert "score" not in text


def test_colour_adds_nothing_but_colour() -> None:
    for options in (OPTIONS, of("checkout")):
        painted = render("text", scorecard(), replace(options, color=True))
        assert "\x1b[1;31m" in painted
        assert re.sub(r"\x1b\[[\d;]*m", "", painted) == render("text", scorecard(), options)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_it_fits_the_terminal(width: int) -> None:
    made = card(60, 3)
    text = render("text", made, ScorecardOptions(width=width))
    # Commands and places are not cut: they are copied.
    texts = [line for line in text.splitlines() if not line.lstrip().startswith(("$ ", "services/"))]
    assert max(map(text_width, texts)) <= width


def test_a_narrow_terminal_has_the_columns_that_matter_most() -> None:
    text = render("text", scorecard(), replace(OPTIONS, width=40))
    assert [line for line in text.splitlines() if line.startswith(("service ", "checkout "))] == [
        "service   tier  level           score",
        "checkout     0  none (bronze?)     41",
    ]
    assert "Services with a…  66.7 %  met: 2 of 3\n" in text


def test_without_a_history_there_is_no_column_for_trends() -> None:
    made = scorecard()
    for kpi in made.kpis:
        kpi.trend = None
    text = render("text", made, OPTIONS)
    assert "figure                     now  target\n" in text
    assert "Services with an owner  66.7 %  >= 60 %   met: 2 of 3\n" in text


def test_the_overview_says_whether_it_is_better_than_before() -> None:
    made = card(19, 8)
    (line,) = (line for line in render("text", made, OPTIONS).splitlines() if "2026-07-01" in line)
    assert line == "Better than on 2026-07-01: average score 85 (+1.5), 10 of 19 services below"


def test_many_services_are_counted_unless_all_are_asked_for() -> None:
    made = card(60, 0)
    short, full = render("text", made, OPTIONS), render("text", made, replace(OPTIONS, verbose=True))
    assert "… and 20 more services, all of them at or above these\n" in short
    names = [service.name for service in made.services]
    assert sum(f"\n{name} " in short for name in names) == 40
    assert all(f"\n{name} " in full for name in names)


def test_nothing_was_found() -> None:
    assert render("text", empty(), OPTIONS) == "0 services\n\nNo service was found.\n"


def test_what_comes_from_a_repository_drives_no_terminal() -> None:
    made = hostile()
    for name in ("", *(service.name for service in made.services)):
        text = render("text", made, replace(OPTIONS, service=name, verbose=True))
        assert text.replace("\n", "").isprintable()
        assert not any(line.lstrip().startswith("::") for line in text.splitlines())


def test_a_line_that_is_a_command_to_a_runner_is_none_any_more() -> None:
    made = scorecard()
    made.services[0].name = "::error::x"
    assert "\n\\::error::x" in render("text", made, OPTIONS)


def test_errors_of_the_run_are_said() -> None:
    text = render("text", card(), OPTIONS)
    assert "Not read or checked in full\n- services/media/infra/broken.tf:7:3: expected a block\n" in text
    assert "1 error while reading and checking: the numbers are of what was read.\n" in text


def test_a_service_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="there is no service 'chekout'; did you mean 'checkout'"):
        render("text", scorecard(), of("chekout"))


def test_two_services_of_one_name() -> None:
    made = card(4, 0, repositories=("a", "b"))
    made.services[1].name = made.services[0].name
    with pytest.raises(
        UsageError, match="there are 2 services 'checkout'; name one of a/checkout, b/checkout"
    ):
        render("text", made, of("checkout"))
    assert render("text", made, of("b/checkout")).startswith("b/checkout: level ")
    made.services[1].repository = "a"
    with pytest.raises(
        UsageError, match=r"there are 2 services 'a/checkout': services/checkout/cat\S+:1, ser"
    ):
        render("text", made, of("a/checkout"))


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_every_form_gives_the_same_bytes_twice_and_ends_with_a_newline(form: str) -> None:
    text = render(form, scorecard(), OPTIONS)
    assert text == render(form, scorecard(), OPTIONS)
    assert text.endswith("\n")
    text.encode("utf-8")


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_names_that_are_no_text_can_be_written(form: str) -> None:
    made = scorecard()
    service = made.services[0]
    service.name = service.owner = service.path = made.title = "caf\udce9"
    service.controls[0].evidence[0] = replace(
        service.controls[0].evidence[0], path="caf\udce9.tf", text="\udce9"
    )
    text = render(form, made, OPTIONS)
    assert text.encode("utf-8")
    assert "\udce9" not in text


@pytest.mark.parametrize(
    ("text", "width", "wanted"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("日本語の名前", 6, "日本…"),
        ("e\u0301" * 10, 4, "e\u0301" * 3 + "…"),
        ("x" * 2_000_000, 4, "xxx…"),
    ],
)
def test_a_text_is_cut_by_cells(text: str, width: int, wanted: str) -> None:
    assert cut(text, width) == wanted


def test_the_same_change_in_many_places_is_one_entry() -> None:
    made = scorecard()
    steps = [
        Step("Say who owns it", "own-owner", "high", f"{name}.tf", 3, ("own-01",), 1, ("own-01",),
             "safe", f"readiness check --fix --select own-owner {name}.tf", (name,))
        for name in ("a", "b", "c")
    ]  # fmt: skip
    made.services[0].steps, made.services[1].steps = steps[:2], steps[2:]
    text = render("text", made, OPTIONS)
    assert (
        "1. Say who owns it\n"
        "   a.tf:3 and 2 more places  closes own-01 (3 findings) of checkout, search\n"
        "   $ readiness check --fix --select own-owner a.tf\n"
        "   … and 2 more commands like it\n\n"
    ) in text
    full = render("text", made, replace(OPTIONS, verbose=True))
    assert "own-owner b.tf\n   $ readiness check --fix --select own-owner c.tf\n" in full
    line = "1. Say who owns it (`a.tf:3` and 2 more places): closes own-01, 3 findings, of checkout, search\n"
    assert line in render("markdown", made, OPTIONS)


def test_the_page_of_a_service_says_what_was_not_read() -> None:
    made = scorecard()
    made.report.errors = [SourceError("infra/db.tf", 7, 3, "expected a block")]
    made.problems = [Problem("the owner has no entry", "catalog-info.yaml", 8, 10), *made.problems]
    text = render("text", made, of("checkout"))
    assert text.endswith(
        "\nProblems\n- catalog-info.yaml:8:10: the owner has no entry\n"
        "\nNot read or checked in full\n- infra/db.tf:7:3: expected a block\n"
    )
    review = render("markdown", made, of("checkout"))
    assert (
        "## Problems\n\n- `catalog-info.yaml:8` the owner has no entry\n\n"
        "## Not read or checked in full\n\n- `infra/db.tf:7` expected a block\n\n## Checklist\n"
    ) in review
    assert "lost.tf" not in review
