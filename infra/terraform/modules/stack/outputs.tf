output "load_balancer_dns_name" {
  description = "The public name must be an alias of this one."
  value       = module.tier.dns_name
}

output "load_balancer_zone_id" {
  description = "Hosted zone of the load balancer, for alias records."
  value       = module.tier.zone_id
}

output "repository_urls" {
  description = "Where to push the image of each deployable."
  value       = module.registry.repository_urls
}

output "secrets_to_set" {
  description = "Secrets whose values operators put in."
  value       = { mongodb = module.secrets.mongodb_arn, smtp = module.secrets.smtp_arn }
}

output "alarm_topic_arn" {
  description = "Topic of all alarms."
  value       = module.alarms.topic_arn
}
