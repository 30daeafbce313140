"""Plans as input, whole: the same findings as on the source, at its lines; secrets; what cannot be read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Cli, Result

PLANS = Path(__file__).parents[1] / "terraform" / "plans"
SECRET = "correct-horse-battery"

Found = set[tuple[str, str, str, str, int]]


def copy(cli: Cli, name: str, to: str = ".", plan: str | None = "plan.json") -> None:
    """Copy a recorded root; its plan under another name, or not at all."""
    shutil.copytree(PLANS / name, cli.root / to, dirs_exist_ok=True)
    (cli.root / to / "state.json").unlink(missing_ok=True)
    recorded = cli.root / to / "plan.json"
    if plan is None:
        recorded.unlink()
    elif plan != "plan.json":
        recorded.rename(cli.root / plan)


def findings(result: Result) -> Found:
    """Every finding for each of its addresses, with its place."""
    assert result.err == ""
    return {
        (f["policy"], f["status"], address, f["location"]["path"], f["location"]["line"])
        for f in result.findings
        for address in (f["resource"]["address"], *f.get("instances", ()))
    }


def of_resources(found: Found) -> Found:
    """Findings on resources and data sources: what a plan has anything to say about."""
    blocks = ("terraform", "var.", "local.", "output.", "module.store.", "provider.")
    own = {f for f in found if not f[2].startswith(blocks) and f[2] != "module.store"}
    return {f for f in own if ".terraform" not in f[2] and ".var." not in f[2] and ".output." not in f[2]}


def test_the_same_policies_find_the_same_on_source_and_plan(cli: Cli) -> None:
    copy(cli, "shop", plan=None)
    source = findings(cli.run("check", "--format", "json", "."))
    copy(cli, "shop")
    both = findings(cli.run("check", "--format", "json", "."))
    alone = findings(cli.run("check", "--format", "json", "plan.json"))
    assert {f for f in source if f[1] == "fail"} >= {
        ("aws-rds-backup-retention", "fail", "aws_db_instance.orders", "main.tf", 34),
        ("aws-net-open-ssh", "fail", "aws_security_group.web", "main.tf", 70),
        ("aws-imdsv2", "fail", "aws_instance.web[1]", "main.tf", 84),
        ("aws-iam-trust", "fail", "aws_iam_role.ci", "main.tf", 139),
        ("aws-s3-policy-public", "fail", "aws_s3_bucket_policy.logs", "main.tf", 120),
    }
    assert any(f[2:4] == ('module.store["logs"].aws_s3_bucket.this', "modules/store/main.tf") for f in source)
    assert both == source
    assert alone == of_resources(source)


def test_a_plan_far_from_its_source_finds_the_same_in_its_own_text(cli: Cli) -> None:
    copy(cli, "shop", "infra")
    located = findings(cli.run("check", "--format", "json", "infra/plan.json"))
    (cli.root / "infra/plan.json").rename(cli.root / "shop.json")
    far = findings(cli.run("check", "--format", "json", "shop.json"))
    assert {f[3:] for f in far} >= {("shop.json", 1)}
    # `lifecycle` blocks are in no plan: what asks for them is not decided without the source.
    without: tuple[str, ...] = (
        "tf-prevent-destroy",
        "tf-ignore-changes",
        "tf-create-before",
        "aws-rds-deletion-protection",
        "aws-secret-recovery",
    )
    without += ("tf-secret-literal",)
    assert {f[:3] for f in far if not f[0].startswith(without)} == {
        f[:3] for f in located if not f[0].startswith(without)
    }
    assert {f[1] for f in far if f[0].startswith(without)} == {"unknown"}


def test_a_plan_in_another_folder_belongs_to_the_root_with_its_blocks(cli: Cli) -> None:
    copy(cli, "shop", "infra/shop", plan=None)
    copy(cli, "change", "infra/other", plan=None)
    source = findings(cli.run("check", "--format", "json", "."))
    (cli.root / "plans").mkdir()
    shutil.copy(PLANS / "shop/plan.json", cli.root / "plans/prod.json")
    assert findings(cli.run("check", "--format", "json", ".")) == source


def test_a_plan_of_two_roots_alike_belongs_to_none(cli: Cli) -> None:
    copy(cli, "shop", "a", plan=None)
    copy(cli, "shop", "b", plan=None)
    shutil.copy(PLANS / "shop/plan.json", cli.root / "plan.json")
    places = {f[3] for f in findings(cli.run("check", "--format", "json", ".", "--select", "aws-rds-public"))}
    assert places == {"a/main.tf", "b/main.tf", "plan.json"}


def test_the_folder_of_the_plan_wins_among_roots_alike(cli: Cli) -> None:
    copy(cli, "shop", "a", plan=None)
    copy(cli, "shop", "b")
    found = cli.run("check", "--format", "json", ".", "--select", "aws-rds-public")
    assert {f[3] for f in findings(found)} == {"a/main.tf", "b/main.tf"}
    assert found.report["summary"]["checks"]["evaluated"] == 4


def test_two_plans_of_a_root_are_its_environments(cli: Cli) -> None:
    copy(cli, "shop", plan="plan-eu.json")
    text = (cli.root / "plan-eu.json").read_text()
    (cli.root / "plan.us.tfplan.json").write_text(
        text.replace('"publicly_accessible":true', '"publicly_accessible":false')
    )
    result = cli.run("check", "--format", "json", ".", "--select", "aws-rds-public,aws-rds-multi-az")
    told = {(f["policy"], f["resource"]["address"]): f["environments"] for f in result.findings}
    assert told[("aws-rds-public", "aws_db_instance.orders")] == ["eu"]
    assert told[("aws-rds-multi-az", "aws_db_instance.orders")] == ["eu", "us"]


def test_ignores_in_the_source_hold_for_the_plan(cli: Cli) -> None:
    copy(cli, "shop")
    main = (cli.root / "main.tf").read_text()
    line = "  publicly_accessible     = true\n"
    note = "  # readiness:ignore aws-rds-public reason: reached through a proxy\n"
    assert line in main
    (cli.root / "main.tf").write_text(main.replace(line, note + line))
    for paths in ((".",), ("plan.json",)):
        result = cli.run("check", "--format", "json", *paths, "--select", "aws-rds-public")
        assert result.found("suppressed") == [("aws-rds-public", "aws_db_instance.orders", "main.tf", 40)]
        assert result.status == 0


def test_the_plan_decides_where_it_differs_from_the_source(cli: Cli) -> None:
    copy(cli, "shop")
    text = (cli.root / "plan.json").read_text()
    (cli.root / "plan.json").write_text(
        text.replace('"backup_retention_period":1', '"backup_retention_period":30')
    )
    result = cli.run("check", "--format", "json", ".", "--select", "aws-rds-backup-retention")
    assert {f[2] for f in findings(result)} == {"aws_db_instance.reports"}
    shown = cli.run("show", "aws_db_instance.orders", "--in", ".").out
    assert "    backup_retention_period = 30\n" in shown  # and no `value from default of variable`


def test_what_is_not_in_the_plan_is_checked_from_the_source(cli: Cli) -> None:
    copy(cli, "shop")
    with (cli.root / "main.tf").open("a") as main:
        main.write('resource "aws_db_instance" "newer" {\n  publicly_accessible = true\n}\n')
    select = ("--select", "aws-rds-public,aws-net-open-ssh")
    result = cli.run("check", "--format", "json", ".", *select)
    assert {f[2] for f in findings(result)} == {
        "aws_db_instance.newer",
        "aws_db_instance.orders",
        "aws_security_group.web",
    }
    # `terraform plan -target`: the plan is not complete, and has nothing of the other blocks.
    plan = json.loads((cli.root / "plan.json").read_text())
    plan["complete"] = False
    for part in (plan["planned_values"]["root_module"]["resources"], plan["resource_changes"]):
        part[:] = [entry for entry in part if entry["type"] == "aws_kms_key"]
    (cli.root / "plan.json").write_text(json.dumps(plan))
    assert findings(cli.run("check", "--format", "json", ".", *select)) == findings(result)
    # A complete plan has no instance because there will be none.
    plan["complete"] = True
    (cli.root / "plan.json").write_text(json.dumps(plan))
    assert {f[2] for f in findings(cli.run("check", "--format", "json", ".", *select))} == {
        "aws_db_instance.newer"
    }


CHANGES = {
    ("tf-change-backup-less", "aws_db_instance.orders", "main.tf", 28),
    ("tf-change-protection-off", "aws_db_instance.orders", "main.tf", 29),
    ("tf-change-public-on", "aws_db_instance.orders", "main.tf", 30),
    ("tf-change-replace-data", "aws_db_instance.reports", "main.tf", 41),
    ("tf-change-network-open", "aws_security_group.web", "main.tf", 48),
    ("tf-change-destroy-data", "aws_ebs_volume.data[1]", "main.tf", 56),
    ("tf-change-destroy-data", 'module.store["invoice"].aws_s3_bucket.this', "modules/store/main.tf", 16),
    (
        "tf-change-backup-less",
        'module.store["logs"].aws_s3_bucket_versioning.this',
        "modules/store/main.tf",
        24,
    ),
    ("tf-change-destroy-data", "aws_s3_bucket.scratch", "plan.json", 1),
}


def test_changes_are_found_at_the_lines_that_make_them(cli: Cli) -> None:
    copy(cli, "change")
    result = cli.run("check", "--format", "json", ".", "--select", "tf-change-*")
    assert set(result.found()) == CHANGES
    messages = {f["resource"]["address"]: f["message"] for f in result.findings}
    assert messages["aws_db_instance.reports"].endswith("because these arguments change: storage_encrypted")
    assert messages["aws_s3_bucket.scratch"].endswith("because its block is gone")


def test_without_a_plan_nothing_changes(cli: Cli) -> None:
    copy(cli, "change", plan=None)
    result = cli.run("check", "--format", "json", ".", "--select", "tf-change-*")
    assert result.findings == []
    assert result.report["summary"]["checks"]["evaluated"] == 0


def test_what_is_deleted_is_not_checked_as_if_it_stayed(cli: Cli) -> None:
    copy(cli, "change")
    result = cli.run("check", "--format", "json", "plan.json", "--select", "aws-s3-tls-only")
    assert {f[2] for f in findings(result)} == {'module.store["logs"].aws_s3_bucket.this'}


def test_many_deletions_are_a_finding_of_the_plan(cli: Cli) -> None:
    copy(cli, "change")
    text = (PLANS.parents[2] / "policies/terraform/change/tf-change-many-deletes.yaml").read_text()
    own = text.replace("tf-change-many-deletes", "own-many-deletes").replace("default: 10", "default: 2")
    cli.write({"own/own-many-deletes.yaml": own})
    result = cli.run(
        "check", "--format", "json", "plan.json", "--policies", "own", "--select", "own-many-deletes"
    )
    assert result.found() == [("own-many-deletes", "plan.plan", "plan.json", 1)]
    assert result.findings[0]["message"] == "plan.plan destroys 5 resources and replaces 1"


def test_standard_input(cli: Cli) -> None:
    raw = (PLANS / "change/plan.json").read_bytes()
    result = cli.run("check", "--format", "json", "-", "--select", "tf-change-replace-data", stdin=raw)
    assert result.found() == [("tf-change-replace-data", "aws_db_instance.reports", "-", 1)]


def test_a_state_is_checked_beside_its_source(cli: Cli) -> None:
    copy(cli, "change", plan=None)
    shutil.copy(PLANS / "change/state.json", cli.root / "state.json")
    result = cli.run("check", "--format", "json", ".", "--select", "aws-rds-backup-retention")
    # The state keeps 14 days, the source would keep 1.
    assert {f[2:] for f in findings(result)} == {
        ("aws_db_instance.orders", "main.tf", 28),
        ("aws_db_instance.reports", "main.tf", 34),
    }
    result = cli.run("check", "--format", "json", "state.json", "--select", "aws-rds-backup-retention")
    assert {f[2] for f in findings(result)} == {"aws_db_instance.reports"}


TELLING = """\
id: own-telling
title: A policy that tells all it sees
control: sec-secret-01
severity: high
resources: ["aws_db_instance", "aws_secretsmanager_secret_version"]
each: "[object.password, object.secret_string].filter(v, v != null)"
assert: >-
  !item.startsWith("correct") && object.password == null
message: "{address} has {item}, {object}, {resources(\\"aws_db_instance\\").map(d, d.password)} and {object.username}"
remediation: |
  Secrets are masked wherever they would be printed.
examples:
  pass: ['resource "aws_db_instance" "a" { password = "other" }']
  fail: ['resource "aws_db_instance" "a" { password = "correct" }']
"""


@pytest.mark.parametrize("format_", ["text", "concise", "json", "sarif", "github"])
@pytest.mark.parametrize("place", [".", "plan.json", "-"])
def test_no_format_prints_a_secret(cli: Cli, format_: str, place: str) -> None:
    copy(cli, "shop")
    cli.write({"own/own-telling.yaml": TELLING})
    raw = (PLANS / "shop/plan.json").read_bytes()
    own = ("--policies", "own", "--select", "own-telling")
    result = cli.run("check", "--format", format_, "--verbose", place, *own, stdin=raw)
    assert result.status == 1
    assert SECRET not in result.out + result.err
    assert "(sensitive)" in result.out
    assert "aws_db_instance.orders" in result.out


def test_conditions_see_the_secret_that_is_not_printed(cli: Cli) -> None:
    copy(cli, "shop")
    cli.write({"own/own-telling.yaml": TELLING})
    own = ("--policies", "own", "--select", "own-telling")
    result = cli.run("check", "--format", "json", "plan.json", *own)
    assert {address for _, address, *_ in result.found()} == {
        "aws_db_instance.orders",
        "aws_db_instance.reports",
        "aws_secretsmanager_secret_version.api",
    }
    messages = {f["resource"]["address"]: f["message"] for f in result.findings}
    assert messages["aws_db_instance.orders"].startswith("aws_db_instance.orders has (sensitive), {")


@pytest.mark.parametrize("format_", ["text", "json"])
def test_show_prints_no_secret(cli: Cli, format_: str) -> None:
    copy(cli, "change")
    result = cli.run("show", "--in", "plan.json", "--format", format_)
    assert SECRET not in result.out + result.err
    assert "(sensitive)" in result.out


def test_show_tells_the_change(cli: Cli) -> None:
    copy(cli, "change")
    result = cli.run("show", "aws_db_instance.orders", "--in", "plan.json", "--format", "json")
    change = json.loads(result.out)["resources"][0]["change"]
    assert change["action"] == "update"
    assert (change["before"]["backup_retention_period"], change["before"]["password"]) == (14, "(sensitive)")
    result = cli.run("show", "aws_s3_bucket.scratch", "--in", "plan.json")
    assert "  change:      delete\n" in result.out


def test_nothing_of_a_plan_is_cached(cli: Cli, shared_cache: Path) -> None:
    copy(cli, "shop")
    cli.run("check", "--format", "json", ".")
    kept = [path.read_bytes() for path in shared_cache.rglob("*") if path.is_file()]
    assert not any(SECRET.encode() in content for content in kept)


LOG = '{"@level":"info","@message":"Terraform 1.11.4","@module":"terraform.ui","type":"version"}\n'
BUCKET = 'resource "demo_bucket" "a" {\n  encrypted = false\n}\n'


@pytest.mark.parametrize(
    ("name", "content", "line", "column", "says"),
    [
        ("plan.json", (PLANS / "shop/plan.json").read_bytes()[:5000], 1, 5001, "the plan ends too early"),
        ("plan.json", b'{"format_version":"1.2","x":' + b"[" * 100_000, 1, 1, "nested too deep"),
        ("plan.json", b'{"format_version":"2.3","planned_values":{}}', 1, 2, "format version 2.3"),
        ("plan.json", LOG.encode(), 1, 1, "`terraform show -json tfplan`"),
        ("plan.json", b"PK\x03\x04\x14\x00tfplan", 1, 1, "`terraform show -json plan.json`"),
        ("plan.json", b'[command]x\n{"format_version":"1.2","planned_values":{}}', 1, 1, "terraform_wrapper"),
        (
            "plan.json",
            b'{"format_version":"1.2","resource_changes":{}}',
            1,
            1,
            "no plan that Terraform writes",
        ),
    ],
)
def test_a_plan_that_cannot_be_read_is_an_error_and_the_rest_is_checked(
    cli: Cli, name: str, content: bytes, line: int, column: int, says: str
) -> None:
    cli.write({"main.tf": BUCKET, name: content})
    result = cli.check(".")
    assert [error[:3] for error in result.errors] == [(name, line, column)]
    assert says in result.errors[0][3]
    assert result.found() == [
        ("demo-bucket-versioned", "demo_bucket.a", "main.tf", 1),
        ("demo-bucket-encrypted", "demo_bucket.a", "main.tf", 2),
    ]


def test_a_saved_plan_that_is_named(cli: Cli) -> None:
    cli.write({"tfplan": b"PK\x03\x04\x14\x00tfplan"})
    result = cli.check("tfplan")
    assert result.status == 3
    assert result.errors[0][0] == "tfplan"
    assert "`terraform show -json tfplan`" in result.errors[0][3]


def test_a_plan_by_any_name(cli: Cli) -> None:
    cli.write({"plan.out": (PLANS / "change/plan.json").read_bytes()})
    result = cli.run("check", "--format", "json", "plan.out", "--select", "tf-change-replace-data")
    assert result.found() == [("tf-change-replace-data", "aws_db_instance.reports", "plan.out", 1)]


def test_a_plan_above_the_limit_of_other_files(cli: Cli) -> None:
    plan: dict[str, Any] = json.loads((PLANS / "change/plan.json").read_text())
    plan["timestamp"] = "x" * 11_000_000
    cli.write({"first.json": json.dumps(plan), "sorted.json": json.dumps(plan, sort_keys=True)})
    result = cli.run("check", "--format", "json", ".", "--select", "tf-change-replace-data")
    assert {path for *_, path, _ in result.found()} == {"first.json", "sorted.json"}


def test_a_plan_above_its_limit(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("readiness.estate.reader.PLAN_LIMIT", 20_000)
    monkeypatch.setattr("readiness.estate.reader.FILE_LIMIT", 10_000)
    cli.write({"plan.json": (PLANS / "change/plan.json").read_bytes()})
    assert "plans above 0 MB are not read" in cli.check("plan.json").errors[0][3]


def test_a_manifest_about_plans_stays_a_manifest(cli: Cli) -> None:
    manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a"},
        "data": {"plan.json": '{"format_version": "1.2", "planned_values": {}}', "terraform_version": "1"},
    }
    cli.write({"manifest.json": json.dumps(manifest)})
    result = cli.check("manifest.json")
    assert result.errors == []
    assert result.found() == [("demo-config-owner", "ConfigMap/a", "manifest.json", 1)]
