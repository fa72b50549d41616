variable "name" {
  description = "Prefix of the names of all resources."
  type        = string
}

variable "runtime" {
  description = "Where the functions run: lambda, invoked by event source mappings, or ecs, consuming by themselves."
  type        = string

  validation {
    condition     = contains(["lambda", "ecs"], var.runtime)
    error_message = "runtime must be lambda or ecs."
  }
}

variable "functions" {
  description = "The functions: what they consume, their image, and what they may use."
  type = map(object({
    queues         = list(string)
    image          = string
    repository_arn = string
    handler        = string
    environment    = map(string)
    secrets        = map(object({ arn = string, key = optional(string) }))
  }))
}

variable "architecture" {
  description = "Processor architecture of the images: arm64 or x86_64."
  type        = string
}

variable "memory" {
  description = "Memory of a function in MiB, in either runtime."
  type        = number
}

variable "cpu" {
  description = "CPU units of a task; Lambda gives CPU by memory."
  type        = number
}

variable "batch_size" {
  description = "Most messages in one invocation."
  type        = number
}

variable "batching_window_seconds" {
  description = "Seconds that a batch may wait for more messages; 0 is Lambda's own half second."
  type        = number
}

variable "timeout_seconds" {
  description = "Seconds that one batch may take in Lambda."
  type        = number
}

variable "max_concurrency" {
  description = "Most concurrent invocations or tasks per function; bounds the load on MongoDB."
  type        = number
}

variable "min_tasks" {
  description = "Fewest tasks per function in ECS."
  type        = number
}

variable "backlog_per_task" {
  description = "Waiting messages per task in ECS above which tasks are added."
  type        = number
}

variable "broker_arn" {
  description = "The broker."
  type        = string
}

variable "broker_name" {
  description = "The broker, as CloudWatch knows it."
  type        = string
}

variable "virtual_host" {
  description = "Virtual host of all queues."
  type        = string
}

variable "broker_credentials_arn" {
  description = "Secret with user and password of the broker, for event source mappings."
  type        = string
}

variable "vpc_id" {
  description = "VPC of the functions."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets of the functions."
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

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
}
