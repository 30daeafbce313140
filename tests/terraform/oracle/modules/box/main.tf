variable "name" {
  type = string
}

variable "size" {
  type    = number
  default = 2
}

variable "tags" {
  type    = map(string)
  default = { by = "default" }
}

variable "rules" {
  type = list(object({
    port  = number
    cidrs = optional(set(string), ["10.0.0.0/8"])
  }))
  default  = []
  nullable = false
}

locals {
  label = "${var.name}-${var.size}"
}

output "label" {
  value = local.label
}

output "tags" {
  value = merge(var.tags, { label = local.label })
}

output "rules" {
  value = { for rule in var.rules : rule.port => rule.cidrs }
}

output "size" {
  value = var.size
}
