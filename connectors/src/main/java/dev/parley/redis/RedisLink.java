package dev.parley.redis;

import dev.parley.connect.ServerAwayException;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections to Redis: one shared, pipelined one for commands, and one per feed for Pub/Sub. The same commands work
 * on a single server, behind Sentinel and on a cluster. While the server is away commands fail at once instead of
 * waiting in a queue that nobody bounds; the client reconnects by itself.
 */
@Singleton
public final class RedisLink {

    private static final RedisCodec<String, byte[]> CODEC = RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

    private final @Nullable RedisClient single;
    private final @Nullable RedisClusterClient cluster;
    private final StatefulConnection<String, byte[]> connection;
    private final RedisClusterAsyncCommands<String, byte[]> commands;

    RedisLink(@Nullable RedisClient single, @Nullable RedisClusterClient cluster, RedisSettings settings) {
        Duration timeout = settings.commandTimeout();
        this.single = single;
        this.cluster = cluster;
        if (cluster != null) {
            cluster.setOptions(ClusterClientOptions.builder(ClusterClientOptions.create())
                    .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                    .timeoutOptions(TimeoutOptions.enabled(timeout))
                    .socketOptions(
                            SocketOptions.builder().connectTimeout(timeout).build())
                    .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                            .enableAllAdaptiveRefreshTriggers()
                            .enablePeriodicRefresh(Duration.ofSeconds(30))
                            .build())
                    .build());
            var shared = connected(() -> cluster.connect(CODEC));
            this.connection = shared;
            this.commands = shared.async();
        } else if (single != null) {
            single.setOptions(ClientOptions.builder()
                    .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                    .timeoutOptions(TimeoutOptions.enabled(timeout))
                    .socketOptions(
                            SocketOptions.builder().connectTimeout(timeout).build())
                    .build());
            var shared = connected(() -> single.connect(CODEC));
            this.connection = shared;
            this.commands = shared.async();
        } else {
            throw new IllegalStateException("redis.uri is not set");
        }
    }

    private static <T> T connected(Supplier<T> connect) {
        try {
            return connect.get();
        } catch (RedisConnectionException e) {
            throw new ServerAwayException("Redis", e);
        }
    }

    /** The shared connection's commands: asynchronous, pipelined, in the order of the calls of each thread. */
    RedisClusterAsyncCommands<String, byte[]> commands() {
        return commands;
    }

    <T> CompletionStage<T> call(
            java.util.function.Function<RedisClusterAsyncCommands<String, byte[]>, ? extends CompletionStage<T>> command) {
        return guarded(command.apply(commands));
    }

    /** The stage, with what the client throws turned into "Redis is away". */
    static <T> CompletionStage<T> guarded(CompletionStage<T> stage) {
        return stage.exceptionallyCompose(failure -> {
            Throwable cause = cause(failure);
            return CompletableFuture.failedStage(
                    cause instanceof RedisException ? new ServerAwayException("Redis", cause) : cause);
        });
    }

    /** What the client threw, without the wrapping that stages put around it. */
    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** A new connection for subscriptions. */
    StatefulRedisPubSubConnection<String, byte[]> openPubSub() {
        if (cluster != null) {
            return cluster.connectPubSub(CODEC);
        }
        if (single != null) {
            return single.connectPubSub(CODEC);
        }
        throw new IllegalStateException("redis.uri is not set");
    }

    /** Whether the shared connection is up. */
    public boolean isOpen() {
        return connection.isOpen();
    }

    @PreDestroy
    void close() {
        if (connection.isOpen()) {
            connection.close();
        }
    }
}
