package dev.parley.bench.load.scenario;

import dev.parley.bench.load.Main;
import dev.parley.bench.load.world.World;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Generators beside this one, each a process, because a process may have only so many files open. They do nothing but hold
 * their connections, and end with this object or with this process.
 */
final class Companions implements AutoCloseable {

    /** What a companion says when all of its clients are in. */
    static final String ALL_IN = "all in";

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Options options;
    private final World world;
    private final World.Access access;
    private final List<Process> processes = new ArrayList<>();

    Companions(Stage stage) {
        this.options = stage.options();
        this.world = stage.world();
        this.access = world.access()
                .orElseThrow(() -> new IllegalArgumentException(
                        "more connections than one process can have need a world that is started here"));
    }

    /** Returns when that many more clients are connected. */
    void bring(int connections) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx1g",
                "-Dio.netty.leakDetection.level=disabled",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "hold",
                "--connections",
                Integer.toString(connections),
                "--connect-rate",
                Double.toString(options.connectRate()),
                "--codec",
                options.codec().name(),
                "--mongodb",
                access.mongoUri(),
                "--targets",
                world.targets().stream().map(Companions::hostAndPort).collect(Collectors.joining(",")),
                "--results",
                options.home().resolve("bench/target/world").toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("JWT_SECRET", access.jwtSecret());
        Process companion = builder.start();
        processes.add(companion);
        awaitAllIn(companion.inputReader(StandardCharsets.UTF_8));
    }

    private static String hostAndPort(InetSocketAddress target) {
        return target.getHostString() + ":" + target.getPort();
    }

    private static void awaitAllIn(BufferedReader said) throws Exception {
        CompletableFuture<Boolean> allIn = new CompletableFuture<>();
        Thread.ofVirtual().name("companion").start(() -> {
            try {
                boolean in = false;
                for (String line = said.readLine(); line != null && !in; line = said.readLine()) {
                    in = line.equals(ALL_IN);
                }
                allIn.complete(in);
            } catch (IOException e) {
                allIn.completeExceptionally(e);
            }
        });
        if (!allIn.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("a companion has ended before all of its clients were in");
        }
    }

    @Override
    public void close() {
        processes.forEach(Process::destroy);
    }
}
