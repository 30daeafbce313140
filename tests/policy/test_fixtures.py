"""The repositories in `fixtures/`: every planted defect is found at its line, and the ready one is clean."""

from __future__ import annotations

import datetime
import functools
import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import yaml

from readiness.api import Settings, check
from readiness.engine.model import Report
from readiness.policy.bundle import load_builtin

FIXTURES = Path(__file__).parents[2] / "fixtures"
DEFECTS: list[dict[str, Any]] = yaml.safe_load((FIXTURES / "EXPECTED.yaml").read_text(encoding="utf-8"))[
    "defects"
]
POLICIES = {policy.id for policy in load_builtin()}
REPOSITORIES = sorted(path.name for path in FIXTURES.iterdir() if path.is_dir())


@functools.cache
def report(repository: str) -> Report:
    """The report on one repository, as from within it, of all policies: also those off by default."""
    before = Path.cwd()
    os.chdir(FIXTURES / repository)
    try:
        # The day on which the dated evidence in them was new.
        with patch("readiness.estate.build.this_day", lambda: datetime.date(2026, 11, 21)):
            return check(["."], Settings(profile="all"))
    finally:
        os.chdir(before)


def name(defect: dict[str, Any]) -> str:
    """What a defect is called in the output of the tests."""
    return f"{defect['repo']}/{defect['path']}:{defect['line']}:{defect['policy']}"


@pytest.mark.parametrize("defect", DEFECTS, ids=map(name, DEFECTS))
def test_planted_defect_is_found(defect: dict[str, Any]) -> None:
    # Strict: an entry whose policy does not exist fails as well.
    assert defect["policy"] in POLICIES, f"no policy {defect['policy']}"
    near = [
        (finding.policy, address, finding.span.path, finding.span.line)
        for finding in report(defect["repo"]).findings
        if finding.status == "fail" and finding.policy == defect["policy"]
        for address in (finding.subject.address, *finding.instances)
    ]
    assert (defect["policy"], defect["address"], defect["path"], defect["line"]) in near


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_everything_is_read(repository: str) -> None:
    found = report(repository)
    assert found.errors == []
    assert found.counts.resources > 0
    assert found.counts.evaluated > 0


def test_the_ready_service_has_no_finding() -> None:
    found = report("checkout-ready")
    assert [(f.status, f.policy, f.subject.address, f.span.path, f.span.line) for f in found.findings] == []
    assert found.exit_status == 0


@pytest.mark.parametrize("repository", [name for name in REPOSITORIES if name != "checkout-ready"])
def test_the_others_do_not_pass(repository: str) -> None:
    assert report(repository).exit_status == 1


def test_the_list_of_defects_is_whole() -> None:
    assert {defect["repo"] for defect in DEFECTS} == {n for n in REPOSITORIES if n != "checkout-ready"}
    assert len({(name(defect), defect["address"]) for defect in DEFECTS}) == len(DEFECTS)
    for defect in DEFECTS:
        text = (FIXTURES / defect["repo"] / defect["path"]).read_text(encoding="utf-8")
        assert 1 <= defect["line"] <= text.count("\n")
