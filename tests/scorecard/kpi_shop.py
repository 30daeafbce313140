"""A small repository of three services, in which every key figure that needs no history has something to count."""

from __future__ import annotations

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: shop
  labels: {{app.kubernetes.io/part-of: {name}, tier: "{tier}", owner: {owner}}}
  annotations: {{{annotations}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      containers:
{containers}
---
apiVersion: v1
kind: Service
metadata:
  name: {name}
  namespace: shop
  labels: {{app.kubernetes.io/part-of: {name}, tier: "{tier}", owner: {owner}}}
spec:
  selector: {{app: {name}}}
  ports: [{{port: 80, targetPort: 8080}}]
"""

WHOLE = """\
        - name: web
          image: registry.example.com/web:1.4.0
          ports: [{containerPort: 8080}]
          readinessProbe: {httpGet: {path: /ready, port: 8080}}
          livenessProbe: {httpGet: {path: /live, port: 8080}, periodSeconds: 30}
          resources:
            requests: {cpu: 100m, memory: 64Mi}
            limits: {memory: 64Mi}
"""

BARE = """\
        - name: web
          image: registry.example.com/web:latest
          ports: [{containerPort: 8080}]
          readinessProbe: {httpGet: {path: /ready, port: 8080}}
          resources:
            requests: {cpu: 100m}
        - name: sidecar
          image: registry.example.com/sidecar@sha256:%s
          livenessProbe: {exec: {command: ["true"]}}
""" % ("0" * 64)

RULES = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: shop
  namespace: shop
  labels: {app.kubernetes.io/part-of: checkout, tier: "1"}
spec:
  groups:
    - name: pages
      labels: {owner: team-checkout}
      rules:
        - alert: CheckoutDown
          expr: up{job="checkout"} == 0
          for: 5m
          labels: {severity: critical}
          annotations: {summary: It is gone, runbook_url: /docs/runbooks/checkout.md}
        - alert: CheckoutSlow
          expr: checkout_seconds > 2
          for: 10m
          labels: {severity: page}
          annotations: {summary: It is slow}
        - alert: CheckoutRestarts
          expr: increase(checkout_restarts_total[1h]) > 3
          labels: {severity: warning}
          annotations: {summary: It starts again, runbook_url: /docs/runbooks/restarts.md}
        - record: checkout:seconds
          expr: sum(checkout_seconds)
    - name: rest
      rules:
        - alert: SearchDown
          expr: up{job="search"} == 0
          labels: {severity: critical, owner: team-search}
          annotations: {summary: It is gone, runbook_url: /docs/runbooks/restarts.md}
        - alert: Watchdog
          expr: vector(1)
          labels: {severity: none}
          annotations: {summary: It always fires}
"""

ROLES = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: shop, labels: {app.kubernetes.io/part-of: checkout}}
rules:
  - {apiGroups: [""], resources: [configmaps], verbs: [get]}
  - {apiGroups: [apps], resources: ["*"], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: everything, labels: {app.kubernetes.io/part-of: search}}
rules:
  - {apiGroups: ["*"], resources: [pods], verbs: ["*"]}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: checkout, namespace: argocd, labels: {app.kubernetes.io/part-of: checkout}}
spec:
  project: shop
  source: {repoURL: https://github.com/acme/shop, path: deploy, targetRevision: main}
  destination: {server: https://kubernetes.default.svc, namespace: shop}
  syncPolicy:
    automated: {prune: true}
"""

OBJECTIVES = """\
apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata:
  name: checkout
  namespace: shop
  labels: {app.kubernetes.io/part-of: checkout, tier: "1"}
spec:
  service: checkout
  slos:
    - name: availability
      objective: 99.9
      sli:
        events:
          errorQuery: sum(rate(requests_total{service="checkout",code=~"5.."}[{{.window}}]))
          totalQuery: sum(rate(requests_total{service="checkout"}[{{.window}}]))
      alerting:
        name: CheckoutErrorBudget
        pageAlert: {labels: {severity: page}}
        ticketAlert: {labels: {severity: ticket}}
    - name: latency
      objective: 95
      sli:
        events:
          errorQuery: |
            sum(rate(seconds_count{service="checkout"}[{{.window}}]))
              - sum(rate(seconds_bucket{service="checkout",le="0.3"}[{{.window}}]))
          totalQuery: sum(rate(seconds_count{service="checkout"}[{{.window}}]))
      alerting:
        name: CheckoutLatencyBudget
        pageAlert: {disable: true}
        ticketAlert: {disable: true}
    - name: exports
      objective: 99
      sli:
        events:
          errorQuery: sum(rate(exports_total{service="checkout",result="error"}[{{.window}}]))
          totalQuery: sum(rate(exports_total{service="checkout"}[{{.window}}]))
      alerting:
        name: CheckoutExportsBudget
        pageAlert: {disable: true}
        ticketAlert: {disable: true}
"""

MAIN = """\
terraform {
  required_version = "~> 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
    random = {
      source = "hashicorp/random"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
  default_tags {
    tags = {
      environment = "prod"
      cost-center = "42"
    }
  }
}

variable "retention" {
  type = number
}

module "queues" {
  source = "./modules/queues"
}

module "network" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 6.0"
}

module "dns" {
  source = "git::https://git.example.com/dns.git?ref=main"
}

resource "aws_db_instance" "orders" {
  identifier              = "orders"
  backup_retention_period = 14
  storage_encrypted       = true
  tags = {
    service             = "checkout"
    owner               = "team-checkout"
    tier                = "1"
    data-classification = "internal"
  }
}

resource "aws_db_instance" "search" {
  identifier = "search"
  tags = {
    service = "search"
    tier    = "2"
  }
}

resource "aws_db_instance" "later" {
  identifier              = "later"
  backup_retention_period = var.retention
  storage_encrypted       = true
  tags = {
    service = "search"
    owner   = "team-search"
    tier    = "2"
  }
}

data "aws_iam_policy_document" "checkout" {
  statement {
    sid       = "Send"
    actions   = ["sqs:SendMessage"]
    resources = ["arn:aws:sqs:eu-central-1:111122223333:orders"]
  }
  statement {
    sid       = "Anything"
    actions   = ["sqs:*"]
    resources = ["arn:aws:sqs:eu-central-1:111122223333:orders"]
  }
}
"""

QUEUES = """\
resource "aws_sqs_queue" "orders" {
  name = "orders"
}

resource "aws_sqs_queue" "refunds" {
  name = "refunds"
}
"""

WAIVERS = """\
waivers:
  - policy: aws-db-encryption
    resources: [aws_db_instance.search]
    reason: holds nothing but what the crawler can find again
    owner: team-search
    expires: 2026-12-31
  - policy: k8s-image-tag
    resources: [Deployment/shop/batch]
    expires: 2026-10-31
"""


def _service(name: str, tier: int, owner: str, containers: str, annotations: str = "") -> str:
    return DEPLOYMENT.format(
        name=name, tier=tier, owner=owner, containers=containers, annotations=annotations
    )


FILES = {
    "deploy/checkout.yaml": _service(
        "checkout", 1, "team-checkout", WHOLE, "readiness.dev/runbook: /docs/runbooks/checkout.md"
    ),
    "deploy/search.yaml": _service("search", 2, "team-search", BARE),
    "deploy/batch.yaml": _service("batch", 0, "team-batch", BARE),
    "deploy/rules.yaml": RULES,
    "deploy/roles.yaml": ROLES,
    "deploy/objectives.yaml": OBJECTIVES,
    "main.tf": MAIN,
    "modules/queues/main.tf": QUEUES,
    "waivers.yaml": WAIVERS,
    "docs/runbooks/checkout.md": "---\nlast_reviewed: 2026-10-01\n---\n# Checkout\n",
    "docs/runbooks/restarts.md": "---\nlast_reviewed: 2025-01-15\n---\n# Restarts\n",
}
"""Texts by path; the day on which they are looked at is `TODAY`."""

TODAY = "2026-11-21"
