# The provider has no write-only form of auth_token, so the state holds the token whatever makes it; a password that
# Terraform makes is at least in no shell history and no variable file. The state bucket is encrypted and private.
resource "random_password" "auth" {
  length  = 64
  special = false

  keepers = { version = var.auth_version }
}

locals {
  address = aws_elasticache_replication_group.this.configuration_endpoint_address
}

resource "aws_security_group" "this" {
  name        = "${var.name}-redis"
  description = "Redis nodes"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-redis" }
}

resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_elasticache_parameter_group" "this" {
  name        = "${var.name}-cluster"
  family      = "redis7"
  description = "Cluster mode for ${var.name}"

  parameter {
    name  = "cluster-enabled"
    value = "yes"
  }

  # Every key has a TTL and can be rebuilt; when memory runs out, what nobody reads goes first and writes go on.
  parameter {
    name  = "maxmemory-policy"
    value = "volatile-lru"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "slow" {
  name              = "/aws/vendedlogs/elasticache/${var.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id = var.name
  description          = "Fan-out, presence, caches and limits of ${var.name}"

  engine               = "redis"
  engine_version       = "7.1"
  node_type            = var.node_type
  parameter_group_name = aws_elasticache_parameter_group.this.name
  port                 = 6379

  cluster_mode            = "enabled"
  num_node_groups         = var.shards
  replicas_per_node_group = var.replicas_per_shard

  automatic_failover_enabled = true
  multi_az_enabled           = true

  subnet_group_name  = aws_elasticache_subnet_group.this.name
  security_group_ids = [aws_security_group.this.id]

  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  auth_token                 = random_password.auth.result
  auth_token_update_strategy = "ROTATE"

  snapshot_retention_limit   = var.snapshot_retention_days
  snapshot_window            = "02:00-03:00"
  maintenance_window         = "sun:03:30-sun:05:00"
  auto_minor_version_upgrade = true

  log_delivery_configuration {
    destination      = aws_cloudwatch_log_group.slow.name
    destination_type = "cloudwatch-logs"
    log_format       = "json"
    log_type         = "slow-log"
  }
}

resource "aws_secretsmanager_secret" "uri" {
  name                    = "${var.name}/redis-uri"
  description             = "Redis connection string with its token."
  recovery_window_in_days = var.secret_recovery_window_days
}

resource "aws_secretsmanager_secret_version" "uri" {
  secret_id = aws_secretsmanager_secret.uri.id
  secret_string_wo = join("", [
    "rediss://:", random_password.auth.result, "@",
    local.address, ":", aws_elasticache_replication_group.this.port,
  ])

  # A write-only value is written when this number changes, so it has to change with all that the value is made of.
  secret_string_wo_version = parseint(substr(sha256("${var.auth_version} ${local.address}"), 0, 8), 16)
}
