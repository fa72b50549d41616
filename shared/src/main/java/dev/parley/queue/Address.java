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
     */
    record Retry(QueueName queue, int attempt) implements Address {}

    /** The queue's dead letters. */
    record DeadLetter(QueueName queue) implements Address {}
}
