package dev.parley.tier.presence;

import dev.parley.id.UserId;
import dev.parley.redis.Presence;
import dev.parley.tier.limit.RateLimits;
import dev.parley.tier.limit.RateLimits.Limit;
import dev.parley.wire.ClientEvent;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.Fault;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Lets a user choose how he shows himself to those who watch his presence. Thread-safe; never blocks. */
@Singleton
public final class SetPresence {

    private final Presence presence;
    private final RateLimits limits;

    SetPresence(Presence presence, RateLimits limits) {
        this.presence = presence;
        this.limits = limits;
    }

    /** Completes with why it was refused, or empty; fails where Redis is away. */
    public CompletionStage<Optional<Fault>> set(UserId user, ClientEvent.SetPresence request) {
        return limits.take(Limit.PRESENCE_CHANGES_PER_USER, user.value())
                .thenCompose(decision -> decision.allowed()
                        ? presence.choose(user, request.status(), request.message())
                                .thenApply(done -> Optional.empty())
                        : CompletableFuture.completedStage(
                                Optional.of(Fault.retryAfter(ErrorCode.RATE_LIMITED, decision.retryAfterMs()))));
    }
}
