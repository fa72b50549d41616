package dev.parley.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.queue.Topology;
import dev.parley.testing.Await;
import dev.parley.testing.ServerProcess;
import dev.parley.testing.TestRabbit;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every function starts from its environment variables with the configuration it ships, and ends when it is told to. */
public abstract class ProcessContract {

    private final Class<?> main;

    protected ProcessContract(Class<?> main) {
        this.main = main;
    }

    /** What it is told beside where RabbitMQ is. */
    protected abstract Map<String, String> environment();

    @Test
    void itGetsReadyAndEndsOnSigterm(@TempDir Path directory) throws Exception {
        TestRabbit.shared().clear(Topology.load());
        int port = ServerProcess.freePort();
        ProcessBuilder builder = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("out").toFile());
        builder.environment().putAll(environment());
        builder.environment().put("RABBITMQ_URI", TestRabbit.shared().uri());
        builder.environment().put("PORT", Integer.toString(port));
        Process process = builder.start();
        try (HttpClient client = HttpClient.newHttpClient()) {
            Await.until(
                    "it is ready",
                    Duration.ofSeconds(60),
                    () -> process.isAlive() && status(client, port, "/health/readiness") == 200);
            assertThat(status(client, port, "/health/liveness")).isEqualTo(200);
            assertThat(status(client, port, "/env")).isEqualTo(404);
            process.destroy();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        TestRabbit.shared().clear(Topology.load());
    }

    private static int status(HttpClient client, int port, String path) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException notYet) {
            return 0;
        }
    }
}
