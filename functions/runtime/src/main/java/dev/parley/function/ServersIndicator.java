package dev.parley.function;

import dev.parley.connect.Breakers;
import io.micronaut.context.annotation.Requires;
import io.micronaut.core.async.publisher.Publishers;
import io.micronaut.health.HealthStatus;
import io.micronaut.management.health.indicator.HealthIndicator;
import io.micronaut.management.health.indicator.HealthResult;
import io.micronaut.management.health.indicator.annotation.Readiness;
import jakarta.inject.Singleton;
import org.reactivestreams.Publisher;

/** Shows which servers that it uses are away. A function stays ready all the same: it waits for them, and restarting it helps nobody. */
@Singleton
@Readiness
@Requires(env = "function")
final class ServersIndicator implements HealthIndicator {

    private final Breakers breakers;

    ServersIndicator(Breakers breakers) {
        this.breakers = breakers;
    }

    @Override
    public Publisher<HealthResult> getResult() {
        return Publishers.just(HealthResult.builder("servers", HealthStatus.UP)
                .details(breakers.states())
                .build());
    }
}
