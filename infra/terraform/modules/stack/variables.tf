variable "environment" {
  description = "Name of the environment; part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.environment))
    error_message = "environment must be 2 to 12 lower-case letters and digits."
  }
}

variable "image_tag" {
  description = "Tag of the images of all deployables; tags are immutable."
  type        = string
}

variable "certificate_arn" {
  description = "ACM certificate of the public name."
  type        = string
}

variable "public_url" {
  description = "Public base URL, for links in mails."
  type        = string

  validation {
    condition     = can(regex("^https://[^/]+$", var.public_url))
    error_message = "public_url must start with https:// and have no path."
  }
}

variable "ingress_cidrs" {
  description = "Addresses that may connect."
  type        = set(string)
  default     = ["0.0.0.0/0"]
}

variable "administrators" {
  description = "User names whose accounts may use the administration API; register them first."
  type        = list(string)
}

variable "alarm_email_addresses" {
  description = "Who gets alarms by e-mail."
  type        = set(string)
}

variable "cidr" {
  description = "Address range of the VPC."
  type        = string
}

variable "availability_zone_count" {
  description = "Number of availability zones."
  type        = number
  default     = 2
}

variable "nat_per_zone" {
  description = "One NAT gateway per zone instead of one in all."
  type        = bool
  default     = true
}

variable "architecture" {
  description = "Processor architecture of all images: arm64 or x86_64."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture must be arm64 or x86_64."
  }
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 30
}

variable "protect" {
  description = "Refuse to delete what holds data or names, and keep deleted secrets for 30 days."
  type        = bool
  default     = true
}

variable "tier" {
  description = "Size of the socket tier."
  type = object({
    cpu       = optional(number, 2048)
    memory    = optional(number, 4096)
    min_tasks = optional(number, 2)
    max_tasks = optional(number, 20)
  })
  default = {}
}

variable "functions_runtime" {
  description = "Where the functions run: lambda or ecs."
  type        = string
  default     = "ecs"

  validation {
    condition     = contains(["lambda", "ecs"], var.functions_runtime)
    error_message = "functions_runtime must be lambda or ecs."
  }
}

variable "functions" {
  description = "Size of the functions, in either runtime."
  type = object({
    cpu                     = optional(number, 512)
    memory                  = optional(number, 1024)
    min_tasks               = optional(number, 2)
    max_concurrency         = optional(number, 10)
    backlog_per_task        = optional(number, 1000)
    batch_size              = optional(number, 100)
    batching_window_seconds = optional(number, 0)
    timeout_seconds         = optional(number, 60)
  })
  default = {}
}

variable "function_handler" {
  description = "Class that Lambda starts; one serves all functions, each image holds one."
  type        = string
  default     = "dev.parley.function.AmazonMqHandler"
}

variable "redis" {
  description = "Size of the Redis cluster."
  type = object({
    node_type               = optional(string, "cache.r7g.large")
    shards                  = optional(number, 3)
    replicas_per_shard      = optional(number, 1)
    snapshot_retention_days = optional(number, 1)
  })
  default = {}
}

variable "rabbitmq" {
  description = "Size of the broker."
  type = object({
    deployment_mode = optional(string, "CLUSTER_MULTI_AZ")
    instance_type   = optional(string, "mq.m7g.large")
    engine_version  = optional(string, "3.13")
  })
  default = {}
}

variable "search" {
  description = "Size of the search domain."
  type = object({
    engine_version             = optional(string, "OpenSearch_2.19")
    instance_type              = optional(string, "r7g.large.search")
    instance_count             = optional(number, 2)
    volume_gib                 = optional(number, 100)
    create_service_linked_role = optional(bool, false)
  })
  default = {}
}

variable "mongodb" {
  description = "Where MongoDB is, for the egress rules; its connection string is a secret."
  type = object({
    cidrs     = optional(set(string), ["0.0.0.0/0"])
    from_port = optional(number, 27015)
    to_port   = optional(number, 27017)
  })
  default = {}
}

variable "mail" {
  description = "The mail relay; its user and password are a secret."
  type = object({
    host     = string
    port     = optional(number, 587)
    starttls = optional(bool, true)
    from     = string
  })
}

variable "secret_versions" {
  description = "Raise a number to replace that secret."
  type = object({
    jwt      = optional(number, 1)
    redis    = optional(number, 1)
    rabbitmq = optional(number, 1)
  })
  default = {}
}
