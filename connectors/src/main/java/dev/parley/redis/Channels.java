package dev.parley.redis;

import static dev.parley.redis.Script.arg;

import dev.parley.id.ChatId;
import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import dev.parley.wire.RoomEvent;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Publishing to and subscribing to channels, over sharded Pub/Sub. Thread-safe. */
@Singleton
public final class Channels {

    /**
     * Who is told of events. Calls for one channel come one after the other, in order; whoever is called must only hand
     * over.
     */
    public interface Listener {
        /** An event, in the order of the channel. */
        void received(String channel, RoomEvent event);

        /**
         * Events published from here on may be missed, until {@link #restored}; nothing is received in between. Called
         * once for each channel that was subscribed. It is told when it is noticed: what was published just before may be
         * missing too, so the last event received is where to look from, not this moment.
         */
        void interrupted(String channel);

        /**
         * Redis has confirmed the subscription, for the first time or again after an interruption: everything published
         * from now on arrives. Called before any event that arrives after it, on the thread that brings those.
         */
        void restored(String channel);
    }

    private final RedisLink redis;
    private final Script typing;
    private final Subscriptions subscriptions;

    /** Those of the channels whose names begin so; null for the listener of all others. */
    private record Listening(@Nullable String prefix, Listener listener) {}

    private final List<Listening> listeners = new CopyOnWriteArrayList<>();

    Channels(RedisLink redis, RedisServers servers) {
        this.redis = redis;
        this.typing = new Script(redis, "typing");
        this.subscriptions = new Subscriptions(servers);
        subscriptions.listen(new Dispatch());
    }

    /**
     * Says who is told of all channels that nobody else listens to, instead of whoever was before; before the first of them
     * is subscribed to.
     */
    public synchronized void listen(Listener listener) {
        listeners.removeIf(one -> one.prefix() == null);
        listeners.addLast(new Listening(null, listener));
    }

    /** The same of the channels whose names begin so. */
    public synchronized void listen(String prefix, Listener listener) {
        listeners.removeIf(one -> prefix.equals(one.prefix()));
        listeners.addFirst(new Listening(prefix, listener));
    }

    private final class Dispatch implements Listener {
        @Override
        public void received(String channel, RoomEvent event) {
            of(channel).received(channel, event);
        }

        @Override
        public void interrupted(String channel) {
            of(channel).interrupted(channel);
        }

        @Override
        public void restored(String channel) {
            of(channel).restored(channel);
        }

        private Listener of(String channel) {
            for (Listening one : listeners) {
                if (one.prefix() == null || channel.startsWith(one.prefix())) {
                    return one.listener();
                }
            }
            throw new IllegalStateException("nobody listens to " + channel);
        }
    }

    /**
     * Wants the channel's events. Never fails: it is tried until Redis confirms, and again whenever the subscription was
     * interrupted.
     */
    public void subscribe(String channel) {
        subscriptions.subscribe(channel);
    }

    /** Wants them no more; a call that is under way may still come. */
    public void unsubscribe(String channel) {
        subscriptions.unsubscribe(channel);
    }

    /** Tells every instance that serves the channel. */
    public CompletionStage<Long> publish(String channel, RoomEvent event) {
        return redis.call(commands -> commands.spublish(channel, event.encode()));
    }

    /** Notes that a user is typing, or has stopped, and tells the chat. */
    public CompletionStage<Long> typing(ChatId chat, UserId user, boolean isTyping, RoomEvent event) {
        return typing.integer(
                new String[] {RedisKeys.typing(chat, user)},
                arg(isTyping ? RedisKeys.TYPING_TTL.toSeconds() : 0),
                arg(RedisKeys.chatChannel(chat)),
                event.encode());
    }

    @PreDestroy
    void close() {
        subscriptions.close();
    }
}
