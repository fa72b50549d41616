package dev.parley.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Where Redis is: one server, which Sentinel may have to be asked for, or the nodes of a cluster. Opens connections and
 * keeps none but for knowing the cluster. What blocks does so for the command timeout at most. Thread-safe.
 */
sealed interface RedisServers extends AutoCloseable permits SingleServer, ClusterServers {

    RedisCodec<String, byte[]> CODEC = RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

    /** Longer than a command may take: a subscription that is cut costs everybody in its channel a look at history. */
    Duration SUBSCRIBER_TIMEOUT = Duration.ofSeconds(2);

    /** Commands under way on a connection at most; further ones are refused at once. */
    int MAX_UNDER_WAY = 100_000;

    /** An open connection for commands. */
    record Shared(StatefulConnection<String, byte[]> connection, RedisClusterAsyncCommands<String, byte[]> commands) {}

    /** A server that channels are subscribed at. */
    record Node(String name, RedisURI uri) {}

    /**
     * Opens a connection for commands; blocks.
     *
     * @param lost is run when it has broken for good
     */
    Shared connect(Runnable lost);

    /** Asks for a sign of life; fails with whatever the client throws. */
    CompletionStage<Boolean> signOfLife(Shared shared);

    /**
     * Whether all calls go to the same server, so that the failure of one says something of the others. On a cluster a
     * call that fails says nothing but that one node is away; there only {@link #signOfLife} tells.
     */
    boolean oneForAll();

    /** Where the channel is published; null while nobody knows. */
    @Nullable
    Node nodeOf(String channel);

    /** Whether channels may be published there. */
    boolean isKnown(Node node);

    /** Opens a connection for subscriptions, which does not reconnect; blocks. */
    StatefulRedisPubSubConnection<String, byte[]> connectSubscriber(Node node);

    /**
     * Has the task run when a replica may have become a master without any connection of ours being lost; it must not block
     * or throw.
     */
    void whenMasterChanged(Runnable task);

    /** Something has moved: finds out what is where, soon. */
    void lookAgain();

    @Override
    void close();
}
