"""The exit status: 0, 1, 2 or 3, by severity, unknowns, tiers and what could not be read."""

from __future__ import annotations

from typing import Any

import pytest

SEVERITIES = ("critical", "high", "medium", "low", "info")

FIREWALL = (
    'resource "demo_firewall" "a" {\n  rule {\n    name = "all"\n    cidr = "0.0.0.0/0"\n  }\n}\n'  # critical
)
BUCKET = 'resource "demo_bucket" "a" {\n  versioned = true\n}\n'  # high
SCRATCH = 'resource "demo_bucket" "a" {\n  encrypted = true\n}\n'  # medium
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"  # low
CLEAN = 'resource "demo_bucket" "clean" {\n  encrypted = true\n  versioned = true\n}\n'
UNKNOWN = (
    'variable "on" {}\n\nresource "demo_bucket" "a" {\n  encrypted = var.on\n  versioned = true\n}\n'  # high
)
BROKEN = "a = = 1\n"


@pytest.mark.parametrize(
    ("files", "args", "status"),
    [
        ({"a.tf": CLEAN}, [], 0),
        ({"a.tf": BUCKET}, [], 1),
        ({"a.tf": SCRATCH}, [], 0),
        ({"a.yaml": CONFIG}, [], 0),
        ({}, [], 3),
        ({}, ["--allow-empty"], 0),
        ({}, ["--exit-zero"], 3),
        ({"a.tf": BROKEN}, [], 3),
        ({"a.tf": CLEAN + BROKEN}, [], 3),
        ({"a.tf": CLEAN + BROKEN}, ["--exit-zero"], 3),
        ({"a.tf": BUCKET + BROKEN}, [], 1),
        ({"a.tf": BUCKET + BROKEN}, ["--exit-zero"], 3),
        ({"a.tf": SCRATCH + BROKEN}, [], 3),
        ({"a.tf": BUCKET}, ["--exit-zero"], 0),
        ({"a.tf": UNKNOWN}, [], 0),
        ({"a.tf": UNKNOWN}, ["--unknown", "warn"], 0),
        ({"a.tf": UNKNOWN}, ["--unknown", "ignore"], 0),
        ({"a.tf": UNKNOWN}, ["--unknown", "fail"], 1),
        ({"a.tf": UNKNOWN}, ["--unknown", "fail", "--fail-on", "critical"], 0),
        ({"a.tf": UNKNOWN}, ["--unknown", "fail", "--exit-zero"], 0),
        ({"a.tf": BUCKET}, ["--select", "no-such-policy"], 2),
        ({"a.tf": BUCKET}, ["no-such-file"], 2),
    ],
)
def test_status(cli: Any, files: dict[str, str], args: list[str], status: int) -> None:
    cli.write(files)
    assert cli.check(*args).status == status


@pytest.mark.parametrize("gate", SEVERITIES)
@pytest.mark.parametrize(
    ("file", "content", "severity"),
    [
        ("a.tf", FIREWALL, "critical"),
        ("a.tf", BUCKET, "high"),
        ("a.tf", SCRATCH, "medium"),
        ("a.yaml", CONFIG, "low"),
    ],
    ids=["critical", "high", "medium", "low"],
)
def test_the_gate(cli: Any, gate: str, file: str, content: str, severity: str) -> None:
    cli.write({file: content})
    result = cli.check("--fail-on", gate)
    assert [finding["severity"] for finding in result.findings] == [severity]
    assert result.status == (1 if SEVERITIES.index(severity) <= SEVERITIES.index(gate) else 0)


@pytest.mark.parametrize(("unknown", "shown"), [("ignore", 0), ("warn", 1), ("fail", 1)])
def test_unknowns_are_always_counted(cli: Any, unknown: str, shown: int) -> None:
    cli.write({"a.tf": UNKNOWN})
    result = cli.check("--unknown", unknown, select="demo-bucket-encrypted")
    assert len(result.found("unknown")) == shown
    assert result.report["summary"]["checks"] == {"evaluated": 0, "unknown": 1, "skipped": 0}


def test_an_unknown_names_what_it_waits_for(cli: Any) -> None:
    cli.write({"a.tf": UNKNOWN})
    result = cli.check(select="demo-bucket-encrypted")
    assert result.found("unknown") == [("demo-bucket-encrypted", "demo_bucket.a", "a.tf", 4)]
    assert "var.on" in result.findings[0]["message"]
    assert result.report["summary"]["unknown_reasons"] == [{"reason": "var.on", "checks": 1}]


TIERED = 'resource "demo_store" "a" {{\n  copies = 1\n  tags = {{ {} }}\n}}\n'


@pytest.mark.parametrize(
    ("tags", "tier", "severity"),
    [
        ("", "0", "critical"),
        ("", "1", None),
        ("", "2", "low"),
        ("", "3", None),
        ('tier = "0"', "2", "critical"),
        ('tier = "2"', "0", "low"),
        ("tier = 0", "1", "critical"),
        ('Tier = "tier-0"', "1", "critical"),
        ('tier = "gold"', "0", "critical"),
        ('tier = "1"', "0", None),
    ],
)
def test_severity_by_tier(cli: Any, tags: str, tier: str, severity: str | None) -> None:
    cli.write({"a.tf": TIERED.format(tags)})
    result = cli.check("--tier", tier)
    assert [finding["severity"] for finding in result.findings] == ([severity] if severity else [])
    assert result.status == (1 if severity == "critical" else 0)
    assert result.report["summary"]["checks"]["skipped"] == (0 if severity else 1)


def test_what_was_done_is_counted(cli: Any) -> None:
    scratch = 'resource "demo_bucket" "scratch" {\n  scratch = true\n  encrypted = true\n}\n'
    cli.write({"a.tf": BUCKET + scratch, "b.yaml": CONFIG, "c.tf": BROKEN, "d.yaml": "a: 1\n"})
    summary = cli.check().report["summary"]
    assert (summary["files"], summary["unread"], summary["policies"]) == (3, 1, 6)
    assert summary["checks"] == {"evaluated": 4, "unknown": 0, "skipped": 1}
    assert summary["findings"]["fail"] == 2
    assert summary["by_severity"] == {"high": 1, "low": 1}
