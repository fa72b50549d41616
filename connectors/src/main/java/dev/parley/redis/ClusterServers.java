package dev.parley.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.event.ClusterTopologyChangedEvent;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes of a cluster. The client keeps one connection to each master, follows redirections, and learns who serves
 * which slot; what was under way on a connection that breaks is not sent again.
 */
final class ClusterServers implements RedisServers {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterServers.class);
    private static final Duration REFRESH_INTERVAL = Duration.ofSeconds(15);
    private static final int MAX_REDIRECTS = 5;

    private final RedisClusterClient client;
    private final RedisClient subscribers;
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile @Nullable StatefulRedisClusterConnection<String, byte[]> connected;

    ClusterServers(RedisClusterClient client, Duration timeout) {
        this.client = client;
        this.subscribers = RedisClient.create(client.getResources());
        subscribers.setOptions(SingleServer.options(SUBSCRIBER_TIMEOUT));
        ClusterClientOptions.Builder options = ClusterClientOptions.builder()
                .maxRedirects(MAX_REDIRECTS)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(MAX_UNDER_WAY)
                .timeoutOptions(TimeoutOptions.enabled(timeout))
                .socketOptions(SocketOptions.builder().connectTimeout(timeout).build())
                .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                        .enableAllAdaptiveRefreshTriggers()
                        .adaptiveRefreshTriggersTimeout(Duration.ofMillis(500))
                        .enablePeriodicRefresh(REFRESH_INTERVAL)
                        .build());
        options.replayFilter(command -> true);
        client.setOptions(options.build());
    }

    @Override
    public Shared connect(Runnable lost) {
        var connection = client.connect(CODEC);
        // Calls that wait for a node's first connection would be sent in the wrong order.
        for (RedisClusterNode node : connection.getPartitions()) {
            if (!node.hasNoSlots()) {
                try {
                    var _ = connection.getConnection(
                            node.getUri().getHost(), node.getUri().getPort());
                } catch (RedisException away) {
                    LOG.debug("{} is away", node.getUri(), away);
                }
            }
        }
        connected = connection;
        return new Shared(connection, connection.async());
    }

    /** As long as one node says that the cluster serves. */
    @Override
    public CompletionStage<Boolean> signOfLife(Shared shared) {
        List<CompletableFuture<Boolean>> asked = new ArrayList<>();
        CompletableFuture<Boolean> any = new CompletableFuture<>();
        var connection = (StatefulRedisClusterConnection<String, byte[]>) shared.connection();
        for (RedisClusterNode node : connection.getPartitions()) {
            if (!node.hasNoSlots()) {
                asked.add(connection
                        .getConnectionAsync(
                                node.getUri().getHost(), node.getUri().getPort())
                        .thenCompose(open -> open.async().clusterInfo())
                        .thenApply(info -> info.contains("cluster_state:ok"))
                        .whenComplete((serves, failure) -> {
                            if (failure == null && serves) {
                                any.complete(true);
                            }
                        }));
            }
        }
        CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).whenComplete((done, failure) -> {
            if (failure != null) {
                any.completeExceptionally(failure);
            }
            any.complete(false);
        });
        return any;
    }

    @Override
    public boolean oneForAll() {
        return false;
    }

    @Override
    public @Nullable Node nodeOf(String channel) {
        var connection = connected;
        RedisClusterNode master =
                connection == null ? null : connection.getPartitions().getMasterBySlot(SlotHash.getSlot(channel));
        return master == null ? null : node(master);
    }

    private static Node node(RedisClusterNode node) {
        return new Node(node.getUri().getHost() + ":" + node.getUri().getPort(), node.getUri());
    }

    @Override
    public boolean isKnown(Node node) {
        var connection = connected;
        return connection != null
                && connection.getPartitions().stream()
                        .anyMatch(known -> node(known).name().equals(node.name()));
    }

    @Override
    public StatefulRedisPubSubConnection<String, byte[]> connectSubscriber(Node node) {
        return subscribers.connectPubSub(CODEC, node.uri());
    }

    @Override
    public void whenMasterChanged(Runnable task) {
        var _ = client.getResources().eventBus().get().subscribe(event -> {
            if (event instanceof ClusterTopologyChangedEvent changed
                    && !masters(changed.before()).equals(masters(changed.after()))) {
                LOG.info("the masters of the cluster have changed");
                task.run();
            }
        });
    }

    private static Set<String> masters(List<RedisClusterNode> nodes) {
        return nodes.stream()
                .filter(node -> node.getRole().isUpstream() && !node.hasNoSlots())
                .map(RedisClusterNode::getNodeId)
                .collect(Collectors.toSet());
    }

    @Override
    public void lookAgain() {
        if (connected != null && looking.compareAndSet(false, true)) {
            var _ = client.refreshPartitionsAsync().whenComplete((done, failure) -> looking.set(false));
        }
    }

    @Override
    public void close() {
        subscribers.shutdown(Duration.ZERO, Duration.ofSeconds(1));
    }
}
