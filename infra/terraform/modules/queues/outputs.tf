output "by_consumer" {
  description = "Names of the queues that each function consumes."
  value       = { for queue in local.topology.queues : queue.consumer => queue.name... }
}

output "alarm_depths" {
  description = "Waiting messages per queue above which somebody must look."
  value       = { for name, queue in local.queues : name => queue.alarmDepth }
}

output "dead_letter_queues" {
  description = "Dead-letter queue of each queue."
  value       = { for name in keys(local.queues) : name => "dlq-${name}" }
}

output "retry_queues" {
  description = "Delay queues of each queue, one per retry."
  value = {
    for name in keys(local.queues) : name => [
      for attempt in range(1, length(local.topology.retryDelaysMs) + 1) : "${name}.retry-${attempt}"
    ]
  }
}
