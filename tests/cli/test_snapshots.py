"""What a user sees, whole: every format and every command on one small repository.

`READINESS_UPDATE_SNAPSHOTS=1 pytest tests/cli/test_snapshots.py` writes the snapshots anew; look at the diff.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import readiness

SNAPSHOTS = Path(__file__).parent / "snapshots"
OWN_POLICIES = Path(__file__).parents[1] / "engine" / "policies"

REPOSITORY = {
    "infra/main.tf": """\
module "logs" {
  source    = "./bucket"
  encrypted = local.encrypted
}

locals {
  encrypted = false
}

resource "demo_bucket" "state" {
  for_each  = toset(["dev", "prod"])
  name      = "state-${each.key}"
  encrypted = true
  versioned = var.versioned
}

# readiness:ignore demo-bucket-encrypted reason: public assets, until 2999-12-31
resource "demo_bucket" "assets" {
  versioned = true
}

resource "demo_store" "ledger" {
  copies = 1
  tags = {
    service = "billing"
    tier    = "0"
  }
}
""",
    "infra/variables.tf": 'variable "versioned" {\n  type = bool\n}\n',
    "infra/bucket/main.tf": """\
variable "encrypted" {
  type    = bool
  default = true
}

resource "demo_bucket" "this" {
  encrypted = var.encrypted
  versioned = true
}
""",
    "infra/broken.tf": 'resource "demo_bucket" "broken" {\n  name = = "x"\n}\n\nresource "demo_firewall" "edge" {\n'
    '  rule {\n    name = "ssh"\n    cidr = "0.0.0.0/0"\n  }\n}\n',
    "deploy/web.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  annotations:
    ignore-check.kube-linter.io/demo-no-probe: a batch job in disguise
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.4.2
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: cache
  namespace: shop
spec:
  selector:
    matchLabels: {app: cache}
  template:
    metadata:
      labels: {app: cache}
    spec:
      containers:
        - name: cache
          image: registry.example.com/cache:7.2
""",
    "deploy/twice.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata: {}\ndata: {}\n",
}
CHECK = ["check", "--policies", str(OWN_POLICIES), "--select", "demo-*"]
LIST = ["policies", "list", "--policies", str(OWN_POLICIES), "--select", "demo-*"]

CASES: dict[str, tuple[list[str], int]] = {
    "text.txt": (CHECK, 1),
    "text-verbose.txt": ([*CHECK, "--verbose", "--show-suppressed"], 1),
    "text-quiet.txt": ([*CHECK, "--quiet", "--unknown", "ignore"], 1),
    "text-statistics.txt": ([*CHECK, "--statistics", "--exit-zero"], 3),
    "concise.txt": ([*CHECK, "-f", "concise"], 1),
    "report.json": ([*CHECK, "-f", "json"], 1),
    "report.sarif": ([*CHECK, "-f", "sarif"], 1),
    "github.txt": ([*CHECK, "-f", "github"], 1),
    "deploy.txt": ([*CHECK, "deploy", "--fail-on", "critical"], 3),
    "one-file.txt": ([*CHECK, "infra/main.tf", "--fail-on", "info"], 1),
    "selected.txt": ([*CHECK, "--ignore", "high,critical", "infra/bucket"], 0),
    "show.txt": (["show", "--in", "infra"], 3),
    "show-one.txt": (["show", "demo_bucket.state*", "--in", "infra"], 3),
    "show.json": (["show", "StatefulSet/shop/cache", "--in", "deploy", "--format", "json"], 3),
    "policies.txt": (LIST, 0),
    "policies.json": ([*LIST, "--format", "json"], 0),
    "explain.txt": (["explain", "CKV_DEMO_1", "--policies", str(OWN_POLICIES)], 0),
}


@pytest.mark.parametrize("name", CASES)
def test_snapshot(cli: Any, name: str) -> None:
    args, status = CASES[name]
    cli.write(REPOSITORY)
    result = cli.run(*args)
    text = result.out.replace(f'"{readiness.__version__}"', '"VERSION"').replace(
        str(OWN_POLICIES), "POLICIES"
    )
    text = text.replace(f"readiness {readiness.__version__}", "readiness VERSION")
    path = SNAPSHOTS / name
    if os.environ.get("READINESS_UPDATE_SNAPSHOTS") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"no snapshot {name}: run with READINESS_UPDATE_SNAPSHOTS=1 and read it"
    assert text == path.read_text(encoding="utf-8")
    assert result.status == status, result.err


def test_every_snapshot_is_compared() -> None:
    assert {path.name for path in SNAPSHOTS.iterdir()} == set(CASES)
