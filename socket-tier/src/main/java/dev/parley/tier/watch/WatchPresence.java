package dev.parley.tier.watch;

import dev.parley.id.UserId;
import dev.parley.redis.PresenceSettings;
import dev.parley.tier.limit.RateLimits;
import dev.parley.tier.limit.RateLimits.Limit;
import dev.parley.tier.member.Contacts;
import dev.parley.tier.room.Member;
import dev.parley.wire.ClientEvent;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.Fault;
import dev.parley.wire.Json;
import dev.parley.wire.RoomEvent;
import dev.parley.wire.ServerEvent;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Lets a connection watch the presence of users: of himself, and of those with whom its user shares a chat. What is
 * answered is followed by what changes, without a gap, and nothing older comes behind it. Thread-safe; never blocks.
 */
@Singleton
public final class WatchPresence {

    /** A connection as watching sees it. All of it on its loop. */
    public interface Watcher extends Member {

        UserId user();

        /** Whether it is behind with reading, so that an event that it is shown now would be dropped. */
        boolean isBehind();

        /** Whom it watches; null for nobody. */
        @Nullable
        Watching watching();

        /** Remembers whom it watches, null for nobody; false where the connection has ended in the meantime. */
        boolean watches(@Nullable Watching watching);
    }

    /**
     * A request at work.
     *
     * @param begun completes when the users are watched, though not all may be known yet; never fails
     * @param outcome fails, with nothing changed, where it can not be looked up whom the user may know of
     */
    public record Asking(CompletionStage<?> begun, CompletionStage<Outcome> outcome) {}

    /** What became of a request. */
    public sealed interface Outcome {
        /**
         * The users are watched.
         *
         * @param presences as far as they are known; the others come as events when they are
         * @param strangers users that are not watched, because the user may not know of them
         */
        record Watched(List<ServerEvent.Presence> presences, List<UserId> strangers) implements Outcome {}

        /** Nothing has changed. */
        record Refused(Fault fault) implements Outcome {}
    }

    private final WatchedUsers users;
    private final Contacts contacts;
    private final RateLimits limits;
    private final PresenceSettings settings;
    private final Json json;

    WatchPresence(WatchedUsers users, Contacts contacts, RateLimits limits, PresenceSettings settings, Json json) {
        this.users = users;
        this.contacts = contacts;
        this.limits = limits;
        this.settings = settings;
        this.json = json;
    }

    public Asking watch(Watcher watcher, ClientEvent.WatchPresence request) {
        CompletableFuture<Boolean> begun = new CompletableFuture<>();
        UserId user = watcher.user();
        CompletionStage<Outcome> outcome = limits.take(Limit.PRESENCE_QUESTIONS_PER_USER, user.value())
                .thenCompose(decision -> decision.allowed()
                        ? contacts.among(user, request.users())
                                .thenComposeAsync(
                                        known -> watch(watcher, request.users(), known, begun), watcher.loop())
                        : CompletableFuture.completedStage(new Outcome.Refused(
                                Fault.retryAfter(ErrorCode.RATE_LIMITED, decision.retryAfterMs()))));
        outcome.whenComplete((done, failure) -> begun.complete(true));
        return new Asking(begun, outcome);
    }

    private CompletionStage<Outcome> watch(
            Watcher watcher, List<UserId> wanted, Set<UserId> known, CompletableFuture<Boolean> begun) {
        List<UserId> allowed = wanted.stream().filter(known::contains).toList();
        List<UserId> strangers =
                wanted.stream().filter(user -> !known.contains(user)).toList();
        Watching before = watcher.watching();
        if (allowed.isEmpty()) {
            if (before != null) {
                before.close();
                watcher.watches(null);
            }
            return CompletableFuture.completedStage(new Outcome.Watched(List.of(), strangers));
        }
        Watching watching = before == null ? new Watching(watcher, users, contacts, settings.recheck()) : before;
        if (!watcher.watches(watching)) {
            // It has ended in the meantime, and nobody reads the answer.
            return CompletableFuture.completedStage(new Outcome.Watched(List.of(), strangers));
        }
        CompletionStage<Void> allKnown = watching.replace(allowed);
        begun.complete(true);
        return allKnown.thenApplyAsync(
                done -> {
                    List<ServerEvent.Presence> presences =
                            watching.presences(allowed).stream().map(this::read).toList();
                    // A task of its own, so that the answer is written first.
                    watcher.loop().execute(watching::release);
                    return new Outcome.Watched(presences, strangers);
                },
                watcher.loop());
    }

    private ServerEvent.Presence read(RoomEvent presence) {
        try {
            return json.read(presence.json(), ServerEvent.Presence.class);
        } catch (IOException notOneOfOurs) {
            throw new UncheckedIOException(notOneOfOurs);
        }
    }
}
