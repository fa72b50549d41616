output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "public_subnet_ids" {
  description = "Subnets of the load balancer."
  value       = values(aws_subnet.public)[*].id
}

output "private_subnet_ids" {
  description = "Subnets of everything else."
  value       = values(aws_subnet.private)[*].id

  # What starts in these subnets pulls its image through NAT at once.
  depends_on = [aws_route.nat, aws_route_table_association.private]
}
