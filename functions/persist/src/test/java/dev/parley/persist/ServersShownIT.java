package dev.parley.persist;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.parley.connect.Breakers;
import dev.parley.testing.Await;
import dev.parley.testing.TestMongo;
import dev.parley.testing.TestRabbit;
import dev.parley.testing.TestRedis;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What operators see of a function whose servers come and go: readiness, metrics, and a line in the log per change. */
class ServersShownIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final TestRedis redis = TestRedis.own();
    private final Logger breakers = (Logger) LoggerFactory.getLogger(Breakers.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private ApplicationContext context;
    private URI address;

    @BeforeEach
    void start() {
        log.start();
        breakers.addAppender(log);
        breakers.setLevel(Level.INFO);
        context = ApplicationContext.builder()
                .deduceEnvironment(false)
                .environments("function")
                .banner(false)
                .properties(Map.of(
                        "redis.uri",
                        redis.uri(),
                        "rabbitmq.uri",
                        TestRabbit.shared().newVirtualHost(),
                        "mongodb.uri",
                        TestMongo.shared().newDatabase(),
                        "micronaut.server.port",
                        -1))
                .start();
        address = context.getBean(EmbeddedServer.class).start().getURI();
    }

    @AfterEach
    void stop() {
        breakers.detachAppender(log);
        breakers.setLevel(null);
        context.close();
        http.close();
        redis.kill();
    }

    private String get(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(address.resolve(path))
                .timeout(Duration.ofSeconds(10))
                .build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(path).isEqualTo(200);
        return response.body();
    }

    private void awaitReadiness(String server, String state) throws Exception {
        Await.until(
                server + " is " + state,
                Duration.ofSeconds(30),
                () -> get("/health/readiness").contains("\"" + server + "\":\"" + state + "\""));
    }

    private double metric(String name, String server) throws Exception {
        return get("/prometheus")
                .lines()
                .filter(line -> line.startsWith(name) && line.contains("server=\"" + server + "\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " of " + server));
    }

    private List<Level> lines(String server) {
        return List.copyOf(log.list).stream()
                .filter(line -> line.getFormattedMessage().startsWith(server + " is "))
                .map(ILoggingEvent::getLevel)
                .toList();
    }

    private void awaitAwayAndBack(String server, Runnable kill, Runnable restart) throws Exception {
        awaitReadiness(server, "up");
        assertThat(metric("parley_server_away", server)).isZero();
        kill.run();
        awaitReadiness(server, "away");
        assertThat(metric("parley_server_away", server)).isEqualTo(1);
        assertThat(metric("parley_server_outages_total", server)).isEqualTo(1);

        restart.run();
        awaitReadiness(server, "up");
        assertThat(metric("parley_server_away", server)).isZero();
        assertThat(lines(server)).containsExactly(Level.WARN, Level.INFO);
    }

    @Test
    void theBrokerIsAwayAndBack() throws Exception {
        TestRabbit broker = TestRabbit.shared();
        awaitAwayAndBack("RabbitMQ", broker::kill, broker::restart);
    }

    @Test
    void redisIsAwayAndBackAndServersThatAreNotUsedAreNotShown() throws Exception {
        awaitAwayAndBack("Redis", redis::kill, redis::restart);
        assertThat(get("/health/readiness")).contains("MongoDB").doesNotContain("OpenSearch", "Mail relay");
    }
}
