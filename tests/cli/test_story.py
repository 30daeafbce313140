"""One repository from its first check to a gate that holds: what a team and a stranger see at each step."""

from __future__ import annotations

import csv
import datetime
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from tests.conftest import Cli

from readiness.outputs.json_report import schema_path

DATABASE = """\
resource "aws_db_instance" "orders" {
  identifier              = "orders"
  engine                  = "postgres"
  instance_class          = "db.m7g.large"
  allocated_storage       = 100
  backup_retention_period = 30
  storage_encrypted       = true
  publicly_accessible     = true

  tags = {
    service = "orders"
    owner   = "team-orders"
  }
}
"""
ROOT = """\
terraform {
  required_version = "~> 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
  namespace: shop
  labels:
    app.kubernetes.io/name: orders
    owner: team-orders
spec:
  selector:
    matchLabels:
      app.kubernetes.io/name: orders
  template:
    metadata:
      labels:
        app.kubernetes.io/name: orders
    spec:
      containers:
        - name: api
          image: ghcr.io/acme/orders:1.4.2
          ports: [{name: http, containerPort: 8080}]
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {memory: 128Mi}
"""
SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: orders
  namespace: shop
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: orders}
  minReplicas: 4
  maxReplicas: 8
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: 70}
"""
MENDED = DATABASE.replace(
    "publicly_accessible     = true\n", "publicly_accessible     = false\n  deletion_protection     = true\n"
)
BY_HAND = """\
          readinessProbe:
            httpGet: {path: /ready, port: http}
          securityContext:
            runAsNonRoot: true
            allowPrivilegeEscalation: false
"""
CACHE = """\
resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id       = "sessions"
  description                = "Sessions of the shop."
  engine                     = "redis"
  node_type                  = "cache.m7g.large"
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  multi_az_enabled           = true
  snapshot_retention_limit   = 7
  at_rest_encryption_enabled = false
  transit_encryption_enabled = false
}
"""
WAIVER = """\
waivers:
  - policy: aws-elasticache-transit
    resources: aws_elasticache_replication_group.sessions
    reason: the client cannot speak TLS before its next release
    owner: team-orders
    ticket: OPS-7
    approved_by: security@example.com
    expires: {expires}
"""
STRANGE = """\
resource "aws_ebs_volume" "scratch" {
  availability_zone = "eu-central-1a"
  size              = 100
}

resource "aws_security_group" "office" {
  name        = "office"
  description = "The office."

  ingress {
    description = "Administration."
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_iam_policy" "helper" {
  name = "helper"

  # readiness:ignore aws-iam-admin reason: needed
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]
  })
}
"""
STRANGE_WAIVER = """\
  - policy: aws-net-open-ssh
    resources: aws_security_group.office
    reason: it is our office
    owner: somebody
    approved_by: somebody
    expires: {expires}
"""
ACKNOWLEDGEMENT = """\
acknowledgements:
  - policy: tf-change-destroy-data
    resources: aws_db_instance.orders
    reason: moved to another cluster, the last snapshot is kept
    approved_by: dana
    ticket: OPS-12
"""
HIGH_RISK = (
    "it asks for two reviewers, one of them an owner of what is affected, a way back that was tried, "
    "and a time at which somebody watches; or an acknowledgement in the change"
)
ROUTINE = "it asks for the usual review by a peer"
TAKE_OUT = "`readiness baseline update --prune-only` takes what is fixed out\n"
UNREADY = {
    "infra/main.tf": ROOT,
    "infra/database.tf": DATABASE,
    "deploy/api.yaml": DEPLOYMENT,
    "deploy/scale.yaml": SCALER,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What one run shows: its status, its findings, what it says of itself, and what it complains of."""

    status: int
    found: list[str]
    said: list[str]
    err: str
    report: dict[str, Any]


class Story:
    """A repository with its history, and checks of it."""

    def __init__(self, cli: Cli) -> None:
        self.cli = cli
        self._report = cli.root.parent / "report.json"

    def check(self, *args: str) -> Seen:
        """One run; a finding is `[state] path:line severity policy address`."""
        result = self.cli.run("check", "--format", "concise", "--report", f"json={self._report}", *args)
        report = json.loads(self._report.read_text())
        found = [
            f"{_state(f)}{f['location']['path']}:{f['location']['line']} {f['severity']} {f['policy']} "
            + f["resource"]["address"]
            for f in report["findings"]
            if f["status"] != "baselined" and f["compared"] != "unchanged"
        ]
        # How many policies there are and how many checks they make is not part of the story.
        said = [part for part in result.out.splitlines()[-1].split(". ") if not part.startswith("checked ")]
        return Seen(result.status, found, said, result.err, report)

    def branch(self, name: str, files: dict[str, str]) -> None:
        """Begin a change on a branch of its own."""
        self.cli.git("switch", "-qc", name, "main")
        self.cli.write(files)
        self.cli.commit()

    def drop(self) -> None:
        """Close a change without merging it."""
        self.cli.git("switch", "-q", "main")

    def merge(self) -> None:
        """Commit what there is, and bring the change into `main`."""
        self.cli.commit()
        name = self.cli.git("branch", "--show-current").strip()
        self.cli.git("switch", "-q", "main")
        self.cli.git("merge", "-q", "--ff-only", name)

    def read(self, name: str) -> str:
        return (self.cli.root / name).read_text()

    def replace(self, name: str, old: str, new: str) -> None:
        """Edit a file in one place."""
        text = self.read(name)
        assert text.count(old) == 1
        self.cli.write({name: text.replace(old, new)})

    @property
    def recorded(self) -> int:
        """How many findings the baseline holds."""
        return len(json.loads(self.read("readiness-baseline.json"))["findings"])


def _state(finding: dict[str, Any]) -> str:
    words = [finding["compared"], None if finding["status"] == "fail" else finding["status"]]
    return "".join(f"{word} " for word in words if word)


def day(days: int) -> str:
    """A day from today."""
    return (datetime.date.today() + datetime.timedelta(days)).isoformat()


@contextmanager
def later(days: int) -> Iterator[None]:
    """Judge as if some days had passed."""
    now = datetime.date.today() + datetime.timedelta(days)
    with pytest.MonkeyPatch.context() as patch:
        clock = SimpleNamespace(date=SimpleNamespace(today=lambda: now))
        patch.setattr("readiness.estate.build.datetime", clock)
        yield


@pytest.mark.slow
def test_from_unready_to_gated(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story(cli)
    cli.git("init", "-q")
    cli.write(UNREADY)
    cli.commit()
    _first_check(story)
    _all_formats_tell_the_same(story, monkeypatch)
    _the_gate_is_introduced(story)
    _a_bad_change_is_blocked_with_its_own_findings(story)
    _a_value_that_gets_worse_is_blocked(story)
    _what_was_there_is_mended(story)
    _a_waiver_holds_until_its_day(story)
    _a_stranger_cannot_silence_the_gate(story)
    _a_risky_change_needs_an_acknowledgement(story)


# -- 1. The first check: what stops a release stands out ------------------------------

GATING = [
    "deploy/api.yaml:19 high k8s-probe-readiness Deployment/shop/orders",
    "deploy/api.yaml:19 high k8s-sec-non-root Deployment/shop/orders",
    "deploy/api.yaml:19 high k8s-sec-priv-escalation Deployment/shop/orders",
    "infra/database.tf:1 high aws-rds-deletion-protection aws_db_instance.orders",
    "infra/database.tf:8 critical aws-rds-public aws_db_instance.orders",
]


def grave(found: list[str]) -> list[str]:
    """Findings at the gate of the story; how many lie below it grows with the policies."""
    return [line for line in found if line.split()[-3] in ("critical", "high")]


def _first_check(story: Story) -> None:
    seen = story.check()
    assert (seen.status, grave(seen.found), seen.err) == (1, GATING, "")
    assert len(seen.found) > len(GATING)
    counts = seen.report["summary"]["by_severity"]
    by_severity = ", ".join(f"{counts[name]} {name}" for name in ("critical", "high", "medium", "low"))
    assert by_severity.startswith("1 critical, 4 high, ")
    assert seen.said == [
        f"{len(seen.found)} findings: {by_severity}",
        "failed: 5 findings at or above the gate `high` (exit status 1)",
    ]


# -- 2. One run, every report: all of them valid, all with the same number ------------


def _all_formats_tell_the_same(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "outputs"))
    import test_gitlab
    import test_junit
    import test_sarif

    folder = story.cli.root.parent / "reports"
    folder.mkdir()
    names = ("json", "github", "sarif", "junit", "gitlab", "markdown", "html", "csv")
    wanted = [f"--report={name}={folder / name}" for name in names]
    result = story.cli.run("check", "--quiet", *wanted)
    assert result.status == 1
    texts = {name: (folder / name).read_text() for name in names}

    report = json.loads(texts["json"])
    jsonschema.Draft202012Validator(json.loads(schema_path().read_text())).validate(report)
    sarif = json.loads(texts["sarif"])
    standard = test_sarif.standard_schema()
    if standard is not None:
        jsonschema.validators.validator_for(standard)(standard).validate(sarif)
    quality = json.loads(texts["gitlab"])
    jsonschema.Draft202012Validator(test_gitlab.SCHEMA).validate(quality)
    suites = ElementTree.fromstring(texts["junit"])
    test_junit.conforms(suites)

    failed = "5 findings at or above the gate `high` (exit status 1)"
    numbers = {
        "json": sum(f["severity"] in ("critical", "high") for f in report["findings"]),
        "github": texts["github"].count("::error file="),
        "sarif": sum(r["level"] == "error" for r in sarif["runs"][0]["results"]),
        "junit": int(suites.attrib["failures"]),
        "gitlab": sum(issue["severity"] in ("blocker", "critical") for issue in quality),
        "markdown": 5 * (failed in texts["markdown"]),
        "html": 5 * (failed in texts["html"]),
        "csv": sum(row["severity"] in ("critical", "high") for row in csv.DictReader(StringIO(texts["csv"]))),
    }
    assert numbers == dict.fromkeys(names, 5)
    assert not story.cli.git("status", "--short")


# -- 3. The gate is introduced: what was there is recorded, and the run is green ------

WRITTEN = """\
  create  readiness.yaml                   settings
  create  .pre-commit-config.yaml          the hook
  create  .github/workflows/readiness.yml  the CI job
  record  readiness-baseline.json          the findings of today
"""


def _the_gate_is_introduced(story: Story) -> None:
    cli = story.cli
    wish = ("init", "--baseline", "--ci", "github", "--hook")
    dry = cli.run(*wish, "--dry-run")
    assert (dry.status, dry.err, cli.git("status", "--short")) == (0, "", "")
    assert f"\nwould write\n{WRITTEN}" in dry.out
    assert [line for line in dry.out.splitlines() if line.startswith("+++ ")] == [
        "+++ b/.github/workflows/readiness.yml",
        "+++ b/.pre-commit-config.yaml",
        "+++ b/readiness.yaml",
    ]
    done = cli.run(*wish)
    assert (done.status, done.err, f"\nfiles\n{WRITTEN}" in done.out) == (0, "", True)
    assert done.out.endswith(f"\nreadiness-baseline.json: {story.recorded} findings recorded\n")
    assert cli.git("status", "--short", "-uall").split()[1::2] == [
        ".github/workflows/readiness.yml",
        ".pre-commit-config.yaml",
        "readiness-baseline.json",
        "readiness.yaml",
    ]
    cli.commit()
    seen = story.check()
    assert (seen.status, seen.found, seen.err) == (0, [], "")
    assert seen.said == [
        f"0 findings; {story.recorded} baselined (see --show-suppressed)",
        f"passed: no findings but what is let pass ({story.recorded} baselined) (exit status 0)",
    ]


# -- 4. A bad change: blocked, with its own findings and no others --------------------


def _a_bad_change_is_blocked_with_its_own_findings(story: Story) -> None:
    story.branch("cache", {"infra/cache.tf": CACHE})
    own = [
        "infra/cache.tf:10 medium aws-elasticache-encryption aws_elasticache_replication_group.sessions",
        "infra/cache.tf:11 high aws-elasticache-transit aws_elasticache_replication_group.sessions",
    ]
    # By the baseline.
    seen = story.check()
    assert (seen.status, seen.found, seen.err) == (1, own, "")
    assert seen.said == [
        f"2 findings: 1 high, 1 medium; {story.recorded} baselined (see --show-suppressed)",
        "failed: 1 finding at or above the gate `high` (exit status 1)",
    ]
    # By what `main` has, with and without a baseline.
    seen = story.check("--diff-base", "main")
    assert (seen.status, seen.found, seen.err) == (1, [f"new {line}" for line in own], "")
    assert seen.said == [
        f"2 findings that main has not: 1 high, 1 medium (2 new); {story.recorded} baselined (see --show-suppressed)",
        f"change: routine risk (1 created); {ROUTINE}",
        "failed: 1 finding at or above the gate `high` that `main` has not (exit status 1)",
    ]
    seen = story.check("--diff-base", "main", "--no-exceptions")
    assert (seen.status, seen.found) == (1, [f"new {line}" for line in own])
    assert seen.report["comparison"]["unchanged"] == story.recorded
    story.drop()


# -- 5. A value that gets worse: blocked, although its policy still holds -------------


def _a_value_that_gets_worse_is_blocked(story: Story) -> None:
    fewer = SCALER.replace("minReplicas: 4", "minReplicas: 2")
    shorter = DATABASE.replace("backup_retention_period = 30", "backup_retention_period = 7")
    story.branch("cheaper", {"deploy/scale.yaml": fewer, "infra/database.tf": shorter})
    alone = story.check()
    assert (alone.status, alone.found) == (0, [])
    seen = story.check("--diff-base", "main")
    assert (seen.status, seen.err) == (1, "")
    assert seen.found == [
        "worsened deploy/scale.yaml:8 high k8s-hpa-min-replicas HorizontalPodAutoscaler/shop/orders",
        "new infra/database.tf:6 high tf-change-backup-less aws_db_instance.orders",
    ]
    (worse,) = (f for f in seen.report["findings"] if f["compared"] == "worsened")
    assert worse["was"] == "4"
    assert worse["message"] == "minReplicas of HorizontalPodAutoscaler/shop/orders went from 4 to 2"
    assert seen.said == [
        f"2 findings that main has not: 2 high (1 new, 1 worsened); {story.recorded} baselined (see --show-suppressed)",
        f"change: high risk (2 changed), because of k8s-hpa-min-replicas, tf-change-backup-less; {HIGH_RISK}",
        "failed: 2 findings at or above the gate `high` that `main` has not (exit status 1)",
    ]
    story.drop()


# -- 6. What was there is mended: by --fix what is safe, the rest by hand -------------

DIFF = """\
--- a/infra/database.tf
+++ b/infra/database.tf
@@ -6,6 +6,7 @@
   backup_retention_period = 30
   storage_encrypted       = true
   publicly_accessible     = true
+  deletion_protection     = true
\x20
   tags = {
     service = "orders"
"""


def _what_was_there_is_mended(story: Story) -> None:
    cli = story.cli
    story.branch("mend", {})
    shown = cli.run("check", "--diff", "--no-exceptions")
    assert (shown.status, shown.out, cli.git("status", "--short")) == (1, DIFF, "")
    assert shown.err.startswith("readiness: would fix 1 finding in 1 file (")
    seen = story.check("--fix", "--no-exceptions")
    assert seen.status == 1
    assert grave(seen.found) == [line for line in GATING if "aws-rds-deletion-protection" not in line]
    assert seen.err.startswith("readiness: fixed 1 finding in 1 file (")
    assert cli.git("diff").endswith(DIFF.partition("@@\n")[2])
    story.replace("infra/database.tf", "publicly_accessible     = true", "publicly_accessible     = false")
    assert story.read("infra/database.tf") == MENDED
    cli.write({"deploy/api.yaml": DEPLOYMENT + BY_HAND})

    left = story.recorded - len(GATING)
    seen = story.check()
    assert (seen.status, seen.found) == (0, [])
    assert seen.err == f"note: 5 findings of readiness-baseline.json are fixed: {TAKE_OUT}"
    assert seen.said[0] == f"0 findings; {left} baselined (see --show-suppressed)"
    seen = story.check("--diff-base", "main", "--no-exceptions")
    assert (seen.status, seen.found, len(seen.report["comparison"]["fixed"])) == (0, [], 5)
    assert seen.said == [
        f"0 findings that main has not; {left} unchanged (see --show-unchanged)",
        "fixed: 5 findings of main are gone, thank you",
        f"change: routine risk (2 changed); {ROUTINE}",
        f"passed: no finding that `main` has not; {left} that it has too (exit status 0)",
    ]
    pruned = cli.run("baseline", "update", "--prune-only")
    assert (pruned.status, pruned.err) == (0, "")
    assert pruned.out == f"readiness-baseline.json: 5 fixed and taken out; {left} entries in all\n"
    assert story.recorded == left
    story.merge()
    seen = story.check()
    assert (seen.status, seen.found, seen.err) == (0, [], "")


# -- 7. A waiver: who, why, until when; and what comes after its last day -------------


def _a_waiver_holds_until_its_day(story: Story) -> None:
    encrypted = CACHE.replace("at_rest_encryption_enabled = false", "at_rest_encryption_enabled = true")
    story.branch("cache-2", {"infra/cache.tf": encrypted, "waivers.yaml": WAIVER.format(expires=day(60))})
    line = "infra/cache.tf:11 high aws-elasticache-transit aws_elasticache_replication_group.sessions"
    for args in ((), ("--diff-base", "main")):
        seen = story.check(*args)
        assert (seen.status, seen.found, seen.err) == (0, [f"waived {line}"], "")
        assert f"; 1 waived, {story.recorded} baselined (see --show-suppressed)" in seen.said[0]
    (waived,) = (f for f in seen.report["findings"] if f["status"] == "waived")
    who = waived["allowance"]
    assert (who["kind"], who["owner"], who["ticket"], who["approved_by"], who["expires"]) == (
        "waiver",
        "team-orders",
        "OPS-7",
        "security@example.com",
        day(60),
    )
    assert who["reason"] == "the client cannot speak TLS before its next release"
    assert (who["location"]["path"], who["location"]["line"]) == ("waivers.yaml", 2)
    story.merge()
    with later(60):
        seen = story.check()
        assert (seen.status, [line for line in seen.found if "gov-" not in line]) == (0, [f"waived {line}"])
        assert [line.split()[2] for line in seen.found if "gov-" in line] == ["gov-waiver-expiring"]
    with later(61):
        seen = story.check()
    assert (seen.status, seen.found) == (
        1,
        [line, "waivers.yaml:8 low gov-waiver-expired waiver.aws-elasticache-transit"],
    )
    assert seen.said == [
        f"2 findings: 1 high, 1 low; {story.recorded} baselined (see --show-suppressed)",
        "failed: 1 finding at or above the gate `high` (exit status 1)",
    ]


# -- 8. A stranger's change: it cannot silence its own gate ---------------------------


def _a_stranger_cannot_silence_the_gate(story: Story) -> None:
    story.branch(
        "stranger",
        {
            "infra/strange.tf": STRANGE,
            "readiness.yaml": story.read("readiness.yaml").replace("fail-on: high", "fail-on: critical"),
            "waivers.yaml": story.read("waivers.yaml") + STRANGE_WAIVER.format(expires=day(20)),
        },
    )
    ours = "waived infra/cache.tf:11 high aws-elasticache-transit aws_elasticache_replication_group.sessions"
    seen = story.check()
    assert (seen.status, seen.found) == (
        0,
        [
            ours,
            "infra/strange.tf:1 low aws-ebs-backup aws_ebs_volume.scratch",
            "infra/strange.tf:1 high aws-ebs-encryption aws_ebs_volume.scratch",
            "waived infra/strange.tf:15 critical aws-net-open-ssh aws_security_group.office",
            "suppressed infra/strange.tf:25 critical aws-iam-admin aws_iam_policy.helper",
        ],
    )
    for args, state in (((), ""), (("--diff-base", "main"), "new ")):
        seen = story.check("--trust-base", "main", *args)
        assert (seen.status, seen.found) == (
            1,
            [
                ours,
                f"{state}infra/strange.tf:1 low aws-ebs-backup aws_ebs_volume.scratch",
                f"{state}infra/strange.tf:1 high aws-ebs-encryption aws_ebs_volume.scratch",
                f"{state}infra/strange.tf:15 critical aws-net-open-ssh aws_security_group.office",
                f"{state}infra/strange.tf:22 medium gov-gate-ignore gate-change.aws-iam-admin",
                f"{state}infra/strange.tf:25 critical aws-iam-admin aws_iam_policy.helper",
                f"{state}readiness.yaml:6 medium gov-gate-settings gate-change.readiness.yaml",
                f"{state}waivers.yaml:9 medium gov-gate-waivers gate-change.waivers.yaml",
            ],
        )
        assert seen.said[-1].startswith("failed: 3 findings at or above the gate `high`")
    story.drop()


# -- 9. A risky change: blocked, and let through by whoever signs for it --------------


def _a_risky_change_needs_an_acknowledgement(story: Story) -> None:
    story.branch("move", {})
    (story.cli.root / "infra/database.tf").unlink()
    lost = "infra/database.tf:1 high tf-change-destroy-data aws_db_instance.orders"
    ours = "waived infra/cache.tf:11 high aws-elasticache-transit aws_elasticache_replication_group.sessions"
    risk = f"change: high risk (1 gone), because of tf-change-destroy-data; {HIGH_RISK}"
    assert story.check().status == 0  # what is there is in order
    seen = story.check("--diff-base", "main")
    assert (seen.status, sorted(seen.found)) == (1, [f"new {lost}", ours])
    assert (seen.report["risk"]["level"], seen.said[1]) == ("high", risk)
    assert (
        seen.said[-1] == "failed: 1 finding at or above the gate `high` that `main` has not (exit status 1)"
    )

    story.cli.write({"waivers.yaml": story.read("waivers.yaml") + ACKNOWLEDGEMENT})
    seen = story.check("--diff-base", "main")
    assert (seen.status, sorted(seen.found)) == (0, [ours, f"waived {lost}"])
    assert (seen.report["risk"]["level"], seen.said[1]) == ("high", risk)
    (signed,) = (f["allowance"] for f in seen.report["findings"] if f["policy"] == "tf-change-destroy-data")
    assert (signed["kind"], signed["approved_by"], signed["ticket"]) == ("acknowledgement", "dana", "OPS-12")
    # A stranger does not sign for themselves.
    seen = story.check("--diff-base", "main", "--trust-base", "main")
    assert (seen.status, f"new {lost}" in seen.found) == (1, True)
    story.drop()
