package dev.parley.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One server; where its URI names sentinels, every connection that is opened asks them for the master anew. Connections
 * do not reconnect by themselves, so that no command is ever sent twice.
 */
final class SingleServer implements RedisServers {

    private final RedisClient client;
    private final RedisClient subscribers;
    private final Node node;

    SingleServer(RedisClient client, RedisURI uri, Duration timeout) {
        this.client = client;
        this.subscribers = RedisClient.create(client.getResources());
        uri.setTimeout(timeout);
        this.node = new Node("redis", uri);
        client.setOptions(options(timeout));
        subscribers.setOptions(options(SUBSCRIBER_TIMEOUT));
    }

    static ClientOptions options(Duration timeout) {
        return ClientOptions.builder()
                .autoReconnect(false)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(MAX_UNDER_WAY)
                .timeoutOptions(TimeoutOptions.enabled(timeout))
                .socketOptions(SocketOptions.builder().connectTimeout(timeout).build())
                .build();
    }

    @Override
    public Shared connect(Runnable lost) {
        var connection = client.connect(CODEC, node.uri());
        connection.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> gone) {
                lost.run();
            }
        });
        if (!connection.isOpen()) {
            lost.run();
        }
        return new Shared(connection, connection.async());
    }

    @Override
    public CompletionStage<Boolean> signOfLife(Shared shared) {
        return shared.commands().ping().thenApply(pong -> true);
    }

    @Override
    public boolean oneForAll() {
        return true;
    }

    @Override
    public @Nullable Node nodeOf(String channel) {
        return node;
    }

    @Override
    public boolean isKnown(Node other) {
        return true;
    }

    @Override
    public StatefulRedisPubSubConnection<String, byte[]> connectSubscriber(Node there) {
        return subscribers.connectPubSub(CODEC, there.uri());
    }

    @Override
    public void whenMasterChanged(Runnable task) {
        // Another master is another connection.
    }

    @Override
    public void lookAgain() {
        // Every connection that is opened looks.
    }

    @Override
    public void close() {
        subscribers.shutdown(Duration.ZERO, Duration.ofSeconds(1));
    }
}
