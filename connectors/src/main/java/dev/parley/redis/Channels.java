package dev.parley.redis;

import static dev.parley.redis.Script.arg;

import dev.parley.id.ChatId;
import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import dev.parley.wire.RoomEvent;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishing to and subscribing to channels, over sharded Pub/Sub. Thread-safe. One subscriber connection serves all
 * channels; its reader thread calls the listener, which must only hand over.
 */
@Singleton
public final class Channels {

    private static final Logger LOG = LoggerFactory.getLogger(Channels.class);

    private final RedisLink redis;
    private final Script typing;
    private final StatefulRedisPubSubConnection<String, byte[]> subscriber;
    private volatile @org.jspecify.annotations.Nullable Listener listener;

    /** Hears events. */
    public interface Listener {
        void received(String channel, RoomEvent event);

        void interrupted(String channel);

        void restored(String channel);
    }

    Channels(RedisLink redis) {
        this.redis = redis;
        this.typing = new Script(redis, "typing");
        this.subscriber = redis.openPubSub();
        subscriber.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void smessage(String channel, byte[] payload) {
                RoomEvent.decode(payload)
                        .ifPresentOrElse(
                                event -> java.util.Objects.requireNonNull(listener).received(channel, event),
                                () -> LOG.warn("dropped {} bytes on {}: not an event", payload.length, channel));
            }

            @Override
            public void ssubscribed(String channel, long count) {
                java.util.Objects.requireNonNull(listener).restored(channel);
            }
        });
    }

    /** Says who is told of events; the events of one channel come in the order in which they were published. */
    public void listen(Listener newListener) {
        this.listener = newListener;
    }

    /** Completes when Redis has confirmed: everything published after that will come. */
    public void subscribe(String channel) {
        var _ = subscriber.async().ssubscribe(channel);
    }

    public void unsubscribe(String channel) {
        var _ = subscriber.async().sunsubscribe(channel);
    }

    /** Tells every instance that serves the channel. */
    public CompletionStage<Long> publish(String channel, RoomEvent event) {
        return redis.commands().spublish(channel, event.encode());
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
        if (subscriber.isOpen()) {
            subscriber.close();
        }
    }
}
