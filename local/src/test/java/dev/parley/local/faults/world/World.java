package dev.parley.local.faults.world;

import dev.parley.local.ClassPath;
import dev.parley.local.JavaCommand;
import dev.parley.local.faults.people.Tiers;
import dev.parley.standin.MongoProcess;
import dev.parley.testing.ServerProcess;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Two instances, the three functions, Redis, RabbitMQ and the MongoDB stand-in, each a process of its own; every
 * connection from one to another passes a gate named {@code client->server}, and clients reach an instance through
 * {@code clients->tier-n}. Everything ends with the JVM.
 */
public final class World implements AutoCloseable {

    /** Below the directory of a run; each begins without what an earlier one left there. */
    public static final String MONGO_DATA = "mongo-data";

    public static final String REDIS = "redis";
    public static final String RABBIT = "rabbit";
    public static final String MONGO = "mongo";
    public static final List<String> TIERS = List.of("tier-1", "tier-2");
    public static final List<String> FUNCTIONS = List.of("persist", "notify", "index");
    public static final List<String> SERVERS = List.of(REDIS, RABBIT, MONGO);

    private static final String DATABASE = "faults";
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(3);

    /** Short times, so that a fault is noticed and over within the run; and no limits, for the load is the test. */
    private static final Map<String, String> TIER_SETTINGS = Map.of(
            "PARLEY_LIMITS_ENABLED", "false",
            "PARLEY_LIMITS_CONNECTIONS_PER_USER", "100",
            "PARLEY_TIER_ACCESS_TOKEN_LIFETIME", "24h",
            "DRAIN_NOTICE", "200ms",
            "DRAIN_SPREAD", "2s",
            "DRAIN_GRACE", "1s",
            "DRAIN_LIMIT", "20s",
            "JWT_SECRET", JavaCommand.STRONG_SECRET);

    private final Path directory;
    private final HttpClient http;
    private final RedisNode redis = new RedisNode();
    private final RabbitNode rabbit = new RabbitNode();
    private final int mongoPort = ServerProcess.freePort();
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Map<String, Gate> gates = new LinkedHashMap<>();
    private final List<Tiers.Tier> tiers = new ArrayList<>();

    /** @param tierClassPathFront hides classes and resources of the instances; null for the real ones */
    public World(Path directory, HttpClient http, @Nullable Path tierClassPathFront) {
        this.directory = directory;
        this.http = http;
        nodes.put(REDIS, redis);
        nodes.put(RABBIT, rabbit);
        nodes.put(
                MONGO,
                jvm(
                        MONGO,
                        JavaCommand.of(
                                MongoProcess.class,
                                ClassPath.ofEverything(),
                                List.of(
                                        Integer.toString(mongoPort),
                                        directory.resolve(MONGO_DATA).toString())),
                        Map.of(),
                        () -> answers(mongoPort)));
        for (String tier : TIERS) {
            int port = addServer(tier, dev.parley.tier.Main.class, tierClassPathFront, TIER_SETTINGS);
            tiers.add(new Tiers.Tier(tier, gate("clients", tier, port).port()));
        }
        addServer("persist", dev.parley.persist.Main.class, null, Map.of());
        addServer("notify", dev.parley.notify.Main.class, null, Map.of());
        addServer("index", dev.parley.index.Main.class, null, Map.of());
    }

    /** A program with an HTTP port and a gate to each of the servers; answers the port. */
    private int addServer(String name, Class<?> main, @Nullable Path classPathFront, Map<String, String> settings) {
        int port = ServerProcess.freePort();
        Map<String, String> environment = new HashMap<>(settings);
        environment.put("PORT", Integer.toString(port));
        environment.put("SERVER_ID", name);
        environment.put(
                "REDIS_URI",
                "redis://127.0.0.1:" + gate(name, REDIS, redis.port()).port());
        environment.put(
                "RABBITMQ_URI", rabbit.uriAt(gate(name, RABBIT, rabbit.port()).port()));
        environment.put(
                "MONGODB_URI",
                "mongodb://127.0.0.1:" + gate(name, MONGO, mongoPort).port() + "/" + DATABASE);
        String front = classPathFront == null ? "" : classPathFront + File.pathSeparator;
        List<String> command = JavaCommand.ofDeployable(main, front + ClassPath.of(main));
        nodes.put(name, jvm(name, command, environment, () -> isReady(port)));
        return port;
    }

    private JvmNode jvm(String name, List<String> command, Map<String, String> environment, Callable<Boolean> isReady) {
        return new JvmNode(new JvmNode.Program(name, command, environment, isReady), directory);
    }

    private Gate gate(String client, String server, int upstream) {
        Gate gate = new Gate(client + "->" + server, upstream);
        gates.put(gate.name(), gate);
        return gate;
    }

    /** Starts what is not running yet, and returns when everything is ready. */
    public void start() throws Exception {
        node(MONGO).start();
        for (Node node : nodes.values()) {
            if (node instanceof JvmNode jvm && !jvm.name().equals(MONGO)) {
                jvm.launch();
            }
        }
        awaitReady();
    }

    /** Returns when every program says that it is ready. */
    public void awaitReady() throws Exception {
        for (Node node : nodes.values()) {
            if (node instanceof JvmNode jvm) {
                jvm.awaitReady();
            }
        }
    }

    /** Starts Redis anew, empty; from now on it keeps its data over a restart, or not. */
    public void restartRedis(boolean keepData) {
        redis.kill();
        redis.keepData(keepData);
        redis.start();
        redis.flush();
    }

    public Node node(String name) {
        Node node = nodes.get(name);
        if (node == null) {
            throw new IllegalArgumentException("there is no " + name);
        }
        return node;
    }

    public List<String> nodeNames() {
        return List.copyOf(nodes.keySet());
    }

    public List<String> gateNames() {
        return List.copyOf(gates.keySet());
    }

    /** The gate of that name; {@code *->server} stands for those of all programs to a server. */
    public List<Gate> gates(String name) {
        List<Gate> found = gates.values().stream()
                .filter(gate -> gate.name().equals(name)
                        || (name.startsWith("*->") && gate.name().endsWith(name.substring(1))))
                .toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException("there is no gate " + name);
        }
        return found;
    }

    /** Redis forgets everything. */
    public void flushRedis() {
        redis.flush();
    }

    public Tiers tiers() {
        return new Tiers(tiers);
    }

    /** MongoDB itself, past all gates. */
    public String mongoUri() {
        return "mongodb://127.0.0.1:" + mongoPort;
    }

    public String database() {
        return DATABASE;
    }

    /** RabbitMQ itself, past all gates. */
    public String rabbitUri() {
        return rabbit.uriAt(rabbit.port());
    }

    /** How often a program has ended by itself. */
    public int endedByThemselves() {
        return nodes.values().stream()
                .mapToInt(node -> node instanceof JvmNode jvm ? jvm.endedByItself() : 0)
                .sum();
    }

    private boolean isReady(int port) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/readiness"))
                .timeout(PROBE_TIMEOUT)
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static boolean answers(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    @Override
    public void close() {
        for (Node node : nodes.values()) {
            if (node instanceof JvmNode jvm) {
                jvm.kill();
            }
        }
        redis.kill();
        gates.values().forEach(Gate::close);
    }
}
