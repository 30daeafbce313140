"""A hook on one file of a repository of 1,000: a fraction of a whole run, though all of it is looked at."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from tests.ci.conftest import Repository

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "wait4"), reason="the time of a process is not known here"),
]

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


def seconds(repository: Repository, *options: str) -> float:
    """The processor time of the best of three runs."""
    best = 1e9
    for _ in range(3):
        before = os.times()
        repository.run("readiness", "check", "--quiet", *options)
        after = os.times()
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        best = min(best, spent)
    return best


def test_one_file_of_a_thousand(repository: Callable[[str], Repository]) -> None:
    project = repository("project")
    files = thousand()
    assert len(files) == 1000
    project.write(files)
    whole = seconds(project)
    for path in ("live/root07/f03.tf", "deploy/3/app3.yaml"):
        assert seconds(project, "--changed", path) < 0.6 * whole, path
