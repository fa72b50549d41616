package dev.parley.redis;

import static dev.parley.redis.Script.arg;
import static dev.parley.redis.Script.text;

import dev.parley.keys.RedisKeys;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * A lock that ends by itself, for what only one instance should do. It can be lost without its holder noticing, for
 * example while his process is stopped; so a step that must not be done twice checks the token inside its own script.
 * Thread-safe.
 */
@Singleton
public final class LeaderLock {

    private final Script lock;
    private final Script unlock;

    LeaderLock(RedisLink redis) {
        this.lock = new Script(redis, "lock");
        this.unlock = new Script(redis, "unlock");
    }

    /**
     * Takes the lock, or keeps it for another {@code ttl}.
     *
     * @param owner unique among all who may ask; without a colon
     * @return a token with a number that rises with each change of the owner, as long as Redis keeps its memory; empty
     *     where somebody else has the lock
     */
    public CompletionStage<Optional<String>> acquire(String name, String owner, Duration ttl) {
        return lock.list(
                        new String[] {RedisKeys.lock(name), RedisKeys.lockFence(name)},
                        arg(owner),
                        arg(ttl.toMillis()),
                        arg(RedisKeys.LOCK_FENCE_TTL.toSeconds()))
                .thenApply(reply -> Optional.of(text(reply.getFirst())).filter(token -> !token.isEmpty()));
    }

    /** Gives it back; answers false where it was lost before. */
    public CompletionStage<Boolean> release(String name, String token) {
        return unlock.integer(new String[] {RedisKeys.lock(name)}, arg(token)).thenApply(deleted -> deleted == 1);
    }
}
