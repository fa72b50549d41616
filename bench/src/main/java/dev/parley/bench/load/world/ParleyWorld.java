package dev.parley.bench.load.world;

import dev.parley.standin.MongoProcess;
import dev.parley.testing.ServerProcess;
import dev.parley.testing.TestRedis;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Parley as it ships, each program a process: tier instances, persist where wanted, Redis, RabbitMQ, the MongoDB stand-in. */
public final class ParleyWorld implements World {

    private static final Image TIER_IMAGE = new Image("socket-tier", Path.of("socket-tier/target/socket-tier.jar"));
    private static final Image PERSIST_IMAGE = new Image("persist", Path.of("functions/persist/target/persist.jar"));
    private static final String READINESS = "/health/readiness";

    private final WorldSettings settings;
    private final Backing backing;
    private final Processes processes;
    private final String mongoUri;

    private ParleyWorld(WorldSettings settings) {
        this.settings = settings;
        this.backing = new Backing(settings.persist());
        this.processes = new Processes(settings.directory());
        this.mongoUri = "mongodb://127.0.0.1:" + ServerProcess.freePort() + "/load";
    }

    /** Starts everything; returns when it is ready. */
    public static ParleyWorld start(WorldSettings settings) throws Exception {
        ParleyWorld world = new ParleyWorld(settings);
        try {
            world.start();
        } catch (Exception e) {
            world.close();
            throw e;
        }
        return world;
    }

    private void start() throws Exception {
        startMongo();
        Map<String, Integer> ports = new LinkedHashMap<>();
        for (int i = 1; i <= settings.tiers(); i++) {
            ports.put(TIER + i, startProgram(TIER + i, TIER_IMAGE, true));
        }
        if (settings.persist()) {
            ports.put("persist", startProgram("persist", PERSIST_IMAGE, false));
        }
        for (Map.Entry<String, Integer> port : ports.entrySet()) {
            processes.awaitReady(port.getKey(), port.getValue(), READINESS);
        }
    }

    private void startMongo() throws IOException {
        String port = mongoUri.replaceAll(".*:(\\d+)/.*", "$1");
        processes.start(
                "mongodb-stand-in",
                Map.of(),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx1g",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MongoProcess.class.getName(),
                        port));
    }

    private int startProgram(String name, Image image, boolean isTarget) throws IOException {
        int port = ServerProcess.freePort();
        Map<String, String> environment = new HashMap<>(Map.of(
                "PORT",
                Integer.toString(port),
                "SERVER_ID",
                name,
                "REDIS_URI",
                backing.redisUri(),
                "RABBITMQ_URI",
                backing.rabbitUri(),
                "MONGODB_URI",
                mongoUri,
                "LOG_LEVEL",
                "WARN"));
        List<String> command = image.command(settings.home(), settings.memory());
        if (isTarget) {
            environment.put("JWT_SECRET", settings.jwtSecret());
            environment.put("PARLEY_LIMITS_ENABLED", Boolean.toString(settings.limits()));
            processes.startTarget(name, port, environment, command);
        } else {
            processes.start(name, environment, command);
        }
        return port;
    }

    @Override
    public List<InetSocketAddress> targets() {
        return processes.targets();
    }

    @Override
    public Optional<Access> access() {
        return Optional.of(new Access(mongoUri, settings.jwtSecret()));
    }

    @Override
    public Map<String, Long> processes() {
        Map<String, Long> all = new LinkedHashMap<>(processes.ids());
        all.putAll(backing.processes());
        return all;
    }

    @Override
    public boolean runsOnJvms() {
        return true;
    }

    @Override
    public Population settle(int users, List<int[]> chats) throws Exception {
        return new Settlers(settings.jwtSecret()).settle(users, chats, mongoUri);
    }

    @Override
    public boolean hasHistory() {
        return true;
    }

    @Override
    public Map<String, TestRedis.CommandStat> redisCommands() {
        return backing.redisCommands();
    }

    @Override
    public void close() {
        processes.close();
        backing.close();
    }
}
