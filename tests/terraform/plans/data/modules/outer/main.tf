variable "id" {
  description = "Of something else"
  type        = string
}

module "inner" {
  source = "./inner"
  count  = 2
  id     = var.id
}

output "ids" {
  description = "Of all that is inside"
  value       = module.inner[*].id
}
