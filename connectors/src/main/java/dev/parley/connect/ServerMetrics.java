package dev.parley.connect;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Requires;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Which servers that this process uses are away, as metrics. A Lambda has nobody who would ask for them. */
@Context
@Requires(beans = MeterRegistry.class, notEnv = "lambda")
final class ServerMetrics implements Breakers.Listener {

    private final Breakers breakers;
    private final MeterRegistry metrics;
    private final Map<Server, Counter> outages = new ConcurrentHashMap<>();

    ServerMetrics(Breakers breakers, MeterRegistry metrics) {
        this.breakers = breakers;
        this.metrics = metrics;
        breakers.listen(this);
    }

    @Override
    public void used(Server server) {
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

    @Override
    public void changed(Server server, boolean away) {
        Counter counter = outages.get(server);
        if (away && counter != null) {
            counter.increment();
        }
    }
}
