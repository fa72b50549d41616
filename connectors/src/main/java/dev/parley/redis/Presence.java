package dev.parley.redis;

import static dev.parley.redis.Script.arg;
import static dev.parley.redis.Script.text;

import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import dev.parley.wire.Json;
import dev.parley.wire.PresenceStatus;
import dev.parley.wire.RoomEvent;
import io.lettuce.core.KeyValue;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The connections of users, over all instances and devices, and what others are told of them. A connection counts as long
 * as its instance lives: nobody reports single users again and again.
 *
 * <p>Whatever may change a user's presence decides in one script whether it has, and publishes there: one
 * {@code presence} event per change, however many devices and instances are involved, in the order of the changes. That a
 * user is offline is published only when {@link PresenceSettings#grace} has passed; until then he is as he was.
 * Thread-safe.
 */
@Singleton
public final class Presence {

    private final RedisLink redis;
    private final Instances instances;
    private final Json json;
    private final PresenceScript connect;
    private final PresenceScript disconnect;
    private final PresenceScript sockets;
    private final PresenceScript settle;
    private final PresenceScript choose;

    Presence(RedisLink redis, Instances instances, PresenceSettings settings, Clock clock, Json json) {
        this.redis = redis;
        this.instances = instances;
        this.json = json;
        this.connect = new PresenceScript(redis, settings, clock, "connect");
        this.disconnect = new PresenceScript(redis, settings, clock, "disconnect");
        this.sockets = new PresenceScript(redis, settings, clock, "sockets");
        this.settle = new PresenceScript(redis, settings, clock, "settle");
        this.choose = new PresenceScript(redis, settings, clock, "choose");
    }

    /** What became of a new connection. */
    public sealed interface Connected {
        record In() implements Connected {}

        /**
         * The user has as many as he may.
         *
         * @param silences of the instances that hold them, all of them alive
         */
        record Full(Map<String, Duration> silences) implements Connected {}
    }

    /**
     * Adds a connection, where the user has fewer than {@code most} on instances that live. Atomic, so that no more come in
     * wherever they connect; what dead instances left behind is removed where it would stand in the way.
     */
    public CompletionStage<Connected> connect(UserId user, String connectionId, String instance, int most) {
        return connect(user, connectionId, instance, most, Set.of()).thenCompose(holders -> {
            if (holders.isEmpty()) {
                return CompletableFuture.completedStage(new Connected.In());
            }
            // Asked for after the holders, so that none of them is too new to be known.
            return instances.silences().thenCompose(silences -> {
                Set<String> dead = new HashSet<>(holders);
                dead.removeIf(holder -> isAlive(silences, holder));
                silences.keySet().removeIf(name -> dead.contains(name) || !holders.contains(name));
                Connected full = new Connected.Full(silences);
                return dead.isEmpty()
                        ? CompletableFuture.completedStage(full)
                        : connect(user, connectionId, instance, most, dead)
                                .thenApply(left -> left.isEmpty() ? new Connected.In() : full);
            });
        });
    }

    private CompletionStage<List<String>> connect(
            UserId user, String connectionId, String instance, int most, Set<String> dead) {
        List<byte[]> arguments = new ArrayList<>(
                List.of(arg(connectionId), arg(instance), arg(most), arg(RedisKeys.SOCKETS_TTL.toSeconds())));
        dead.forEach(name -> arguments.add(arg(name)));
        return connect.list(user, arguments)
                .thenApply(reply -> reply.stream().map(Script::text).toList());
    }

    private boolean isAlive(Map<String, Duration> silences, String instance) {
        Duration silence = silences.get(instance);
        return silence != null && instances.isAlive(silence);
    }

    /**
     * Removes a connection. Where it was the user's last one, somebody has to {@link #settle} his presence.
     *
     * @return in how long, or nothing where there is nothing to settle
     */
    public CompletionStage<Duration> disconnect(UserId user, String connectionId) {
        return disconnect.integer(user, List.of(arg(connectionId))).thenApply(Duration::ofMillis);
    }

    /**
     * Makes the user's connections on one instance exactly these; none clears up after a dead one.
     *
     * @return as in {@link #disconnect}
     */
    public CompletionStage<Duration> set(UserId user, String instance, Collection<String> connectionIds) {
        List<byte[]> arguments = new ArrayList<>(List.of(arg(instance), arg(RedisKeys.SOCKETS_TTL.toSeconds())));
        connectionIds.forEach(id -> arguments.add(arg(id)));
        return sockets.integer(user, arguments).thenApply(Duration::ofMillis);
    }

    /**
     * Calls a user offline who has no connection and whose grace is over; doing it again changes nothing.
     *
     * @return how much of it is left, where it is not over
     */
    public CompletionStage<Duration> settle(UserId user) {
        return settle.integer(user, List.of()).thenApply(Duration::ofMillis);
    }

    /**
     * Sets which status the user shows on all his devices as long as he is connected, and for
     * {@link RedisKeys#CHOSEN_STATUS_OUTLIVES} after that.
     *
     * @param message null for none
     */
    public CompletionStage<?> choose(UserId user, PresenceStatus status, @Nullable String message) {
        byte[] text = message == null ? new byte[0] : json.bytes(message);
        return choose.integer(user, List.of(arg(status.wireName()), text));
    }

    /**
     * What was published last.
     *
     * @param events of each user as the event that it was; of whom nothing was, or not lately, is offline
     * @param unknown those of whom Redis, or the node that knows of them, could not be asked
     */
    public record Published(Map<UserId, RoomEvent> events, Set<UserId> unknown) {}

    /** What was published last of the users; never fails. */
    public CompletionStage<Published> published(Collection<UserId> users) {
        Map<UserId, CompletableFuture<Optional<RoomEvent>>> asked = new LinkedHashMap<>();
        for (UserId user : users) {
            CompletionStage<List<KeyValue<String, byte[]>>> fields =
                    redis.call(commands -> commands.hmget(RedisKeys.presence(user), "event", "version"));
            asked.put(user, fields.thenApply(Presence::event).toCompletableFuture());
        }
        return CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
                .handle((done, someFailed) -> {
                    Map<UserId, RoomEvent> events = new HashMap<>();
                    Set<UserId> unknown = new HashSet<>();
                    asked.forEach((user, event) -> {
                        if (event.isCompletedExceptionally()) {
                            unknown.add(user);
                        } else {
                            event.join().ifPresent(known -> events.put(user, known));
                        }
                    });
                    return new Published(events, unknown);
                });
    }

    private static Optional<RoomEvent> event(List<KeyValue<String, byte[]>> fields) {
        KeyValue<String, byte[]> event = fields.get(0);
        KeyValue<String, byte[]> version = fields.get(1);
        return event.hasValue() && version.hasValue()
                ? Optional.of(
                        new RoomEvent(RoomEvent.PRESENCE, Long.parseLong(text(version.getValue())), event.getValue()))
                : Optional.empty();
    }

    /** Those of the users who have no connection open on an instance that lives, in their order. */
    public CompletionStage<List<UserId>> offline(Collection<UserId> users) {
        record Asked(UserId user, CompletableFuture<List<byte[]>> holders) {}
        List<Asked> asked = new ArrayList<>(users.size());
        for (UserId user : users) {
            asked.add(new Asked(
                    user,
                    redis.call(commands -> commands.hvals(RedisKeys.sockets(user)))
                            .toCompletableFuture()));
        }
        CompletableFuture<Map<String, Duration>> living = instances.silences().toCompletableFuture();
        return CompletableFuture.allOf(asked.stream().map(Asked::holders).toArray(CompletableFuture[]::new))
                .thenCombine(
                        living,
                        (done, silences) -> asked.stream()
                                .filter(a -> a.holders().join().stream()
                                        .noneMatch(holder -> isAlive(silences, text(holder))))
                                .map(Asked::user)
                                .toList());
    }
}
