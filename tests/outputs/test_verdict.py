"""The last line says why the exit status is what it is, and the two never disagree."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from sample_reports import (
    clean_report,
    compared_report,
    empty_report,
    errors_report,
    finding,
    full_report,
)

from readiness.engine.model import Comparison, Counts, Report
from readiness.outputs.options import exit_status
from readiness.outputs.summary import checked_line, findings_line, fixed_line, unknown_line, verdict


def with_(report: Report, **changes: Any) -> Report:
    for name, value in changes.items():
        setattr(report, name, value)
    return report


def one(severity: str, status: str = "fail") -> Report:
    return Report([finding(severity=severity, status=status)], [], Counts(files=1, resources=1, evaluated=1))


def several(*findings: tuple[str, ...]) -> Report:
    """A report of findings by severity, status and the gate of their path, where that is another one."""
    report = one("low")
    report.findings = [
        replace(finding(severity=severity, status=status), gates_at=gate[0] if gate else None)
        for severity, status, *gate in findings
    ]
    return report


CASES: list[tuple[Report, bool, int, str]] = [
    (clean_report(), False, 0, "passed: no findings (exit status 0)"),
    (one("high"), False, 1, "failed: 1 finding at or above the gate `high` (exit status 1)"),
    (one("medium"), False, 0, "passed: no finding at or above the gate `high` (exit status 0)"),
    (
        with_(one("low"), fail_on="low"),
        False,
        1,
        "failed: 1 finding at or above the gate `low` (exit status 1)",
    ),
    (one("high"), True, 0, "1 finding at or above the gate `high`, forgiven by --exit-zero (exit status 0)"),
    (one("critical", "unknown"), False, 0, "passed: no finding that is certain (exit status 0)"),
    (
        one("critical", "waived"),
        False,
        0,
        "passed: no findings but what is let pass (1 waived) (exit status 0)",
    ),
    (
        several(("critical", "baselined"), ("low", "waived"), ("high", "suppressed"), ("low", "waived")),
        False,
        0,
        "passed: no findings but what is let pass (1 suppressed, 2 waived, 1 baselined) (exit status 0)",
    ),
    (
        several(("medium", "fail", "medium"), ("high", "fail")),
        False,
        1,
        "failed: 2 findings at or above the gates of their paths (exit status 1)",
    ),
    (
        several(("medium", "fail", "medium"), ("medium", "fail")),
        False,
        1,
        "failed: 1 finding at or above the gate `medium` (exit status 1)",
    ),
    (
        several(("low", "fail", "medium"), ("medium", "fail")),
        False,
        0,
        "passed: no finding at or above the gate of its path (exit status 0)",
    ),
    (
        with_(one("critical", "unknown"), unknown="fail"),
        False,
        1,
        "failed: 1 finding at or above the gate `high`, 1 of them unknown (--unknown fail) (exit status 1)",
    ),
    (
        full_report(),
        False,
        1,
        "failed: 2 findings at or above the gate `high`; besides, 2 files could not be read in full and "
        "1 check failed with an internal error (exit status 1)",
    ),
    (errors_report(), False, 3, "incomplete: 1 file could not be read in full (exit status 3)"),
    (errors_report(), True, 3, "incomplete: 1 file could not be read in full (exit status 3)"),
    (
        full_report(),
        True,
        3,
        "incomplete: 2 files could not be read in full and 1 check failed with an internal error (exit status 3)",
    ),
    (
        with_(errors_report(), counts=Counts(unread=1)),
        False,
        3,
        "incomplete: 1 file could not be read in full, and nothing else was there to check (exit status 3)",
    ),
    (
        empty_report(),
        False,
        3,
        "nothing to check: no Terraform or Kubernetes resource in 2 files "
        "(exit status 3; --allow-empty accepts that)",
    ),
    (
        with_(empty_report(), counts=Counts(files=1, ignored_files=3, templates=2)),
        False,
        3,
        "nothing to check: no Terraform or Kubernetes resource in 1 file (3 others looked at); "
        "2 chart templates not rendered (exit status 3; --allow-empty accepts that)",
    ),
    (
        with_(empty_report(), allow_empty=True),
        False,
        0,
        "nothing to check, which --allow-empty accepts (exit status 0)",
    ),
    (
        with_(clean_report(), counts=Counts(files=1, resources=7, skipped=9)),
        False,
        0,
        "passed: no check applies to 7 resources (exit status 0)",
    ),
]


@pytest.mark.parametrize(("report", "exit_zero", "status", "sentence"), CASES, ids=range(len(CASES)))
def test_verdict(report: Report, exit_zero: bool, status: int, sentence: str) -> None:
    assert exit_status(report, exit_zero) == status
    assert verdict(report, exit_zero) == (status == 0, sentence)


def test_every_count_is_told() -> None:
    counts = Counts(
        files=3, unread=1, templates=4, resources=1200, policies=1, evaluated=5, unknown=2, skipped=1000
    )
    counts.unknown_reasons.update({"b": 5, "a": 5, "z": 1, "y": 2, "x\n": 3})
    report = Report([], [], counts)
    assert findings_line(report, False) == "0 findings"
    assert checked_line(report) == (
        "checked 1,200 resources in 3 files against 1 policy: 5 checks evaluated, 2 unknown, 1,000 skipped; "
        "1 file not read; 4 chart templates not rendered, so not checked"
    )
    assert unknown_line(report) == "commonest unknowns: a (5), b (5), x (3), others (3)"


def against(*compared: tuple[str, str], fixed: int = 0) -> Report:
    found = [finding(severity=severity, compared=word) for severity, word in compared]
    report = Report(found, [], Counts(files=1, resources=1, evaluated=1))
    report.comparison = Comparison("main", "a" * 40, [finding()] * fixed)
    return report


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (
            against(("high", "new"), ("high", "worsened"), ("high", "unchanged")),
            "failed: 2 findings at or above the gate `high` that `main` has not (exit status 1)",
        ),
        (
            against(("low", "new"), ("high", "unchanged")),
            "passed: no finding at or above the gate `high` that `main` has not; 1 that it has too (exit status 0)",
        ),
        (
            against(("high", "unchanged"), ("low", "unchanged")),
            "passed: no finding that `main` has not; 2 that it has too (exit status 0)",
        ),
        (against(), "passed: no finding that `main` has not (exit status 0)"),
    ],
)
def test_verdict_against_a_base(report: Report, expected: str) -> None:
    assert verdict(report)[1] == expected


@pytest.mark.parametrize(
    ("suppressed", "unchanged", "expected"),
    [
        (
            False,
            False,
            "3 findings that origin/main has not: 1 critical, 2 medium (2 new, 1 worsened, 1 advisory); "
            "1 unknown; 1 unchanged (see --show-unchanged); 1 suppressed, 1 waived, 1 baselined "
            "(see --show-suppressed)",
        ),
        (
            True,
            True,
            "3 findings that origin/main has not: 1 critical, 2 medium (2 new, 1 worsened, 1 advisory); "
            "1 unknown; 1 unchanged; 1 suppressed, 1 waived, 1 baselined",
        ),
    ],
)
def test_every_finding_of_a_comparison_is_counted(suppressed: bool, unchanged: bool, expected: str) -> None:
    assert findings_line(compared_report(), suppressed, unchanged) == expected


def test_what_is_fixed_is_thanked() -> None:
    assert fixed_line(against(fixed=2)) == "fixed: 2 findings of main are gone, thank you"
    assert fixed_line(against(fixed=1)) == "fixed: 1 finding of main is gone, thank you"
    assert fixed_line(against()) == fixed_line(full_report()) == ""
