variable "name" {
  description = "Prefix of the names of all resources."
  type        = string

  validation {
    condition     = length(var.name) <= 27
    error_message = "Load balancers allow names of 32 characters, five of which are added here."
  }
}

variable "vpc_id" {
  description = "VPC of the load balancer and the tasks."
  type        = string
}

variable "public_subnet_ids" {
  description = "Subnets of the load balancer."
  type        = list(string)
}

variable "private_subnet_ids" {
  description = "Subnets of the tasks."
  type        = list(string)
}

variable "cluster_name" {
  description = "ECS cluster."
  type        = string
}

variable "cluster_arn" {
  description = "ECS cluster."
  type        = string
}

variable "image" {
  description = "Image with its tag."
  type        = string
}

variable "repository_arn" {
  description = "Repository of the image."
  type        = string
}

variable "architecture" {
  description = "Processor architecture: arm64 or x86_64."
  type        = string
}

variable "cpu" {
  description = "CPU units of a task; 1024 are one core."
  type        = number
}

variable "memory" {
  description = "Memory of a task in MiB."
  type        = number
}

variable "min_tasks" {
  description = "Fewest instances; two, so that one can fail."
  type        = number
}

variable "max_tasks" {
  description = "Most instances."
  type        = number
}

variable "environment" {
  description = "Environment of the program."
  type        = map(string)
}

variable "secrets" {
  description = "Environment variables read from Secrets Manager: the secret, and for JSON secrets the key in it."
  type        = map(object({ arn = string, key = optional(string) }))
}

variable "certificate_arn" {
  description = "ACM certificate of the public name."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:acm:", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of an ACM certificate."
  }
}

variable "idle_timeout_seconds" {
  description = "Seconds that a connection may be silent; far above the heartbeat of 25 s, so that only the tier decides."
  type        = number
  default     = 4000

  validation {
    condition     = var.idle_timeout_seconds >= 3600 && var.idle_timeout_seconds <= 4000
    error_message = "WebSockets need at least 3600 s, and the load balancer allows 4000."
  }
}

variable "deregistration_delay_seconds" {
  description = "Seconds that a leaving instance keeps its connections."
  type        = number
  default     = 120
}

variable "deletion_protection" {
  description = "Refuse to delete the load balancer, and keep its access logs when it goes."
  type        = bool
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
}
