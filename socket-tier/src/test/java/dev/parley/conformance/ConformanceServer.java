package dev.parley.conformance;

import io.micronaut.context.ApplicationContext;
import io.micronaut.inject.BeanConfiguration;
import io.micronaut.runtime.server.EmbeddedServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * The echo servers in one process: {@code /engine.io/}, {@code /socket.io/} and, for plain WebSocket, {@code /echo}.
 *
 * <pre>
 *   --port 3000   --ping-interval 300ms   --ping-timeout 200ms   --connect-timeout 1s   --max-payload 1000000
 * </pre>
 */
public final class ConformanceServer implements AutoCloseable {

    static final String ENABLED = "conformance.enabled";

    private static final List<String> OPTIONS =
            List.of("--port", "--ping-interval", "--ping-timeout", "--connect-timeout", "--max-payload");

    private final EmbeddedServer server;

    private ConformanceServer(EmbeddedServer server) {
        this.server = server;
    }

    /** Starts on loopback; {@code settings} are those of {@link EchoSettings}, port 0 is any. */
    static ConformanceServer start(int port, Map<String, Object> settings) {
        Map<String, Object> properties = new HashMap<>(settings);
        properties.put(ENABLED, true);
        properties.put("micronaut.server.host", "127.0.0.1");
        properties.put("micronaut.server.port", port);
        properties.put("micronaut.server.netty.server-type", "full_content");
        // The suites take it for granted that requests on several connections are handled in the order they were sent.
        properties.put("micronaut.netty.event-loops.default.num-threads", 1);
        properties.put(
                "micronaut.security.intercept-url-map", List.of(Map.of("pattern", "/**", "access", "isAnonymous()")));
        EmbeddedServer server = ApplicationContext.builder()
                .properties(properties)
                .deduceEnvironment(false)
                .banner(false)
                // The tier and its servers are on the class path; only its codecs are wanted.
                .beanConfigurations(
                        BeanConfiguration.disabled("dev.parley.tier"),
                        BeanConfiguration.disabled("dev.parley.mongo"),
                        BeanConfiguration.disabled("dev.parley.redis"),
                        BeanConfiguration.disabled("dev.parley.rabbit"),
                        BeanConfiguration.disabled("dev.parley.search"),
                        BeanConfiguration.disabled("dev.parley.connect"))
                .start()
                .getBean(EmbeddedServer.class)
                .start();
        return new ConformanceServer(server);
    }

    /** Of a path. */
    String address(String path) {
        return "http://127.0.0.1:" + server.getPort() + path;
    }

    @Override
    public void close() {
        server.stop();
        server.getApplicationContext().close();
    }

    /** Serves until the process is ended. */
    public static void main(String[] arguments) throws InterruptedException {
        int port = 3000;
        Map<String, Object> settings = new HashMap<>();
        List<String> left = new ArrayList<>(List.of(arguments));
        while (!left.isEmpty()) {
            String option = left.removeFirst();
            if (!OPTIONS.contains(option) || left.isEmpty()) {
                System.err.println("usage: conformance/run [" + String.join(" VALUE] [", OPTIONS) + " VALUE]");
                System.exit(2);
            }
            String value = left.removeFirst();
            if (option.equals("--port")) {
                port = Integer.parseInt(value);
            } else {
                settings.put("conformance." + option.substring(2), value);
            }
        }
        ConformanceServer server = start(port, settings);
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        System.out.println("serving " + server.address("/engine.io/") + ", " + server.address("/socket.io/") + " and "
                + server.address("/echo").replace("http", "ws"));
        new CountDownLatch(1).await();
    }
}
