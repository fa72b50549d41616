package dev.parley.redis;

import static dev.parley.redis.Script.arg;

import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Which users have a connection open, over all instances and devices. Thread-safe. */
@Singleton
public final class Presence {

    private final RedisLink redis;
    private final Script connect;
    private final Script disconnect;

    Presence(RedisLink redis) {
        this.redis = redis;
        this.connect = new Script(redis, "connect");
        this.disconnect = new Script(redis, "disconnect");
    }

    /** Adds a connection; answers how many the user has now. */
    public CompletionStage<Long> connected(UserId user, String connectionId, String serverId) {
        return connect.integer(
                new String[] {RedisKeys.sockets(user), RedisKeys.online(user)},
                arg(connectionId),
                arg(serverId),
                arg(RedisKeys.SOCKETS_TTL.toSeconds()),
                arg(RedisKeys.ONLINE_TTL.toSeconds()));
    }

    /** Removes a connection; answers how many the user has left. */
    public CompletionStage<Long> disconnected(UserId user, String connectionId) {
        return disconnect.integer(new String[] {RedisKeys.sockets(user), RedisKeys.online(user)}, arg(connectionId));
    }

    /** Says that the users are still online; without it they are offline after {@link RedisKeys#ONLINE_TTL}. */
    public void heartbeat(Collection<UserId> users) {
        for (UserId user : users) {
            var _ = redis.call(
                    commands -> commands.setex(RedisKeys.online(user), RedisKeys.ONLINE_TTL.toSeconds(), arg("1")));
        }
    }

    /** Those of the users who have no connection open, in their order. */
    public CompletionStage<List<UserId>> offline(Collection<UserId> users) {
        record Asked(UserId user, CompletableFuture<Long> online) {}
        List<Asked> asked = new ArrayList<>(users.size());
        for (UserId user : users) {
            asked.add(new Asked(
                    user,
                    redis.call(commands -> commands.exists(RedisKeys.online(user)))
                            .toCompletableFuture()));
        }
        return CompletableFuture.allOf(asked.stream().map(Asked::online).toArray(CompletableFuture[]::new))
                .thenApply(done -> asked.stream()
                        .filter(a -> a.online().join() == 0)
                        .map(Asked::user)
                        .toList());
    }
}
