package dev.parley.testing;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import dev.parley.queue.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;
import org.testcontainers.containers.GenericContainer;

/**
 * A RabbitMQ broker: the {@code rabbitmq-server} of this machine as a private node (own name, ports, data and cookie), or
 * a container where Docker answers. With neither, the tests that ask for it are skipped. Starts in about ten seconds.
 */
public final class TestRabbit {

    private static final String IMAGE = "rabbitmq:4.1";
    private static final int CONTAINER_PORT = 5672;

    private static final class Shared {
        static final TestRabbit BROKER = new TestRabbit();
    }

    private final @Nullable LocalNode node;
    private final @Nullable GenericContainer<?> container;
    private final String uri;
    private final AtomicInteger virtualHosts = new AtomicInteger();

    private TestRabbit() {
        var local = ServerProcess.binary("rabbitmq-server");
        if (local.isPresent()) {
            node = new LocalNode(local.get());
            container = null;
            uri = "amqp://guest:guest@127.0.0.1:" + node.port;
            awaitAnswer();
            System.out.println("RabbitMQ: rabbitmq-server " + version() + " (local binary)");
        } else if (Docker.answers()) {
            node = null;
            GenericContainer<?> started = container();
            container = started;
            uri = "amqp://guest:guest@" + started.getHost() + ":" + started.getMappedPort(CONTAINER_PORT);
            awaitAnswer();
            System.out.println("RabbitMQ: " + IMAGE + " (container)");
        } else {
            throw new TestAbortedException("neither rabbitmq-server nor Docker here");
        }
    }

    @SuppressWarnings("resource") // ends with the JVM
    private static GenericContainer<?> container() {
        GenericContainer<?> container = new GenericContainer<>(IMAGE).withExposedPorts(CONTAINER_PORT);
        container.start();
        return container;
    }

    /** The broker that all tests of this JVM share; {@link #clear} it first. */
    public static TestRabbit shared() {
        return Shared.BROKER;
    }

    public String uri() {
        return uri;
    }

    /**
     * Address of a virtual host of its own, with no queues: what runs there shares nothing with what others of this JVM
     * run, above all not their consumers.
     */
    public String newVirtualHost() {
        String name = "test-" + virtualHosts.incrementAndGet();
        control("add_vhost", name);
        control("set_permissions", "-p", name, "guest", ".*", ".*", ".*");
        return uri + "/" + name;
    }

    /** Deletes the queues and the exchanges of the topology, so that a test may declare them with other arguments. */
    public void clear(Topology topology) {
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            for (Topology.Queue queue : topology.queues()) {
                channel.queueDelete(queue.name());
                channel.queueDelete(queue.deadLetterQueue());
                // Another topology may have had more delays.
                for (int attempt = 1; attempt <= 9; attempt++) {
                    channel.queueDelete(queue.retryQueue(attempt));
                }
            }
            channel.exchangeDelete(topology.deadLetterExchange());
            channel.exchangeDelete(topology.live().exchange());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A plain connection, for looking at queues from outside. */
    public Connection connect() throws IOException, TimeoutException {
        ConnectionFactory factory = new ConnectionFactory();
        try {
            factory.setUri(uri);
        } catch (java.net.URISyntaxException | java.security.GeneralSecurityException e) {
            throw new IllegalStateException(uri, e);
        }
        factory.setAutomaticRecoveryEnabled(false);
        return factory.newConnection("test");
    }

    /** SIGKILL; only of a local broker, so that tests that need it are skipped otherwise. */
    public synchronized void kill() {
        local().kill();
    }

    /** Starts it again on the same port with what it had on disk. */
    public synchronized void restart() {
        local().kill();
        local().start();
        awaitAnswer();
    }

    /** SIGSTOP: connections stay and nothing is answered. */
    public synchronized void pause() {
        local().process.pause();
    }

    /** SIGCONT. */
    public synchronized void resume() {
        local().process.resume();
    }

    /** Runs {@code rabbitmqctl} on the node. */
    public void control(String... command) {
        if (container == null) {
            local().control(command);
            return;
        }
        try {
            List<String> all = new ArrayList<>(List.of("rabbitmqctl"));
            all.addAll(List.of(command));
            var result = container.execInContainer(all.toArray(String[]::new));
            if (result.getExitCode() != 0) {
                throw new IllegalStateException("rabbitmqctl failed: " + result.getStderr());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private LocalNode local() {
        if (node == null) {
            throw new TestAbortedException("the broker is not a process of this test");
        }
        return node;
    }

    private String version() {
        try (Connection connection = connect()) {
            return String.valueOf(connection.getServerProperties().get("version"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitAnswer() {
        try {
            Await.until("RabbitMQ answers", Duration.ofSeconds(90), () -> {
                try (Connection connection = connect()) {
                    return connection.isOpen();
                } catch (IOException | TimeoutException notYet) {
                    return false;
                }
            });
        } catch (Exception e) {
            throw new IllegalStateException("RabbitMQ does not start", e);
        }
    }

    /** The private node with the port mapper that goes with it, so that no daemon stays behind. */
    private static final class LocalNode {

        final int port = ServerProcess.freePort();
        private final Path server;
        private final Path directory = ServerProcess.temporaryDirectory("rabbit");
        private final Map<String, String> environment;
        private ServerProcess process;

        LocalNode(Path server) {
            // The wrapper on Debian's PATH changes user and log files; the script behind it does what it is told.
            Path behindWrapper = Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server");
            this.server = Files.isExecutable(behindWrapper) ? behindWrapper : server;
            int mapperPort = ServerProcess.freePort();
            this.environment = Map.ofEntries(
                    Map.entry("HOME", directory.toString()),
                    Map.entry("ERL_EPMD_PORT", Integer.toString(mapperPort)),
                    Map.entry("RABBITMQ_NODENAME", "parley-" + port + "@localhost"),
                    Map.entry("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"),
                    Map.entry("RABBITMQ_NODE_PORT", Integer.toString(port)),
                    Map.entry("RABBITMQ_DIST_PORT", Integer.toString(ServerProcess.freePort())),
                    Map.entry("RABBITMQ_MNESIA_BASE", directory.resolve("data").toString()),
                    Map.entry("RABBITMQ_LOG_BASE", directory.resolve("log").toString()),
                    Map.entry(
                            "RABBITMQ_CONF_ENV_FILE",
                            directory.resolve("env.conf").toString()),
                    Map.entry(
                            "RABBITMQ_CONFIG_FILE",
                            directory.resolve("rabbitmq.conf").toString()),
                    Map.entry(
                            "RABBITMQ_ENABLED_PLUGINS_FILE",
                            directory.resolve("plugins").toString()),
                    Map.entry("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none"));
            write("env.conf", "");
            write("rabbitmq.conf", "disk_free_limit.absolute = 50MB\n");
            write("plugins", "[].\n");
            ServerProcess.binary("epmd")
                    .ifPresent(epmd -> ServerProcess.start(
                            directory, Map.of(), List.of(epmd.toString(), "-port", Integer.toString(mapperPort))));
            this.process = run();
        }

        private void write(String file, String text) {
            try {
                Files.writeString(directory.resolve(file), text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private ServerProcess run() {
            return ServerProcess.start(directory, environment, List.of(server.toString()));
        }

        void start() {
            process = run();
        }

        void kill() {
            process.kill();
        }

        void control(String... command) {
            var all = new java.util.ArrayList<>(
                    List.of(server.resolveSibling("rabbitmqctl").toString()));
            all.addAll(List.of(command));
            try {
                ProcessBuilder builder = new ProcessBuilder(all)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(
                                directory.resolve("control.log").toFile()));
                builder.environment().putAll(environment);
                Process control = builder.start();
                if (!control.waitFor(Duration.ofSeconds(60)) || control.exitValue() != 0) {
                    control.destroyForcibly();
                    throw new IllegalStateException(
                            "rabbitmqctl failed: " + Files.readString(directory.resolve("control.log")));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }
}
