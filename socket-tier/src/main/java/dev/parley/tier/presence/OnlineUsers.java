package dev.parley.tier.presence;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.id.UserId;
import dev.parley.redis.Instances;
import dev.parley.redis.Presence;
import dev.parley.redis.PresenceSettings;
import dev.parley.redis.RedisSettings;
import dev.parley.tier.TierSettings;
import dev.parley.tier.limit.LimitSettings;
import dev.parley.tier.limit.RateLimits;
import dev.parley.tier.limit.RateLimits.Limit;
import io.micronaut.scheduling.annotation.Scheduled;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.bson.types.ObjectId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The users with a connection on this instance, and how many connections each may have. Redis is told of each connection
 * under the name that this instance has now; under a new name it is told all of them again. Commands about one user go
 * out in the order of what happened, because they are issued while his entry is locked.
 *
 * <p>A user whose last connection here has ended stays with this instance until his presence is settled, a grace later:
 * should the instance end before, whoever clears up after it settles it. Thread-safe.
 */
@Singleton
public final class OnlineUsers {

    private static final Logger LOG = LoggerFactory.getLogger(OnlineUsers.class);
    private static final int BATCH = 500;
    private static final long JITTER_MS = 1_000;

    /** In one go; the rest follows in the next. */
    private static final int MOST_SETTLED = 5_000;

    /** Whether a connection is let in. */
    public sealed interface Entry {
        record In() implements Entry {}

        /** The user tries too often. */
        record TooOften(long retryAfterMs) implements Entry {}

        /**
         * The user has as many connections as he may.
         *
         * @param retryAfterMs until one of them may turn out to be dead with its instance; 0 where all of them live
         */
        record Full(long retryAfterMs) implements Entry {}
    }

    private final Presence presence;
    private final Instances instances;
    private final PresenceSettings settings;
    private final RedisSettings redis;
    private final TierSettings tier;
    private final LimitSettings limits;
    private final RateLimits rates;
    private final Breakers breakers;
    private final Map<UserId, List<String>> connections = new ConcurrentHashMap<>();

    /** When the last connection of a user ended whose presence is not settled yet; changed while his entry is locked. */
    private final Map<UserId, Long> leavers = new ConcurrentHashMap<>();

    private final AtomicBoolean settling = new AtomicBoolean();

    private final AtomicInteger open = new AtomicInteger();
    private volatile Iterator<UserId> next = Collections.emptyIterator();
    private volatile String instance;
    private volatile boolean unsaid;
    private volatile boolean draining;

    OnlineUsers(
            Presence presence,
            Instances instances,
            PresenceSettings settings,
            RedisSettings redis,
            TierSettings tier,
            LimitSettings limits,
            RateLimits rates,
            Breakers breakers) {
        this.presence = presence;
        this.instances = instances;
        this.settings = settings;
        this.redis = redis;
        this.tier = tier;
        this.limits = limits;
        this.rates = rates;
        this.breakers = breakers;
        this.instance = newName();
    }

    String newName() {
        return tier.serverId() + "/" + new ObjectId().toHexString();
    }

    /** Counts a connection in where the user may have another; without Redis, as far as this instance knows. */
    public CompletionStage<Entry> connected(UserId user, String connectionId) {
        return rates.take(Limit.CONNECTS_PER_USER, user.value())
                .thenCompose(decision -> decision.allowed()
                        ? enter(user, connectionId)
                        : CompletableFuture.completedStage(new Entry.TooOften(decision.retryAfterMs())));
    }

    private CompletionStage<Entry> enter(UserId user, String connectionId) {
        int most = limits.enabled() ? limits.connectionsPerUser() : Integer.MAX_VALUE;
        List<CompletionStage<Presence.Connected>> told = new ArrayList<>(1);
        connections.compute(user, (u, ids) -> {
            if (ids != null && ids.size() >= most) {
                return ids;
            }
            if (ids == null) {
                note(instances.host(instance, List.of(user)));
            }
            leavers.remove(user);
            told.add(presence.connect(user, connectionId, instance, most));
            return with(ids == null ? List.of() : ids, connectionId);
        });
        if (told.isEmpty()) {
            return CompletableFuture.completedStage(new Entry.Full(0));
        }
        return told.getFirst().handle((connected, failure) -> switch (connected) {
            case null -> {
                LOG.debug("a connection was not told to Redis: {}", String.valueOf(failure));
                unsaid = true;
                yield new Entry.In();
            }
            case Presence.Connected.In in -> new Entry.In();
            case Presence.Connected.Full full -> {
                var _ = disconnected(user, connectionId);
                yield new Entry.Full(retryAfterMs(full.silences()));
            }
        });
    }

    /** Where an instance has missed heartbeats, its connections may soon be gone. */
    private long retryAfterMs(Map<String, Duration> silences) {
        return silences.values().stream()
                .filter(silence -> silence.compareTo(redis.heartbeat().multipliedBy(2)) > 0)
                .mapToLong(silence -> redis.heartbeatLapse().minus(silence).toMillis())
                .map(ms -> Math.max(0, ms) + 1 + ThreadLocalRandom.current().nextLong(JITTER_MS))
                .min()
                .orElse(0);
    }

    private List<String> with(List<String> ids, String connectionId) {
        if (ids.contains(connectionId)) {
            return ids;
        }
        open.incrementAndGet();
        List<String> more = new ArrayList<>(ids);
        more.add(connectionId);
        return List.copyOf(more);
    }

    private List<String> without(List<String> ids, String connectionId) {
        List<String> fewer = ids.stream().filter(id -> !id.equals(connectionId)).toList();
        open.addAndGet(fewer.size() - ids.size());
        return fewer;
    }

    /** Counts a connection out; completes when Redis has been told, or has not answered. */
    public CompletionStage<?> disconnected(UserId user, String connectionId) {
        List<CompletionStage<?>> told = new ArrayList<>(1);
        connections.computeIfPresent(user, (u, ids) -> {
            List<String> left = without(ids, connectionId);
            told.add(presence.disconnect(user, connectionId));
            if (!left.isEmpty()) {
                return left;
            }
            leavers.put(user, System.nanoTime());
            return null;
        });
        if (told.isEmpty()) {
            return CompletableFuture.completedStage(null);
        }
        note(told.getFirst());
        return told.getFirst();
    }

    /** What Redis was not told is made good by telling it everything anew. */
    private void note(CompletionStage<?> told) {
        var _ = told.whenComplete((answer, failure) -> {
            if (failure != null) {
                LOG.debug("presence not recorded: {}", failure.toString());
                unsaid = true;
            }
        });
    }

    @Scheduled(fixedDelay = "250ms")
    void settleDue() {
        try {
            settleLeavers();
        } catch (RuntimeException e) {
            LOG.error("presence could not be settled", e);
            settling.set(false);
        }
    }

    /** Settles the presence of those whose grace is over. At most once at a time; whom it fails for are tried again. */
    private void settleLeavers() {
        if (leavers.isEmpty() || breakers.isAway(Server.REDIS) || !settling.compareAndSet(false, true)) {
            return;
        }
        long due = System.nanoTime() - settings.grace().toNanos();
        List<CompletableFuture<?>> settled = new ArrayList<>();
        leavers.forEach((user, since) -> {
            if (since - due <= 0 && settled.size() < MOST_SETTLED) {
                settled.add(presence.settle(user)
                        .thenAccept(rest -> {
                            if (rest.isZero()) {
                                letGo(user, since);
                            }
                        })
                        .toCompletableFuture());
            }
        });
        var _ = CompletableFuture.allOf(settled.toArray(CompletableFuture[]::new))
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        LOG.debug("presence is settled later: {}", failure.toString());
                    }
                    settling.set(false);
                });
    }

    /** Nothing about the user is left to do here, unless he has come back. */
    private void letGo(UserId user, Long since) {
        connections.compute(user, (u, ids) -> {
            if (leavers.remove(user, since)) {
                note(instances.unhost(instance, List.of(user)));
            }
            return ids;
        });
    }

    // ---- for the registration ------------------------------------------------------------------------------------

    /** The name under which connections are told to Redis. */
    String instance() {
        return instance;
    }

    /** Whether Redis was not told something under this name. */
    boolean hasUnsaid() {
        return unsaid;
    }

    /** Tells Redis of all connections under a new name, in batches. */
    CompletionStage<?> moveTo(String newName) {
        instance = newName;
        unsaid = false;
        return say(connections.keySet().iterator(), Integer.MAX_VALUE);
    }

    /** Repeats what Redis was told of some users; of all of them in turn, from call to call. */
    CompletionStage<?> repeat(int users) {
        if (!next.hasNext()) {
            next = connections.keySet().iterator();
        }
        return say(next, users);
    }

    private CompletionStage<?> say(Iterator<UserId> users, int most) {
        List<UserId> batch = new ArrayList<>();
        List<CompletableFuture<?>> told = new ArrayList<>();
        while (batch.size() < Math.min(most, BATCH) && users.hasNext()) {
            UserId user = users.next();
            connections.computeIfPresent(user, (u, ids) -> {
                told.add(presence.set(user, instance, ids).toCompletableFuture());
                batch.add(user);
                return ids;
            });
        }
        if (batch.isEmpty()) {
            return CompletableFuture.completedStage(null);
        }
        told.add(instances.host(instance, batch).toCompletableFuture());
        CompletableFuture<Void> all = CompletableFuture.allOf(told.toArray(CompletableFuture[]::new));
        int left = most - batch.size();
        return left == 0 ? all : all.thenCompose(done -> say(users, left));
    }

    /** Users who are connected here. */
    int users() {
        return connections.size();
    }

    /** Their connections. */
    int connections() {
        return open.get();
    }

    /** From now on this instance says that it is about to end. */
    public void drain() {
        draining = true;
    }

    boolean isDraining() {
        return draining;
    }
}
