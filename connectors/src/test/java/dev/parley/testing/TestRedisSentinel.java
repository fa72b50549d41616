package dev.parley.testing;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.sentinel.api.StatefulRedisSentinelConnection;
import io.lettuce.core.sentinel.api.sync.RedisSentinelCommands;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** A Redis master, a replica, and a sentinel that watches them; for one test. */
public final class TestRedisSentinel implements AutoCloseable {

    private static final String NAME = "parley";

    private final RedisClient client = RedisClient.create();
    private final String binary = TestRedis.binary();
    private final int sentinelPort = ServerProcess.freePort();
    private final List<Integer> ports = List.of(ServerProcess.freePort(), ServerProcess.freePort());
    private final List<ServerProcess> servers = new ArrayList<>();
    private final ServerProcess sentinel;

    private TestRedisSentinel() throws Exception {
        client.setDefaultTimeout(Duration.ofSeconds(5));
        servers.add(server(ports.get(0), List.of()));
        servers.add(server(ports.get(1), List.of("--replicaof", "127.0.0.1 " + ports.get(0))));
        Path directory = ServerProcess.temporaryDirectory("redis-sentinel");
        Path configuration = directory.resolve("sentinel.conf");
        // It asks its servers for their replicas every ten seconds, so those should be there before it.
        Await.until("the replica follows", Duration.ofSeconds(30), () -> {
            try (var connection = client.connect(RedisURI.create("redis://127.0.0.1:" + ports.get(1)))) {
                return connection.sync().info("replication").contains("master_link_status:up");
            } catch (RedisException notYet) {
                return false;
            }
        });
        this.sentinel = sentinel(directory, configuration);
        Await.until("the sentinel knows the replica", Duration.ofSeconds(60), () -> {
            try {
                if (!sentinel.isAlive()) {
                    throw new IllegalStateException(Files.readString(directory.resolve("server.log")));
                }
                return ask(sentinels -> sentinels.replicas(NAME)).stream()
                        .anyMatch(replica ->
                                "slave".equals(replica.get("flags")) && "ok".equals(replica.get("master-link-status")));
            } catch (RedisException notYet) {
                return false;
            }
        });
        System.out.println("Redis: a local master, a replica and a sentinel");
    }

    /** Starts all three. */
    public static TestRedisSentinel start() throws Exception {
        return new TestRedisSentinel();
    }

    private ServerProcess server(int port, List<String> more) {
        List<String> command = new ArrayList<>(List.of(
                binary,
                "--bind",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--repl-diskless-sync-delay",
                "0",
                "--save",
                "",
                "--appendonly",
                "no"));
        command.addAll(more);
        return ServerProcess.start(ServerProcess.temporaryDirectory("redis"), Map.of(), command);
    }

    private ServerProcess sentinel(Path directory, Path configuration) throws IOException {
        Files.writeString(configuration, """
                port %d
                bind 127.0.0.1
                sentinel monitor %s 127.0.0.1 %d 1
                sentinel down-after-milliseconds %s 1000
                sentinel failover-timeout %s 10000
                """.formatted(sentinelPort, NAME, ports.getFirst(), NAME, NAME));
        return ServerProcess.start(directory, Map.of(), List.of(binary, configuration.toString(), "--sentinel"));
    }

    private <T> T ask(Function<RedisSentinelCommands<String, String>, T> question) {
        try (StatefulRedisSentinelConnection<String, String> connection =
                client.connectSentinel(RedisURI.create("127.0.0.1", sentinelPort))) {
            return question.apply(connection.sync());
        }
    }

    /** For {@code redis.uri}; the first of the sentinels in it does not exist. */
    public String uri() {
        return "redis-sentinel://127.0.0.1:%d,127.0.0.1:%d/0#%s"
                .formatted(ServerProcess.freePort(), sentinelPort, NAME);
    }

    /** The port of the master that the sentinel names. */
    public int master() {
        return ask(sentinels ->
                ((InetSocketAddress) Objects.requireNonNull(sentinels.getMasterAddrByName(NAME))).getPort());
    }

    /** SIGKILL of the master. */
    public void killMaster() {
        servers.get(ports.indexOf(master())).kill();
    }

    /** Has the sentinel make the replica the master, as for maintenance. */
    public void handOver() {
        String said = ask(sentinels -> sentinels.failover(NAME));
        if (!said.equals("OK")) {
            throw new IllegalStateException(said);
        }
    }

    @Override
    public void close() {
        sentinel.kill();
        servers.forEach(ServerProcess::kill);
        client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
    }
}
