"""JUnit XML against the elements and attributes that its readers know."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from msgspec.structs import replace
from sample_reports import (
    OPTIONS,
    REPORTS,
    clean_report,
    compared_report,
    empty_report,
    finding,
    full_report,
    many_findings,
)

from readiness.engine.model import Counts, Report
from readiness.errors import SourceError
from readiness.outputs import render

# The shape that JUnit's readers agree on, with `file` of a test case as GitLab reads it
# (https://docs.gitlab.com/ci/testing/unit_test_reports/#junit-xml-format-specification):
# element: (required attributes, other attributes, children, may have text).
SHAPE: dict[str, tuple[set[str], set[str], set[str], bool]] = {
    "testsuites": ({"name", "tests", "failures", "errors", "time"}, set(), {"testsuite"}, False),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"skipped", "time"},
        {"testcase", "properties", "system-out"},
        False,
    ),
    "testcase": (
        {"name", "classname"},
        {"file", "time"},
        {"failure", "error", "skipped", "system-out"},
        False,
    ),
    "failure": (set(), {"message", "type"}, set(), True),
    "error": (set(), {"message", "type"}, set(), True),
    "skipped": (set(), {"message"}, set(), True),
    "system-out": (set(), set(), set(), True),
}


def parsed(report: Report, **options: Any) -> Element:
    return ElementTree.fromstring(render("junit", report, replace(OPTIONS, **options)))


def conforms(element: Element) -> None:
    required, others, children, text = SHAPE[element.tag]
    assert required <= set(element.attrib) <= required | others
    assert {child.tag for child in element} <= children
    assert text or not (element.text or "").strip()
    for child in element:
        conforms(child)


def numbers(element: Element) -> dict[str, int]:
    """What a suite holds, counted."""
    return {
        "tests": len(element.findall(".//testcase")),
        "failures": len(element.findall(".//failure")),
        "errors": len(element.findall(".//error")),
        "skipped": len(element.findall(".//skipped")),
    }


@pytest.mark.parametrize("name", REPORTS)
def test_conforms_and_counts(name: str) -> None:
    root = parsed(REPORTS[name]())
    conforms(root)
    for suite in root:
        assert {key: int(suite.attrib[key]) for key in numbers(suite)} == numbers(suite)
    said = {key: int(root.attrib[key]) for key in ("tests", "failures", "errors")}
    assert said == {key: number for key, number in numbers(root).items() if key != "skipped"}


@pytest.mark.parametrize("name", REPORTS)
def test_failures_are_what_fails_the_gate(name: str) -> None:
    report = REPORTS[name]()
    assert len(parsed(report).findall(".//failure")) == len(report.gating)


def test_no_report_is_without_a_test_and_a_clean_one_passes() -> None:
    (case,) = parsed(clean_report()).iter("testcase")
    assert (case.attrib["name"], [child.tag for child in case]) == ("everything is read", ["system-out"])
    (case,) = parsed(empty_report()).iter("testcase")
    assert (case.attrib["name"], [child.tag for child in case]) == ("there is something to check", ["error"])


def test_why_a_finding_is_skipped() -> None:
    root = parsed(compared_report(), show_unchanged=True)
    told = {case.attrib["classname"]: case.find("skipped") for case in root.iter("testcase")}
    why = {
        name: element.attrib["message"].split(":")[0] for name, element in told.items() if element is not None
    }
    assert why == {
        "readiness.aws-s3-no-public-acl": "the base revision has it too",
        "readiness.aws-sg-description": "unknown",
        "readiness.aws-tags-owner": "suppressed",
        "readiness.k8s-image-no-latest": "below the gate high",
        "readiness.k8s-image-digest": "advisory",
        "readiness.k8s-probes": "waived",
        "readiness.k8s-limits": "baselined",
    }
    assert "readiness.aws-s3-no-public-acl" not in {
        case.attrib["classname"] for case in parsed(compared_report()).iter("testcase")
    }


def test_what_gitlab_shows_is_the_content() -> None:
    (failure,) = parsed(Report([full_report().findings[0]], [], Counts(resources=1))).iter("failure")
    assert failure.text == (
        "high: aws_s3_bucket.logs is readable by everyone (acl is public-read)\n"
        "infra/s3.tf:3:3 aws_s3_bucket.logs\n"
        "value from default of variable acl: infra/variables.tf:3:13\n"
        "also: module.b.aws_s3_bucket.logs, module.c.aws_s3_bucket.logs, module.d.aws_s3_bucket.logs (2 more)\n"
        "why: Set `acl` to `private`.\n"
        "readiness explain aws-s3-no-public-acl"
    )


def test_no_two_tests_have_one_name() -> None:
    report = Report([finding(), finding(), finding("b")], [], Counts(resources=1))
    report.errors = [SourceError("a.tf", 1, 1, "one"), SourceError("a.tf", 1, 1, "two")]
    cases = [(case.attrib["classname"], case.attrib["name"]) for case in parsed(report).iter("testcase")]
    assert len(set(cases)) == len(cases) == 6
    assert ("readiness.aws-s3-no-public-acl", "aws_s3_bucket.logs in infra/s3.tf (2)") in cases
    cases = [
        (case.attrib["classname"], case.attrib["name"])
        for case in parsed(many_findings(300, 7)).iter("testcase")
    ]
    assert len(set(cases)) == len(cases)
