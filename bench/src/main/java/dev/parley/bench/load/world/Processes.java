package dev.parley.bench.load.world;

import dev.parley.testing.Await;
import dev.parley.testing.ServerProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The programs of one world by name, each with a directory for its output. */
final class Processes implements AutoCloseable {

    private static final Duration READY_WITHIN = Duration.ofMinutes(5);
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(3);

    private final Path directory;
    private final Map<String, ServerProcess> running = new LinkedHashMap<>();
    private final List<InetSocketAddress> targets = new ArrayList<>();
    /** HTTP 1.1, because a Node server with WebSockets takes the offer of HTTP 2 for another upgrade. */
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PROBE_TIMEOUT)
            .build();

    Processes(Path directory) {
        this.directory = directory;
    }

    void start(String name, Map<String, String> environment, List<String> command) throws IOException {
        Path home = directory.resolve(name);
        Files.createDirectories(home);
        // The process appends; what an earlier one said would only mislead.
        Files.deleteIfExists(home.resolve("server.log"));
        running.put(name, ServerProcess.start(home, environment, command));
    }

    /** One that clients connect to, at {@code port}. */
    void startTarget(String name, int port, Map<String, String> environment, List<String> command) throws IOException {
        start(name, environment, command);
        targets.add(new InetSocketAddress("127.0.0.1", port));
    }

    /** Returns when a GET of the address is answered with 200. */
    void awaitReady(String name, int port, String path) throws Exception {
        HttpRequest question = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(PROBE_TIMEOUT)
                .build();
        Await.until(name + " is ready, see " + directory.resolve(name), READY_WITHIN, () -> {
            ServerProcess process = running.get(name);
            if (process == null || !process.isAlive()) {
                throw new IOException(name + " has ended, see " + directory.resolve(name));
            }
            try {
                return http.send(question, HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 200;
            } catch (IOException notYet) {
                return false;
            }
        });
    }

    List<InetSocketAddress> targets() {
        return targets;
    }

    Map<String, Long> ids() {
        Map<String, Long> ids = new LinkedHashMap<>();
        running.forEach((name, process) -> ids.put(name, process.pid()));
        return ids;
    }

    @Override
    public void close() {
        running.values().forEach(ServerProcess::kill);
        http.close();
    }
}
