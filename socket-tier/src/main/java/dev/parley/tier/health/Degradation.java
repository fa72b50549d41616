package dev.parley.tier.health;

import dev.parley.connect.Breakers;
import dev.parley.connect.BrokerSign;
import dev.parley.connect.Server;
import dev.parley.queue.LiveExchange;
import io.micronaut.context.annotation.Context;
import io.micronaut.core.async.publisher.Publishers;
import io.micronaut.health.HealthStatus;
import io.micronaut.management.health.indicator.HealthIndicator;
import io.micronaut.management.health.indicator.HealthResult;
import io.micronaut.management.health.indicator.annotation.Readiness;
import java.util.EnumSet;
import java.util.Set;
import org.reactivestreams.Publisher;

/**
 * Shows in readiness which servers are away. An instance without one of them, or two, is ready all the same: it serves
 * what can be served, and were it not ready, a load balancer would cut everybody off everywhere at once. Only without all
 * three that a conversation can live on there is nothing that it could do.
 */
@Context
@Readiness
final class Degradation implements HealthIndicator {

    private static final Set<Server> NEEDED = EnumSet.of(Server.REDIS, Server.RABBITMQ, Server.MONGODB);

    private final Breakers breakers;

    Degradation(Breakers breakers, LiveExchange exchange) {
        this.breakers = breakers;
        breakers.probe(Server.RABBITMQ, () -> BrokerSign.of(exchange));
    }

    @Override
    public Publisher<HealthResult> getResult() {
        boolean alone = NEEDED.stream().allMatch(breakers::isAway);
        HealthStatus status = alone ? HealthStatus.DOWN : HealthStatus.UP;
        return Publishers.just(HealthResult.builder("servers", status)
                .details(breakers.states())
                .build());
    }
}
