"""What a reader does with the readiness report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from msgspec.structs import replace
from samples import HOSTILE, card, empty, hostile, small

from readiness.outputs.scorecard.view import worst_first
from readiness.outputs.scorecard_html import render_html
from readiness.scorecard.model import Evidence, Listed

PAGES = (
    "",
    "#/services",
    "#/services?area=run&sort=area",
    "#/service/search?control=own-02",
    "#/matrix",
    "#/control/run-01",
    "#/kpis",
    "#/kpi/ownership",
    "#/history",
    "#/findings",
    "#/policies",
    "#/unassigned",
    "#/problems",
    "#/about",
    "#/nothing",
)


def rows(page: Any) -> list[str]:
    """The first cell of each row of the table."""
    return page.locator("#page table:is(.data, .matrix) tbody th[scope=row]").all_inner_texts()


def settled(page: Any, text: str) -> None:
    """Wait until the number of what is shown says this."""
    page.locator("#page output", has_text=text).wait_for()


def arrived(page: Any, title: str) -> None:
    """Wait until the page with this heading is there."""
    page.locator("#page h1", has_text=title).wait_for()


def test_services_sort_by_a_column_and_the_button_says_so(pages: Any) -> None:
    made = card()
    page = pages.open(pages.write(made), "#/services")
    head = page.get_by_role("columnheader", name="Score")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    order = sorted(
        made.services, key=lambda one: one.score if one.score is not None else 101
    )  # stable: as in the report
    assert rows(page) == [one.name for one in order]
    head.get_by_role("button").press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert page.evaluate("document.activeElement.textContent").startswith("Score")
    assert page.url.endswith("#/services?sort=-score")
    best = sorted(made.services, key=lambda one: -(one.score if one.score is not None else -1))
    assert rows(page) == [one.name for one in best]


def test_services_filter_by_every_choice_at_once(pages: Any) -> None:
    made = card()
    page = pages.open(pages.write(made), "#/services")
    page.get_by_label("Tier", exact=True).select_option("2")
    page.get_by_label("Level", exact=True).select_option("none")
    wanted = {one.name for one in made.services if one.tier == 2 and one.level == ""}
    assert wanted and set(rows(page)) == wanted
    assert page.url.endswith("#/services?tier=2&level=none")
    name = sorted(wanted)[0]
    page.get_by_label("Search").fill(name[:5])
    settled(page, f"1 of {len(made.services)} services")
    assert rows(page) == [name]
    page.get_by_role("button", name="Reset").click()
    settled(page, "19 services")
    assert len(rows(page)) == 19


def test_an_area_brings_its_column_and_leaves_out_whom_it_asks_nothing(pages: Any) -> None:
    made = card()
    page = pages.open(pages.write(made), "#/services?area=slo&sort=area")
    asked = [
        (area.score, one.name)
        for one in made.services
        for area in one.areas
        if area.area == "slo" and area.score is not None
    ]
    assert sorted(rows(page)) == sorted(name for _, name in asked)
    cells = page.locator("#page tbody tr td:nth-child(5)").all_inner_texts()
    assert [int(cell) for cell in cells] == sorted(score for score, _ in asked)


def test_a_deep_link_keeps_its_state_over_reload_and_back(pages: Any) -> None:
    made = card()
    page = pages.open(pages.write(made), "#/services?tier=1&level=none&sort=-score")
    before = rows(page)
    assert before == [
        one.name
        for one in sorted(made.services, key=lambda one: -(one.score or 0))
        if one.tier == 1 and one.level == ""
    ]
    page.reload()
    assert rows(page) == before
    assert page.get_by_label("Tier", exact=True).input_value() == "1"
    page.get_by_label("Tier", exact=True).select_option("")
    assert len(rows(page)) > len(before)
    page.go_back()
    assert rows(page) == before
    page.get_by_role("link", name=before[0], exact=True).click()
    arrived(page, before[0])
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert page.title() == f"{before[0]} · acme/shop · production readiness"
    page.go_back()
    arrived(page, "Services")
    assert rows(page) == before
    assert page.get_by_label("Level", exact=True).input_value() == "none"
    page.go_forward()
    assert page.url.endswith(f"#/service/{before[0]}")


def test_a_service_page_has_its_evidence_what_is_missing_and_next_steps(pages: Any) -> None:
    made = card()
    service = next(one for one in made.services if one.steps and one.level == "")
    page = pages.open(pages.write(made), f"#/service/{service.name}")
    steps = page.locator("#page ol.steps > li")
    assert steps.count() == len(service.steps)
    first = service.steps[0]
    assert f"{first.path}:{first.line}" in steps.first.inner_text()
    assert first.command in steps.first.inner_text()
    control = next(one for one in service.controls if one.status == "partly")
    view = page.locator(f"#control-{control.control}")
    view.locator("summary").click()
    text = view.inner_text()
    assert f"{control.met} of {control.of}" in text
    for proof in control.evidence:
        assert f"{proof.path}:{proof.line}" in text
    for missing in control.missing:
        assert missing.addresses[0] in text
    assert view.locator("pre").first.inner_text().startswith("4 |   storage_encrypted = false")
    met = next(one for one in service.controls if one.status == "met")
    assert "✓ met" in page.locator(f"#control-{met.control} summary").inner_text()


@pytest.mark.parametrize("status", ["waived", "unknown"])
def test_what_is_let_pass_or_not_known_is_not_shown_as_met(pages: Any, status: str) -> None:
    made = card()
    service, control = next(
        (service, control)
        for service in made.services
        for control in service.controls
        if control.status == status
    )
    page = pages.open(pages.write(made), f"#/service/{service.name}?control={control.control}")
    view = page.locator(f"#control-{control.control}")
    assert view.get_attribute("open") is not None
    text = view.inner_text()
    assert status in text.split("\n")[0]
    assert ("moved to another account in June" if status == "waived" else "it is known after apply") in text
    if status == "waived":
        assert "waiver at waivers.yaml:3:1, owner payments, until 2027-01-31" in text


def test_the_matrix_has_every_status_in_words_and_filters(pages: Any) -> None:
    made = card()
    page = pages.open(pages.write(made), "#/matrix")
    used = {
        control.control
        for service in made.services
        for control in service.controls
        if control.status != "not-applicable"
    }
    assert page.locator("#page thead th").count() == 1 + len(used)
    service = made.services[3]
    row = page.locator(f'#page tbody tr[data-key="{service.name}"]')
    marks = row.locator("td .vh").all_inner_texts()
    words = {"partly": "partly met", "not-met": "not met", "not-applicable": "not applicable"}
    assert marks == [
        words.get(control.status, control.status) for control in service.controls if control.control in used
    ]
    page.get_by_label("Controls of").select_option("run")
    page.get_by_label("With a control that is").select_option("not-met")
    wanted = {
        one.name
        for one in made.services
        if any(c.control in ("run-01", "run-02") and c.status == "not-met" for c in one.controls)
    }
    assert wanted and {name.split(" ")[0] for name in rows(page)} == wanted
    assert page.locator("#page thead th").count() == 3


def test_key_figures_stand_against_their_target_with_the_list_behind(pages: Any) -> None:
    made = card()
    page = pages.open(pages.write(made), "#/kpis?state=off+target")
    assert set(rows(page)) == {one.name for one in made.kpis if one.on_target is False}
    page.get_by_role("link", name="Services with an owner").click()
    arrived(page, "Services with an owner")
    nobody = [one.name for one in made.services if one.owner is None]
    assert nobody and rows(page)[: len(nobody)] == nobody
    page.get_by_label("Met", exact=True).select_option("no")
    assert rows(page) == nobody


def test_findings_are_grouped_by_cause_and_filter(pages: Any) -> None:
    made = card()
    page = pages.open(pages.write(made), "#/findings")
    assert page.locator(".finding").count() == 30
    page.get_by_label("Status").select_option("waived")
    waived = [one for one in made.report.findings if one.status == "waived"]
    settled(page, f"{len(waived)} of {len(made.report.findings)} findings")
    page.get_by_label("Policy").select_option(waived[0].policy)
    same = [one for one in waived if one.policy == waived[0].policy]
    assert page.locator(".cause").count() == 1
    assert page.locator(".finding .message").all_inner_texts() == [
        f"{one.severity} waived {one.message.replace('`', '')}" for one in same
    ]


def test_history_is_drawn_and_its_numbers_stand_in_tables(pages: Any) -> None:
    made = card(runs=5)
    page = pages.open(pages.write(made), "#/history")
    figures = page.locator("figure")
    assert figures.count() == page.locator("figure canvas").count() == 2 + 7
    figures.first.locator("summary").click()
    cells = figures.first.locator("tbody td.num").all_inner_texts()
    wanted = [[score for score, _ in point.services.values() if score is not None] for point in made.history]
    assert [float(cell) for cell in cells] == [round(sum(one) / len(one), 1) for one in wanted]
    assert "History" not in pages.open(pages.write(small(), "small")).locator("nav").inner_text()


def test_by_keyboard_alone(pages: Any) -> None:
    page = pages.open(pages.write(card()))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    assert page.locator("h1").first.inner_text() == "Overview"
    page.get_by_role("link", name="Services 19").focus()
    page.keyboard.press("Enter")
    arrived(page, "Services")
    assert page.evaluate("document.activeElement.textContent") == "Services"
    for _ in range(6):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Reset"


def test_the_theme_can_be_chosen_and_is_kept(pages: Any) -> None:
    page = pages.open(pages.write(card()), color_scheme="light")
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    page.get_by_label("Theme").select_option("dark")
    assert page.evaluate(background) == "rgb(13, 17, 23)"
    page.reload()
    assert page.evaluate(background) == "rgb(13, 17, 23)"
    page.get_by_label("Theme").select_option("auto")
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(background) == "rgb(13, 17, 23)"


def test_a_printed_service_stands_open(pages: Any) -> None:
    made = card()
    service = next(one for one in made.services if any(c.status == "not-met" for c in one.controls))
    page = pages.open(pages.write(made), f"#/service/{service.name}")
    assert page.locator("details.not-met[open]").count() == 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    gaps = [one for one in service.controls if one.status == "not-met"]
    assert page.locator("details.not-met[open]").count() == len(gaps)
    assert page.get_by_text(gaps[0].missing[0].addresses[0]).first.is_visible()
    assert not page.locator("nav").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details.not-met[open]").count() == 0


@pytest.mark.parametrize("at", PAGES)
def test_nothing_is_wider_than_a_phone(pages: Any, at: str) -> None:
    page = pages.open(pages.write(card()), at, viewport={"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_without_javascript_the_overview_and_the_services_can_be_read(pages: Any) -> None:
    made = card()
    page = pages.open(pages.write(made), java_script_enabled=False)
    assert page.get_by_role("heading", name="Levels by tier").is_visible()
    table = page.get_by_role("table", name="Services, the strictest tier first")
    assert table.locator("tbody th").all_inner_texts() == [
        one.name for one in sorted(made.services, key=lambda one: (one.tier, one.score or 0, one.name))
    ]
    assert not page.locator("nav").is_visible()


def test_hostile_names_are_text_everywhere(pages: Any) -> None:
    page = pages.open(pages.write(hostile()))
    for at in (*PAGES, *(f"#/service/{quote(name, safe='')}" for name in HOSTILE)):
        page.evaluate("(at) => { location.hash = at; }", at or "#/")
        page.wait_for_timeout(50)
        assert "production readiness" in page.title()
        assert page.locator("main img, main iframe, main script").count() == 0
        assert page.locator('a[href^="javascript"]').count() == 0
    page.evaluate("location.hash = '#/services'")
    settled(page, f"{len(HOSTILE)} services")
    shown = rows(page)
    assert HOSTILE[0] in shown and HOSTILE[1] in shown
    assert "evil\\u202egnp.exe" in shown
    assert "\\x1b[31mred\\x00" in shown
    for name in ("a/b?c=d&e=f#g%2F", "__proto__", HOSTILE[2]):
        page.evaluate("location.hash = '#/services'")
        page.get_by_role("link", name=name, exact=True).click()
        arrived(page, name)


def test_nothing_found_is_said(pages: Any) -> None:
    page = pages.open(pages.write(empty()))
    assert page.locator(".lead").inner_text() == "No services were found."
    for at in ("#/services", "#/matrix", "#/findings", "#/about", "#/service/x", "#/__proto__"):
        page.evaluate("(at) => { location.hash = at; }", at)
    page.locator("#page", has_text="This report has no page __proto__").wait_for()


def test_a_report_over_many_repositories_names_them(pages: Any) -> None:
    made = card(services=6, repositories=("acme/shop", "acme/pay"))
    made.services[1].name = made.services[0].name
    page = pages.open(pages.write(made), "#/services?repository=acme%2Fpay")
    assert rows(page).count(made.services[1].name) == 1
    assert len(rows(page)) == 3
    page.get_by_role("link", name=made.services[1].name, exact=True).click()
    page.locator("#page .facts", has_text="acme/pay").wait_for()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barrier_on_any_page(pages: Any, violations: Callable[[Any], list[str]], scheme: str) -> None:
    path = pages.write(card())
    for at in PAGES:
        page = pages.open(path, at, color_scheme=scheme)
        assert violations(page) == [], at


@pytest.mark.slow
def test_two_thousand_services(pages: Any) -> None:
    path: Path = pages.write(card(2000, runs=24))
    assert path.stat().st_size < 8_000_000
    page = pages.open(path)
    nodes = "document.querySelectorAll('*').length"
    assert page.evaluate(nodes) < 1_000
    for at, most in (("#/services", 1_500), ("#/matrix", 5_500), ("#/findings", 2_000), ("#/history", 2_500)):
        page.evaluate("(at) => { location.hash = at; }", at)
        page.locator(f"nav a[aria-current=page][href='{at}']").wait_for()
        assert page.evaluate(nodes) < most, at
    page.evaluate("location.hash = '#/services?sort=score&size=200&page=3'")
    page.get_by_text("page 3 of 10").wait_for()
    assert len(rows(page)) == 200
    page.get_by_role("button", name="Next page").click()
    page.get_by_text("page 4 of 10").wait_for()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Next page"
    page.evaluate("location.hash = '#/findings'")
    page.locator("#page .note", has_text="not in this file, for its size").wait_for()


def test_a_mark_of_the_matrix_is_reached_by_keyboard(pages: Any) -> None:
    made = card()
    page = pages.open(pages.write(made), "#/matrix")
    here = """(() => {
      const cell = document.activeElement.closest("td");
      const head = cell.closest("table").tHead.rows[0].cells[cell.cellIndex];
      return `${cell.parentNode.dataset.key} ${head.textContent}`;
    })()"""
    body = page.locator("#page table.matrix tbody")
    # One mark alone is in the order of the tab key.
    assert body.locator(".cell[tabindex='0']").count() == 1
    body.locator("th a").first.focus()
    page.keyboard.press("Tab")
    names = rows(page)
    first = names[0].split(" ")[0]
    controls = page.locator("#page thead th a").all_inner_texts()
    assert page.evaluate(here) == f"{first} {controls[0]}"
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    second = names[1].split(" ")[0]
    assert page.evaluate(here) == f"{second} {controls[1]}"
    assert body.locator(".cell[tabindex='0']").count() == 1
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(here) == f"{second} {controls[-1]}"
    page.keyboard.press("Home")
    assert page.evaluate(here) == f"{second} {controls[0]}"
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert label.startswith(f"{second}, {controls[0]}: ")
    page.keyboard.press("Enter")
    arrived(page, second)
    assert page.url.endswith(f"#/service/{second}?control={controls[0]}")
    assert page.locator(f"#control-{controls[0]}").get_attribute("open") is not None


def test_evidence_that_is_not_in_the_file_is_counted(pages: Any) -> None:
    made = card(services=1, runs=0)
    control = next(one for one in made.services[0].controls if one.status == "met")
    control.evidence = [Evidence(f"{n}.tf", n, "kept") for n in range(1, 10)]
    page = pages.open(pages.write(made), f"#/service/{made.services[0].name}?control={control.control}")
    view = page.locator(f"#control-{control.control}")
    assert view.get_by_text(".tf:").count() == 5
    assert view.get_by_text("4 places more not in this file, for its size.").is_visible()


def test_an_area_that_asks_for_no_level_is_not_shown_as_one_without(pages: Any) -> None:
    made = card(services=2, runs=0)
    for service in made.services:
        area = next(one for one in service.areas if one.score is not None)
        area.level = None
    page = pages.open(pages.write(made), f"#/services?area={area.area}")
    cells = page.locator("#page tbody tr td:nth-child(6)").all_inner_texts()
    assert "not asked" in cells


def test_many_documents_are_folded(pages: Any) -> None:
    made = card(services=1, runs=0)
    made.services[0].documents = [f"docs/{n}.md" for n in range(60)]
    page = pages.open(pages.write(made), f"#/service/{made.services[0].name}")
    assert not page.get_by_text("docs/0.md").is_visible()
    page.get_by_text("60 documents").click()
    assert page.get_by_text("docs/0.md").is_visible()
    assert page.get_by_text("and 10 more").is_visible()


def test_services_in_short_show_what_is_known_and_say_so(pages: Any) -> None:
    made = card(services=60, runs=0)
    path = pages.folder / "short.html"
    path.write_text(render_html(made, limit=80_000), encoding="utf-8")
    best = worst_first(made, made.services)[-1]
    page = pages.open(path, f"#/service/{best.name}")
    assert page.get_by_text("This file has this service in short").is_visible()
    asked = [one for one in best.controls if one.status != "not-applicable"]
    assert page.locator("details.control").count() == len(asked)
    assert "0 of 0" not in page.locator("#page").inner_text()
    page.locator("details.control summary").first.click()
    assert page.get_by_text("Its evidence and what is missing are not in this file").first.is_visible()
    page.evaluate("location.hash = '#/matrix?page=3'")
    page.get_by_text("page 3 of 3").wait_for()
    name = rows(page)[0].split(" ")[0]
    service = next(one for one in made.services if one.name == name)
    marks = page.locator(f'#page tbody tr[data-key="{name}"] td .vh').all_inner_texts()
    words = {"partly": "partly met", "not-met": "not met", "not-applicable": "not applicable"}
    used = {c.control for one in made.services for c in one.controls if c.status != "not-applicable"}
    assert marks == [words.get(c.status, c.status) for c in service.controls if c.control in used]


def test_services_that_are_left_out_are_counted(pages: Any) -> None:
    path = pages.folder / "left.html"
    path.write_text(render_html(card(services=200, runs=0), limit=80_000), encoding="utf-8")
    page = pages.open(path, "#/services")
    note = page.locator("#page .note").inner_text()
    shown = int(page.locator("#page output").inner_text().split(" ")[0])
    assert note.startswith(f"{200 - shown} services of 200 not in this file, for its size")
    assert page.get_by_role("link", name="Services 200").is_visible()
    page.evaluate("location.hash = '#/matrix'")
    page.locator("#page .matrix").wait_for()
    assert page.locator("#page .note").inner_text() == note


def test_a_long_owner_does_not_widen_a_phone_or_squeeze_names(pages: Any) -> None:
    made = card(services=3, runs=0)
    for service in made.services:
        service.name, service.owner = f"productcatalogservice-{service.tier}", "x" * 300
    path = pages.write(made)
    for at in ("#/services", "#/matrix", "#/service/productcatalogservice-0"):
        page = pages.open(path, at, viewport={"width": 360, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") == 360
    page = pages.open(path, "#/services")
    assert page.locator("#page tbody th").first.bounding_box()["width"] >= 160


@pytest.mark.slow
def test_ten_thousand_services(pages: Any) -> None:
    path: Path = pages.write(card(10_000, runs=3), "many")
    assert path.stat().st_size < 8_000_000
    page = pages.open(path, "#/services?sort=-score&size=200&page=50")
    page.get_by_text("page 50 of 50").wait_for()
    assert len(rows(page)) == 200
    assert page.evaluate("document.querySelectorAll('*').length") < 6_000
    page.evaluate("location.hash = '#/matrix?page=400'")
    page.get_by_text("page 400 of 400").wait_for()
    page.evaluate("location.hash = '#/control/run-01'")
    page.locator("#page output", has_text="services").wait_for()


def two_of_one_name() -> Any:
    """A report over two repositories that have a service of one name each."""
    made = card(services=6, runs=0, repositories=("acme/shop", "acme/pay"))
    first, second = made.services[0], made.services[1]
    assert first.repository != second.repository
    owners = {one.name: one for one in made.services}
    second.name = first.name
    for index, finding in enumerate(made.report.findings):
        owner = owners.get(finding.subject.service or "")
        if owner is not None:
            subject = replace(finding.subject, service=f"{owner.repository}/{owner.name}")
            made.report.findings[index] = replace(finding, subject=subject)
    return made


def test_findings_of_two_services_of_one_name_are_told_apart(pages: Any) -> None:
    made = two_of_one_name()
    for service in made.services[:2]:
        full = f"{service.repository}/{service.name}"
        own = [one for one in made.report.findings if one.subject.service == full]
        assert own and len(own) != len(made.report.findings)
        page = pages.open(pages.write(made), f"#/service/{quote(full, safe='')}")
        page.get_by_role("link", name=f"All {len(own)} findings of this service").click()
        settled(page, f"{len(own)} of {len(made.report.findings)} findings")
        assert page.get_by_label("Service", exact=True).input_value() == full
        assert set(page.locator(".finding .where a").all_inner_texts()) == {full}
    page.evaluate("(at) => { location.hash = at; }", f"#/findings?service={made.services[0].name}")
    both = [one for one in made.report.findings if one.subject.service.endswith(f"/{made.services[0].name}")]
    settled(page, f"{len(both)} of {len(made.report.findings)} findings")


def test_the_list_behind_a_key_figure_leads_to_the_service_of_its_repository(pages: Any) -> None:
    made = two_of_one_name()
    name = made.services[0].name
    kpi = made.kpis[0]
    places = [f"{service.repository}/catalog-info.yaml" for service in made.services[:2]]
    kpi.listed = [Listed(f"service.{name}", path, 4, False, name) for path in places]
    page = pages.open(pages.write(made), f"#/kpi/{kpi.id}")
    links = page.locator("#page tbody td a")
    wanted = [f"#/service/{quote(f'{one.repository}/{name}', safe='')}" for one in made.services[:2]]
    assert [link.get_attribute("href") for link in links.all()] == wanted


def test_a_step_says_what_is_wrong_in_words_and_in_code(pages: Any) -> None:
    made = card()
    messages = {one.fingerprint: one.message for one in made.report.findings}
    service, step = next(
        (service, step)
        for service in made.services
        for step in service.steps[:1]
        if step.fingerprints and step.fingerprints[0] in messages
    )
    page = pages.open(pages.write(made), f"#/service/{service.name}")
    view = page.locator("#page ol.steps > li").first
    assert messages[step.fingerprints[0]].replace("`", "") in view.inner_text()
    assert view.locator("pre").inner_text().startswith(f"{step.line} | ")
    view.get_by_role("link", name=f"ends {step.findings} finding").click()
    arrived(page, "Findings")
    assert page.get_by_label("Policy", exact=True).input_value() == step.policy
    assert page.get_by_label("Service", exact=True).input_value() == service.name


@pytest.mark.parametrize("at", ["", "#/services", "#/matrix", "#/kpis", "#/findings"])
def test_on_paper_it_is_dark_on_white_and_no_wider_than_a_page(pages: Any, at: str) -> None:
    page = pages.open(pages.write(card()), at, color_scheme="dark", viewport={"width": 720, "height": 1000})
    page.emulate_media(media="print", color_scheme="dark")
    style = "getComputedStyle(document.body)"
    assert page.evaluate(f"[{style}.backgroundColor, {style}.color]") == [
        "rgb(255, 255, 255)",
        "rgb(0, 0, 0)",
    ]
    assert page.evaluate("document.documentElement.scrollWidth") == 720


@pytest.mark.parametrize("width", [768, 1024, 1200, 1440])
def test_no_table_of_the_overview_is_cut_off(pages: Any, width: int) -> None:
    page = pages.open(pages.write(card()), viewport={"width": width, "height": 900})
    cut = "[...document.querySelectorAll('#overview .scroll')].filter((box) => box.scrollWidth > box.clientWidth)"
    assert page.locator("#overview .scroll").count() == 4
    assert page.evaluate(f"{cut}.map((box) => box.getAttribute('aria-label'))") == []
