package dev.parley.queue;

import java.util.Map;

/**
 * A message on its way into a queue.
 *
 * @param body shared, not copied; nobody writes into it
 * @param priority 0 to the queue's highest; higher ones overtake
 * @param headers values are strings or longs
 */
@SuppressWarnings("ArrayRecordComponent") // identity is never compared; the bytes are shared on purpose
public record Publication(Address address, byte[] body, int priority, Map<String, Object> headers) {

    public static Publication to(QueueName queue, byte[] body, int priority) {
        return new Publication(new Address.Main(queue), body, priority, Map.of());
    }
}
