package dev.parley.tier.message;

import dev.parley.id.UserId;
import dev.parley.redis.Channels;
import dev.parley.tier.limit.RateLimits;
import dev.parley.tier.limit.RateLimits.Limit;
import dev.parley.tier.member.Memberships;
import dev.parley.wire.ClientEvent;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.Fault;
import dev.parley.wire.Json;
import dev.parley.wire.RoomEvent;
import dev.parley.wire.ServerEvent;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Tells a chat that somebody is typing. Nothing of it is kept, and it may be lost. Thread-safe; never blocks. */
@Singleton
public final class ShowTyping {

    private final Memberships memberships;
    private final RateLimits limits;
    private final Channels channels;
    private final Json json;

    ShowTyping(Memberships memberships, RateLimits limits, Channels channels, Json json) {
        this.memberships = memberships;
        this.limits = limits;
        this.channels = channels;
        this.json = json;
    }

    /** Completes with why it was refused, or empty. */
    public CompletionStage<Optional<Fault>> show(UserId user, ClientEvent.Typing request) {
        return memberships.find(request.chatId(), user).thenCompose(membership -> {
            if (membership.isEmpty()) {
                return CompletableFuture.completedStage(Optional.of(Fault.of(ErrorCode.NOT_A_MEMBER)));
            }
            return limits.take(Limit.TYPING_PER_USER, user.value()).thenCompose(decision -> {
                if (!decision.allowed()) {
                    return CompletableFuture.completedStage(
                            Optional.of(Fault.retryAfter(ErrorCode.RATE_LIMITED, decision.retryAfterMs())));
                }
                var event = new ServerEvent.UserTyping(request.chatId(), user, request.isTyping());
                return channels.typing(request.chatId(), user, request.isTyping(), RoomEvent.of(event, json))
                        .thenApply(published -> Optional.empty());
            });
        });
    }
}
