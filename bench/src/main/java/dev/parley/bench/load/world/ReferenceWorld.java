package dev.parley.bench.load.world;

import dev.parley.testing.ServerProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The reference server of {@code bench/reference}, one Node process per instance, on Redis and RabbitMQ as Parley is. */
public final class ReferenceWorld implements World {

    private static final Duration INSTALLED_WITHIN = Duration.ofMinutes(3);
    private static final String LOCK = "package-lock.json";

    private final WorldSettings settings;
    private final Backing backing = new Backing(false);
    private final Processes processes;

    private ReferenceWorld(WorldSettings settings) {
        this.settings = settings;
        this.processes = new Processes(settings.directory());
    }

    /** Installs its packages where they are missing, and starts it; returns when it is ready. */
    public static ReferenceWorld start(WorldSettings settings) throws Exception {
        ReferenceWorld world = new ReferenceWorld(settings);
        try {
            world.start(install(settings.home()));
        } catch (Exception e) {
            world.close();
            throw e;
        }
        return world;
    }

    private static Path install(Path home) throws IOException, InterruptedException {
        Path source = home.resolve("bench/reference");
        Path target = home.resolve("bench/target/reference");
        Files.createDirectories(target);
        for (String file : List.of("package.json", LOCK, ".npmrc", "server.mjs")) {
            Files.copy(source.resolve(file), target.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        Path installed = target.resolve("node_modules").resolve(LOCK);
        if (!Files.exists(installed) || Files.mismatch(source.resolve(LOCK), installed) >= 0) {
            Process npm = new ProcessBuilder("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
                    .directory(target.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(target.resolve("npm.log").toFile())
                    .start();
            if (!npm.waitFor(INSTALLED_WITHIN) || npm.exitValue() != 0) {
                npm.destroyForcibly();
                throw new IOException("npm ci failed, see " + target.resolve("npm.log"));
            }
            Files.copy(source.resolve(LOCK), installed, StandardCopyOption.REPLACE_EXISTING);
        }
        return target.resolve("server.mjs");
    }

    private void start(Path program) throws Exception {
        Map<String, Integer> ports = new LinkedHashMap<>();
        for (int i = 1; i <= settings.tiers(); i++) {
            int port = ServerProcess.freePort();
            Map<String, String> environment = Map.of(
                    "PORT", Integer.toString(port),
                    "REDIS_URI", backing.redisUri(),
                    "RABBITMQ_URI", backing.rabbitUri(),
                    "JWT_SECRET", settings.jwtSecret(),
                    "NODE_ENV", "production");
            processes.startTarget(TIER + i, port, environment, List.of("node", program.toString()));
            ports.put(TIER + i, port);
        }
        for (Map.Entry<String, Integer> port : ports.entrySet()) {
            processes.awaitReady(port.getKey(), port.getValue(), "/health");
        }
    }

    @Override
    public List<InetSocketAddress> targets() {
        return processes.targets();
    }

    @Override
    public Map<String, Long> processes() {
        Map<String, Long> all = new LinkedHashMap<>(processes.ids());
        all.putAll(backing.processes());
        return all;
    }

    @Override
    public boolean runsOnJvms() {
        return false;
    }

    /** It asks nobody who its users are, and lets everybody into every chat. */
    @Override
    public Population settle(int users, List<int[]> chats) {
        return new Settlers(settings.jwtSecret()).invent(users, chats);
    }

    @Override
    public boolean hasHistory() {
        return false;
    }

    @Override
    public void close() {
        processes.close();
        backing.close();
    }
}
