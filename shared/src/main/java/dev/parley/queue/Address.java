package dev.parley.queue;

/** Where a publication goes. */
public sealed interface Address {

    QueueName queue();

    /** The queue itself. */
    record Main(QueueName queue) implements Address {}

    /**
     * Back to the queue after a delay.
     *
     * @param attempt which try has failed, from 1 to the number of delays
     * @param share how much of that delay, above 0 and at most 1. A message waits at least as long as those that were
     *     published to the same delay before it
     */
    record Retry(QueueName queue, int attempt, double share) implements Address {

        public Retry {
            if (!(share > 0 && share <= 1)) {
                throw new IllegalArgumentException("share " + share);
            }
        }

        /** After the whole delay. */
        public Retry(QueueName queue, int attempt) {
            this(queue, attempt, 1);
        }

        public long delayMs(Topology topology) {
            return Math.max(1, Math.round(topology.retryDelaysMs().get(attempt - 1) * share));
        }
    }

    /** The queue's dead letters. */
    record DeadLetter(QueueName queue) implements Address {}
}
