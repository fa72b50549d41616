package dev.parley.redis;

import static dev.parley.redis.Script.arg;

import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/** A script about one user that publishes his presence where it has changed, see {@code presence.lua}. Thread-safe. */
final class PresenceScript {

    private final Script script;
    private final PresenceSettings settings;
    private final Clock clock;

    PresenceScript(RedisLink redis, PresenceSettings settings, Clock clock, String name) {
        this.script = new Script(redis, "presence", name);
        this.settings = settings;
        this.clock = clock;
    }

    CompletionStage<List<Object>> list(UserId user, List<byte[]> args) {
        return script.list(keys(user), arguments(user, args));
    }

    CompletionStage<Long> integer(UserId user, List<byte[]> args) {
        return script.integer(keys(user), arguments(user, args));
    }

    private static String[] keys(UserId user) {
        return new String[] {RedisKeys.sockets(user), RedisKeys.presence(user)};
    }

    private byte[][] arguments(UserId user, List<byte[]> args) {
        Instant now = clock.instant();
        return Stream.concat(
                        Stream.of(
                                arg(RedisKeys.presenceChannel(user)),
                                arg(user.value()),
                                arg(text(now)),
                                arg(settings.grace().toMillis()),
                                arg(RedisKeys.CHOSEN_STATUS_OUTLIVES.toMillis()),
                                arg(RedisKeys.PRESENCE_TTL.toSeconds()),
                                arg(text(now.minus(settings.grace())))),
                        args.stream())
                .toArray(byte[][]::new);
    }

    private static String text(Instant time) {
        return time.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
