"""A hook on one file of a repository of 1,000: a small part of the checks of a whole run."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from tests.ci.conftest import Repository

pytestmark = pytest.mark.slow

BUCKET = """resource "aws_s3_bucket" "b{0}" {{
  bucket = "${{var.name}}-b{0}"
}}

resource "aws_s3_bucket_versioning" "b{0}" {{
  bucket = aws_s3_bucket.b{0}.id
  versioning_configuration {{
    status = "Enabled"
  }}
}}
"""
DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {{name: app{0}, namespace: shop}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: app{0}}}}}
  template:
    metadata: {{labels: {{app: app{0}}}}}
    spec:
      containers: [{{name: main, image: "registry.example.com/app{0}:1.2.3"}}]
"""


def thousand() -> dict[str, str]:
    """50 roots of 18 files that call one module, and 99 manifests."""
    files = {
        "modules/queue/main.tf": 'variable "name" {}\n\nresource "aws_sqs_queue" "this" {\n  name = var.name\n}\n'
    }
    for root in range(50):
        folder = f"live/root{root:02}"
        files |= {f"{folder}/f{number:02}.tf": BUCKET.format(number) for number in range(16)}
        files[f"{folder}/variables.tf"] = 'variable "name" {\n  default = "acme"\n}\n'
        files[f"{folder}/main.tf"] = (
            f'module "queue" {{\n  source = "../../modules/queue"\n  name = "q{root}"\n}}\n'
        )
    files |= {f"deploy/{number % 9}/app{number}.yaml": DEPLOYMENT.format(number) for number in range(99)}
    return files


def evaluated(repository: Repository, *options: str) -> int:
    """The number of checks that a run decided."""
    done = repository.run("readiness", "check", "--format", "json", "--exit-zero", *options)
    checks: int = json.loads(done.stdout)["summary"]["checks"]["evaluated"]
    return checks


def test_one_file_of_a_thousand(repository: Callable[[str], Repository]) -> None:
    project = repository("project")
    files = thousand()
    assert len(files) == 1000
    project.write(files)
    whole = evaluated(project)
    for path in ("live/root07/f03.tf", "deploy/3/app3.yaml"):
        assert 0 < evaluated(project, "--changed", path) < whole / 20, path
