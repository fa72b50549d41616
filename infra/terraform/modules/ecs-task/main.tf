data "aws_region" "current" {}

locals {
  # The longest that Fargate waits. The tier's DRAIN_LIMIT stays below it.
  stop_timeout_seconds = 120

  # One descriptor per connection, and room for the connections to the servers behind.
  open_files = 65535
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name}"
  retention_in_days = var.log_retention_days
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

# What Fargate needs to start the task.
data "aws_iam_policy_document" "execution" {
  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"] # This action knows no resource.
  }

  statement {
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = [var.repository_arn]
  }

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }

  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = distinct([for secret in var.secrets : secret.arn])
  }
}

resource "aws_iam_role" "execution" {
  name               = "${var.name}-execution"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy" "execution" {
  name   = "start"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}

# The program itself calls no AWS interface, so its role may do nothing; without one it could not be told apart.
resource "aws_iam_role" "task" {
  name               = "${var.name}-task"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture == "arm64" ? "ARM64" : "X86_64"
  }

  container_definitions = jsonencode([
    {
      name         = var.name
      image        = var.image
      essential    = true
      portMappings = [{ containerPort = var.port, protocol = "tcp" }]
      environment  = [for name, value in merge(var.environment, { PORT = tostring(var.port) }) : { name = name, value = value }]
      secrets = [
        for name, secret in var.secrets : {
          name      = name
          valueFrom = secret.key == null ? secret.arn : "${secret.arn}:${secret.key}::"
        }
      ]
      stopTimeout     = local.stop_timeout_seconds
      ulimits         = [{ name = "nofile", softLimit = local.open_files, hardLimit = local.open_files }]
      linuxParameters = { capabilities = { drop = ["ALL"] } }
      # Liveness, not readiness: a program that waits for a server that is away must not be killed for it.
      healthCheck = {
        command     = ["CMD-SHELL", "curl -fsS -o /dev/null http://127.0.0.1:${var.port}/health/liveness"]
        interval    = 15
        timeout     = 5
        retries     = 4
        startPeriod = 60
      }
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.this.name
          awslogs-region        = data.aws_region.current.region
          awslogs-stream-prefix = "task"
        }
      }
    },
  ])

  depends_on = [aws_iam_role_policy.execution]
}
