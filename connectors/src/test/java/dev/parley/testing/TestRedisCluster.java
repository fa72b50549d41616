package dev.parley.testing;

import io.lettuce.core.MigrateArgs;
import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.SlotHash;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A Redis Cluster of three masters without replicas, each with a third of the slots; for one test class. */
public final class TestRedisCluster implements AutoCloseable {

    private static final int NODES = 3;
    private static final int MIGRATE_TIMEOUT_MS = 5_000;

    /** How long a node must be silent until the others hold it for dead. */
    private static final int NODE_TIMEOUT_MS = 2_000;

    private static final class Node {
        final String binary = TestRedis.binary();
        final int port = ServerProcess.freePort();
        final int busPort = ServerProcess.freePort();
        final Path directory = ServerProcess.temporaryDirectory("redis-cluster");
        ServerProcess process = start();

        ServerProcess start() {
            return ServerProcess.start(
                    directory,
                    Map.of(),
                    List.of(
                            binary,
                            "--bind",
                            "127.0.0.1",
                            "--port",
                            Integer.toString(port),
                            "--cluster-enabled",
                            "yes",
                            "--cluster-port",
                            Integer.toString(busPort),
                            "--cluster-node-timeout",
                            Integer.toString(NODE_TIMEOUT_MS),
                            "--save",
                            "",
                            "--appendonly",
                            "no"));
        }

        String uri() {
            return "redis://127.0.0.1:" + port;
        }
    }

    private final RedisClient client = RedisClient.create();
    private final List<Node> nodes = new ArrayList<>();
    private final int[] owners = new int[SlotHash.SLOT_COUNT];

    private TestRedisCluster() throws Exception {
        client.setDefaultTimeout(Duration.ofSeconds(5));
        for (int i = 0; i < NODES; i++) {
            nodes.add(new Node());
        }
        for (int i = 0; i < NODES; i++) {
            Node node = nodes.get(i);
            Await.until("a node answers", () -> answers(node));
            int from = SlotHash.SLOT_COUNT * i / NODES;
            int to = SlotHash.SLOT_COUNT * (i + 1) / NODES - 1;
            java.util.Arrays.fill(owners, from, to + 1, i);
            long epoch = i + 1L;
            ask(node, redis -> redis.clusterSetConfigEpoch(epoch));
            ask(node, redis -> redis.clusterAddSlotsRange(Range.create(from, to)));
            Node first = nodes.getFirst();
            if (node != first) {
                meet(node, first);
            }
        }
        awaitServing();
        System.out.printf("Redis: a cluster of %d local nodes%n", NODES);
    }

    /** Starts it; returns when every node says that it serves. */
    public static TestRedisCluster start() throws Exception {
        return new TestRedisCluster();
    }

    private void meet(Node node, Node other) {
        // The bus is not where a client library expects it.
        ask(
                node,
                redis -> redis.dispatch(
                        io.lettuce.core.protocol.CommandType.CLUSTER,
                        new io.lettuce.core.output.StatusOutput<>(io.lettuce.core.codec.StringCodec.UTF8),
                        new io.lettuce.core.protocol.CommandArgs<>(io.lettuce.core.codec.StringCodec.UTF8)
                                .add("MEET")
                                .add("127.0.0.1")
                                .add(other.port)
                                .add(other.busPort)));
    }

    /** Waits until every node says that the cluster serves all slots. */
    public void awaitServing() throws Exception {
        Await.until(
                "the cluster serves",
                Duration.ofSeconds(30),
                () -> nodes.stream().allMatch(this::serves));
    }

    private boolean serves(Node node) {
        try {
            String info = ask(node, RedisCommands::clusterInfo);
            return info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:" + NODES);
        } catch (RedisException away) {
            return false;
        }
    }

    private boolean answers(Node node) {
        try {
            return ask(node, RedisCommands::ping).equals("PONG");
        } catch (RedisException notYet) {
            return false;
        }
    }

    private <T> T ask(Node node, Function<RedisCommands<String, String>, T> question) {
        try (StatefulRedisConnection<String, String> connection = client.connect(RedisURI.create(node.uri()))) {
            return question.apply(connection.sync());
        }
    }

    /** For {@code redis.uris}. */
    public String uris() {
        return nodes.stream().map(Node::uri).collect(Collectors.joining(","));
    }

    /** A move of one slot to the next node, under way. */
    public final class Move {
        private final int slot;
        private final Node source;
        private final Node target;

        private Move(int slot, Node source, Node target) {
            this.slot = slot;
            this.source = source;
            this.target = target;
        }

        /** Brings over the keys and gives the slot to the target; returns when all nodes know. */
        public void finish() {
            List<String> keys = keys();
            while (!keys.isEmpty()) {
                MigrateArgs<String> all = MigrateArgs.Builder.keys(keys);
                ask(source, redis -> redis.migrate("127.0.0.1", target.port, 0, MIGRATE_TIMEOUT_MS, all));
                keys = keys();
            }
            String id = ask(target, RedisCommands::clusterMyId);
            ask(target, redis -> redis.clusterSetSlotNode(slot, id));
            ask(source, redis -> redis.clusterSetSlotNode(slot, id));
            for (Node node : nodes) {
                if (node != source && node != target) {
                    ask(node, redis -> redis.clusterSetSlotNode(slot, id));
                }
            }
            owners[slot] = nodes.indexOf(target);
        }

        private List<String> keys() {
            return ask(source, redis -> redis.clusterGetKeysInSlot(slot, 100));
        }
    }

    /** Announces that the slot of the key will move: its keys can be at either node until {@link Move#finish}. */
    public Move beginMove(String key) {
        int slot = SlotHash.getSlot(key);
        Node source = nodes.get(owners[slot]);
        Node target = nodes.get((owners[slot] + 1) % NODES);
        String sourceId = ask(source, RedisCommands::clusterMyId);
        String targetId = ask(target, RedisCommands::clusterMyId);
        ask(target, redis -> redis.clusterSetSlotImporting(slot, sourceId));
        ask(source, redis -> redis.clusterSetSlotMigrating(slot, targetId));
        return new Move(slot, source, target);
    }

    public void moveSlot(String key) {
        beginMove(key).finish();
    }

    /** Whether the channel has a subscriber, and only at the node that serves it. */
    public boolean isSubscribed(String channel) {
        int owner = owners[SlotHash.getSlot(channel)];
        for (int i = 0; i < NODES; i++) {
            long subscribers =
                    ask(nodes.get(i), redis -> redis.pubsubShardNumsub(channel)).getOrDefault(channel, 0L);
            if (subscribers != (i == owner ? 1 : 0)) {
                return false;
            }
        }
        return true;
    }

    /** SIGKILL of the node that serves the key. */
    public void killNodeOf(String key) {
        nodes.get(owners[SlotHash.getSlot(key)]).process.kill();
    }

    /** Starts again what was killed, empty but for what it knows of the cluster. */
    public void restart() {
        for (Node node : nodes) {
            if (!node.process.isAlive()) {
                node.process = node.start();
            }
        }
    }

    @Override
    public void close() {
        nodes.forEach(node -> node.process.kill());
        client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
    }
}
