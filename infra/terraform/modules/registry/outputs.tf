output "repository_urls" {
  description = "Where to push the image of each deployable."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.repository_url }

  depends_on = [aws_ecr_repository_policy.lambda_pull]
}

output "repository_arns" {
  description = "Repositories, for the policies of what pulls from them."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.arn }
}
