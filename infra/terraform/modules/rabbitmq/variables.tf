variable "name" {
  description = "Name of the broker."
  type        = string
}

variable "vpc_id" {
  description = "VPC of the security group."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets; a single instance takes the first."
  type        = list(string)
}

variable "deployment_mode" {
  description = "SINGLE_INSTANCE or CLUSTER_MULTI_AZ."
  type        = string

  validation {
    condition     = contains(["SINGLE_INSTANCE", "CLUSTER_MULTI_AZ"], var.deployment_mode)
    error_message = "RabbitMQ on Amazon MQ runs as SINGLE_INSTANCE or CLUSTER_MULTI_AZ."
  }
}

variable "instance_type" {
  description = "Instance type of each broker node."
  type        = string
}

variable "engine_version" {
  description = "Version of RabbitMQ; from 4 on Amazon MQ replicates only quorum queues, 3.13 mirrors classic ones too."
  type        = string
}

variable "secret_recovery_window_days" {
  description = "Days in which deleted secrets can be restored; 0 deletes at once."
  type        = number
}

variable "password_version" {
  description = "Raise it to replace the broker's password; the broker restarts its user, clients reconnect."
  type        = number
}
