"""The built-in policies on changes over two revisions of a repository, and what they see of both sides."""

from __future__ import annotations

from typing import Any

import pytest

SHOP = """\
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.90"
    }
  }

  backend "s3" {
    bucket = "acme-state"
    key    = "shop.tfstate"
  }
}

variable "protected" {
  type = bool
}

resource "aws_kms_key" "data" {
  description = "data at rest"
}

resource "aws_db_instance" "shop" {
  identifier              = "shop"
  engine                  = "postgres"
  engine_version          = "14.9"
  multi_az                = true
  deletion_protection     = var.protected
  backup_retention_period = 30
  kms_key_id              = aws_kms_key.data.arn

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket" "receipts" {
  bucket = "acme-receipts"
}

resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

resource "aws_cloudwatch_metric_alarm" "jobs" {
  alarm_name = "jobs"
  dimensions = { QueueName = aws_sqs_queue.jobs.name }
}
"""

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 6
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.4.2
          readinessProbe: {httpGet: {path: /ready, port: 8080}}
"""

AROUND = """\
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec:
  minAvailable: 2
  selector: {matchLabels: {app: web}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: uploads, namespace: shop}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 10Gi}}
"""

RULES = """\
groups:
  - name: shop
    rules:
      - alert: ShopDown
        expr: absent(up{job="shop"})
        for: 5m
        labels: {severity: critical}
      - alert: ShopSlow
        expr: shop_seconds > 2
        for: 10m
        labels: {severity: warning}
"""


def lines(result: Any) -> list[str]:
    """The lines of the findings in a concise report."""
    return [line for line in result.out.splitlines() if ": new " in line]


def changed(cli: Any, before: dict[str, str], after: dict[str, str], *args: str) -> Any:
    """The report on the policies on changes over two commits; `main` has the first of them."""
    cli.git("init", "-q")
    cli.write(before)
    cli.commit()
    cli.git("switch", "-qc", "change")
    for name in before:
        (cli.root / name).unlink()
    cli.write(after)
    cli.commit()
    return cli.run("check", "--diff-base", "main", "-f", "concise", "--select", "*-change-*", *args)


def test_terraform_says_all_that_a_change_takes_away(cli: Any) -> None:
    after = SHOP.replace("~> 5.90", "~> 6.0").replace("shop.tfstate", "prod/shop.tfstate")
    after = after.replace('"14.9"', '"17.2"').replace("multi_az                = true", "multi_az = false")
    after = after.replace("= 30", "= 7").replace("prevent_destroy = true", "prevent_destroy = false")
    after = (
        after[: after.index('resource "aws_s3_bucket"')] + after[after.index('resource "aws_sqs_queue"') :]
    )
    after = after[: after.index('resource "aws_cloudwatch')]
    result = changed(cli, {"main.tf": SHOP}, {"main.tf": after})
    assert result.status == 1
    assert lines(result) == [
        "main.tf:5:7: new medium tf-change-provider-major this change takes the provider aws of . from ~> 5.90 "
        "to ~> 6.0 "
        "[terraform]",
        "main.tf:9:3: new high tf-change-state-moved this change lets Terraform look for the state of . "
        "elsewhere: what is there knows nothing of what exists [terraform]",
        "main.tf:26:3: new high tf-change-engine-major this change takes aws_db_instance.shop from 14.9 to "
        "17.2, and there is no way back [aws_db_instance.shop]",
        "main.tf:27:3: new medium tf-change-redundancy this change leaves aws_db_instance.shop without its "
        "standby in another zone: it now goes down with one zone or node [aws_db_instance.shop]",
        "main.tf:29:3: new high tf-change-backup-less this change lets aws_db_instance.shop keep fewer "
        "backups or versions than it does now [aws_db_instance.shop]",
        "main.tf:33:5: new high tf-change-prevent-destroy this change takes prevent_destroy from "
        "aws_db_instance.shop: from here on Terraform destroys it without asking [aws_db_instance.shop]",
        "main.tf:37:1: new high tf-change-destroy-data this change destroys aws_s3_bucket.receipts "
        "[aws_s3_bucket.receipts]",
        "main.tf:41:1: new high tf-change-alarm-removed this change removes the alarm "
        "aws_cloudwatch_metric_alarm.jobs, and what it watches stays [aws_cloudwatch_metric_alarm.jobs]",
    ]


def test_kubernetes_says_all_that_a_change_takes_away(cli: Any) -> None:
    web = WEB.replace("replicas: 6", "replicas: 2").replace(
        "{app: web}}\n  template", "{app: site}}\n  template"
    )
    web = web[: web.index("          readinessProbe")]
    rules = RULES.replace("for: 10m", "for: 2h")
    rules = rules[: rules.index("      - alert: ShopDown")] + rules[rules.index("      - alert: ShopSlow") :]
    before = {"deploy/web.yaml": WEB + AROUND, "rules.yaml": RULES}
    result = changed(cli, before, {"deploy/web.yaml": web, "rules.yaml": rules})
    assert result.status == 1
    assert lines(result) == [
        "deploy/web.yaml:5:3: new medium k8s-change-replicas this change takes Deployment/shop/web from 6 "
        "replicas to 2 [Deployment/shop/web]",
        "deploy/web.yaml:6:3: new high k8s-change-selector this change gives Deployment/shop/web another "
        "selector, which the API refuses [Deployment/shop/web]",
        "deploy/web.yaml:11:11: new medium k8s-change-probe-removed this change takes the readinessProbe "
        "from the container web of Deployment/shop/web [Deployment/shop/web]",
        "deploy/web.yaml:13:1: new critical k8s-change-destroy-data this change deletes "
        "PersistentVolumeClaim/shop/uploads, and with it its volume, if the volume is not kept "
        "[PersistentVolumeClaim/shop/uploads]",
        "deploy/web.yaml:13:1: new medium k8s-change-pdb this change removes PodDisruptionBudget/shop/web, "
        "and what it guarded stays [PodDisruptionBudget/shop/web]",
        "rules.yaml:1:1: new high alr-change-page-removed this change removes the alert ShopDown (critical) "
        "from PrometheusRule/rules [PrometheusRule/rules]",
        "rules.yaml:6:9: new medium alr-change-slower this change lets the alert ShopSlow wait for 2h before "
        "it tells anybody [PrometheusRule/rules]",
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            {"main.tf": SHOP},
            {"main.tf": SHOP.replace('identifier              = "shop"', 'identifier = "shop"')},
        ),
        ({"main.tf": SHOP}, {"main.tf": SHOP.replace("allocated", "x") + 'resource "aws_eip" "a" {}\n'}),
        ({"main.tf": SHOP}, {"db.tf": SHOP.replace("= 30", "= 35")}),
        ({"web.yaml": WEB + AROUND, "r.yaml": RULES}, {"a.yaml": AROUND, "b.yaml": WEB, "r.yaml": RULES}),
        (
            {"web.yaml": WEB},
            {"web.yaml": WEB.replace("replicas: 6", "replicas: 9").replace("1.4.2", "1.5.0")},
        ),
    ],
)
def test_what_loses_nothing_is_told_nothing(cli: Any, before: dict[str, str], after: dict[str, str]) -> None:
    result = changed(cli, before, after, "--unknown", "fail")
    assert (result.status, lines(result)) == (0, [])


def test_two_unknowns_are_the_same_only_where_the_same_thing_is_meant(cli: Any) -> None:
    two = 'resource "aws_kms_key" "other" {}\n'
    after = SHOP.replace("kms_key_id              = aws_kms_key.data", "kms_key_id = aws_kms_key.other")
    changed(cli, {"main.tf": SHOP + two}, {"main.tf": after + two})
    result = cli.run("check", "--diff-base", "main", "-f", "json", "--select", "tf-change-*")
    assert result.found("fail", "unknown") == [("tf-change-key", "aws_db_instance.shop", "main.tf", 23)]


def test_what_goes_together_is_no_loss(cli: Any) -> None:
    left = SHOP[: SHOP.index('resource "aws_sqs_queue"')]
    result = changed(cli, {"main.tf": SHOP}, {"main.tf": left})
    assert lines(result) == []
    budget = AROUND[: AROUND.index("---\napiVersion: v1\n")]
    other = WEB.replace("web", "blog")
    result = cli.run("check", "--diff-base", "main", "-f", "concise", "--select", "k8s-change-pdb")
    cli.write({"all.yaml": WEB + budget + "---\n" + other})
    cli.commit()
    cli.git("branch", "-qf", "main")
    cli.write({"all.yaml": other})
    result = cli.run("check", "--diff-base", "main", "-f", "concise", "--select", "k8s-change-pdb")
    assert lines(result) == []
    cli.write({"all.yaml": WEB + "---\n" + other})
    result = cli.run("check", "--diff-base", "main", "-f", "concise", "--select", "k8s-change-pdb")
    assert [line.partition(" new ")[2].split(" ")[1] for line in lines(result)] == ["k8s-change-pdb"]
