terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

variable "password" {
  description = "Of the databases"
  type        = string
  sensitive   = true
}

resource "aws_kms_key" "data" {
  description = "data at rest"
}

resource "aws_db_instance" "orders" {
  identifier              = "orders"
  engine                  = "postgres"
  instance_class          = "db.m6g.large"
  allocated_storage       = 100
  username                = "orders"
  password                = var.password
  storage_encrypted       = true
  backup_retention_period = 1
  deletion_protection     = false
  publicly_accessible     = true
  skip_final_snapshot     = false
}

resource "aws_db_instance" "reports" {
  identifier          = "reports"
  engine              = "postgres"
  instance_class      = "db.t4g.small"
  allocated_storage   = 20
  username            = "reports"
  password            = var.password
  storage_encrypted   = true
  skip_final_snapshot = true
}

resource "aws_security_group" "web" {
  name = "web"

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
  }
}

resource "aws_ebs_volume" "data" {
  count             = 1
  availability_zone = "eu-west-1a"
  size              = 100
  encrypted         = true
}

module "store" {
  source   = "./modules/store"
  for_each = toset(["logs"])
  name     = each.key
  key_arn  = aws_kms_key.data.arn
  versions = false
}
