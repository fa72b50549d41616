# Who may open a connection to whom. Each line is a rule on both sides; what is not here is refused.
locals {
  functions = keys(module.queues.by_consumer)
  internal = merge(
    {
      load-balancer-tier = { from = module.tier.load_balancer_security_group_id, to = module.tier.security_group_id, port = module.tier.port }
      tier-redis         = { from = module.tier.security_group_id, to = module.redis.security_group_id, port = module.redis.port }
      tier-rabbitmq      = { from = module.tier.security_group_id, to = module.rabbitmq.security_group_id, port = module.rabbitmq.port }
      tier-search        = { from = module.tier.security_group_id, to = module.search.security_group_id, port = 443 }
      index-search       = { from = module.functions.security_group_ids["index"], to = module.search.security_group_id, port = 443 }
    },
    {
      for name in local.functions : "${name}-redis" => {
        from = module.functions.security_group_ids[name], to = module.redis.security_group_id, port = module.redis.port
      }
    },
    {
      for name in local.functions : "${name}-rabbitmq" => {
        from = module.functions.security_group_ids[name], to = module.rabbitmq.security_group_id, port = module.rabbitmq.port
      }
    },
    # The pollers of event source mappings live in the broker's own security group.
    var.functions_runtime == "lambda" ? {
      pollers-rabbitmq = { from = module.rabbitmq.security_group_id, to = module.rabbitmq.security_group_id, port = module.rabbitmq.port }
    } : {},
  )

  programs = merge({ tier = module.tier.security_group_id }, module.functions.security_group_ids)

  # Image layers, secrets, logs and push services are reached over HTTPS.
  https = merge(local.programs, var.functions_runtime == "lambda" ? { pollers = module.rabbitmq.security_group_id } : {})

  mongodb = merge([
    for name in concat(["tier"], local.functions) : { for cidr in var.mongodb.cidrs : "${name}-${cidr}" => { name = name, cidr = cidr } }
  ]...)

  public_ports = { http = 80, https = 443 }
  public = merge([
    for name, port in local.public_ports : { for cidr in var.ingress_cidrs : "${name}-${cidr}" => { port = port, cidr = cidr } }
  ]...)
}

resource "aws_vpc_security_group_ingress_rule" "internal" {
  for_each = local.internal

  security_group_id            = each.value.to
  referenced_security_group_id = each.value.from
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = each.key
}

resource "aws_vpc_security_group_egress_rule" "internal" {
  for_each = local.internal

  security_group_id            = each.value.from
  referenced_security_group_id = each.value.to
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = each.key
}

resource "aws_vpc_security_group_ingress_rule" "public" {
  for_each = local.public

  security_group_id = module.tier.load_balancer_security_group_id
  cidr_ipv4         = each.value.cidr
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  description       = "clients"
}

resource "aws_vpc_security_group_egress_rule" "https" {
  for_each = local.https

  security_group_id = each.value
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  description       = "HTTPS"
}

resource "aws_vpc_security_group_egress_rule" "mongodb" {
  for_each = local.mongodb

  security_group_id = local.programs[each.value.name]
  cidr_ipv4         = each.value.cidr
  ip_protocol       = "tcp"
  from_port         = var.mongodb.from_port
  to_port           = var.mongodb.to_port
  description       = "MongoDB"
}

resource "aws_vpc_security_group_egress_rule" "mail" {
  security_group_id = module.functions.security_group_ids["notify"]
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = var.mail.port
  to_port           = var.mail.port
  description       = "Mail relay"
}
