package dev.parley.tier.edge;

import dev.parley.tier.rest.RefusedException;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.Fault;
import io.micronaut.core.annotation.Order;
import io.micronaut.core.async.publisher.Publishers;
import io.micronaut.core.order.Ordered;
import io.micronaut.health.HealthStatus;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.management.health.indicator.HealthIndicator;
import io.micronaut.management.health.indicator.HealthResult;
import io.micronaut.management.health.indicator.annotation.Readiness;
import jakarta.inject.Singleton;
import java.util.concurrent.ThreadLocalRandom;
import org.reactivestreams.Publisher;

/** What the world sees of an instance that is about to end: it is not ready, and takes no new connections. */
final class Doors {

    private Doors() {}

    /** Down from the first moment of a drain on, so that load balancers look elsewhere. Liveness stays up. */
    @Singleton
    @Readiness
    static final class Open implements HealthIndicator {

        private final Edge edge;

        Open(Edge edge) {
            this.edge = edge;
        }

        @Override
        public Publisher<HealthResult> getResult() {
            return Publishers.just(HealthResult.builder("doors", edge.closing() ? HealthStatus.DOWN : HealthStatus.UP)
                    .build());
        }
    }

    /** Refuses handshakes while draining, before anything else is looked at. The time to come back differs, as those refused would else come together. */
    @ServerFilter({"/ws", "/socket.io/**"})
    @Order(Ordered.HIGHEST_PRECEDENCE)
    static final class Handshakes {

        private static final int EARLIEST_MS = 1_000;
        private static final int LATEST_MS = 8_000;

        private final Edge edge;

        Handshakes(Edge edge) {
            this.edge = edge;
        }

        @RequestFilter
        void check(HttpRequest<?> request) {
            // Who polls already is told to go elsewhere in the answers to its requests.
            if (edge.closing() && !request.getParameters().contains("sid")) {
                int retryAfterMs = ThreadLocalRandom.current().nextInt(EARLIEST_MS, LATEST_MS);
                throw new RefusedException(Fault.retryAfter(ErrorCode.UNAVAILABLE, retryAfterMs));
            }
        }
    }
}
