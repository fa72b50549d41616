package dev.parley.tier.health;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.connect.ServerAwayException;
import dev.parley.queue.LiveExchange;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.annotation.Context;
import io.micronaut.core.async.publisher.Publishers;
import io.micronaut.health.HealthStatus;
import io.micronaut.management.health.indicator.HealthIndicator;
import io.micronaut.management.health.indicator.HealthResult;
import io.micronaut.management.health.indicator.annotation.Readiness;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.reactivestreams.Publisher;

/**
 * Shows which servers are away, in readiness and in metrics; {@link Breakers} writes a log line per change. An instance
 * without one of them, or two, is ready all the same: it serves what can be served, and were it not ready, a load
 * balancer would cut everybody off everywhere at once. Only without all three there is nothing that it could do.
 */
@Context
@Readiness
final class Degradation implements HealthIndicator {

    /** Nobody listens to it; publishing there shows that the broker takes and confirms. */
    private static final String PROBE_CHANNEL = "probe";

    private static final byte[] PROBE = "probe".getBytes(StandardCharsets.US_ASCII);

    private final Breakers breakers;

    Degradation(Breakers breakers, LiveExchange exchange, MeterRegistry metrics) {
        this.breakers = breakers;
        Map<Server, Counter> outages = new EnumMap<>(Server.class);
        for (Server server : Server.values()) {
            Gauge.builder("parley.server.away", () -> breakers.isAway(server) ? 1 : 0)
                    .tag("server", server.title())
                    .description("1 while calls to the server fail at once because it is away")
                    .register(metrics);
            outages.put(
                    server,
                    Counter.builder("parley.server.outages")
                            .tag("server", server.title())
                            .description("how often the server went away")
                            .register(metrics));
        }
        breakers.listen((server, away) -> {
            Counter counter = outages.get(server);
            if (away && counter != null) {
                counter.increment();
            }
        });
        breakers.probe(Server.RABBITMQ, () -> sign(exchange));
    }

    private static CompletionStage<Boolean> sign(LiveExchange exchange) {
        return exchange.publish(PROBE_CHANNEL, PROBE)
                .thenApply(confirmed -> true)
                .exceptionallyCompose(
                        failure -> CompletableFuture.failedStage(new ServerAwayException("RabbitMQ", failure)));
    }

    @Override
    public Publisher<HealthResult> getResult() {
        boolean alone = Arrays.stream(Server.values()).allMatch(breakers::isAway);
        HealthStatus status = alone ? HealthStatus.DOWN : HealthStatus.UP;
        return Publishers.just(HealthResult.builder("servers", status)
                .details(breakers.states())
                .build());
    }
}
