output "load_balancer" {
  description = "Name and hosted zone for the alias record of the public name."
  value = {
    dns_name = module.parley.load_balancer_dns_name
    zone_id  = module.parley.load_balancer_zone_id
  }
}

output "repository_urls" {
  description = "Where to push the image of each deployable."
  value       = module.parley.repository_urls
}

output "secrets_to_set" {
  description = "Secrets whose values operators put in."
  value       = module.parley.secrets_to_set
}

output "alarm_topic_arn" {
  description = "Topic of all alarms."
  value       = module.parley.alarm_topic_arn
}
