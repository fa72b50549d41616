resource "aws_cloudwatch_log_group" "lambda" {
  for_each = local.in_lambda

  name              = "/aws/lambda/${var.name}-${each.key}"
  retention_in_days = var.log_retention_days
}

data "aws_iam_policy_document" "lambda_assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "lambda" {
  for_each = local.in_lambda

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.lambda[each.key].arn}:*"]
  }

  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = distinct(concat([var.broker_credentials_arn], [for secret in each.value.secrets : secret.arn]))
  }

  statement {
    actions   = ["mq:DescribeBroker"]
    resources = [var.broker_arn]
  }

  # Lambda puts its network interfaces, and those of the mapping's pollers, into the subnets; none of these actions can
  # be narrowed to a subnet or group when Lambda checks them.
  statement {
    actions = [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSubnets",
      "ec2:DescribeVpcs",
      "ec2:UnassignPrivateIpAddresses",
    ]
    resources = ["*"]
  }

  # The permissions above are Lambda's. The function's own code must not use them.
  statement {
    effect = "Deny"
    actions = [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSubnets",
      "ec2:DescribeVpcs",
      "ec2:UnassignPrivateIpAddresses",
    ]
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "lambda:SourceFunctionArn"
      values   = [local.function_arns[each.key]]
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  # Written out, because the functions depend on the policies that name them.
  function_arns = {
    for name in keys(local.in_lambda) : name => join(":", [
      "arn", data.aws_partition.current.partition, "lambda", data.aws_region.current.region,
      data.aws_caller_identity.current.account_id, "function", "${var.name}-${name}",
    ])
  }
}

resource "aws_iam_role" "lambda" {
  for_each = local.in_lambda

  name               = "${var.name}-${each.key}-lambda"
  assume_role_policy = data.aws_iam_policy_document.lambda_assume.json
}

resource "aws_iam_role_policy" "lambda" {
  for_each = local.in_lambda

  name   = "run"
  role   = aws_iam_role.lambda[each.key].id
  policy = data.aws_iam_policy_document.lambda[each.key].json
}

resource "aws_lambda_function" "this" {
  for_each = local.in_lambda

  function_name = "${var.name}-${each.key}"
  role          = aws_iam_role.lambda[each.key].arn
  package_type  = "Image"
  image_uri     = each.value.image
  architectures = [var.architecture]
  memory_size   = var.memory
  timeout       = var.timeout_seconds

  reserved_concurrent_executions = var.max_concurrency

  # The same image runs in ECS; in Lambda another program starts in it, which fetches the secrets first.
  image_config {
    entry_point = ["/app/lambda-entry"]
    command     = [each.value.handler]
  }

  # Lambda's environment is readable to whoever may describe the function, so it names secrets and holds none.
  environment {
    variables = merge(each.value.environment, {
      PARLEY_SECRETS = jsonencode({
        for name, secret in each.value.secrets : name => secret.key == null ? { arn = secret.arn } : { arn = secret.arn, key = secret.key }
      })
    })
  }

  vpc_config {
    subnet_ids         = var.subnet_ids
    security_group_ids = [aws_security_group.this[each.key].id]
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.lambda[each.key].name
  }

  depends_on = [aws_iam_role_policy.lambda]
}

locals {
  mappings = merge([
    for name, function in local.in_lambda : { for queue in function.queues : queue => name }
  ]...)
}

# A mapping takes one queue. The tier and the functions declare the queues when they start; a mapping made before that
# waits for its queue.
resource "aws_lambda_event_source_mapping" "this" {
  for_each = local.mappings

  event_source_arn = var.broker_arn
  function_name    = aws_lambda_function.this[each.value].arn
  queues           = [each.key]

  batch_size                         = var.batch_size
  maximum_batching_window_in_seconds = var.batching_window_seconds

  source_access_configuration {
    type = "BASIC_AUTH"
    uri  = var.broker_credentials_arn
  }

  source_access_configuration {
    type = "VIRTUAL_HOST"
    uri  = var.virtual_host
  }
}
