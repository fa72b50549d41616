locals {
  username = "parley"
  endpoint = aws_mq_broker.this.instances[0].endpoints[0]
  port     = 5671
}

# As with Redis: the broker's password has no write-only form, so it is in the state whatever makes it.
resource "random_password" "broker" {
  length  = 48
  special = false

  keepers = { version = var.password_version }
}

resource "aws_security_group" "this" {
  name        = "${var.name}-rabbitmq"
  description = "RabbitMQ broker"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-rabbitmq" }
}

resource "aws_mq_broker" "this" {
  broker_name        = var.name
  engine_type        = "RabbitMQ"
  engine_version     = var.engine_version
  host_instance_type = var.instance_type
  deployment_mode    = var.deployment_mode

  publicly_accessible = false
  security_groups     = [aws_security_group.this.id]
  subnet_ids          = var.deployment_mode == "SINGLE_INSTANCE" ? [var.subnet_ids[0]] : var.subnet_ids

  # Amazon MQ refuses RabbitMQ brokers without it.
  auto_minor_version_upgrade = true

  maintenance_window_start_time {
    day_of_week = "SUNDAY"
    time_of_day = "03:30"
    time_zone   = "UTC"
  }

  logs {
    general = true
  }

  user {
    username = local.username
    password = random_password.broker.result
  }
}

resource "aws_secretsmanager_secret" "uri" {
  name                    = "${var.name}/rabbitmq-uri"
  description             = "RabbitMQ connection string with its password."
  recovery_window_in_days = var.secret_recovery_window_days
}

resource "aws_secretsmanager_secret_version" "uri" {
  secret_id = aws_secretsmanager_secret.uri.id
  secret_string_wo = replace(
    local.endpoint, "amqps://", "amqps://${local.username}:${random_password.broker.result}@",
  )

  # A write-only value is written when this number changes, so it has to change with all that the value is made of.
  secret_string_wo_version = parseint(substr(sha256("${var.password_version} ${local.endpoint}"), 0, 8), 16)
}

# Event source mappings want user and password in this form.
resource "aws_secretsmanager_secret" "credentials" {
  name                    = "${var.name}/rabbitmq-credentials"
  description             = "User and password of the broker for event source mappings."
  recovery_window_in_days = var.secret_recovery_window_days
}

resource "aws_secretsmanager_secret_version" "credentials" {
  secret_id                = aws_secretsmanager_secret.credentials.id
  secret_string_wo         = jsonencode({ username = local.username, password = random_password.broker.result })
  secret_string_wo_version = var.password_version
}
