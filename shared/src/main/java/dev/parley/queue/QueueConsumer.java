package dev.parley.queue;

import java.time.Duration;
import java.util.List;

/** Takes messages out of queues in batches. Implementations as for {@link QueuePublisher}. Thread-safe. */
public interface QueueConsumer {

    /**
     * How to take them.
     *
     * @param batchSize most messages in one batch; also how many may be out unacknowledged
     * @param maxWait how long a batch that is not full waits for more
     */
    record Options(int batchSize, Duration maxWait) {}

    /** Works on a batch. */
    @FunctionalInterface
    interface BatchHandler {

        /**
         * Called on a thread that may block, one batch at a time. Returning acknowledges the whole batch; throwing
         * puts it back, to be delivered again after a pause.
         */
        void handle(List<Delivery> batch) throws Exception;
    }

    /** A running consumer. */
    interface Subscription extends AutoCloseable {

        /** Whether messages come now, or would if there were any; false while the broker is away. */
        boolean isConsuming();

        /** Stops taking messages, waits for the batch at work and gives back what was not handled. */
        @Override
        void close();
    }

    /** Starts to consume; goes on by itself after the broker was away. */
    Subscription consume(QueueName queue, Options options, BatchHandler handler);
}
