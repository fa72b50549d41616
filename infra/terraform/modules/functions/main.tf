locals {
  in_lambda = { for name, function in var.functions : name => function if var.runtime == "lambda" }
  in_ecs    = { for name, function in var.functions : name => function if var.runtime == "ecs" }
}

# One group per function: only the index function reaches the search domain, only notify a mail relay.
resource "aws_security_group" "this" {
  for_each = var.functions

  name        = "${var.name}-${each.key}"
  description = "Function ${each.key}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-${each.key}" }
}
