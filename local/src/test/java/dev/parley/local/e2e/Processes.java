package dev.parley.local.e2e;

import dev.parley.local.ClassPath;
import dev.parley.local.JavaCommand;
import dev.parley.testing.Await;
import dev.parley.testing.ServerProcess;
import dev.parley.testing.TestMongo;
import dev.parley.testing.TestRabbit;
import dev.parley.testing.TestRedis;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Deployables as processes of their own, configured by their environment variables alone, as operators run them. */
final class Processes implements AutoCloseable {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /** A running one. */
    record Running(String name, Process process, int port, Path output) {

        String address() {
            return "http://localhost:" + port;
        }

        /** SIGKILL. */
        void kill() throws InterruptedException {
            process.destroyForcibly();
            process.waitFor(10, TimeUnit.SECONDS);
        }
    }

    private final Path directory;
    private final Map<String, String> environment;
    private final List<Running> started = new ArrayList<>();

    /** Where Redis, RabbitMQ and MongoDB are, of the latter two parts of their own; with a strong secret, and more. */
    static Map<String, String> servers(TestRedis redis, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(Map.of(
                "REDIS_URI",
                redis.uri(),
                "RABBITMQ_URI",
                TestRabbit.shared().newVirtualHost(),
                "MONGODB_URI",
                TestMongo.shared().newDatabase(),
                "JWT_SECRET",
                JavaCommand.STRONG_SECRET));
        all.putAll(more);
        return all;
    }

    Processes(Path directory, Map<String, String> environment) {
        this.directory = directory;
        this.environment = environment;
    }

    /** Starts one; {@code more} is added to the environment that all share. */
    Running start(String name, Class<?> main, Map<String, String> more) throws IOException {
        int port = ServerProcess.freePort();
        Path output = directory.resolve(name + ".out");
        ProcessBuilder builder = new ProcessBuilder(JavaCommand.ofDeployable(main, ClassPath.of(main)))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Map<String, String> all = new HashMap<>(environment);
        all.put("PORT", Integer.toString(port));
        all.putAll(more);
        builder.environment().putAll(all);
        Running running = new Running(name, builder.start(), port, output);
        started.add(running);
        return running;
    }

    static void awaitReady(Running running) throws Exception {
        Await.until(running.name() + " is ready", Duration.ofSeconds(90), () -> {
            if (!running.process().isAlive()) {
                throw new AssertionError(running.name() + " has ended: " + Files.readString(running.output()));
            }
            return isReady(running);
        });
    }

    private static boolean isReady(Running running) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(running.address() + "/health/readiness"))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    @Override
    public void close() {
        started.forEach(running -> running.process().destroyForcibly());
    }
}
