"""Checks in two processes: the same report as in one, whatever becomes of the other process."""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

import pytest

from readiness.engine import execute as room

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
    fork, here = os.fork, room._here
    parts: list[bool] = []  # what this process did by itself: its own half, and not the other one

    def noted(*args: Any, **options: Any) -> room.Outcome:
        parts.append(options.get("everything", True))
        return here(*args, **options)

    monkeypatch.setattr(room, "_here", noted)
    monkeypatch.setattr(room, "FORK_FROM", 1)
    monkeypatch.setattr(os, "fork", lambda: forks.append(1) or fork())
    two = report(cli, "--jobs", "2")
    assert (two.out, two.status, len(forks), parts) == (one.out, one.status, 1, [True])
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
    here, parent = room._here, os.getpid()

    def dying(*args: Any, **options: Any) -> room.Outcome:
        if os.getpid() != parent:
            os._exit(9)
        return here(*args, **options)

    cli.write(FILES)
    one = report(cli, "--jobs", "1")
    monkeypatch.setattr(room, "FORK_FROM", 1)
    monkeypatch.setattr(room, "_here", dying)
    assert report(cli, "--jobs", "2").out == one.out
