variable "name" {
  description = "Namespace of the repositories."
  type        = string
}

variable "repositories" {
  description = "Deployables that have an image; true where Lambda may pull it too."
  type        = map(bool)
}

variable "force_delete" {
  description = "Delete repositories even when they still hold images."
  type        = bool
}
