# All of Parley in one region. Environments differ only in the variables they give to this module.
locals {
  name                        = "parley-${var.environment}"
  secret_recovery_window_days = var.protect ? 30 : 0

  # REDIS_URIS instead of REDIS_URI makes the programs speak to a cluster.
  secret_uris = {
    MONGODB_URI  = { arn = module.secrets.mongodb_arn }
    REDIS_URIS   = { arn = module.redis.uri_secret_arn }
    RABBITMQ_URI = { arn = module.rabbitmq.uri_secret_arn }
  }
  environment = {
    PARLEY_MODE = var.environment
    # The load balancer appends the caller's address to X-Forwarded-For.
    BEHIND_PROXY = "true"

    # Several brokers need replicated queues to survive the loss of one; on a single one they would only cost.
    PARLEY_RABBIT_QUORUM_QUEUES = tostring(var.rabbitmq.deployment_mode == "CLUSTER_MULTI_AZ")
  }
  search = { SEARCH_URI = module.search.uri }
  mail = {
    SMTP_HOST     = var.mail.host
    SMTP_PORT     = tostring(var.mail.port)
    SMTP_STARTTLS = tostring(var.mail.starttls)
    MAIL_FROM     = var.mail.from
    PUBLIC_URL    = var.public_url
  }
  mail_secrets = {
    SMTP_USERNAME = { arn = module.secrets.smtp_arn, key = "username" }
    SMTP_PASSWORD = { arn = module.secrets.smtp_arn, key = "password" }
  }

  # What each function needs beyond the three servers. Which functions there are and what they consume is in the queues
  # file; a consumer that is named there and missing here fails the plan, so no queue fills up unconsumed.
  function_needs = {
    persist = { environment = {}, secrets = {} }
    notify  = { environment = local.mail, secrets = local.mail_secrets }
    index   = { environment = local.search, secrets = {} }
  }
}

module "queues" {
  source = "../queues"
}

module "network" {
  source = "../network"

  name                    = local.name
  cidr                    = var.cidr
  availability_zone_count = var.availability_zone_count
  nat_per_zone            = var.nat_per_zone
  log_retention_days      = var.log_retention_days
}

module "registry" {
  source = "../registry"

  name         = local.name
  repositories = merge({ socket-tier = false }, { for name in keys(module.queues.by_consumer) : name => true })
  force_delete = !var.protect
}

module "secrets" {
  source = "../secrets"

  name                 = local.name
  recovery_window_days = local.secret_recovery_window_days
  jwt_secret_version   = var.secret_versions.jwt
}

module "redis" {
  source = "../redis"

  name                        = local.name
  vpc_id                      = module.network.vpc_id
  subnet_ids                  = module.network.private_subnet_ids
  node_type                   = var.redis.node_type
  shards                      = var.redis.shards
  replicas_per_shard          = var.redis.replicas_per_shard
  snapshot_retention_days     = var.redis.snapshot_retention_days
  log_retention_days          = var.log_retention_days
  secret_recovery_window_days = local.secret_recovery_window_days
  auth_version                = var.secret_versions.redis
}

module "rabbitmq" {
  source = "../rabbitmq"

  name                        = local.name
  vpc_id                      = module.network.vpc_id
  subnet_ids                  = module.network.private_subnet_ids
  deployment_mode             = var.rabbitmq.deployment_mode
  instance_type               = var.rabbitmq.instance_type
  engine_version              = var.rabbitmq.engine_version
  secret_recovery_window_days = local.secret_recovery_window_days
  password_version            = var.secret_versions.rabbitmq
}

module "search" {
  source = "../search"

  name                       = local.name
  vpc_id                     = module.network.vpc_id
  subnet_ids                 = module.network.private_subnet_ids
  engine_version             = var.search.engine_version
  instance_type              = var.search.instance_type
  instance_count             = var.search.instance_count
  volume_gib                 = var.search.volume_gib
  log_retention_days         = var.log_retention_days
  create_service_linked_role = var.search.create_service_linked_role
}

resource "aws_ecs_cluster" "this" {
  name = local.name

  # Alarms and the scaling of the functions read its metrics.
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

module "tier" {
  source = "../tier"

  name               = local.name
  vpc_id             = module.network.vpc_id
  public_subnet_ids  = module.network.public_subnet_ids
  private_subnet_ids = module.network.private_subnet_ids
  cluster_name       = aws_ecs_cluster.this.name
  cluster_arn        = aws_ecs_cluster.this.arn
  image              = "${module.registry.repository_urls["socket-tier"]}:${var.image_tag}"
  repository_arn     = module.registry.repository_arns["socket-tier"]
  architecture       = var.architecture
  cpu                = var.tier.cpu
  memory             = var.tier.memory
  min_tasks          = var.tier.min_tasks
  max_tasks          = var.tier.max_tasks
  environment = merge(local.environment, local.search, {
    DRAIN_LIMIT   = "110s" # ECS kills after 120 s.
    PARLEY_ADMINS = join(",", var.administrators)
  })
  secrets             = merge(local.secret_uris, { JWT_SECRET = { arn = module.secrets.jwt_arn } })
  certificate_arn     = var.certificate_arn
  deletion_protection = var.protect
  log_retention_days  = var.log_retention_days
}

module "functions" {
  source = "../functions"

  name    = local.name
  runtime = var.functions_runtime
  functions = {
    for name, queues in module.queues.by_consumer : name => {
      queues         = queues
      image          = "${module.registry.repository_urls[name]}:${var.image_tag}"
      repository_arn = module.registry.repository_arns[name]
      handler        = var.function_handler
      environment    = merge(local.environment, local.function_needs[name].environment)
      secrets        = merge(local.secret_uris, local.function_needs[name].secrets)
    }
  }
  architecture            = var.architecture
  cpu                     = var.functions.cpu
  memory                  = var.functions.memory
  min_tasks               = var.functions.min_tasks
  max_concurrency         = var.functions.max_concurrency
  backlog_per_task        = var.functions.backlog_per_task
  batch_size              = var.functions.batch_size
  batching_window_seconds = var.functions.batching_window_seconds
  timeout_seconds         = var.functions.timeout_seconds
  broker_arn              = module.rabbitmq.broker_arn
  broker_name             = module.rabbitmq.broker_name
  virtual_host            = module.rabbitmq.virtual_host
  broker_credentials_arn  = module.rabbitmq.credentials_secret_arn
  vpc_id                  = module.network.vpc_id
  subnet_ids              = module.network.private_subnet_ids
  cluster_name            = aws_ecs_cluster.this.name
  cluster_arn             = aws_ecs_cluster.this.arn
  log_retention_days      = var.log_retention_days
}

module "alarms" {
  source = "../alarms"

  name                 = local.name
  email_addresses      = var.alarm_email_addresses
  broker_name          = module.rabbitmq.broker_name
  virtual_host         = module.rabbitmq.virtual_host
  queue_depths         = module.queues.alarm_depths
  dead_letter_queues   = module.queues.dead_letter_queues
  retry_queues         = module.queues.retry_queues
  load_balancer_suffix = module.tier.load_balancer_suffix
  target_group_suffix  = module.tier.target_group_suffix
  redis_node_ids       = module.redis.node_ids
  search_domain_name   = module.search.domain_name
  lambda_names         = module.functions.lambda_names
  service_names        = module.functions.service_names
  cluster_name         = aws_ecs_cluster.this.name
}
