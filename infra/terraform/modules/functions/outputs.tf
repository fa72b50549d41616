output "security_group_ids" {
  description = "Security group of each function."
  value       = { for name, group in aws_security_group.this : name => group.id }
}

output "lambda_names" {
  description = "Lambda functions, as CloudWatch knows them; empty in ECS."
  value       = { for name in keys(local.in_lambda) : name => "${var.name}-${name}" }
}

output "service_names" {
  description = "ECS services, as CloudWatch knows them; empty in Lambda."
  value       = { for name in keys(local.in_ecs) : name => "${var.name}-${name}" }
}
