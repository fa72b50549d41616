package dev.parley.queue;

import java.util.concurrent.CompletionStage;

/**
 * Puts messages into queues. Implementations: RabbitMQ with publisher confirms, and the in-process twin of the local
 * mode; both pass {@code QueueContract}. Thread-safe; publications of one thread to one address keep their order.
 */
public interface QueuePublisher {

    /**
     * Publishes.
     *
     * @return completes when the message is as safe as the queue promises (written to disk for a durable queue), and
     *     exceptionally with {@link PublishException} when it was refused, could not be routed or was not confirmed in
     *     time. Without a confirmation the message may or may not be in the queue. The stage may complete on a thread
     *     that must not be blocked.
     */
    CompletionStage<Void> publish(Publication publication);
}
