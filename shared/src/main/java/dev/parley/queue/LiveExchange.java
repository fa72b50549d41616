package dev.parley.queue;

import java.util.concurrent.CompletionStage;

/**
 * Events on their way to every tier instance without Redis: a topic exchange and one exclusive queue per instance. Nothing
 * is kept: who does not listen misses it, and is told when that may have happened. Implementations: RabbitMQ and the
 * in-process twin of the local mode; both pass {@code LiveExchangeContract}. Thread-safe.
 *
 * <p>An event travels by the bucket of its channel ({@link Topology.Live#bucket}), not by the channel itself. Every member
 * of a cluster holds every binding, and each that comes or goes is a transaction of the whole cluster: with buckets an
 * instance has at most 1,024 of them however many chats it serves, and soon they no longer change. The price is that
 * events of other channels come along; the listening side drops them.
 */
public interface LiveExchange {

    /**
     * Publishes an event; those of one thread to one channel keep their order.
     *
     * @param channel any text without a line feed
     * @param event shared, not copied; nobody writes into it
     * @return completes when the broker has it, and exceptionally with {@link PublishException} when it was refused or not
     *     confirmed in time. Nobody listening is not a failure. The stage may complete on a thread that must not be blocked.
     */
    CompletionStage<Void> publish(String channel, byte[] event);

    /** Starts to listen, to no channel yet; one listener per instance. Goes on by itself after the broker was away. */
    Listening listen(Listener listener);

    /** Hears events. Called by one thread at a time, which must not be held up: it must only hand over. */
    interface Listener {

        /** An event of a channel that was added. Those of one channel from one publisher come in their order. */
        void received(String channel, byte[] event);

        /** The connection or the queue was lost, or events came faster than they were taken: some may be missed from here on. */
        void interrupted();

        /** Everything published from now on to the channels added so far arrives. Also called after the first connect. */
        void restored();

        /**
         * Everything published from now on to this channel arrives. Called once after each {@link Listening#add} of a
         * channel that was not there, unless {@link #restored} says the same.
         */
        default void listening(String channel) {}
    }

    /** A running listener. */
    interface Listening extends AutoCloseable {

        /** Wants the events of the channel. Never blocks, never fails; counts, so each call wants its {@link #remove}. */
        void add(String channel);

        /** Takes one {@link #add} back. */
        void remove(String channel);

        /** Ends it; after that the listener is not called any more. Do not call it from the listener. */
        @Override
        void close();
    }
}
