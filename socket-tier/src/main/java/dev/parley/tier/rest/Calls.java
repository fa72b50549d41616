package dev.parley.tier.rest;

import dev.parley.id.ChatId;
import dev.parley.id.UserId;
import dev.parley.tier.limit.RateLimits;
import dev.parley.tier.limit.RateLimits.Limit;
import dev.parley.tier.member.Memberships;
import dev.parley.tier.member.Memberships.Membership;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.Fault;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletionStage;

/** What controllers ask again and again. They run on virtual threads, so waiting is cheap here. Thread-safe. */
@Singleton
final class Calls {

    private final Memberships memberships;
    private final RateLimits limits;

    Calls(Memberships memberships, RateLimits limits) {
        this.memberships = memberships;
        this.limits = limits;
    }

    /** Waits for a stage; its exception comes out as it is. */
    static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    void limit(Limit limit, String subject) {
        RateLimits.Decision decision = await(limits.take(limit, subject));
        if (!decision.allowed()) {
            throw new RefusedException(Fault.retryAfter(ErrorCode.RATE_LIMITED, decision.retryAfterMs()));
        }
    }

    /** The caller's membership; refused for everybody else, whether the chat exists or not. */
    Membership requireMember(ChatId chat, UserId user) {
        return await(memberships.find(chat, user)).orElseThrow(() -> new RefusedException(ErrorCode.NOT_A_MEMBER));
    }

    static ChatId chatId(String text) {
        return ChatId.parse(text).orElseThrow(() -> invalidId("chatId"));
    }

    static UserId userId(String text) {
        return UserId.parse(text).orElseThrow(() -> invalidId("userId"));
    }

    private static RefusedException invalidId(String field) {
        return new RefusedException(ErrorCode.INVALID_ID, "'" + field + "' is not an id of 24 lower-case hex digits.");
    }

    /** A page size within 1 and {@code most}. */
    static int limit(int asked, int most) {
        if (asked < 1 || asked > most) {
            throw new RefusedException(ErrorCode.VALIDATION, "'limit' is not within 1 and " + most + ".");
        }
        return asked;
    }

    /** A text that people will see: not blank, not too long, no control characters. */
    static String shown(String field, @org.jspecify.annotations.Nullable String text, int most) {
        if (text == null || text.isBlank() || text.strip().length() > most) {
            throw new RefusedException(
                    ErrorCode.VALIDATION, "'" + field + "' is not a text of 1 to " + most + " characters.");
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new RefusedException(ErrorCode.VALIDATION, "'" + field + "' has control characters.");
        }
        return text.strip();
    }
}
