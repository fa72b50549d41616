variable "name" {
  description = "Prefix of the names of the secrets."
  type        = string
}

variable "recovery_window_days" {
  description = "Days in which a deleted secret can be restored; 0 deletes at once."
  type        = number
}

variable "jwt_secret_version" {
  description = "Raise it to replace the key that signs tokens; every session then has to log in again."
  type        = number
}
