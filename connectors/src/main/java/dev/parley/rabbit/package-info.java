/**
 * Everything that speaks to RabbitMQ: the queue port over confirmed publishing and batched consuming, the
 * live exchange, and the dead letters. Names and arguments
 * come from {@link dev.parley.queue.Topology}. Nothing else in the project sees the AMQP client.
 */
@NullMarked
package dev.parley.rabbit;

import org.jspecify.annotations.NullMarked;
