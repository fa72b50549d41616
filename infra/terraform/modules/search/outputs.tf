output "uri" {
  description = "Base URL of the domain; it can be reached only within the VPC."
  value       = "https://${aws_opensearch_domain.this.endpoint}"
}

output "domain_name" {
  description = "Name of the domain, as CloudWatch knows it."
  value       = aws_opensearch_domain.this.domain_name
}

output "security_group_id" {
  description = "Security group of the domain."
  value       = aws_security_group.this.id
}
