package dev.parley.redis;

import static dev.parley.redis.Script.arg;
import static dev.parley.redis.Script.text;

import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Refresh tokens, kept only as SHA-256, each good for one use. Thread-safe. */
@Singleton
public final class RefreshTokens {

    private final RedisLink redis;

    RefreshTokens(RedisLink redis) {
        this.redis = redis;
    }

    public CompletionStage<Void> remember(String token, UserId user, Duration lifetime) {
        return redis.call(commands -> commands.setex(key(token), lifetime.toSeconds(), arg(user.value())))
                .thenApply(ok -> null);
    }

    /** Whose token it is; empty where it is unknown, expired or used up. */
    public CompletionStage<Optional<UserId>> whose(String token) {
        return redis.call(commands -> commands.get(key(token)))
                .thenApply(user -> user == null ? Optional.empty() : UserId.parse(text(user)));
    }

    /** Whose token it is; it is used up. Empty where it is unknown, expired or was used before. */
    public CompletionStage<Optional<UserId>> use(String token) {
        return redis.call(commands -> commands.getdel(key(token)))
                .thenApply(user -> user == null ? Optional.empty() : UserId.parse(text(user)));
    }

    private static String key(String token) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
            return RedisKeys.refreshToken(HexFormat.of().formatHex(hash));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
