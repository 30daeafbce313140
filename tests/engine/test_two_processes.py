"""Checks in two processes: the same report as in one, whatever becomes of the other process."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any, NoReturn

import pytest

from readiness.engine import forked as room
from readiness.engine.forked import Turns
from readiness.engine.indexing import Share
from readiness.engine.run import Run
from readiness.scorecard import build

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are only copied on Linux")

BUCKETS = "".join(
    f'resource "demo_bucket" "b{n}" {{\n  name = "b{n}"\n  encrypted = {"true" if n % 3 else "false"}\n}}\n'
    f'resource "aws_db_instance" "d{n}" {{\n  backup_retention_period = {n}\n}}\n'
    for n in range(12)
)
FILES = {
    "main.tf": BUCKETS
    + 'variable "later" {}\nresource "aws_sqs_queue" "q" { sqs_managed_sse_enabled = var.later }\n',
    "deploy/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n  template:\n    spec:\n      containers: [{name: web, image: web}]\n",
}


def report(cli: Any, *more: str) -> Any:
    return cli.run("check", "--format", "json", "--profile", "all", *more)


def test_the_same_report(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.write(FILES)
    one = report(cli, "--jobs", "1")
    forks: list[int] = []
    taken: list[Share] = []  # by this process
    fork, take, turns, parent = os.fork, Run.take, Turns.__iter__, os.getpid()

    def noted(self: Run, share: Share) -> None:
        taken.append(share)
        take(self, share)

    def few(self: Turns) -> Iterator[int]:
        """This process takes two shares and leaves the others to its copy."""
        return islice(turns(self), 2) if os.getpid() == parent else turns(self)

    monkeypatch.setattr(Run, "take", noted)
    monkeypatch.setattr(Turns, "__iter__", few)
    monkeypatch.setattr(room, "FORK_FROM", 1)
    monkeypatch.setattr(os, "fork", lambda: forks.append(1) or fork())
    two = report(cli, "--jobs", "2")
    assert (two.out, two.status, len(forks)) == (one.out, one.status, 1)
    assert len(taken) <= 3  # with the one of services
    assert {f["resource"]["type"] for f in two.findings} >= {"aws_db_instance", "aws_sqs_queue", "Deployment"}


def test_no_process_to_be_had(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> NoReturn:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    cli.write(FILES)
    one = report(cli, "--jobs", "1")
    monkeypatch.setattr(room, "FORK_FROM", 1)
    monkeypatch.setattr(os, "fork", refused)
    assert report(cli, "--jobs", "2").out == one.out


def test_a_process_that_dies(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    take, parent = Run.take, os.getpid()

    def dying(self: Run, share: Share) -> None:
        if os.getpid() != parent:
            os._exit(9)
        take(self, share)

    cli.write(FILES)
    one = report(cli, "--jobs", "1")
    monkeypatch.setattr(room, "FORK_FROM", 1)
    monkeypatch.setattr(Run, "take", dying)
    assert report(cli, "--jobs", "2").out == one.out


def test_the_same_key_figures(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report measures them in a copy of the process, or here where that comes to nothing."""
    cli.write(FILES)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")
    one = cli.run("report", "--format", "json", "--jobs", "1").out
    parent, measure = os.getpid(), build.measure

    def elsewhere(*given: Any) -> Any:
        assert os.getpid() != parent
        return measure(*given)

    def dying(*given: Any) -> Any:
        if os.getpid() != parent:
            os._exit(9)
        return measure(*given)

    monkeypatch.setattr(room, "FORK_FROM", 1)
    for instead in (elsewhere, dying):
        monkeypatch.setattr(build, "measure", instead)
        assert cli.run("report", "--format", "json", "--jobs", "2").out == one
