variable "name" {
  description = "Name of the task family, its container and its roles."
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
  description = "CPU units; 1024 are one core."
  type        = number
}

variable "memory" {
  description = "Memory in MiB."
  type        = number
}

variable "port" {
  description = "Port of the health endpoint and, for the tier, of everything else."
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

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
}
