variable "id" {
  description = "Of something else"
  type        = string
}

resource "terraform_data" "this" {
  input = var.id
}

output "id" {
  description = "Of what is inside"
  value       = terraform_data.this.output
}
