variable "name" {
  description = "Prefix of the names of all resources."
  type        = string
}

variable "email_addresses" {
  description = "Who gets alarms by e-mail; each address has to confirm its subscription."
  type        = set(string)
}

variable "broker_name" {
  description = "The broker."
  type        = string
}

variable "virtual_host" {
  description = "Virtual host of all queues."
  type        = string
}

variable "queue_depths" {
  description = "Waiting messages per queue above which somebody must look."
  type        = map(number)
}

variable "dead_letter_queues" {
  description = "Dead-letter queue of each queue."
  type        = map(string)
}

variable "retry_queues" {
  description = "Delay queues of each queue."
  type        = map(list(string))
}

variable "load_balancer_suffix" {
  description = "The load balancer."
  type        = string
}

variable "target_group_suffix" {
  description = "The tier's target group."
  type        = string
}

variable "max_5xx_per_minute" {
  description = "Failed requests per minute above which somebody must look."
  type        = number
  default     = 10
}

variable "redis_node_ids" {
  description = "Nodes of the replication group."
  type        = list(string)
}

variable "search_domain_name" {
  description = "The search domain."
  type        = string
}

variable "lambda_names" {
  description = "Lambda functions; empty when the functions run in ECS."
  type        = map(string)
}

variable "service_names" {
  description = "ECS services that must always have a running task."
  type        = map(string)
}

variable "cluster_name" {
  description = "ECS cluster."
  type        = string
}
