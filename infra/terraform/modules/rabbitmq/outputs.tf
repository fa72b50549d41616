output "broker_arn" {
  description = "The broker, for event source mappings."
  value       = aws_mq_broker.this.arn
}

output "broker_name" {
  description = "Name of the broker, as CloudWatch knows it."
  value       = aws_mq_broker.this.broker_name
}

output "virtual_host" {
  description = "Virtual host of all queues."
  value       = "/"
}

output "port" {
  description = "Port for AMQP over TLS."
  value       = local.port
}

output "security_group_id" {
  description = "Security group of the broker."
  value       = aws_security_group.this.id
}

output "uri_secret_arn" {
  description = "Secret with the connection string."
  value       = aws_secretsmanager_secret_version.uri.arn
}

output "credentials_secret_arn" {
  description = "Secret with user and password for event source mappings."
  value       = aws_secretsmanager_secret_version.credentials.arn
}
