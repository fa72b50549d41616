output "dns_name" {
  description = "Name of the load balancer; the public name is an alias of it."
  value       = aws_lb.this.dns_name
}

output "zone_id" {
  description = "Hosted zone of the load balancer, for alias records."
  value       = aws_lb.this.zone_id
}

output "load_balancer_suffix" {
  description = "The load balancer, as CloudWatch knows it."
  value       = aws_lb.this.arn_suffix
}

output "target_group_suffix" {
  description = "The target group, as CloudWatch knows it."
  value       = aws_lb_target_group.tier.arn_suffix
}

output "port" {
  description = "Port of the tier."
  value       = local.port
}

output "security_group_id" {
  description = "Security group of the tasks."
  value       = aws_security_group.tier.id
}

output "load_balancer_security_group_id" {
  description = "Security group of the load balancer."
  value       = aws_security_group.load_balancer.id
}
