"""The review for a launch ticket and the table of services: what they say, and that they fit a comment."""

from __future__ import annotations

import re

import pytest
from form_samples import OPTIONS, checkout, missing, of, scorecard
from markdown_it import MarkdownIt
from msgspec.structs import replace
from samples import HOSTILE, card, empty, hostile

from readiness.outputs.scorecard import render
from readiness.outputs.scorecard.markdown import LIMIT
from readiness.scorecard.model import Evidence, Fact

REVIEW = """\
# Production readiness review: checkout

**Level none, score 41**: 1 of 4 controls met. 1 exception, which is not met. 1 control not known. It would be bronze if everything unknown turned out well.

| | | said by |
| --- | --- | --- |
| owner | payments | catalog, `catalog-info.yaml:8` |
| tier | 0 |   |
| system | shop |   |
| environments | prod, staging |   |
| source | [https:&#8203;//git.example.com/acme/checkout](https://git.example.com/acme/checkout) |   |
| resources | 14 |   |

## To bronze: 1 change

- [ ] Add `runbook_url` to the alert HighErrors (`alerts/rules.yaml:12`): closes run-01, 1 finding; `readiness check --fix --select run-link`

## Checklist

### Ownership: 100, gold

- [x] **own-01** Everything has an owner — `catalog-info.yaml:8` spec.owner is payments

### Runbooks: 50, none, held down by run-01

- [ ] **run-01** Alerts link to a runbook: 1 of 2
  - `alerts/rules.yaml:12` high: run-link is missing (`run-link`)

### Backup and recovery: 0, none

- [ ] **bck-01** Data stores are backed up: **exception**, not met
  - `infra/db.tf:3` **exception** (waived): db-backup is missing (`db-backup`); owner shop, until 2027-01-31: it moves in March

### Resilience: -, none

- [ ] **res-01** No single zone: **question**, not known
  - `infra/db.tf:7` **question**: db-zones is missing (`db-zones`); var.zones has no value

Not asked of what this service has: run-02.

<sub>Readiness 1.2.3 · commit `3f1c2b7a9d0e4c5f8a6b1d2e3f4a5b6c7d8e9f00` · 2026-08-01T06:00:00Z</sub>
"""

SUMMARY = """\
# Production readiness: acme/shop

**3 services: 1 gold, 1 none, 1 no level**

| service | tier | level | score | owner | weakest areas |
| --- | ---: | --- | ---: | --- | --- |
| lost | 9 | ? | - | **nobody** | the tier 9 is not defined |
| [checkout](https://git.example.com/acme/checkout) | 0 | none (bronze?) | 41 | payments | Backup and recovery 0, Runbooks 50 |
| search | 2? | gold | 100 | **nobody** |   |

<details><summary><b>Key figures</b>: 1 of 3 off target</summary>

| figure | now | target | trend | | |
| --- | ---: | --- | ---: | --- | ---: |
| Alerts with a runbook | 50 % | &#62;= 90 % | -2.5 | off target | 1 of 2, 1 unknown |
| Services with an owner | 66.7 % | &#62;= 60 % |   | on target | 2 of 3 |
| Restore tests in time | - | &#62;= 100 % |   | not measured | 0 of 0 |

</details>

## What to do next

1. Add `runbook_url` to the alert HighErrors (`alerts/rules.yaml:12`): closes run-01, 1 finding, of checkout

## Problems

- `infra/lost.tf:6` the tier 9 is not defined

1 resource belongs to no service.

<sub>Readiness 1.2.3 · commit `3f1c2b7a9d0e4c5f8a6b1d2e3f4a5b6c7d8e9f00` · 2026-08-01T06:00:00Z</sub>
"""


# `em` comes of names with two underscores before a letter.
TAGS = {
    *("h1", "h2", "h3", "p", "strong", "em", "code", "ul", "ol", "li"),
    *("table", "thead", "tbody", "tr", "th", "td"),
    *("details", "summary", "b", "br", "sub"),
}


def test_the_review() -> None:
    assert render("markdown", scorecard(), of("checkout")) == REVIEW


def test_the_table_of_services() -> None:
    assert render("markdown", scorecard(), OPTIONS) == SUMMARY


def test_a_service_without_a_level_says_why_and_offers_no_steps() -> None:
    text = render("markdown", scorecard(), of("lost"))
    assert "\n**No level**: the tier 9 is not defined\n" in text
    assert "## To " not in text
    assert "score" not in text


def test_an_owner_who_is_none_is_told_as_what_it_says() -> None:
    made = scorecard()
    made.services[0].owner = None
    made.services[0].facts["owner"] = Fact("unknown", "catalog", "catalog-info.yaml", 8)
    row = "| owner | **nobody is named** (it says unknown) | catalog, `catalog-info.yaml:8` |\n"
    assert row in render("markdown", made, of("checkout"))
    line = "\nowner         nobody is named: it says unknown (catalog, catalog-info.yaml:8)\n"
    assert line in render("text", made, of("checkout"))


def test_what_is_in_the_baseline_is_no_exception() -> None:
    made = scorecard()
    made.services[0].controls[1].missing = [replace(missing(0), status="baselined")]
    assert (
        "  - `alerts/rules.yaml:12` high (in the baseline): run-link is missing (`run-link`)\n"
    ) in render("markdown", made, of("checkout"))


@pytest.mark.parametrize("number", [4, 40, 500, 5_000])
def test_a_review_with_many_findings_fits_a_comment_and_counts_the_rest(number: int) -> None:
    made = scorecard()
    service = checkout()
    service.controls[1].missing = [missing(0)] * number
    made.services = [service]
    text = render("markdown", made, of("checkout"))
    assert len(text) < LIMIT
    listed = text.count("  - `alerts/rules.yaml:12` high: ")
    more = [int(found.replace(",", "")) for found in re.findall(r"… and ([\d,]+) more$", text, re.MULTILINE)]
    assert listed + sum(more) == number
    assert text.count("<details") == text.count("</details>") == 1


def test_a_review_that_cannot_be_shortened_is_cut_and_says_so() -> None:
    made = scorecard()
    service = checkout()
    first = service.controls[0]
    service.areas, service.controls = [], []
    for number in range(5_000):
        evidence = [Evidence("a" * 300, number, "b" * 300)]
        service.controls.append(replace(first, control=f"own-{number:02}", evidence=evidence))
    made.services = [service]
    text = render("markdown", made, of("checkout"))
    assert len(text) < LIMIT
    listed = text.count("- [x] **own-")
    left = re.search(r"\*\*… and ([\d,]+) more controls, for which this page has no room", text)
    assert left is not None
    assert listed > 400
    assert listed + int(left[1].replace(",", "")) == 5_000


def test_two_thousand_services_fit_a_comment_and_the_rest_is_counted() -> None:
    made = card(2_000, 0)
    text = render("markdown", made, OPTIONS)
    assert len(text) < LIMIT
    rows = len(re.findall(r"^\| \[", text, re.MULTILINE))
    left = re.search(r"\*\*… and ([\d,]+) more services, at or above these", text)
    assert left is not None
    assert rows > 100
    assert rows + int(left[1].replace(",", "")) == 2_000


def test_nothing_was_found() -> None:
    text = render("markdown", empty(), OPTIONS)
    assert "No service was found." in text
    assert "|" not in text


@pytest.mark.parametrize("name", ["", *HOSTILE])
def test_nothing_of_a_repository_is_markup(name: str) -> None:
    made = hostile()
    html = MarkdownIt("gfm-like", {"linkify": False}).render(
        render("markdown", made, replace(OPTIONS, service=name))
    )
    assert set(re.findall(r"<([a-z0-9]+)", html)) <= TAGS
    assert "onerror=" not in re.sub(r">[^<]*<", "><", html)
    assert "href" not in html
