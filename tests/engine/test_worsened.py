"""Which values of a condition can get worse, and which way."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.policy import cel
from readiness.policy.cel.watched import watched, written

DATABASE = 'resource "aws_db_instance" "a" {{\n  backup_retention_period = {days}\n}}\n'


def ways(condition: str) -> list[tuple[str, str]]:
    """The values of a condition, each with what is better."""
    program = cel.compile(condition)
    found = watched(program.conjuncts)
    return [(written(one.program.root, one.program.text), "more" if one.more else "less") for one in found]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("object.days >= 7", [("days", "more")]),
        ("7 <= object.days", [("days", "more")]),
        ("!(object.days < params.days)", [("days", "more")]),
        ("object.wait < 30 && object.days > 7", [("wait", "less"), ("days", "more")]),
        ("object.a != null || object.days >= 7", [("days", "more")]),
        ("tier > 1 ? object.days >= 7 : object.days >= 30", [("days", "more"), ("days", "more")]),
        ('duration(object.spec.renewBefore) > duration("1h")', [("renewBefore", "more")]),
        ("int(object.days) >= 7", [("days", "more")]),
        ("size(object.subnets) >= 2", [("number of subnets", "more")]),
        # What has to lie in a range has no better side.
        ("object.count >= 1 && object.count <= 9", []),
        ("object.from_p > 22 || object.to_p < 22", []),
        # Ports and lengths of names are no degrees.
        ("object.containerPort > 1024", []),
        ("size(object.name) <= 63", []),
        ("size(object.description.trim()) >= 9", []),
        # An operand of `||` may ask for both.
        ("object.off || (object.days >= 7 && object.wait < 9)", [("days", "more"), ("wait", "less")]),
    ],
)
def test_what_a_condition_watches(condition: str, expected: list[tuple[str, str]]) -> None:
    assert ways(condition) == expected


POLICY = """id: own-days
title: Databases keep enough
control: bck-01
severity: high
resources: [aws_db_instance]
assert: {condition}
message: "{{address}} keeps too little"
remediation: Keep backups for more days than that.
examples:
  pass: ['resource "aws_db_instance" "a" {{ backup_retention_period = 99 }}']
  fail: ['resource "aws_db_instance" "a" {{ backup_retention_period = 0 }}']
"""


@pytest.mark.parametrize(
    ("condition", "was", "now", "expected"),
    [
        ("object.backup_retention_period >= 7", 30, 8, "30"),
        ("object.backup_retention_period >= 7", 8, 30, None),
        ("object.backup_retention_period >= 7", '"30"', '"9"', "30"),  # not as texts: "30" < "9"
        ("object.backup_retention_period >= 7", '"9"', '"30"', None),
        ("object.backup_retention_period >= 7", 9, '"9"', None),
        # What only has to be there is as good with less of it.
        ("object.backup_retention_period > 0", 30, 8, None),
        ("object.backup_retention_period >= 1", 30, 8, None),
        ("object.backup_retention_period >= 2", 30, 8, "30"),
        # What is allowed up to a bound is as good as less of it; beyond the bound more of it is worse.
        ("object.backup_retention_period <= 9", 2, 8, None),
        ("object.backup_retention_period <= 9", 20, 30, "20"),
        ("!(object.backup_retention_period > 9)", 2, 8, None),
        ("!(object.backup_retention_period > 9)", 20, 30, "20"),
        # Where another part of the condition holds, the value does not matter.
        ("object.address != null || object.backup_retention_period >= 7", 30, 8, "30"),
        ("object.address == null || object.backup_retention_period >= 7", 30, 8, None),
        ("object.address == null ? true : object.backup_retention_period >= 7", 30, 8, None),
        ("!(object.address != null && object.backup_retention_period < 7)", 30, 8, None),
    ],
)
def test_what_a_change_makes_worse(
    cli: Any, condition: str, was: Any, now: Any, expected: str | None
) -> None:
    cli.write(
        {
            "../own/own-days.yaml": POLICY.format(condition=f"'{condition}'"),
            "main.tf": DATABASE.format(days=was),
        }
    )
    cli.git("init", "-q")
    cli.commit()
    cli.write({"main.tf": DATABASE.format(days=now)})
    own = ("--policies", str(cli.root.parent / "own"), "--select", "own-days")
    result = cli.run("check", "-f", "json", "--diff-base", "main", *own)
    assert [f["was"] for f in result.findings] == ([] if expected is None else [expected])
    assert result.status == (0 if expected is None else 1)


def test_a_value_is_told_as_it_is_written(cli: Any) -> None:
    certificate = (
        "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {{name: a, namespace: b}}\n"
        "spec: {{secretName: s, duration: 2160h, renewBefore: {margin}}}\n"
    )
    cli.git("init", "-q")
    cli.write({"c.yaml": certificate.format(margin="720h")})
    cli.commit()
    args = ("check", "-f", "json", "--diff-base", "main", "--select", "cert-renew-margin")
    cli.write({"c.yaml": certificate.format(margin="43200m")})  # as long
    assert cli.run(*args).findings == []
    cli.write({"c.yaml": certificate.format(margin="360h")})
    (finding,) = cli.run(*args).findings
    assert (finding["message"], finding["was"]) == (
        "renewBefore of Certificate/b/a went from 720h to 360h",
        "720h",
    )


@pytest.mark.parametrize(("was", "now", "expected"), [(60, 20, []), (8, 5, ["8"]), (5, 8, [])])
def test_how_often_something_is_done_is_a_bound_from_either_side(
    cli: Any, was: int, now: int, expected: list[str]
) -> None:
    policy = POLICY.replace("[aws_db_instance]", "[aws_db_instance, demo_probe]")
    condition = "'object.scrape_interval == null || object.scrape_interval >= 10'"
    cli.write({"../own/own-days.yaml": policy.format(condition=condition)})
    probe = 'resource "demo_probe" "a" {\n  scrape_interval = %d\n}\n'
    cli.git("init", "-q")
    cli.write({"main.tf": probe % was})
    cli.commit()
    cli.write({"main.tf": probe % now})
    own = ("--policies", str(cli.root.parent / "own"), "--select", "own-days")
    assert [
        f["was"] for f in cli.run("check", "-f", "json", "--diff-base", "main", *own).findings if f["was"]
    ] == (expected)


ROUTES = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: a, namespace: b}}
spec:
  hosts: [a]
  http: [{{name: all, retries: {{attempts: {retries}, perTryTimeout: 2s}}}}]
---
apiVersion: batch/v1
kind: Job
metadata: {{name: a, namespace: b}}
spec:
  backoffLimit: {backoff}
  template: {{spec: {{restartPolicy: Never, containers: [{{name: m, image: "m:1"}}]}}}}
"""


def test_what_a_policy_allows_up_to_a_bound_may_rise_to_it(cli: Any) -> None:
    cli.git("init", "-q")
    cli.write({"a.yaml": ROUTES.format(retries=1, backoff=2)})
    cli.commit()
    cli.write({"a.yaml": ROUTES.format(retries=5, backoff=10)})
    args = ("check", "-f", "json", "--select", "istio-vs-retries,k8s-job-bounded", "--diff-base")
    assert cli.run(*args, "main").findings == []
    cli.write({"a.yaml": ROUTES.format(retries=6, backoff=11)})
    assert [(f["policy"], f["compared"]) for f in cli.run(*args, "main").findings] == [
        ("istio-vs-retries", "new"),
        ("k8s-job-bounded", "new"),
    ]
    cli.commit()
    cli.write({"a.yaml": ROUTES.format(retries=7, backoff=12)})
    found = [(f["policy"], f["compared"], f["was"]) for f in cli.run(*args, "HEAD").findings]
    assert found == [("istio-vs-retries", "worsened", "6"), ("k8s-job-bounded", "worsened", "11")]


def test_a_value_that_is_worse_in_one_environment_leaves_the_others_alone(cli: Any) -> None:
    block = 'variable "days" {}\n' + DATABASE.format(days="var.days")
    cli.git("init", "-q")
    cli.write({"main.tf": block, "dev.tfvars": "days = 1\n", "prod.tfvars": "days = 30\n"})
    cli.commit()
    cli.write({"prod.tfvars": "days = 8\n"})
    args = ("check", "-f", "json", "--diff-base", "main", "--select", "aws-rds-backup-retention")
    result = cli.run(*args)
    assert [(f["compared"], f["was"], f["message"]) for f in result.findings] == [
        ("unchanged", None, "aws_db_instance.a keeps automated backups for 1 days; 7 are expected"),
        ("worsened", "30", "backup_retention_period of aws_db_instance.a went from 30 to 8"),
    ]
