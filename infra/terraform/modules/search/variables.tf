variable "name" {
  description = "Name of the domain."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,27}$", var.name))
    error_message = "OpenSearch allows 3 to 28 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "vpc_id" {
  description = "VPC of the security group."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets, one per zone of the domain."
  type        = list(string)
}

variable "engine_version" {
  description = "Version of OpenSearch."
  type        = string
}

variable "instance_type" {
  description = "Instance type of the data nodes."
  type        = string
}

variable "instance_count" {
  description = "Number of data nodes; more than one spreads over two or three zones."
  type        = number
}

variable "volume_gib" {
  description = "Disk of each data node."
  type        = number
}

variable "log_retention_days" {
  description = "Days that the error log is kept."
  type        = number
}

variable "create_service_linked_role" {
  description = "Create the account-wide role of OpenSearch Service; false when the account already has it."
  type        = bool
}
