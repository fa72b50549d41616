/**
 * The queues: their names and arguments (read from {@code parley/queues.json}, which Terraform reads too), what travels
 * in them, and the port through which the tier and the functions use them. RabbitMQ stands behind the port in
 * production, an in-process twin in the local mode; one contract test holds for both.
 */
@NullMarked
package dev.parley.queue;

import org.jspecify.annotations.NullMarked;
