output "jwt_arn" {
  description = "Secret with the key that signs tokens."
  value       = aws_secretsmanager_secret_version.jwt.arn
}

output "mongodb_arn" {
  description = "Secret with the MongoDB connection string."
  value       = aws_secretsmanager_secret.mongodb.arn
}

output "smtp_arn" {
  description = "Secret with username and password of the mail relay."
  value       = aws_secretsmanager_secret.smtp.arn
}
