module "task" {
  source   = "../ecs-task"
  for_each = local.in_ecs

  name               = "${var.name}-${each.key}"
  image              = each.value.image
  repository_arn     = each.value.repository_arn
  architecture       = var.architecture
  cpu                = var.cpu
  memory             = var.memory
  port               = 8081
  environment        = each.value.environment
  secrets            = each.value.secrets
  log_retention_days = var.log_retention_days
}

resource "aws_ecs_service" "this" {
  for_each = local.in_ecs

  name            = "${var.name}-${each.key}"
  cluster         = var.cluster_arn
  task_definition = module.task[each.key].task_definition_arn
  launch_type     = "FARGATE"
  desired_count   = var.min_tasks

  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200

  enable_execute_command = false
  propagate_tags         = "SERVICE"

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.this[each.key].id]
    assign_public_ip = false
  }

  lifecycle {
    ignore_changes = [desired_count] # Autoscaling decides after the start.
  }
}

resource "aws_appautoscaling_target" "this" {
  for_each = local.in_ecs

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${var.cluster_name}/${aws_ecs_service.this[each.key].name}"
  min_capacity       = var.min_tasks
  max_capacity       = var.max_concurrency
}

# A consumer that waits for MongoDB shows no CPU; what counts is how much waits for it.
resource "aws_appautoscaling_policy" "backlog" {
  for_each = local.in_ecs

  name               = "${var.name}-${each.key}-backlog"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[each.key].service_namespace
  scalable_dimension = aws_appautoscaling_target.this[each.key].scalable_dimension
  resource_id        = aws_appautoscaling_target.this[each.key].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = var.backlog_per_task
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    customized_metric_specification {
      dynamic "metrics" {
        for_each = each.value.queues

        content {
          id          = "q${metrics.key}"
          label       = metrics.value
          return_data = false

          metric_stat {
            stat = "Average"

            metric {
              namespace   = "AWS/AmazonMQ"
              metric_name = "MessageCount"

              dimensions {
                name  = "Broker"
                value = var.broker_name
              }

              dimensions {
                name  = "VirtualHost"
                value = var.virtual_host
              }

              dimensions {
                name  = "Queue"
                value = metrics.value
              }
            }
          }
        }
      }

      metrics {
        id          = "tasks"
        label       = "Running tasks"
        return_data = false

        metric_stat {
          stat = "Average"

          metric {
            namespace   = "ECS/ContainerInsights"
            metric_name = "RunningTaskCount"

            dimensions {
              name  = "ClusterName"
              value = var.cluster_name
            }

            dimensions {
              name  = "ServiceName"
              value = aws_ecs_service.this[each.key].name
            }
          }
        }
      }

      metrics {
        id          = "backlog"
        label       = "Waiting messages per task"
        expression  = "(${join(" + ", [for index, _ in each.value.queues : "q${index}"])}) / tasks"
        return_data = true
      }
    }
  }
}
