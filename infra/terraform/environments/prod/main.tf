# Three zones, so that losing one leaves a majority of brokers and two thirds of everything else.
module "parley" {
  source = "../../modules/stack"

  environment           = "prod"
  image_tag             = var.image_tag
  certificate_arn       = var.certificate_arn
  public_url            = var.public_url
  administrators        = var.administrators
  alarm_email_addresses = var.alarm_email_addresses
  mail                  = var.mail
  mongodb               = { cidrs = var.mongodb_cidrs }
  functions_runtime     = var.functions_runtime
  secret_versions       = var.secret_versions

  cidr                    = "10.30.0.0/16"
  availability_zone_count = 3
  nat_per_zone            = true
  log_retention_days      = 90
  protect                 = true

  tier      = { cpu = 2048, memory = 4096, min_tasks = 3, max_tasks = 20 }
  functions = { cpu = 1024, memory = 2048, max_concurrency = 20 }
  redis     = { node_type = "cache.r7g.large", shards = 3, replicas_per_shard = 1 }
  rabbitmq  = { deployment_mode = "CLUSTER_MULTI_AZ", instance_type = "mq.m7g.large" }
  search    = { instance_type = "r7g.large.search", instance_count = 3, volume_gib = 100 }
}
