# The programs read the same file, so a queue that is added there is consumed and watched here without an edit.
locals {
  topology = jsondecode(file("${path.module}/../../../../shared/src/main/resources/parley/queues.json"))
  queues   = { for queue in local.topology.queues : queue.name => queue }
}
