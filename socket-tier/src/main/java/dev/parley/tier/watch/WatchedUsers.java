package dev.parley.tier.watch;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import dev.parley.redis.Channels;
import dev.parley.redis.Presence;
import dev.parley.redis.RedisSettings;
import dev.parley.tier.room.ServedChannels;
import dev.parley.wire.Json;
import dev.parley.wire.RoomEvent;
import dev.parley.wire.ServerEvent;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The users who are watched on this instance. It subscribes to a user's channel when the first connection begins to watch
 * and unsubscribes when the last one ends; so a change reaches only instances that have somebody to tell. Behind every
 * subscription, the first one and each after an interruption, it reads what was published last, in batches: then
 * watchers are told what they missed. Thread-safe.
 */
@Singleton
public final class WatchedUsers {

    private static final Logger LOG = LoggerFactory.getLogger(WatchedUsers.class);
    private static final int BATCH = 500;
    private static final long AGAIN_MS = 2_000;

    private final Channels channels;
    private final Presence presence;
    private final Breakers breakers;
    private final Json json;
    private final long silence;
    private final ServedChannels<WatchedUser> users = new ServedChannels<>();

    /** Whose subscription stands, and whose presence is to be read; each at most once for each subscription. */
    private final Queue<WatchedUser> unread = new ConcurrentLinkedQueue<>();

    private final AtomicBoolean reading = new AtomicBoolean();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("watched-users").factory());

    WatchedUsers(
            Channels channels,
            Presence presence,
            Breakers breakers,
            RedisSettings redis,
            Json json,
            MeterRegistry metrics) {
        this.channels = channels;
        this.presence = presence;
        this.breakers = breakers;
        this.json = json;
        // Each instance notices with its next heartbeat that Redis has lost its memory, and says everything anew.
        this.silence = redis.heartbeat().multipliedBy(3).toNanos();
        channels.listen(RedisKeys.PRESENCE_CHANNELS, new Channels.Listener() {
            @Override
            public void received(String channel, RoomEvent event) {
                users.with(channel, watched -> watched.received(event));
            }

            @Override
            public void interrupted(String channel) {
                users.with(channel, WatchedUser::interrupted);
            }

            @Override
            public void restored(String channel) {
                WatchedUser watched = users.opened(channel);
                if (watched != null) {
                    watched.restored(silence);
                    unread.add(watched);
                    readSoon();
                }
            }
        });
        Gauge.builder("parley.presence.watched", users, ServedChannels::size)
                .description("users whose presence is watched on this instance")
                .register(metrics);
    }

    /** Begins to watch; on the loop of the watching connection, as {@link #leave}. */
    Watch enter(UserId user, Watching owner, Executor loop) {
        String channel = RedisKeys.presenceChannel(user);
        WatchedUser entered = users.enter(channel, () -> {
            channels.subscribe(channel);
            return new WatchedUser(user, channel);
        });
        Watch watch = new Watch(owner, entered);
        entered.add(loop, watch);
        return watch;
    }

    void leave(Watch watch, Executor loop) {
        watch.watched().remove(loop, watch);
        users.leave(watch.watched().channel(), watched -> channels.unsubscribe(watched.channel()));
    }

    /** Completes when the user's presence is known, or will not be soon because Redis is away. */
    CompletionStage<Void> whenKnown(Watch watch) {
        return breakers.isAway(Server.REDIS)
                ? CompletableFuture.completedStage(null)
                : watch.watched().whenKnown();
    }

    private void readSoon() {
        if (reading.compareAndSet(false, true)) {
            later(0, this::readSome);
        }
    }

    /** One batch; {@link #reading} is set until it is done. */
    private void readSome() {
        Map<WatchedUser, Integer> batch = new LinkedHashMap<>();
        for (WatchedUser next = unread.poll(); next != null; next = unread.poll()) {
            batch.put(next, next.epoch());
            if (batch.size() == BATCH) {
                break;
            }
        }
        List<UserId> asked = batch.keySet().stream().map(WatchedUser::user).toList();
        var _ = presence.published(asked).thenAccept(published -> {
            List<WatchedUser> again = new ArrayList<>();
            batch.forEach((watched, epoch) -> {
                UserId user = watched.user();
                if (published.unknown().contains(user)
                        || !watched.read(epoch, published.events().get(user), silent(user))) {
                    again.add(watched);
                }
            });
            if (!again.isEmpty()) {
                later(AGAIN_MS, () -> readAgain(again));
            }
            reading.set(false);
            if (!unread.isEmpty()) {
                readSoon();
            }
        });
    }

    private void readAgain(List<WatchedUser> again) {
        again.removeIf(watched -> users.get(watched.channel()) != watched);
        unread.addAll(again);
        readSoon();
    }

    private void later(long millis, Runnable task) {
        try {
            var _ = timer.schedule(task, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException shuttingDown) {
            LOG.debug("the instance ends", shuttingDown);
        }
    }

    private RoomEvent silent(UserId user) {
        return RoomEvent.of(ServerEvent.Presence.offline(user), json);
    }

    @PreDestroy
    void close() {
        timer.shutdownNow();
    }
}
