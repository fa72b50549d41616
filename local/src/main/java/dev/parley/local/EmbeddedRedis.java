package dev.parley.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import redis.embedded.RedisExecProvider;

/**
 * A real Redis server from a jar, as a child process. A shell stands between: it ends the server when this process
 * ends, however it ends, because its standard input then closes. So no server is ever left behind on a data directory.
 */
final class EmbeddedRedis implements AutoCloseable {

    /**
     * Ctrl-C in a terminal goes to the whole process group; the server must outlive it until this process has ended
     * in order, so the guard ignores it and the server gets a session of its own where that can be had.
     */
    private static final String GUARD =
            "trap '' INT; $(command -v setsid) \"$0\" \"$@\" & pid=$!;" + " cat > /dev/null; kill $pid; wait $pid";

    private final Process guard;
    private final int port;

    private EmbeddedRedis(Process guard, int port) {
        this.guard = guard;
        this.port = port;
    }

    /** Starts the server; {@code directory} null keeps its data in memory. */
    static EmbeddedRedis start(@Nullable Path directory) throws IOException {
        int port = freePort();
        List<String> command = new ArrayList<>(List.of(
                "sh",
                "-c",
                GUARD,
                RedisExecProvider.defaultProvider().get().getPath(),
                "--bind",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--save",
                "",
                "--appendonly",
                directory == null ? "no" : "yes"));
        if (directory != null) {
            command.addAll(List.of("--dir", directory.toString()));
        }
        Process guard = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader output =
                new BufferedReader(new InputStreamReader(guard.getInputStream(), StandardCharsets.UTF_8));
        List<String> said = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            said.add(line);
            if (line.contains("Ready to accept connections")) {
                Thread.ofVirtual().name("redis-output").start(() -> drain(output));
                return new EmbeddedRedis(guard, port);
            }
        }
        throw new IOException("the embedded Redis did not start: " + String.join("; ", said));
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    /** A pipe that nobody reads would stop the server when it is full. */
    private static void drain(BufferedReader output) {
        try {
            while (output.readLine() != null) {
                // What it says while all is well is of no interest.
            }
        } catch (IOException e) {
            throw new UncheckedIOException("reading the output of Redis", e);
        }
    }

    String uri() {
        return "redis://127.0.0.1:" + port;
    }

    @Override
    public void close() {
        try {
            guard.getOutputStream().close();
            if (!guard.waitFor(10, TimeUnit.SECONDS)) {
                guard.destroyForcibly();
            }
        } catch (IOException e) {
            guard.destroyForcibly();
        } catch (InterruptedException e) {
            guard.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
