package dev.parley.bench.load.world;

import dev.parley.testing.ServerProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code bench/reference/broadcast.c}: what one room costs at least. One process, without any server behind it. */
public final class FloorWorld implements World {

    private static final int COMPILED_WITHIN_SECONDS = 60;

    private final WorldSettings settings;
    private final Processes processes;

    private FloorWorld(WorldSettings settings) {
        this.settings = settings;
        this.processes = new Processes(settings.directory());
    }

    /** Compiles and starts it; returns when it is ready. */
    public static FloorWorld start(WorldSettings settings) throws Exception {
        FloorWorld world = new FloorWorld(settings);
        try {
            int port = ServerProcess.freePort();
            String program = compile(settings.home()).toString();
            world.processes.startTarget(TIER + 1, port, Map.of(), List.of(program, Integer.toString(port)));
            world.processes.awaitReady(TIER + 1, port, "/");
        } catch (Exception e) {
            world.close();
            throw e;
        }
        return world;
    }

    private static Path compile(Path home) throws IOException, InterruptedException {
        Path program = home.resolve("bench/target/broadcast");
        Files.createDirectories(program.getParent());
        Process compiler = new ProcessBuilder(
                        "gcc",
                        "-O2",
                        "-o",
                        program.toString(),
                        home.resolve("bench/reference/broadcast.c").toString())
                .inheritIO()
                .start();
        if (!compiler.waitFor(COMPILED_WITHIN_SECONDS, TimeUnit.SECONDS) || compiler.exitValue() != 0) {
            compiler.destroyForcibly();
            throw new IOException("gcc failed");
        }
        return program;
    }

    @Override
    public List<InetSocketAddress> targets() {
        return processes.targets();
    }

    @Override
    public Map<String, Long> processes() {
        return processes.ids();
    }

    @Override
    public boolean runsOnJvms() {
        return false;
    }

    /** It knows one room, and nobody. */
    @Override
    public Population settle(int users, List<int[]> chats) {
        if (chats.size() > 1) {
            throw new IllegalArgumentException("the floor has one room only");
        }
        return new Settlers(settings.jwtSecret()).invent(users, chats);
    }

    @Override
    public boolean hasHistory() {
        return false;
    }

    @Override
    public void close() {
        processes.close();
    }
}
