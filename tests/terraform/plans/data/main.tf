variable "token" {
  description = "A secret"
  type        = string
  sensitive   = true
}

variable "pin" {
  description = "A secret number"
  type        = number
  sensitive   = true
  default     = 4711
}

locals {
  first = terraform_data.first.id
}

resource "terraform_data" "first" {
  input = "first"
}

resource "terraform_data" "through_local" {
  input = local.first
}

resource "terraform_data" "nested" {
  input = {
    known   = "yes"
    unknown = terraform_data.first.id
    items   = ["a", terraform_data.first.id]
    token   = var.token
    pin     = var.pin
  }
}

resource "terraform_data" "secret" {
  input            = "before ${var.token} after"
  triggers_replace = [var.pin]
}

resource "terraform_data" "each" {
  for_each = toset(["a", "b.c", "d\"e"])
  input    = each.key
}

resource "terraform_data" "follows" {
  for_each = terraform_data.each
  input    = each.value.id
}

resource "terraform_data" "picked" {
  input = terraform_data.each["b.c"].id
}

resource "terraform_data" "all" {
  input = [for item in terraform_data.each : item.id]
}

module "outer" {
  source   = "./modules/outer"
  for_each = toset(["x", "y"])
  id       = terraform_data.first.id
}

resource "terraform_data" "output" {
  input      = module.outer["x"].ids
  depends_on = [terraform_data.all]

  lifecycle {
    ignore_changes = [input]
  }
}

moved {
  from = terraform_data.old
  to   = terraform_data.first
}

check "first" {
  assert {
    condition     = terraform_data.first.input == "first"
    error_message = "it is not the first"
  }
}
