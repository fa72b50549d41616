locals {
  port = 8080
}

module "task" {
  source = "../ecs-task"

  name               = "${var.name}-tier"
  image              = var.image
  repository_arn     = var.repository_arn
  architecture       = var.architecture
  cpu                = var.cpu
  memory             = var.memory
  port               = local.port
  environment        = var.environment
  secrets            = var.secrets
  log_retention_days = var.log_retention_days
}

resource "aws_security_group" "tier" {
  name        = "${var.name}-tier"
  description = "Socket tier"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-tier" }
}

resource "aws_ecs_service" "this" {
  name            = "${var.name}-tier"
  cluster         = var.cluster_arn
  task_definition = module.task.task_definition_arn
  launch_type     = "FARGATE"
  desired_count   = var.min_tasks

  # New instances first, so that reconnecting clients find room.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = 90

  # Moving tasks between zones disconnects clients for no fault of theirs; placement at start spreads well enough.
  availability_zone_rebalancing = "DISABLED"

  enable_execute_command = false
  propagate_tags         = "SERVICE"

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.private_subnet_ids
    security_groups  = [aws_security_group.tier.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.tier.arn
    container_name   = module.task.container_name
    container_port   = local.port
  }

  lifecycle {
    ignore_changes = [desired_count] # Autoscaling decides after the start.
  }

  depends_on = [aws_lb_listener.https]
}

resource "aws_appautoscaling_target" "this" {
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${var.cluster_name}/${aws_ecs_service.this.name}"
  min_capacity       = var.min_tasks
  max_capacity       = var.max_tasks

  lifecycle {
    precondition {
      condition     = var.min_tasks >= 2 && var.min_tasks <= var.max_tasks && var.max_tasks <= 20
      error_message = "The tier runs on 2 to 20 instances."
    }
  }
}

locals {
  # Memory counts the JVM's whole heap, which it rarely gives back, so its target lies above the heap's share of 70 %.
  scaling_targets = {
    ECSServiceAverageCPUUtilization    = 60
    ECSServiceAverageMemoryUtilization = 85
  }
}

resource "aws_appautoscaling_policy" "this" {
  for_each = local.scaling_targets

  name               = "${var.name}-tier-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  resource_id        = aws_appautoscaling_target.this.resource_id

  target_tracking_scaling_policy_configuration {
    target_value = each.value

    # Growing must keep up with a storm; shrinking disconnects everybody on an instance, so it waits.
    scale_out_cooldown = 60
    scale_in_cooldown  = 900

    predefined_metric_specification {
      predefined_metric_type = each.key
    }
  }
}
