"""`readiness config`: what holds for a path, and where it comes from."""

from __future__ import annotations

import json
from typing import Any

import pytest

from readiness.config.settings import SCHEMA_FILE

FILES = {
    "platform.yaml": "fail-on: medium\nlocked: [fail-on]\n"
    "policies:\n  aws-s3-versioning: {severity: high, locked: [severity]}\n",
    "readiness.yaml": "extends: platform.yaml\ntier: 2\nignore: [cst-02]\n"
    "overrides:\n- paths: [b/**]\n  environments: [dev]\n  tier: 4\n",
    "a/readiness.yaml": "profile: all\npolicies:\n  aws-s3-versioning: {severity: critical}\n",
    "b/main.tf": "",
}
TEXT = """\
settings of a

  from platform.yaml (extended by readiness.yaml)
  from readiness.yaml
  from a/readiness.yaml

  profile                              all                  a/readiness.yaml:1:1
  fail-on                              low                  command line, locked by platform.yaml:2
  unknown                              warn                 default
  tier                                 2                    readiness.yaml:2:1
  kubernetes-version                   (the newest known)   default
  baseline                             (none)               default
  ignore                               cst-02               readiness.yaml:3:10
  ignore                               aws-rds-multi-az     command line
  policies.aws-s3-versioning.locked    [severity]           platform.yaml:4:47
  policies.aws-s3-versioning.severity  critical             a/readiness.yaml:3:33, locked by platform.yaml:4
"""


@pytest.fixture
def config(cli: Any) -> Any:
    cli.write(FILES)
    return lambda *args: cli.run("config", *args)


def test_text(config: Any) -> None:
    result = config("a", "--fail-on", "low", "--ignore", "aws-rds-multi-az")
    assert (result.status, result.err) == (0, "")
    assert [line.split() for line in result.out.splitlines()] == [line.split() for line in TEXT.splitlines()]


@pytest.mark.parametrize(
    ("args", "tier", "line"),
    [
        ([], 2, 2),
        (["b"], 2, 2),
        (["b", "--environment", "dev"], 4, 7),
        (["b/main.tf", "--environment", "dev"], 4, 7),
        (["b/main.tf", "--environment", "prod"], 2, 2),
        (["a", "--environment", "dev"], 2, 2),
    ],
)
def test_json(config: Any, args: list[str], tier: int, line: int) -> None:
    document = json.loads(config(*args, "--format", "json").out)
    assert document["schema_version"] == 1
    assert document["settings"]["tier"]["value"] == tier
    assert document["settings"]["tier"]["origin"] == {
        "from": "file",
        "path": "readiness.yaml",
        "line": line,
        "column": 1 if line == 2 else 3,
    }
    assert document["settings"]["fail-on"] == {
        "value": "medium",
        "origin": {"from": "file", "path": "platform.yaml", "line": 1, "column": 1},
        "locked": {"path": "platform.yaml", "line": 2, "column": 10},
    }
    assert document["settings"]["unknown"]["origin"] == {"from": "default"}
    assert document["files"][0] == {"path": "platform.yaml", "extended_by": "readiness.yaml"}


def test_without_settings(config: Any) -> None:
    result = config("--isolated")
    assert result.out.startswith("settings of the current folder\n\n  profile             default")
    assert "readiness.yaml" not in result.out


def test_what_check_would_refuse(config: Any, cli: Any) -> None:
    result = config("a", "--fail-on", "high")
    assert (result.status, result.out) == (2, "")
    assert result.err == "error: --fail-on: it is locked at 'medium' by platform.yaml:2\n"
    cli.write({"b/readiness.yaml": "policies: {aws-s3-versioning: {severity: low}}\n"})
    assert config("a").status == 0
    refused = config("b/main.tf")
    assert (refused.status, "b/readiness.yaml:1:42: policies." in refused.err) == (2, True)
    assert config("gone").err == "error: the path 'gone' does not exist\n"


def test_schema(config: Any) -> None:
    assert config("--schema").out == SCHEMA_FILE.read_text(encoding="utf-8")
