package dev.parley.redis;

import static dev.parley.redis.Script.arg;
import static dev.parley.redis.Script.text;

import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The tier instances that run. Each has a name that is used once: an instance that counted as dead, for whatever reason,
 * goes on under a new one. So what is done to clear up after the old name can never meet the living. Thread-safe.
 */
@Singleton
public final class Instances {

    private final RedisLink redis;
    private final RedisSettings settings;
    private final Script heartbeat;
    private final Script servers;
    private final Script bury;
    private final Script retire;

    Instances(RedisLink redis, RedisSettings settings) {
        this.redis = redis;
        this.settings = settings;
        this.heartbeat = new Script(redis, "heartbeat");
        this.servers = new Script(redis, "servers");
        this.bury = new Script(redis, "bury");
        this.retire = new Script(redis, "retire");
    }

    /**
     * An instance that has not been found dead.
     *
     * @param silence since its last heartbeat
     * @param figures what it said of itself then
     */
    public record Registered(String instance, Duration silence, boolean alive, Map<String, String> figures) {}

    /** Comes to life under a name that was never used. */
    public CompletionStage<Boolean> register(String instance, Map<String, String> figures) {
        return beat(instance, true, figures);
    }

    /** Says that it is alive; answers false where it counts as dead, or Redis has lost its memory. */
    public CompletionStage<Boolean> heartbeat(String instance, Map<String, String> figures) {
        return beat(instance, false, figures);
    }

    private CompletionStage<Boolean> beat(String instance, boolean registers, Map<String, String> figures) {
        List<byte[]> arguments = new ArrayList<>(List.of(
                arg(instance),
                arg(settings.heartbeatLapse().toMillis()),
                arg(registers ? "1" : "0"),
                arg(RedisKeys.SERVER_TTL.toSeconds()),
                arg(RedisKeys.SERVERS_TTL.toSeconds())));
        figures.forEach((field, value) -> {
            arguments.add(arg(field));
            arguments.add(arg(value));
        });
        return heartbeat
                .integer(new String[] {RedisKeys.SERVERS, RedisKeys.server(instance)}, arguments.toArray(byte[][]::new))
                .thenApply(known -> known == 1);
    }

    /** Gives up a name for good. */
    public CompletionStage<?> retire(String instance) {
        return retire.integer(
                new String[] {RedisKeys.SERVERS, RedisKeys.DEAD_SERVERS, RedisKeys.server(instance)},
                arg(instance),
                arg(RedisKeys.SERVERS_TTL.toSeconds()));
    }

    /** How long each has been silent that was not found dead; some of them may be past the lapse. */
    public CompletionStage<Map<String, Duration>> silences() {
        return servers.list(new String[] {RedisKeys.SERVERS}).thenApply(reply -> {
            Map<String, Duration> silences = new LinkedHashMap<>();
            for (int i = 0; i < reply.size(); i += 2) {
                silences.put(text(reply.get(i)), Duration.ofMillis(Long.parseLong(text(reply.get(i + 1)))));
            }
            return silences;
        });
    }

    /** Whether so long a silence means that it lives. */
    public boolean isAlive(Duration silence) {
        return silence.compareTo(settings.heartbeatLapse()) <= 0;
    }

    /** All that have not been found dead, with their figures. */
    public CompletionStage<List<Registered>> all() {
        return silences().thenCompose(silences -> {
            List<CompletableFuture<Registered>> asked = new ArrayList<>();
            silences.forEach((instance, silence) ->
                    asked.add(redis.call(commands -> commands.hgetall(RedisKeys.server(instance)))
                            .thenApply(figures -> new Registered(instance, silence, isAlive(silence), texts(figures)))
                            .toCompletableFuture()));
            return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                    .thenApply(
                            done -> asked.stream().map(CompletableFuture::join).toList());
        });
    }

    private static Map<String, String> texts(Map<String, byte[]> figures) {
        Map<String, String> texts = new TreeMap<>();
        figures.forEach((field, value) -> texts.put(field, text(value)));
        return texts;
    }

    // ---- clearing up ----------------------------------------------------------------------------------------------

    /** Finds the dead; answers all who are to be cleared up after, none where the token no longer holds the lock. */
    public CompletionStage<List<String>> findDead(String lockToken) {
        return bury.list(
                        new String[] {RedisKeys.SERVERS, RedisKeys.DEAD_SERVERS, RedisKeys.lock(RedisKeys.SERVERS_LOCK)
                        },
                        arg(lockToken),
                        arg(settings.heartbeatLapse().toMillis()),
                        arg(RedisKeys.SERVERS_TTL.toSeconds()))
                .thenApply(reply -> reply.stream().map(Script::text).toList());
    }

    /** Some of the users who were connected to an instance. */
    public CompletionStage<List<UserId>> someUsers(String instance, int most) {
        return redis.call(commands -> commands.srandmember(RedisKeys.serverUsers(instance), most))
                .thenApply(users ->
                        users.stream().map(user -> new UserId(text(user))).toList());
    }

    /** Nothing is left of it. */
    public CompletionStage<?> forget(String instance) {
        return redis.call(commands -> commands.zrem(RedisKeys.DEAD_SERVERS, arg(instance)));
    }

    // ---- who is connected where -----------------------------------------------------------------------------------

    /** Remembers that users are connected to an instance, so that it can be cleared up after. */
    public CompletionStage<?> host(String instance, Collection<UserId> users) {
        String key = RedisKeys.serverUsers(instance);
        CompletionStage<Long> added = redis.call(commands -> commands.sadd(key, members(users)));
        return added.thenCombine(
                redis.call(commands -> commands.expire(key, RedisKeys.SOCKETS_TTL)), (count, expires) -> count);
    }

    public CompletionStage<?> unhost(String instance, Collection<UserId> users) {
        return redis.call(commands -> commands.srem(RedisKeys.serverUsers(instance), members(users)));
    }

    private static byte[][] members(Collection<UserId> users) {
        return users.stream().map(user -> arg(user.value())).toArray(byte[][]::new);
    }
}
