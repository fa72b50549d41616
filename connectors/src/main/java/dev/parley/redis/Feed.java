package dev.parley.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The subscriber connection to one server: opened again and again, and asked for a sign of life, because a connection
 * whose other end has vanished looks like one on which nothing is said. Its own thread does both.
 */
final class Feed implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Feed.class);
    private static final Duration PING_INTERVAL = Duration.ofSeconds(2);

    /** What happens on the connection. All but {@code up} come on the connection's own thread, in order. */
    interface Events {
        void up(Session session);

        void subscribed(Session session, String channel);

        void unsubscribed(Session session, String channel);

        void message(Session session, String channel, byte[] payload);

        /** Nothing more comes; may come twice, and on another thread. */
        void lost(Session session);
    }

    /** The life of one connection. What is written goes out with the next {@link #flush}. */
    static final class Session {
        final Feed feed;
        private final StatefulRedisPubSubConnection<String, byte[]> connection;
        private final CountDownLatch lost = new CountDownLatch(1);

        Session(Feed feed, StatefulRedisPubSubConnection<String, byte[]> connection) {
            this.feed = feed;
            this.connection = connection;
        }

        /** The stage tells of failures; that it was done is heard from {@link Events}, in the order of the messages. */
        CompletionStage<Void> subscribe(String channel) {
            return connection.async().ssubscribe(channel);
        }

        CompletionStage<Void> unsubscribe(String channel) {
            return connection.async().sunsubscribe(channel);
        }

        void flush() {
            connection.flushCommands();
        }

        private void end() {
            if (connection.isOpen()) {
                var _ = connection.closeAsync();
            }
        }

        private void staysAlive() throws InterruptedException {
            while (!lost.await(PING_INTERVAL.toNanos(), TimeUnit.NANOSECONDS)) {
                RedisFuture<String> pong = connection.async().ping();
                flush();
                if (!pong.await(RedisServers.SUBSCRIBER_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS)
                        || pong.toCompletableFuture().isCompletedExceptionally()) {
                    LOG.warn("the subscriber connection to {} does not answer", feed.node.name());
                    return;
                }
            }
        }
    }

    private final RedisServers servers;
    private final RedisServers.Node node;
    private final Events events;
    private final Thread thread;
    private volatile @Nullable Session session;
    private volatile boolean closed;

    Feed(RedisServers servers, RedisServers.Node node, Events events) {
        this.servers = servers;
        this.node = node;
        this.events = events;
        this.thread = Thread.ofVirtual().name("redis-feed").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    RedisServers.Node node() {
        return node;
    }

    /** The connection that is open; null while there is none. */
    @Nullable
    Session session() {
        return session;
    }

    private void run() {
        while (!closed) {
            long start = System.nanoTime();
            try {
                Session opened = open();
                try {
                    session = opened;
                    events.up(opened);
                    opened.staysAlive();
                } finally {
                    session = null;
                    events.lost(opened);
                    opened.end();
                }
                if (!closed) {
                    servers.lookAgain();
                    LOG.warn("the subscriber connection to {} is lost", node.name());
                    // At once, unless it was lost as soon as it was open.
                    sleep(RedisLink.RETRY.minusNanos(System.nanoTime() - start));
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.debug("no subscriber connection to {}", node.name(), e);
                try {
                    servers.lookAgain();
                    sleep(RedisLink.RETRY);
                } catch (InterruptedException interrupted) {
                    return;
                }
            }
        }
    }

    private static void sleep(Duration duration) throws InterruptedException {
        if (duration.isPositive()) {
            Thread.sleep(duration);
        }
    }

    private Session open() {
        var connection = servers.connectSubscriber(node);
        connection.setAutoFlushCommands(false);
        Session opened = new Session(this, connection);
        connection.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void smessage(String channel, byte[] payload) {
                events.message(opened, channel, payload);
            }

            @Override
            public void ssubscribed(String channel, long count) {
                events.subscribed(opened, channel);
            }

            @Override
            public void sunsubscribed(String channel, long count) {
                events.unsubscribed(opened, channel);
            }
        });
        connection.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> gone) {
                events.lost(opened);
                opened.lost.countDown();
            }
        });
        return opened;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        Session open = session;
        if (open != null) {
            open.end();
        }
    }
}
