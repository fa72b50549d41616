output "uri_secret_arn" {
  description = "Secret with the connection string."
  value       = aws_secretsmanager_secret_version.uri.arn
}

output "security_group_id" {
  description = "Security group of the nodes."
  value       = aws_security_group.this.id
}

output "port" {
  description = "Port of the nodes."
  value       = aws_elasticache_replication_group.this.port
}

# ElastiCache names its nodes by shard and replica. The names are computed instead of read from member_clusters, because
# alarms are made per node and their number must be known before the first apply.
output "node_ids" {
  description = "Identifiers of the nodes, as CloudWatch knows them."
  value = flatten([
    for shard in range(1, var.shards + 1) : [
      for node in range(1, var.replicas_per_shard + 2) : format("%s-%04d-%03d", var.name, shard, node)
    ]
  ])
}
