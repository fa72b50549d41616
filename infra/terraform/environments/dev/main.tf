# Small and cheap: one broker, one NAT gateway, and everything goes when it is destroyed.
module "parley" {
  source = "../../modules/stack"

  environment           = "dev"
  image_tag             = var.image_tag
  certificate_arn       = var.certificate_arn
  public_url            = var.public_url
  administrators        = var.administrators
  alarm_email_addresses = var.alarm_email_addresses
  mail                  = var.mail
  mongodb               = { cidrs = var.mongodb_cidrs }
  functions_runtime     = var.functions_runtime
  secret_versions       = var.secret_versions

  cidr               = "10.20.0.0/16"
  nat_per_zone       = false
  log_retention_days = 7
  protect            = false

  tier      = { cpu = 1024, memory = 2048, max_tasks = 4 }
  functions = { min_tasks = 1, max_concurrency = 2 }
  redis     = { node_type = "cache.t4g.small", shards = 2, snapshot_retention_days = 0 }
  rabbitmq  = { deployment_mode = "SINGLE_INSTANCE", instance_type = "mq.m7g.medium" }
  search    = { instance_type = "t3.small.search", instance_count = 1, volume_gib = 10 }
}
