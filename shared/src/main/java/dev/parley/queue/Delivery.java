package dev.parley.queue;

import java.util.Map;

/**
 * A message out of a queue.
 *
 * @param redelivered whether somebody may have seen it before
 */
@SuppressWarnings("ArrayRecordComponent") // identity is never compared; the bytes are shared on purpose
public record Delivery(QueueName queue, byte[] body, int priority, Map<String, Object> headers, boolean redelivered) {}
