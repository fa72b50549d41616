terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.25"
    }
  }

  # The state holds the passwords of Redis and RabbitMQ: the bucket must be private, versioned and encrypted. Its name
  # comes with `terraform init -backend-config=bucket=… -backend-config=region=…`.
  backend "s3" {
    key          = "parley/prod/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      Application = "parley"
      Environment = "prod"
    }
  }
}
