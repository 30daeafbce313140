variable "name" {
  description = "Of the bucket"
  type        = string
}

variable "key_arn" {
  description = "Key that encrypts it"
  type        = string
}

variable "versions" {
  description = "Whether old versions are kept"
  type        = bool
}

resource "aws_s3_bucket" "this" {
  bucket_prefix = "shop-${var.name}-"
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = var.versions ? "Enabled" : "Suspended"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.bucket

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.key_arn
    }
  }
}

output "bucket" {
  description = "Name of the bucket"
  value       = aws_s3_bucket.this.id
}

output "arn" {
  description = "ARN of the bucket"
  value       = aws_s3_bucket.this.arn
}
