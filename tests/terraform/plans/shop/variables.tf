variable "region" {
  description = "Where"
  type        = string
  default     = "eu-west-1"
}

variable "retention" {
  description = "Days of backups"
  type        = number
  default     = 1
}

variable "password" {
  description = "Of the databases"
  type        = string
  sensitive   = true
}

variable "ports" {
  description = "Open to the network"
  type        = list(number)
  default     = [80, 443]
}

locals {
  prefix = "shop"
  stores = {
    logs    = false
    invoice = true
  }
}
