"""Modules that `terraform init` has put below a root."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from readiness.api import Settings, check, load_estate

MAIN = """module "db" {
  source  = "example/db/aws"
  version = "1.2.0"
  days    = 1
}

resource "aws_x" "y" {
  id = module.db.id
}
"""

DB = """variable "days" {}
variable "name" { default = "db" }
resource "aws_db_instance" "this" {
  identifier              = var.name
  backup_retention_period = var.days
}
resource "aws_db_instance" "replica" {
  backup_retention_period = 2
}
module "more" { source = "./modules/more" }
output "id" { value = aws_db_instance.this.identifier }
"""

POLICY = """
id: own-keep
title: Databases keep their backups
control: bck-01
severity: high
resources: [aws_db_instance]
assert: object.backup_retention_period >= 7
message: "{address} keeps backups for {object.backup_retention_period} days"
remediation: Set `backup_retention_period` to seven days or more, so that there is time to notice.
examples: {pass: [{code: a}], fail: [{code: a}]}
"""


def listed(**folders: str) -> str:
    """The list of installed modules."""
    entries = [{"Key": "", "Source": "", "Dir": "."}]
    entries += [
        {"Key": key.replace("_", "."), "Source": "x", "Dir": folder} for key, folder in folders.items()
    ]
    return json.dumps({"Modules": entries})


FILES: Mapping[str, str] = {
    "pol/own-keep.yaml": POLICY,
    "infra/main.tf": MAIN,
    "infra/.terraform/modules/modules.json": listed(
        db=".terraform/modules/db", db_more=".terraform/modules/db/modules/more"
    ),
    "infra/.terraform/modules/db/main.tf": DB,
    "infra/.terraform/modules/db/modules/more/main.tf": 'resource "aws_z" "z" { a = 1 }\n',
}


def loaded(cli: Any, files: Mapping[str, str] = FILES) -> Any:
    cli.write(files)
    return load_estate((".",), Settings(cache=False))


def test_it_is_followed(cli: Any) -> None:
    found = loaded(cli)
    assert found.errors == []
    resources = {r.address: r for r in found.estate.resources if r.mode == "managed"}
    assert sorted(resources) == [
        "aws_x.y",
        "module.db.aws_db_instance.replica",
        "module.db.aws_db_instance.this",
        "module.db.module.more.aws_z.z",
    ]
    assert resources["aws_x.y"].body["id"] == "db"
    assert resources["module.db.aws_db_instance.this"].body["backup_retention_period"] == 1


def test_its_own_declarations_are_not_judged(cli: Any) -> None:
    blocks = [(r.type, r.address) for r in loaded(cli).estate.resources if r.mode == "block"]
    assert blocks == [("terraform", "terraform"), ("module", "module.db")]


def test_findings_point_to_the_call(cli: Any) -> None:
    cli.write(FILES)
    report = check(("infra",), Settings(cache=False, policies=("pol",), select=("own-keep",)))
    assert [(f.subject.address, f.span.path, f.span.line, f.instances) for f in report.findings] == [
        ("module.db.aws_db_instance.replica", "infra/main.tf", 1, ()),
        ("module.db.aws_db_instance.this", "infra/main.tf", 4, ()),
    ]
    origins = [(o.kind, o.span.path, o.span.line) for f in report.findings for o in f.origins]
    inside = "infra/.terraform/modules/db/main.tf"
    assert origins == [
        ("module.db, where it is used", inside, 8),
        ("module.db, where it is used", inside, 5),
    ]


def test_an_ignore_at_the_call(cli: Any) -> None:
    text = "# readiness:ignore own-keep reason: the module is being replaced\n" + MAIN
    cli.write({**FILES, "infra/main.tf": text})
    report = check(("infra",), Settings(cache=False, policies=("pol",), select=("own-keep",)))
    assert [f.status for f in report.findings] == ["suppressed", "suppressed"]


def test_not_installed(cli: Any) -> None:
    found = loaded(cli, {"infra/main.tf": MAIN})
    body = next(r.body for r in found.estate.resources if r.address == "aws_x.y")
    assert (found.errors, body["id"].reason) == (
        [],
        "module.db comes from example/db/aws, which is not in this repository",
    )


def test_a_folder_that_is_gone(cli: Any) -> None:
    kept = {k: v for k, v in FILES.items() if "modules/db" not in k}
    found = loaded(cli, kept)
    body = next(r.body for r in found.estate.resources if r.address == "aws_x.y")
    assert body["id"].reason == (
        "module.db was installed into infra/.terraform/modules/db, which is no longer there: run `terraform init`"
    )


def test_a_folder_outside_of_the_repository(cli: Any) -> None:
    cli.write(FILES)
    outside = cli.root.parent / "outside"
    outside.mkdir()
    (outside / "main.tf").write_text(DB)
    found = loaded(cli, {"infra/.terraform/modules/modules.json": listed(db="../../outside")})
    assert [r.address for r in found.estate.resources if r.mode == "managed"] == ["aws_x.y"]


def test_a_broken_list(cli: Any) -> None:
    found = loaded(cli, {**FILES, "infra/.terraform/modules/modules.json": '{"Modules": ['})
    assert [(e.path, e.message.split(" (")[0]) for e in found.errors] == [
        ("infra/.terraform/modules/modules.json", "the list of installed modules cannot be read")
    ]
    assert [r.address for r in found.estate.resources if r.mode == "managed"] == ["aws_x.y"]
