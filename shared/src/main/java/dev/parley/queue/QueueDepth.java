package dev.parley.queue;

/**
 * How much waits in a queue. Implementations: RabbitMQ and the in-process twin of the local mode; both pass {@code
 * QueueContract}. Thread-safe.
 */
public interface QueueDepth {

    /**
     * Messages that no consumer has taken yet. Blocks.
     *
     * @throws RuntimeException where nobody can say now
     */
    long waiting(QueueName queue);
}
