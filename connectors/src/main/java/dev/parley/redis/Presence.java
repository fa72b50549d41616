package dev.parley.redis;

import static dev.parley.redis.Script.arg;
import static dev.parley.redis.Script.text;

import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The connections of users, over all instances and devices. A connection counts as long as its instance lives: nobody
 * reports single users again and again. Thread-safe.
 */
@Singleton
public final class Presence {

    private final RedisLink redis;
    private final Instances instances;
    private final Script connect;
    private final Script sockets;

    Presence(RedisLink redis, Instances instances) {
        this.redis = redis;
        this.instances = instances;
        this.connect = new Script(redis, "connect");
        this.sockets = new Script(redis, "sockets");
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
        return connect.list(new String[] {RedisKeys.sockets(user)}, arguments.toArray(byte[][]::new))
                .thenApply(reply -> reply.stream().map(Script::text).toList());
    }

    private boolean isAlive(Map<String, Duration> silences, String instance) {
        Duration silence = silences.get(instance);
        return silence != null && instances.isAlive(silence);
    }

    /** Removes a connection. */
    public CompletionStage<?> disconnect(UserId user, String connectionId) {
        return redis.call(commands -> commands.hdel(RedisKeys.sockets(user), connectionId));
    }

    /** Makes the user's connections on one instance exactly these; none clears up after a dead one. */
    public CompletionStage<?> set(UserId user, String instance, Collection<String> connectionIds) {
        List<byte[]> arguments = new ArrayList<>(List.of(arg(instance), arg(RedisKeys.SOCKETS_TTL.toSeconds())));
        connectionIds.forEach(id -> arguments.add(arg(id)));
        return sockets.integer(new String[] {RedisKeys.sockets(user)}, arguments.toArray(byte[][]::new));
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
