terraform {
  required_version = ">= 1.6"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      team = "payments"
      tier = "0"
    }
  }
}

resource "aws_kms_key" "data" {
  description = "data at rest"
}

resource "aws_db_instance" "orders" {
  identifier              = "orders"
  engine                  = "postgres"
  engine_version          = "16.4"
  instance_class          = "db.m6g.large"
  allocated_storage       = 100
  username                = "orders"
  password                = var.password
  backup_retention_period = var.retention
  storage_encrypted       = true
  kms_key_id              = aws_kms_key.data.arn
  multi_az                = false
  skip_final_snapshot     = true
  publicly_accessible     = true

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_db_instance" "reports" {
  identifier          = "reports"
  engine              = "postgres"
  instance_class      = "db.t4g.small"
  allocated_storage   = 20
  username            = "reports"
  password            = var.password
  storage_encrypted   = false
  skip_final_snapshot = true

  tags = {
    service = "reports"
  }
}

resource "aws_security_group" "web" {
  name        = "web"
  description = "web servers"

  ingress {
    description = "ssh"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  dynamic "ingress" {
    for_each = var.ports
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8"]
    }
  }
}

resource "aws_instance" "web" {
  count         = 2
  ami           = "ami-0abcdef1234567890"
  instance_type = "t3.small"

  root_block_device {
    encrypted = false
  }
}

module "store" {
  source   = "./modules/store"
  for_each = local.stores
  name     = each.key
  key_arn  = aws_kms_key.data.arn
  versions = each.value
}

data "aws_iam_policy_document" "reader" {
  statement {
    sid       = "Everything"
    actions   = ["*"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "reader" {
  name   = "reader"
  policy = data.aws_iam_policy_document.reader.json
}

data "aws_iam_policy_document" "bucket" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${module.store["logs"].arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = module.store["logs"].bucket
  policy = data.aws_iam_policy_document.bucket.json
}

resource "aws_iam_role" "ci" {
  name = "ci"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "*" }
    }]
  })
}

resource "aws_sqs_queue" "jobs" {
  name                      = "${local.prefix}-jobs"
  message_retention_seconds = 3600
}

resource "aws_secretsmanager_secret" "api" {
  name                    = "api"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "api" {
  secret_id     = aws_secretsmanager_secret.api.id
  secret_string = var.password
}
