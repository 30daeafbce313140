"""`readiness policies new`: what it writes proves itself, and what it refuses it explains."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.sources.yaml_source import read

SCAFFOLDS = [
    ("aws_db_instance", "backup_retention_period=7", "object.backup_retention_period >= params.minimum"),
    ("aws_db_instance", "deletion_protection=true", "object.deletion_protection == true"),
    ("aws_db_instance", "publicly_accessible=false", "object.publicly_accessible != true"),
    ("aws_db_instance", "engine=postgres", 'object.engine == "postgres"'),
    ("aws_db_instance", "enabled_cloudwatch_logs_exports", "object.enabled_cloudwatch_logs_exports != null"),
    ("aws_db_instance", "tags", "object.tags != null"),
    ("aws_dynamodb_table", "point_in_time_recovery", "object.point_in_time_recovery[0] != null"),
    (
        "aws_dynamodb_table",
        "point_in_time_recovery.enabled=true",
        "object.point_in_time_recovery[0].enabled == true",
    ),
    (
        "google_sql_database_instance",
        "settings.backup_configuration.enabled=true",
        "object.settings[0].backup_configuration[0].enabled == true",
    ),
    ("oci_core_instance", "shape", "object.shape != null"),
    ("Deployment", "spec.replicas=2", "object.spec.replicas >= params.minimum"),
    ("Deployment", "container.image", "item.image != null"),
    ("CronJob", "spec.concurrencyPolicy=Forbid", 'object.spec.concurrencyPolicy == "Forbid"'),
    ("NetworkPolicy", "spec.ingress", "object.spec.ingress != null"),
    ("ClusterRole", "rules", "object.rules != null"),
    ("argoproj.io/Rollout", "spec.replicas=2", "object.spec.replicas >= params.minimum"),
    ("workload", "pod.hostNetwork=false", "pod.hostNetwork != true"),
    ("pod", "container.imagePullPolicy=Always", 'item.imagePullPolicy == "Always"'),
]


def text_of(cli: Any, path: str) -> str:
    """A file of the repository."""
    text: str = (cli.root / path).read_text(encoding="utf-8")
    return text


@pytest.mark.parametrize(
    ("type_", "argument", "condition"), SCAFFOLDS, ids=[f"{t}-{a}" for t, a, _ in SCAFFOLDS]
)
def test_what_is_written_is_proven(cli: Any, type_: str, argument: str, condition: str) -> None:
    made = cli.run(
        *("policies", "new", "acme-demo", "--dir", "own", "--control", "bck-01"),
        *("--resources", type_, "--argument", argument),
    )
    assert (made.status, made.err) == (0, "")
    assert made.out.splitlines()[0] == "own/acme-demo.yaml"
    assert made.out.splitlines()[-1] == "then: readiness policies test own/acme-demo.yaml"
    proven = cli.run("policies", "test", "own/acme-demo.yaml")
    assert (proven.status, proven.out.splitlines()[-1].rpartition(": ")[2]) == (0, "all proven"), proven.out
    data = read("p.yaml", text_of(cli, "own/acme-demo.yaml")).documents[0].root
    assert data["assert"] == condition
    assert data["resources"] == [type_]
    assert (data["control"], data["severity"]) == ("bck-01", "medium")


def test_the_examples_name_lines_and_the_unknown(cli: Any) -> None:
    cli.run(
        *("policies", "new", "acme-demo", "--dir", "own", "--control", "bck-01"),
        *("--resources", "aws_db_instance", "--argument", "backup_retention_period=7", "--severity", "high"),
    )
    text = text_of(cli, "own/acme-demo.yaml")
    data = read("p.yaml", text).documents[0].root
    assert data["severity"] == "high"
    assert data["params"]["minimum"]["default"] == 7
    assert data["examples"]["pass"] == [
        'resource "aws_db_instance" "example" {\n  backup_retention_period = 7\n}\n'
    ]
    less, absent = data["examples"]["fail"]
    assert less == {
        "code": 'resource "aws_db_instance" "example" {\n  backup_retention_period = 6\n}\n',
        "at": 2,
    }
    assert absent["address"] == "aws_db_instance.example"
    assert data["examples"]["unknown"][0].startswith('variable "value" {\n  type = number\n}\n')
    assert data["references"] == [
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/db_instance"
    ]


def test_the_folder_is_that_of_policies_on_the_same_resources(cli: Any) -> None:
    made = cli.run(
        *("policies", "new", "acme-demo", "--control", "bck-01", "--resources", "aws_db_instance"),
        *("--argument", "engine"),
    )
    assert made.out.splitlines()[0] == "policies/aws/rds/acme-demo.yaml"
    made = cli.run(
        *("policies", "new", "acme-vault-demo", "--control", "bck-01", "--resources", "azurerm_nothing_yet"),
        *("--argument", "engine"),
    )
    assert made.out.splitlines()[0] == "policies/azure/vault/acme-vault-demo.yaml"
    made = cli.run(
        *("policies", "new", "acme-other", "--control", "bck-01", "--resources", "aws_db_instance"),
        *("--argument", "engine", "--dir", "own", "--platform", "clouds", "--topic", "data"),
    )
    assert made.out.splitlines()[0] == "own/clouds/data/acme-other.yaml"


def test_what_an_author_decides_is_said_and_not_proven(cli: Any) -> None:
    made = cli.run("policies", "new", "acme-demo", "--dir", "own", "--resources", "aws_db_instance")
    control, condition, words = made.out.splitlines()[1:-1]
    assert control.startswith("  decide: the control; policies on the same resources have ")
    assert condition.startswith("  decide: the condition: `object.")
    assert words == "  decide: the title, the message and the remediation, in your words"
    proven = cli.run("policies", "test", "own/acme-demo.yaml")
    assert proven.status == 2
    assert "there is no control 'undecided-00'" in proven.out


def test_a_control_of_the_pack_is_one(cli: Any) -> None:
    cli.write({"own/controls.yaml": "controls:\n  - id: acme-01\n    title: Ours\n"})
    made = cli.run(
        *("policies", "new", "acme-demo", "--dir", "own/deep", "--control", "acme-01"),
        *("--resources", "aws_db_instance", "--argument", "engine"),
    )
    assert (made.status, made.err) == (0, "")


REFUSED = [
    (
        ("Acme_Demo", "--resources", "aws_db_instance"),
        "'Acme_Demo' is no id: lower-case words joined by hyphens, two at least; did you mean 'acme-demo'?",
    ),
    (("acme", "--resources", "aws_db_instance"), "'acme' is no id"),
    (
        ("aws-rds-backup-retention", "--resources", "aws_db_instance"),
        "the id 'aws-rds-backup-retention' is taken by a built-in policy",
    ),
    (
        ("acme-demo", "--resources", "aws_db_instance", "--control", "bck-1"),
        "there is no control 'bck-1'; did you mean 'bck-01'?",
    ),
    (
        ("acme-demo", "--resources", "aws_db_instance", "--argument", "backup_retention"),
        "--argument: aws_db_instance has no backup_retention; did you mean 'backup_retention_period'?",
    ),
    (
        ("acme-demo", "--resources", "Deployment", "--argument", "spec.replica=2"),
        "--argument: Deployment has no spec.replica; did you mean 'replicas'?",
    ),
    (
        ("acme-demo", "--resources", "Ingress", "--argument", "spec.rules.host"),
        "--argument: spec.rules is a list: stop there, and look at its items with `each`",
    ),
    (
        ("acme-demo", "--resources", "aws_db_instance", "--argument", "enabled_cloudwatch_logs_exports=x"),
        "--argument: enabled_cloudwatch_logs_exports holds several values",
    ),
    (("acme-demo", "--resources", "workload", "--argument", "spec.replicas"), "begin with `pod.`"),
    (
        ("acme-demo", "--resources", "Deploymnt"),
        "Kubernetes has no kind 'Deploymnt'; did you mean 'Deployment'?",
    ),
    (("acme-demo", "--resources", "variable"), "no example can be made of 'variable'"),
    (("acme-demo", "--resources", "aws_db_instance", "--topic", "../up"), "--topic: '../up' is not the name"),
    (("acme-demo",), "missing option '--resources'"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED, ids=[m[:40] for _, m in REFUSED])
def test_what_cannot_be_is_refused(cli: Any, arguments: tuple[str, ...], message: str) -> None:
    refused = cli.run("policies", "new", *arguments)
    assert (refused.status, refused.out) == (2, "")
    assert message in refused.err
    assert not list(cli.root.rglob("*.yaml"))


def test_a_file_that_is_there_stays(cli: Any) -> None:
    cli.write({"own/acme-demo.yaml": "id: acme-demo\n"})
    refused = cli.run("policies", "new", "acme-demo", "--dir", "own", "--resources", "aws_db_instance")
    assert (refused.status, refused.out) == (2, "")
    assert "'own/acme-demo.yaml' exists already" in refused.err
    assert text_of(cli, "own/acme-demo.yaml") == "id: acme-demo\n"
