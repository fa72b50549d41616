package dev.parley.tier.presence;

import dev.parley.id.UserId;
import dev.parley.redis.Presence;
import dev.parley.tier.TierSettings;
import dev.parley.tier.limit.LimitSettings;
import io.micronaut.scheduling.annotation.Scheduled;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The users with a connection on this instance; Redis is told of them, and reminded as long as they stay. Thread-safe. */
@Singleton
public final class OnlineUsers {

    private static final Logger LOG = LoggerFactory.getLogger(OnlineUsers.class);

    private final Presence presence;
    private final TierSettings tier;
    private final LimitSettings limits;
    private final Map<UserId, Integer> connections = new ConcurrentHashMap<>();

    OnlineUsers(Presence presence, TierSettings tier, LimitSettings limits) {
        this.presence = presence;
        this.tier = tier;
        this.limits = limits;
    }

    /** Counts a connection in; false where the user has as many as allowed. */
    public boolean connected(UserId user, String connectionId) {
        int most = limits.enabled() ? limits.connectionsPerUser() : Integer.MAX_VALUE;
        boolean[] admitted = new boolean[1];
        connections.compute(user, (u, count) -> {
            int now = count == null ? 0 : count;
            admitted[0] = now < most;
            return admitted[0] ? Integer.valueOf(now + 1) : count;
        });
        if (admitted[0]) {
            logFailure(presence.connected(user, connectionId, tier.serverId()));
        }
        return admitted[0];
    }

    /** Counts a connection out; completes when Redis has been told, or has not answered. */
    public CompletionStage<Long> disconnected(UserId user, String connectionId) {
        connections.computeIfPresent(user, (u, count) -> count == 1 ? null : count - 1);
        CompletionStage<Long> told = presence.disconnected(user, connectionId);
        logFailure(told);
        return told;
    }

    @Scheduled(fixedDelay = "30s")
    void remind() {
        presence.heartbeat(List.copyOf(connections.keySet()));
    }

    private static void logFailure(CompletionStage<Long> told) {
        var _ = told.whenComplete((count, failure) -> {
            if (failure != null) {
                LOG.debug("presence not recorded: {}", failure.toString());
            }
        });
    }
}
