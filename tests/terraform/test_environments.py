"""Several environments of one root, values from the command line, workspaces."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from readiness.api import Settings, check, load_estate
from readiness.errors import UsageError
from readiness.estate.model import Resource
from readiness.values import Unknown

MAIN = """variable "size" { type = number }
variable "zones" {
  type    = list(string)
  default = []
}
resource "aws_db_instance" "main" {
  backup_retention_period = var.size
  zones                   = var.zones
  workspace               = terraform.workspace
}
"""

Files = Mapping[str, str]


def databases(**options: Any) -> dict[str, Resource]:
    """The database by the name of the environment."""
    estate = load_estate((".",), Settings(cache=False, **options)).estate
    return {resource.variant: resource for resource in estate.by_type["aws_db_instance"]}


def sizes(**options: Any) -> dict[str, Any]:
    """What the database keeps by environment; None where it is not known."""
    found = {
        name: resource.body["backup_retention_period"] for name, resource in databases(**options).items()
    }
    return {name: None if isinstance(value, Unknown) else value for name, value in found.items()}


PLACES: dict[str, tuple[Files, dict[str, int]]] = {
    "environments": (
        {"environments/prod.tfvars": "size = 7", "environments/dev.tfvars": "size = 1"},
        {"dev": 1, "prod": 7},
    ),
    "a folder each": (
        {"envs/prod/terraform.tfvars": "size = 7", "envs/dev/dev.tfvars": "size = 1"},
        {"dev": 1, "prod": 7},
    ),
    "beside the root": ({"prod.tfvars": "size = 7", "dev.tfvars": "size = 1"}, {"dev": 1, "prod": 7}),
    "json": ({"env/prod.tfvars.json": '{"size": 7}'}, {"prod": 7}),
    "over terraform.tfvars": ({"terraform.tfvars": "size = 1", "env/prod.tfvars": "size = 7"}, {"prod": 7}),
    "shared": (
        {"vars/common.tfvars": "size = 3", "vars/prod.tfvars": "zones = []", "vars/dev.tfvars": "size = 1"},
        {"dev": 1, "prod": 3},
    ),
    "a root of its own": (
        {"environments/prod/main.tf": "", "environments/prod/prod.tfvars": "size = 7"},
        {"": 0},
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_where_environments_are_found(cli: Any, name: str) -> None:
    files, expected = PLACES[name]
    cli.write({"main.tf": MAIN, **files})
    assert {key: value or 0 for key, value in sizes().items()} == expected


def test_environments_of_a_root_below(cli: Any) -> None:
    cli.write(
        {
            "infra/main.tf": MAIN,
            "infra/environments/prod.tfvars": "size = 7",
            "environments/dev.tfvars": "size = 1",
        }
    )
    assert sizes() == {"prod": 7}


CHOICES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {"dev": 1, "prod": 7}),
    ({"environments": ("prod",)}, {"prod": 7}),
    ({"environments": ("stage=more/stage.tfvars",)}, {"stage": 3}),
    ({"environments": ("prod", "stage=more/stage.tfvars")}, {"prod": 7, "stage": 3}),
    ({"variables": ("size=9",)}, {"dev": 9, "prod": 9}),
    ({"var_files": ("more/stage.tfvars",)}, {"": 3}),
    ({"var_files": ("more/stage.tfvars",), "environments": ("prod",)}, {"prod": 3}),
    ({"var_file_patterns": ("more/*.tfvars",)}, {"stage": 3}),
    ({"workspaces": ("blue",)}, {"blue": None, "dev": 1, "prod": 7}),
]


@pytest.mark.parametrize(("options", "expected"), CHOICES)
def test_what_may_be_chosen(cli: Any, options: dict[str, Any], expected: dict[str, Any]) -> None:
    cli.write(
        {
            "main.tf": MAIN,
            "environments/prod.tfvars": "size = 7",
            "environments/dev.tfvars": "size = 1",
            "more/stage.tfvars": "size = 3",
        }
    )
    assert sizes(**options) == expected


def test_a_workspace(cli: Any) -> None:
    cli.write({"main.tf": MAIN})
    assert databases(workspaces=("blue",))["blue"].body["workspace"] == "blue"
    assert isinstance(databases()[""].body["workspace"], Unknown)


VALUES: list[tuple[str, str, Any]] = [
    ("size", "3", 3),
    ("zones", '["a", "b"]', ["a", "b"]),
    ("zones", "not a list", None),
]


@pytest.mark.parametrize(("name", "text", "expected"), VALUES)
@pytest.mark.parametrize("ambient", [False, True])
def test_values_as_text(
    cli: Any, monkeypatch: pytest.MonkeyPatch, name: str, text: str, expected: Any, ambient: bool
) -> None:
    cli.write({"main.tf": MAIN})
    options: dict[str, Any] = {"env_vars": True} if ambient else {"variables": (f"{name}={text}",)}
    monkeypatch.setenv(f"TF_VAR_{name}", text if ambient else "5")
    body = databases(**options)[""].body
    found = body["backup_retention_period" if name == "size" else "zones"]
    assert (None if isinstance(found, Unknown) else found) == expected


def test_variables_of_the_process_are_not_read_unasked(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.write({"main.tf": MAIN})
    monkeypatch.setenv("TF_VAR_size", "5")
    assert sizes() == {"": None}


def test_the_command_line_wins_over_files_and_the_process_yields(
    cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.write({"main.tf": MAIN, "terraform.tfvars": "size = 2"})
    monkeypatch.setenv("TF_VAR_size", "5")
    assert sizes(env_vars=True) == {"": 2}
    assert sizes(env_vars=True, variables=("size=8",)) == {"": 8}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"variables": ("size",)}, "--var 'size' is not NAME=VALUE"),
    ({"variables": ("1=2",)}, "--var '1=2' is not NAME=VALUE"),
    ({"environments": ("=x",)}, "--environment '=x' is neither NAME nor NAME=FILE"),
    ({"environments": ("prod=",)}, "--environment 'prod=' is neither NAME nor NAME=FILE"),
    ({"environments": ("prod=none.tfvars",)}, "the variable file 'none.tfvars' does not exist"),
    ({"environments": ("prd",)}, "no root has the environment 'prd'; there are dev, prod"),
]


@pytest.mark.parametrize(("options", "message"), WRONG)
def test_wrong_options(cli: Any, options: dict[str, Any], message: str) -> None:
    cli.write({"main.tf": MAIN, "prod.tfvars": "size = 7", "dev.tfvars": "size = 1"})
    with pytest.raises(UsageError, match="^" + message.replace("(", r"\(")):
        databases(**options)


POLICY = """
id: own-keep
title: Databases keep their backups
control: bck-01
severity: high
resources: [aws_db_instance]
assert: object.backup_retention_period >= 7
message: "{address} keeps backups for {object.backup_retention_period} days"
remediation: Set `backup_retention_period` to seven days or more, so that there is time to notice.
examples:
  pass:
    - resource "aws_db_instance" "a" { backup_retention_period = 7 }
  fail:
    - resource "aws_db_instance" "a" { backup_retention_period = 1 }
"""


def findings(**options: Any) -> list[tuple[str, int, tuple[str, ...], tuple[str, ...]]]:
    """Status, line and environments of every finding of the policy."""
    report = check((".",), Settings(cache=False, policies=("pol",), select=("own-keep",), **options))
    return [(f.status, f.span.line, f.environments, f.all_environments) for f in report.findings]


def test_a_finding_says_where_it_holds(cli: Any) -> None:
    names = ("dev", "prod", "stage")
    cli.write(
        {
            "pol/own-keep.yaml": POLICY,
            "main.tf": MAIN,
            **{f"environments/{name}.tfvars": "size = 1" for name in names},
        }
    )
    assert findings() == [("fail", 7, names, names)]
    (Path("environments") / "prod.tfvars").write_text("size = 7")
    assert findings() == [("fail", 7, ("dev", "stage"), names)]
    (Path("environments") / "stage.tfvars").write_text("zones = []")
    assert sorted(findings()) == [("fail", 7, ("dev",), names), ("unknown", 7, ("stage",), names)]
    assert findings(environments=("prod",)) == []


def test_resources_are_counted_once(cli: Any) -> None:
    cli.write({"main.tf": MAIN, "prod.tfvars": "size = 7", "dev.tfvars": "size = 1"})
    report = check((".",), Settings(cache=False))
    assert report.counts.resources == 4  # terraform, two variables, a database


def test_links_stay_inside_an_environment(cli: Any) -> None:
    more = 'resource "aws_x" "y" { db = aws_db_instance.main.id }\n'
    cli.write({"main.tf": MAIN + more, "prod.tfvars": "size = 7", "dev.tfvars": "size = 1"})
    for name, resource in databases().items():
        assert [(link.address, link.target.variant) for link in resource.links if link.target] == [
            ("aws_x.y", name)
        ]


def test_a_root_with_too_many_environments(cli: Any) -> None:
    cli.write({"main.tf": MAIN, **{f"env/e{n:02}.tfvars": f"size = {n}" for n in range(22)}})
    loaded = load_estate((".",), Settings(cache=False))
    assert len(loaded.estate.by_type["aws_db_instance"]) == 20
    assert [e.message for e in loaded.errors] == [
        "the root has more than 20 environments; those after e19 are not checked"
    ]


def test_json(cli: Any) -> None:
    cli.write({"main.tf": MAIN, "prod.tfvars": "size = 7", "dev.tfvars": "size = 1"})
    result = cli.run("show", "aws_db_instance.main", "--format", "json", "--no-cache")
    found = json.loads(result.out)["resources"]
    assert [(r["evaluated_for"], r["environment"], r["body"]["backup_retention_period"]) for r in found] == [
        (["dev"], "dev", 1),
        (["prod"], "prod", 7),
    ]


PARITY = POLICY.replace("own-keep", "own-parity").replace(
    "assert: object.backup_retention_period >= 7",
    'when: environment == "prod"\n'
    "assert: environments().all(e, object.backup_retention_period >= environments()[e].backup_retention_period)",
)

MODULE = 'module "db" {\n  source = "../../db"\n  size   = %d\n}\n'

LAYOUTS: dict[str, tuple[Files, tuple[str, int]]] = {
    "one root": (
        {"main.tf": MAIN, "env/prod.tfvars": "size = 1", "env/stage.tfvars": "size = 7"},
        ("main.tf", 7),
    ),
    "a root each": (
        {
            "db/main.tf": MAIN,
            "environments/prod/main.tf": MODULE % 1,
            "environments/stage/main.tf": MODULE % 7,
        },
        ("db/main.tf", 7),
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_production_is_no_weaker(cli: Any, name: str) -> None:
    files, place = LAYOUTS[name]
    text = PARITY.split("examples:")[0] + "examples:\n  pass: [{code: x}]\n  fail: [{code: x}]\n"
    cli.write({"pol/own-parity.yaml": text, **files})
    report = check((".",), Settings(cache=False, policies=("pol",), select=("own-parity",)))
    assert [(f.status, f.span.path, f.span.line) for f in report.findings] == [("fail", *place)]


SECRET = """variable "password" { type = string }
resource "aws_db_instance" "main" {
  password = var.password
}
"""

GIVEN: list[tuple[tuple[str, ...], Files, list[str]]] = [
    (("--var", "password=from-outside"), {}, []),
    (("--var-file", "secret.tfvars"), {"secret.tfvars": 'password = "from-outside"'}, []),
    ((), {"terraform.tfvars": 'password = "committed-one"'}, ["fail"]),
    ((), {"prod.tfvars": 'password = "committed-one"'}, ["fail"]),
    ((), {}, []),
]


@pytest.mark.parametrize(("args", "files", "expected"), GIVEN)
def test_what_is_given_to_a_run_is_not_in_the_code(
    cli: Any, args: tuple[str, ...], files: Files, expected: list[str]
) -> None:
    cli.write({"main.tf": SECRET, **files})
    result = cli.run("check", "--select", "tf-secret-literal", "-f", "json", *args)
    assert [finding["status"] for finding in result.findings] == expected
