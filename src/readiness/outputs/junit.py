"""JUnit XML, as GitLab, Jenkins and Azure Pipelines read it: a test suite for each policy with a finding.

Its failures are exactly what fails the gate, so that a green gate has a green report; what else is listed
is `skipped`, with the reason.  GitLab takes the content of an element for its text, drops a second test of
one name, and shows `file` (https://docs.gitlab.com/ci/testing/unit_test_reports/); Jenkins groups by the
last dot of `classname`, and refuses a report without any test, so the run itself is one.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from readiness.outputs.causes import by_cause
from readiness.outputs.escapes import xml_text
from readiness.outputs.options import (
    RenderOptions,
    advisory_of,
    affects_of,
    allowance_of,
    environments_of,
    exit_status,
    label_of,
    listed,
    reason_of,
    was_of,
)
from readiness.outputs.summary import one_line, verdict
from readiness.outputs.terminal import place

if TYPE_CHECKING:
    from readiness.engine.model import Finding, Report
    from readiness.errors import SourceError


def _text(finding: Finding, why: str) -> str:
    """What a person reads of a finding, one fact on each line, escaped."""
    from readiness.outputs.text import first_sentence, instances_text

    lines = [f"{label_of(finding)}: {finding.message}", f"{place(finding.span)} {finding.subject.address}"]
    lines += [f"value from {origin.kind}: {place(origin.span)}" for origin in finding.origins]
    instances = instances_text(finding.instances, 3) if finding.instances else None
    for label, text in (
        ("not failing", why),
        ("also", instances),
        ("where", environments_of(finding)),
        ("worsened", was_of(finding)),
        ("affects", affects_of(finding)),
        ("because", reason_of(finding)),
        ("let pass by", allowance_of(finding)),
        ("advisory", advisory_of(finding)),
        ("why", first_sentence(finding.remediation)),
    ):
        if text:
            lines.append(f"{label}: {text}")
    lines.append(f"readiness explain {finding.policy}")
    return "\n".join(map(xml_text, lines))


def _why(finding: Finding, report: Report) -> str:
    """Why a finding does not fail the gate."""
    if finding.status != "fail":
        return finding.status
    if finding.compared == "unchanged":
        return "the base revision has it too"
    if finding.advisory_until is not None:
        return "advisory"
    return f"below the gate {finding.gates_at or report.fail_on}"


def _unique(name: str, names: Counter[str]) -> str:
    """A name that no other test of the suite has."""
    names[name] += 1
    return name if names[name] == 1 else f"{name} ({names[name]})"


def _case(suite: str, name: str, path: str, kind: str, message: str, text: str) -> str:
    """One test; `text` is escaped already."""
    file = f' file="{xml_text(path)}"' if path else ""
    return (
        f'    <testcase classname="readiness.{xml_text(suite)}" name="{xml_text(name)}"{file} time="0">\n'
        f'      <{kind} message="{xml_text(message)}">{text}</{kind}>\n    </testcase>\n'
    )


def _suite(name: str, cases: list[str], failures: int, errors: int, skipped: int) -> str:
    return (
        f'  <testsuite name="{xml_text(name)}" tests="{len(cases)}" failures="{failures}" errors="{errors}" '
        f'skipped="{skipped}" time="0">\n{"".join(cases)}  </testsuite>\n'
    )


def _told(error: SourceError, names: Counter[str]) -> str:
    where = place(error)
    name = f"{where} is checked" if error.kind == "internal" else f"{where} is read"
    text = xml_text(f"{where}: {error.message}")
    return _case("run", _unique(name, names), error.path, "error", error.message, text)


def _run(report: Report, options: RenderOptions) -> tuple[str, int]:
    """The suite of the run itself, and the number of its errors."""
    names: Counter[str] = Counter()
    cases = [_told(error, names) for error in report.errors]
    errors = len(cases)
    status, sentence = exit_status(report, options.exit_zero), verdict(report, options.exit_zero)[1]
    line = xml_text(one_line(report, options))
    if status == 3 and not cases:
        cases.append(_case("run", "there is something to check", "", "error", sentence, line))
        return _suite("readiness", cases, 0, 1, 0), 1
    notices = "".join(
        f"\n{xml_text(f'note: {place(notice)}: {notice.message}')}" for notice in report.notices
    )
    told = f"      <system-out>{line}{notices}</system-out>\n"
    name = "everything is read" if not errors else "what could be read is checked"
    cases.append(f'    <testcase classname="readiness.run" name="{name}" time="0">\n{told}    </testcase>\n')
    return _suite("readiness", cases, 0, errors, 0), errors


def render(report: Report, options: RenderOptions) -> str:
    """The report as JUnit XML."""
    gating = {id(finding) for finding in report.gating}
    run, errors = _run(report, options)
    suites = [run]
    tests, failures = run.count("<testcase "), 0
    for cause in by_cause(listed(report, True, options.show_unchanged)):
        names: Counter[str] = Counter()
        cases: list[str] = []
        failed = 0
        for finding in cause.findings:
            fails = id(finding) in gating
            failed += fails
            kind, why = ("failure", "") if fails else ("skipped", _why(finding, report))
            message = f"{why}: {finding.message}" if why else finding.message
            name = _unique(f"{finding.subject.address} in {finding.span.path}", names)
            cases.append(_case(cause.policy, name, finding.span.path, kind, message, _text(finding, why)))
        suites.append(_suite(cause.policy, cases, failed, 0, len(cases) - failed))
        tests += len(cases)
        failures += failed
    head = f'<testsuites name="readiness" tests="{tests}" failures="{failures}" errors="{errors}" time="0">'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{"".join(suites)}</testsuites>\n'
