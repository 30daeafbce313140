"""Generated estates for the benchmark: the same seed always gives the same bytes."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

SEED = 20260101

BUCKET = """\
resource "aws_s3_bucket" "{n}" {{
  bucket = "${{var.prefix}}-{n}-${{local.environment}}"
  tags   = merge(local.tags, {{ Name = "{n}" }})
}}

resource "aws_s3_bucket_versioning" "{n}" {{
  bucket = aws_s3_bucket.{n}.id

  versioning_configuration {{
    status = "{status}"
  }}
}}

resource "aws_s3_bucket_public_access_block" "{n}" {{
  bucket                  = aws_s3_bucket.{n}.id
  block_public_acls       = {flag}
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}}
"""

GROUP = """\
resource "aws_security_group" "{n}" {{
  name_prefix = "${{var.prefix}}-{n}-"
  description = "Traffic of {n}"
  vpc_id      = var.vpc_id
  tags        = local.tags

  ingress {{
    description = "service port"
    from_port   = {port}
    to_port     = {port}
    protocol    = "tcp"
    cidr_blocks = ["{cidr}"]
  }}

  dynamic "egress" {{
    for_each = var.egress_ports

    content {{
      description = "out"
      from_port   = egress.value
      to_port     = egress.value
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8"]
    }}
  }}

  lifecycle {{
    create_before_destroy = true
  }}
}}
"""

DATABASE = """\
resource "aws_db_instance" "{n}" {{
  identifier                  = "${{var.prefix}}-{n}"
  engine                      = "postgres"
  engine_version              = "17.4"
  instance_class              = "db.m7g.large"
  allocated_storage           = {port}
  storage_encrypted           = {flag}
  kms_key_id                  = var.kms_key_arn
  multi_az                    = local.environment == "prod" ? true : false
  backup_retention_period     = {days}
  username                    = "app"
  manage_master_user_password = true
  deletion_protection         = {flag}
  vpc_security_group_ids      = var.security_group_ids
  tags                        = local.tags
}}
"""

ROLE = """\
data "aws_iam_policy_document" "{n}" {{
  statement {{
    sid       = "Objects"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["arn:aws:s3:::${{var.prefix}}-{n}/*"]
  }}

  statement {{
    sid       = "Queue"
    actions   = ["{action}"]
    resources = ["*"]
  }}
}}

resource "aws_iam_role" "{n}" {{
  name = "${{var.prefix}}-{n}"
  tags = local.tags

  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = {{ Service = "ec2.amazonaws.com" }}
    }}]
  }})
}}

resource "aws_iam_role_policy" "{n}" {{
  name   = "{n}"
  role   = aws_iam_role.{n}.id
  policy = data.aws_iam_policy_document.{n}.json
}}
"""

INSTANCE = """\
resource "aws_instance" "{n}" {{
  for_each = toset(var.zones)

  ami               = var.ami_id
  instance_type     = "m7g.large"
  availability_zone = each.key
  tags              = merge(local.tags, {{ Name = "{n}-${{each.key}}" }})

  metadata_options {{
    http_tokens = "{tokens}"
  }}

  root_block_device {{
    encrypted   = {flag}
    volume_size = {days}
  }}

  user_data = <<-EOT
    #!/bin/sh
    echo "{n} of ${{var.prefix}}" > /etc/motd
    systemctl enable --now {n}
  EOT
}}
"""

ALARM = """\
resource "aws_cloudwatch_metric_alarm" "{n}" {{
  alarm_name          = "${{var.prefix}}-{n}"
  alarm_description   = format("Queue %s grows. Runbook: %s", "{n}", local.runbook)
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  comparison_operator = "GreaterThanThreshold"
  threshold           = {port}
  period              = 300
  evaluation_periods  = 3
  statistic           = "Maximum"
  alarm_actions       = [var.alarm_topic_arn]
  tags                = local.tags

  dimensions = {{
    QueueName = aws_sqs_queue.{n}.name
  }}
}}

resource "aws_sqs_queue" "{n}" {{
  name                       = "${{var.prefix}}-{n}"
  visibility_timeout_seconds = {days}
  sqs_managed_sse_enabled    = {flag}
  tags                       = local.tags
}}
"""

BLOCKS = (BUCKET, GROUP, DATABASE, ROLE, INSTANCE, ALARM)

MODULE_HEAD = """\
terraform {
  required_version = "~> 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.4"
    }
  }
}

locals {
  environment = lower(var.environment)
  runbook     = "https://runbooks.acme-shop.example/${var.prefix}"

  tags = merge({
    owner       = var.owner
    environment = local.environment
    service     = var.prefix
  }, var.tags)
}
"""

VARIABLES: dict[str, tuple[str, str]] = {
    "prefix": ("string", '"{module}"'),
    "environment": ("string", '"prod"'),
    "owner": ("string", '"team-{module}"'),
    "tags": ("map(string)", '{{ tier = "tier-2" }}'),
    "vpc_id": ("string", '"vpc-0a1b2c3d4e5f60718"'),
    "kms_key_arn": ("string", '"arn:aws:kms:eu-central-1:111122223333:key/{module}"'),
    "security_group_ids": ("list(string)", '["sg-0123456789abcdef0"]'),
    "alarm_topic_arn": ("string", '"arn:aws:sns:eu-central-1:111122223333:alarms"'),
    "ami_id": ("string", '"ami-0c1f2e3d4b5a69788"'),
    "zones": ("list(string)", '["eu-central-1a", "eu-central-1b"]'),
    "egress_ports": ("list(number)", "[443, 5432]"),
}


def _block(rng: random.Random, name: str) -> str:
    """One realistic group of blocks, good or bad by chance."""
    return rng.choice(BLOCKS).format(
        n=name,
        status=rng.choice(["Enabled", "Enabled", "Suspended"]),
        flag=rng.choice(["true", "true", "false"]),
        port=rng.choice([22, 443, 5432, 8080, 8443]),
        cidr=rng.choice(["10.0.0.0/8", "10.20.0.0/16", "0.0.0.0/0"]),
        days=rng.choice([1, 7, 14, 30]),
        action=rng.choice(["sqs:SendMessage", "sqs:*"]),
        tokens=rng.choice(["required", "optional"]),
    )


def terraform(directory: Path, lines: int) -> None:
    """Write about `lines` lines of Terraform: a root and its local modules of some 500 lines each."""
    rng = random.Random(SEED)
    root: list[str] = [MODULE_HEAD.split("\nlocals")[0], 'provider "aws" {\n  region = "eu-central-1"\n}\n']
    written = 0
    number = 0
    while written < lines:
        number += 1
        module = f"m{number:03d}"
        written += _module(rng, directory / "modules" / module, module, min(500, lines - written))
        arguments = "".join(
            f"  {name:<18} = {default.format(module=module)}\n" for name, (_, default) in VARIABLES.items()
        )
        root.append(f'module "{module}" {{\n  source = "./modules/{module}"\n\n{arguments}}}\n')
    (directory / "main.tf").write_text("\n".join(root), encoding="utf-8")


def _module(rng: random.Random, directory: Path, module: str, lines: int) -> int:
    """Write one module of about `lines` lines; returns how many."""
    directory.mkdir(parents=True)
    variables = "\n".join(
        f'variable "{name}" {{\n  description = "The {name.replace("_", " ")} of the module."\n'
        f"  type        = {kind}\n}}\n"
        for name, (kind, _) in VARIABLES.items()
    )
    (directory / "variables.tf").write_text(variables, encoding="utf-8")
    (directory / "versions.tf").write_text(MODULE_HEAD, encoding="utf-8")
    written = variables.count("\n") + MODULE_HEAD.count("\n")
    part = 0
    while written < lines:
        part += 1
        blocks: list[str] = []
        size = 0
        while size < 150 and written + size < lines:
            block = _block(rng, f"{module}_{part}_{len(blocks)}")
            blocks.append(block)
            size += block.count("\n") + 1
        (directory / f"part{part}.tf").write_text("\n".join(blocks), encoding="utf-8")
        written += size
    return written


SERVICE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {n}
  namespace: {ns}
  labels: {{app.kubernetes.io/name: {n}, owner: team-{ns}, tier: tier-{tier}}}
spec:
  replicas: {replicas}
  selector:
    matchLabels: {{app.kubernetes.io/name: {n}}}
  template:
    metadata:
      labels: {{app.kubernetes.io/name: {n}, owner: team-{ns}}}
    spec:
      serviceAccountName: {n}
      containers:
        - name: app
          image: ghcr.io/acme-shop/{n}:{tag}
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: LOG_LEVEL
              value: info
            - name: UPSTREAM
              value: http://gateway.{ns}.svc.cluster.local
          resources:
            requests: {{cpu: 100m, memory: 256Mi}}
            limits: {{memory: 256Mi}}
          readinessProbe:
            httpGet: {{path: /ready, port: http}}
          securityContext:
            allowPrivilegeEscalation: {flag}
            readOnlyRootFilesystem: true
            runAsNonRoot: true
            capabilities:
              drop: [ALL]
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {n}
  namespace: {ns}
automountServiceAccountToken: false
---
apiVersion: v1
kind: Service
metadata:
  name: {n}
  namespace: {ns}
spec:
  type: {service}
  selector:
    app.kubernetes.io/name: {n}
  ports:
    - name: http
      port: 80
      targetPort: http
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {n}
  namespace: {ns}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: {n}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {n}
  namespace: {ns}
data:
  application.yaml: |
    server:
      port: 8080
    upstream: gateway.{ns}
    retries: {replicas}
"""


def kubernetes(directory: Path, size: int) -> None:
    """Write at least `size` bytes of manifests, one file a service."""
    rng = random.Random(SEED)
    written = number = 0
    while written < size:
        number += 1
        text = SERVICE.format(
            n=f"service-{number:05d}",
            ns=f"domain-{number % 40:02d}",
            tier=rng.choice([0, 1, 2]),
            replicas=rng.choice([1, 2, 3, 5]),
            tag=rng.choice(["1.4.2", "2.0.1", "latest"]),
            flag=rng.choice(["false", "false", "true"]),
            service=rng.choice(["ClusterIP", "ClusterIP", "LoadBalancer"]),
        )
        folder = directory / f"domain-{number % 40:02d}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"service-{number:05d}.yaml").write_text(text, encoding="utf-8")
        written += len(text)


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {n}, namespace: {ns}}}
spec:
  selector: {{matchLabels: {{app: {n}}}}}
  template:
    metadata: {{labels: {{app: {n}, group: {group}, part-of: shop}}}}
    spec:
      serviceAccountName: {n}
      containers: [{{name: app, image: "ghcr.io/acme-shop/{n}:1.4.2"}}]
---
"""

SELECTOR = """\
apiVersion: v1
kind: Service
metadata: {{name: {n}, namespace: {ns}}}
spec: {{selector: {{{selector}}}, ports: [{{port: 80}}]}}
---
"""

ACCOUNT = """\
apiVersion: v1
kind: ServiceAccount
metadata: {{name: {n}, namespace: {ns}}}
---
"""


def links(directory: Path, objects: int, selectors: int, dense: bool) -> None:
    """Write `objects` objects, of which `selectors` are Services.

    Each Service selects one Deployment, every fifth of them one that is not there; a dense estate has one
    namespace in which every Service selects every Deployment.
    """
    workloads = (objects - selectors) if dense else (objects - selectors) // 2
    texts: dict[str, list[str]] = {}
    for number in range(workloads):
        place = "shop" if dense else f"domain-{number % 40:02d}"
        names = {"n": f"service-{number:05d}", "ns": place, "group": number % 7}
        texts.setdefault(place, []).append(DEPLOYMENT.format(**names))
        if not dense:
            texts[place].append(ACCOUNT.format(**names))
    for number in range(selectors):
        place = "shop" if dense else f"domain-{number % 40:02d}"
        name = f"service-{number:05d}"
        label = "part-of: shop" if dense else f"app: {name}{'' if number % 5 else '-api'}"
        texts[place].append(SELECTOR.format(n=name, ns=place, selector=label))
    for place, parts in texts.items():
        for number in range(0, len(parts), 50):
            path = directory / place / f"objects-{number:05d}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(parts[number : number + 50]), encoding="utf-8")


def tiny(directory: Path) -> None:
    """One resource in three lines: what a run costs before it does anything."""
    text = 'resource "aws_s3_bucket" "logs" {\n  bucket = "acme-shop-logs"\n}\n'
    (directory / "main.tf").write_text(text, encoding="utf-8")


# Name → what writes it.
SIZES: dict[str, Callable[[Path], None]] = {
    "tiny": tiny,
    "tf-1k": lambda directory: terraform(directory, 1_000),
    "tf-10k": lambda directory: terraform(directory, 10_000),
    "tf-31k": lambda directory: terraform(directory, 31_000),
    "k8s-0.5MB": lambda directory: kubernetes(directory, 500_000),
    "k8s-5MB": lambda directory: kubernetes(directory, 5_000_000),
    "k8s-links": lambda directory: links(directory, 20_000, 5_000, dense=False),
    "k8s-links-dense": lambda directory: links(directory, 4_000, 2_000, dense=True),
}


def build(name: str, directory: Path) -> None:
    """Write the estate `name` of `SIZES` into `directory`, which must not exist yet."""
    directory.mkdir(parents=True)
    SIZES[name](directory)


def count_lines(directory: Path) -> int:
    """The lines of Terraform and YAML below a directory."""
    files = (file for file in directory.rglob("*") if file.suffix in (".tf", ".tfvars", ".yaml"))
    return sum(file.read_bytes().count(b"\n") for file in files)
