package dev.parley.tier.room;

import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import dev.parley.mongo.ChatStore;
import dev.parley.mongo.ChatStore.CreatedChat;
import dev.parley.tier.Blocking;
import dev.parley.wire.Json;
import dev.parley.wire.RoomEvent;
import dev.parley.wire.ServerEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells users here of chats that were created while their own channels were interrupted; some may hear of a chat twice.
 * One question for all users of the instance, because a lost connection concerns them all at once. Thread-safe.
 */
final class NewChats {

    private static final Logger LOG = LoggerFactory.getLogger(NewChats.class);
    private static final int MOST = 1_000;

    /** Clocks of instances differ, and an interruption is noticed late. */
    private static final Duration MARGIN = Duration.ofSeconds(10);

    private static final long GATHER_MS = 500;
    private static final long RETRY_MS = 2_000;

    private final ChatStore chats;
    private final Blocking blocking;
    private final Json json;
    private final ScheduledExecutorService timer;
    private final BooleanSupplier anyInterrupted;
    private final BiConsumer<String, RoomEvent> deliver;
    private @Nullable Instant since;
    private boolean planned;

    NewChats(
            ChatStore chats,
            Blocking blocking,
            Json json,
            ScheduledExecutorService timer,
            BooleanSupplier anyInterrupted,
            BiConsumer<String, RoomEvent> deliver) {
        this.chats = chats;
        this.blocking = blocking;
        this.json = json;
        this.timer = timer;
        this.anyInterrupted = anyInterrupted;
        this.deliver = deliver;
    }

    /** A user's channel is interrupted from now on. */
    synchronized void interrupted() {
        if (since == null) {
            since = Instant.now().minus(MARGIN);
        }
    }

    /** A user's channel is subscribed, perhaps after an interruption. */
    synchronized void restored() {
        if (since != null && !planned) {
            plan(GATHER_MS);
        }
    }

    private void plan(long millis) {
        planned = true;
        var _ = timer.schedule(this::tellNow, millis, TimeUnit.MILLISECONDS);
    }

    private void tellNow() {
        Instant from;
        // Other channels may come back later: on a cluster they are on several nodes.
        boolean forAll = !anyInterrupted.getAsBoolean();
        synchronized (this) {
            planned = false;
            from = since;
            if (forAll) {
                since = null;
            }
        }
        if (from == null) {
            return;
        }
        var _ = blocking.call(() -> chats.createdSince(from, MOST)).whenComplete((created, failure) -> {
            if (failure == null) {
                tell(created);
            } else {
                LOG.debug("new chats are told later: {}", failure.toString());
                again(from);
            }
        });
    }

    private synchronized void again(Instant from) {
        since = since == null || from.isBefore(since) ? from : since;
        if (!planned) {
            plan(RETRY_MS);
        }
    }

    private void tell(List<CreatedChat> created) {
        if (created.size() == MOST) {
            LOG.warn(
                    "users are told of the oldest {} chats that were created meanwhile; the rest are in their lists",
                    MOST);
        }
        for (CreatedChat one : created) {
            var event = new ServerEvent.ChatCreated(
                    one.chat().chatId(),
                    one.chat().type().wireName(),
                    one.chat().name(),
                    one.members(),
                    one.createdBy());
            RoomEvent told = RoomEvent.of(event, json);
            for (UserId member : one.members()) {
                deliver.accept(RedisKeys.userChannel(member), told);
            }
        }
    }
}
