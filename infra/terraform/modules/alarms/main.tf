locals {
  queue_dimensions = { Broker = var.broker_name, VirtualHost = var.virtual_host }
  load_balancer    = { LoadBalancer = var.load_balancer_suffix }
  target_group     = { LoadBalancer = var.load_balancer_suffix, TargetGroup = var.target_group_suffix }
  search           = { DomainName = var.search_domain_name, ClientId = data.aws_caller_identity.current.account_id }

  defaults = { statistic = "Maximum", comparison = "GreaterThanThreshold", periods = 3, missing = "notBreaching" }

  # Every alarm on one metric, in one table; the key is the rest of the alarm's name.
  alarms = merge(
    {
      for queue, depth in var.queue_depths : "queue-${queue}" => merge(local.defaults, {
        description = "Messages wait in ${queue} faster than they are consumed."
        namespace   = "AWS/AmazonMQ"
        metric      = "MessageCount"
        dimensions  = merge(local.queue_dimensions, { Queue = queue })
        threshold   = depth
      })
    },
    {
      for queue, dead in var.dead_letter_queues : "queue-${dead}" => merge(local.defaults, {
        description = "Messages of ${queue} were given up. Look at them in the admin interface, then replay or drop them."
        namespace   = "AWS/AmazonMQ"
        metric      = "MessageCount"
        dimensions  = merge(local.queue_dimensions, { Queue = dead })
        threshold   = 0
        periods     = 1
      })
    },
    {
      broker-cpu = merge(local.defaults, {
        description = "The broker is near its limit; confirms, and with them acknowledgements, get slow."
        namespace   = "AWS/AmazonMQ"
        metric      = "SystemCpuUtilization"
        dimensions  = { Broker = var.broker_name }
        threshold   = 80
        periods     = 5
      })
      tier-unhealthy = merge(local.defaults, {
        description = "An instance of the tier is not ready."
        namespace   = "AWS/ApplicationELB"
        metric      = "UnHealthyHostCount"
        dimensions  = local.target_group
        threshold   = 0
      })
      tier-few-healthy = merge(local.defaults, {
        description = "Fewer than two instances of the tier are ready; the next failure is an outage."
        namespace   = "AWS/ApplicationELB"
        metric      = "HealthyHostCount"
        dimensions  = local.target_group
        statistic   = "Minimum"
        comparison  = "LessThanThreshold"
        threshold   = 2
        missing     = "breaching"
      })
      tier-5xx = merge(local.defaults, {
        description = "The tier answers requests with errors."
        namespace   = "AWS/ApplicationELB"
        metric      = "HTTPCode_Target_5XX_Count"
        dimensions  = local.target_group
        statistic   = "Sum"
        threshold   = var.max_5xx_per_minute
      })
      load-balancer-5xx = merge(local.defaults, {
        description = "The load balancer finds nobody to answer."
        namespace   = "AWS/ApplicationELB"
        metric      = "HTTPCode_ELB_5XX_Count"
        dimensions  = local.load_balancer
        statistic   = "Sum"
        threshold   = var.max_5xx_per_minute
      })
      search-red = merge(local.defaults, {
        description = "The search domain has lost part of its index."
        namespace   = "AWS/ES"
        metric      = "ClusterStatus.red"
        dimensions  = local.search
        threshold   = 0
        periods     = 1
      })
      search-writes-blocked = merge(local.defaults, {
        description = "The search domain refuses writes, mostly because its disks are full."
        namespace   = "AWS/ES"
        metric      = "ClusterIndexWritesBlocked"
        dimensions  = local.search
        threshold   = 0
        periods     = 1
      })
    },
    {
      for node in var.redis_node_ids : "redis-${node}-cpu" => merge(local.defaults, {
        description = "Redis node ${node} is near the limit of its one busy core."
        namespace   = "AWS/ElastiCache"
        metric      = "EngineCPUUtilization"
        dimensions  = { CacheClusterId = node }
        threshold   = 80
        periods     = 5
      })
    },
    {
      for node in var.redis_node_ids : "redis-${node}-memory" => merge(local.defaults, {
        description = "Redis node ${node} will soon evict keys."
        namespace   = "AWS/ElastiCache"
        metric      = "DatabaseMemoryUsagePercentage"
        dimensions  = { CacheClusterId = node }
        threshold   = 80
      })
    },
    {
      for name, function in var.lambda_names : "${name}-errors" => merge(local.defaults, {
        description = "Function ${name} fails whole batches; they are delivered again."
        namespace   = "AWS/Lambda"
        metric      = "Errors"
        dimensions  = { FunctionName = function }
        statistic   = "Sum"
        threshold   = 0
      })
    },
    {
      for name, function in var.lambda_names : "${name}-throttles" => merge(local.defaults, {
        description = "Function ${name} is at its concurrency limit."
        namespace   = "AWS/Lambda"
        metric      = "Throttles"
        dimensions  = { FunctionName = function }
        statistic   = "Sum"
        threshold   = 0
        periods     = 5
      })
    },
    {
      for name, service in var.service_names : "${name}-stopped" => merge(local.defaults, {
        description = "No task of function ${name} runs."
        namespace   = "ECS/ContainerInsights"
        metric      = "RunningTaskCount"
        dimensions  = { ClusterName = var.cluster_name, ServiceName = service }
        statistic   = "Minimum"
        comparison  = "LessThanThreshold"
        threshold   = 1
        missing     = "breaching"
      })
    },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = each.value.periods
  treat_missing_data  = each.value.missing

  alarm_actions = [aws_sns_topic.this.arn]
  ok_actions    = [aws_sns_topic.this.arn]
}

# Messages in retry are in none of the queues above. Many of them mean that something behind a function is away.
resource "aws_cloudwatch_metric_alarm" "retry" {
  for_each = var.retry_queues

  alarm_name          = "${var.name}-queue-${each.key}-retries"
  alarm_description   = "Many messages of ${each.key} wait for another try."
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.queue_depths[each.key]
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "waiting"
    label       = "Messages in retry"
    expression  = "SUM(METRICS())"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value

    content {
      id = "retry${metric_query.key}"

      metric {
        namespace   = "AWS/AmazonMQ"
        metric_name = "MessageCount"
        dimensions  = merge(local.queue_dimensions, { Queue = metric_query.value })
        stat        = "Maximum"
        period      = 60
      }
    }
  }

  alarm_actions = [aws_sns_topic.this.arn]
  ok_actions    = [aws_sns_topic.this.arn]
}
