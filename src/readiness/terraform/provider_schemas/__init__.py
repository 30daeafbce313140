"""What the resource types of Terraform providers have, for those who write policies about them."""
