variable "name" {
  description = "Prefix of the names of all resources."
  type        = string
}

variable "cidr" {
  description = "Address range of the VPC; a /16 leaves /20 for each subnet."
  type        = string

  validation {
    condition     = can(cidrsubnets(var.cidr, 4, 4))
    error_message = "cidr must be an IPv4 range with room for /20 subnets, for example 10.20.0.0/16."
  }
}

variable "availability_zone_count" {
  description = "Number of availability zones to spread over."
  type        = number

  validation {
    condition     = var.availability_zone_count >= 2 && var.availability_zone_count <= 4
    error_message = "The load balancer needs at least two zones; the address plan has room for four."
  }
}

variable "nat_per_zone" {
  description = "One NAT gateway per zone, so that losing a zone cuts off only that zone; false shares one."
  type        = bool
}

variable "log_retention_days" {
  description = "Days that flow logs are kept."
  type        = number
}
