package dev.parley.tier.presence;

import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import dev.parley.redis.Instances;
import dev.parley.redis.LeaderLock;
import dev.parley.redis.Presence;
import dev.parley.redis.RedisSettings;
import io.micronaut.scheduling.annotation.Scheduled;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.bson.types.ObjectId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clears up after instances that have died: one instance, the leader, removes the connections they left, and so those who
 * watch their users are told that these are offline. That nobody counts the connections does not depend on it. A leader
 * that dies half-way leaves the rest to the next; one that was stopped and has lost the lock can only remove what bears a
 * dead name, and names are never used again.
 */
@Singleton
final class DeadInstances {

    private static final Logger LOG = LoggerFactory.getLogger(DeadInstances.class);
    private static final int BATCH = 500;
    private static final long LAST_WORD_MS = 1_000;

    private final Instances instances;
    private final Presence presence;
    private final LeaderLock lock;

    /** As for everybody else: a leader that has not been heard of for so long is dead. */
    private final Duration lockTtl;

    private final String owner = new ObjectId().toHexString();
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile Optional<String> held = Optional.empty();
    private volatile boolean closed;

    DeadInstances(Instances instances, Presence presence, LeaderLock lock, RedisSettings settings) {
        this.instances = instances;
        this.presence = presence;
        this.lock = lock;
        this.lockTtl = settings.heartbeatLapse();
    }

    @Scheduled(fixedDelay = "${parley.redis.heartbeat:5s}")
    void clearUp() {
        if (closed || !busy.compareAndSet(false, true)) {
            return;
        }
        CompletionStage<?> done = lead().thenCompose(token -> token.isPresent()
                ? instances.findDead(token.get()).thenCompose(this::clearUpAfter)
                : CompletableFuture.completedStage(null));
        var _ = done.whenComplete((answer, failure) -> {
            if (failure != null) {
                LOG.debug("dead instances not looked for: {}", failure.toString());
            }
            busy.set(false);
        });
    }

    private CompletionStage<Optional<String>> lead() {
        return lock.acquire(RedisKeys.SERVERS_LOCK, owner, lockTtl).thenApply(token -> {
            held = token;
            return token;
        });
    }

    private CompletionStage<Void> clearUpAfter(List<String> dead) {
        if (dead.isEmpty()) {
            return CompletableFuture.completedStage(null);
        }
        String first = dead.getFirst();
        return clearUpAfter(first, 0).thenCompose(done -> clearUpAfter(dead.subList(1, dead.size())));
    }

    private CompletionStage<Void> clearUpAfter(String instance, int soFar) {
        return instances.someUsers(instance, BATCH).thenCompose(users -> {
            if (users.isEmpty()) {
                LOG.info("cleared up after instance {} with {} users", instance, soFar);
                return instances.forget(instance).thenApply(done -> null);
            }
            return remove(instance, users)
                    .thenCompose(DeadInstances::pause)
                    .thenCompose(done -> lead())
                    .thenCompose(token -> token.isPresent() && !closed
                            ? clearUpAfter(instance, soFar + users.size())
                            : CompletableFuture.<Void>completedStage(null));
        });
    }

    /**
     * The list of users shrinks only by those whose connections are gone and whose presence is settled, so that nothing is
     * left out. Answers how long the others have until theirs can be: they left shortly before their instance ended.
     */
    private CompletionStage<Duration> remove(String instance, List<UserId> users) {
        List<UserId> settled = Collections.synchronizedList(new ArrayList<>());
        AtomicReference<Duration> longest = new AtomicReference<>(Duration.ZERO);
        CompletableFuture<?>[] removed = users.stream()
                .map(user -> presence.set(user, instance, List.of()).thenAccept(rest -> {
                    if (rest.isZero()) {
                        settled.add(user);
                    } else {
                        longest.accumulateAndGet(rest, (one, other) -> one.compareTo(other) > 0 ? one : other);
                    }
                }))
                .map(CompletionStage::toCompletableFuture)
                .toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(removed)
                .thenCompose(done -> settled.isEmpty()
                        ? CompletableFuture.completedStage(null)
                        : instances.unhost(instance, settled))
                .thenApply(done -> longest.get());
    }

    private static CompletionStage<?> pause(Duration time) {
        return time.isZero()
                ? CompletableFuture.completedStage(null)
                : CompletableFuture.runAsync(
                        () -> {}, CompletableFuture.delayedExecutor(time.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** So that another one leads at once. */
    @PreDestroy
    void close() {
        closed = true;
        if (held.isEmpty()) {
            return;
        }
        try {
            var _ = lock.release(RedisKeys.SERVERS_LOCK, held.get())
                    .toCompletableFuture()
                    .get(LAST_WORD_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.info("the lock of the leader was not given back; it expires");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
