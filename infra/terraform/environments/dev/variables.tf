variable "region" {
  description = "AWS region."
  type        = string
}

variable "image_tag" {
  description = "Tag of the images to run."
  type        = string
}

variable "certificate_arn" {
  description = "ACM certificate of the public name, in the same region."
  type        = string
}

variable "public_url" {
  description = "Public base URL, for links in mails."
  type        = string
}

variable "administrators" {
  description = "User names whose accounts may use the administration API; register them first."
  type        = list(string)
  default     = []
}

variable "alarm_email_addresses" {
  description = "Who gets alarms by e-mail."
  type        = set(string)
  default     = []
}

variable "mail" {
  description = "The mail relay and the sender's address."
  type = object({
    host     = string
    port     = optional(number, 587)
    starttls = optional(bool, true)
    from     = string
  })
}

variable "mongodb_cidrs" {
  description = "Addresses of MongoDB, for the egress rules."
  type        = set(string)
  default     = ["0.0.0.0/0"]
}

variable "functions_runtime" {
  description = "Where the functions run: lambda or ecs."
  type        = string
  default     = "ecs"
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
