variable "name" {
  description = "Name of the replication group."
  type        = string

  validation {
    condition     = length(var.name) <= 40
    error_message = "ElastiCache allows 40 characters."
  }
}

variable "vpc_id" {
  description = "VPC of the security group."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets of the nodes."
  type        = list(string)
}

variable "node_type" {
  description = "Instance class of every node."
  type        = string
}

variable "shards" {
  description = "Number of shards; keys of one chat share a slot, so chats spread over them."
  type        = number

  validation {
    condition     = var.shards >= 1
    error_message = "At least one shard is needed."
  }
}

variable "replicas_per_shard" {
  description = "Replicas per shard; failover needs at least one."
  type        = number

  validation {
    condition     = var.replicas_per_shard >= 1 && var.replicas_per_shard <= 5
    error_message = "ElastiCache allows up to five replicas, and failover needs one."
  }
}

variable "snapshot_retention_days" {
  description = "Days that daily snapshots are kept; everything in Redis can be rebuilt, so 0 is safe."
  type        = number
}

variable "log_retention_days" {
  description = "Days that the slow log is kept."
  type        = number
}

variable "secret_recovery_window_days" {
  description = "Days in which the deleted secret can be restored; 0 deletes at once."
  type        = number
}

variable "auth_version" {
  description = "Raise it to replace the token; the old one stays valid until the change after."
  type        = number
}
