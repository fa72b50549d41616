package dev.parley.tier.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.parley.redis.Instances;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** What administrators see of the tier's instances. */
@Controller("/api/admin/servers")
@Secured(SecurityRule.IS_AUTHENTICATED)
@ExecuteOn(TaskExecutors.BLOCKING)
final class ServersController {

    /**
     * An instance, as it was at its last heartbeat.
     *
     * @param instance its name since it registered; another one after each time it counted as dead
     * @param alive false where its heartbeat has lapsed and nobody has cleared up after it yet
     * @param load part of its processors that it uses
     */
    @Serdeable
    record ServerView(
            String serverId,
            String instance,
            String address,
            String startedAt,
            String lastHeartbeatAt,
            boolean alive,
            boolean draining,
            long connections,
            long users,
            double load) {}

    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Servers(List<ServerView> servers) {}

    private final Instances instances;
    private final Administrators administrators;
    private final Clock clock;

    ServersController(Instances instances, Administrators administrators, Clock clock) {
        this.instances = instances;
        this.administrators = administrators;
        this.clock = clock;
    }

    @Get
    Servers list(Caller caller) {
        var _ = administrators.require(caller);
        return new Servers(Calls.await(instances.all()).stream()
                .map(this::view)
                .sorted(Comparator.comparing(ServerView::instance))
                .toList());
    }

    private ServerView view(Instances.Registered registered) {
        Map<String, String> figures = registered.figures();
        String instance = registered.instance();
        return new ServerView(
                instance.substring(0, instance.lastIndexOf('/')),
                instance,
                figures.getOrDefault("address", ""),
                figures.getOrDefault("started", ""),
                clock.instant().minus(registered.silence()).toString(),
                registered.alive(),
                Boolean.parseBoolean(figures.getOrDefault("draining", "false")),
                Long.parseLong(figures.getOrDefault("connections", "0")),
                Long.parseLong(figures.getOrDefault("users", "0")),
                Double.parseDouble(figures.getOrDefault("load", "0")));
    }
}
