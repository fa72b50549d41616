package dev.parley.tier.member;

import com.github.benmanes.caffeine.cache.Cache;
import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.connect.ServerAwayException;
import dev.parley.id.ChatId;
import dev.parley.id.UserId;
import dev.parley.mongo.ChatStore;
import dev.parley.redis.ChatCaches;
import dev.parley.redis.ChatCaches.Found;
import dev.parley.tier.Blocking;
import dev.parley.tier.Caches;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is a member of what, read through memory → Redis → MongoDB. Only memberships are remembered, never their absence,
 * so that somebody who was just added is let in at once; and none from before an outage of Redis in which its end may
 * have been missed. Thread-safe.
 */
@Singleton
public final class Memberships {

    private static final Logger LOG = LoggerFactory.getLogger(Memberships.class);

    /** A user's place in a chat. */
    public record Membership(ChatStore.Type type, String role) {

        String encode() {
            return type.name() + " " + role;
        }

        static Membership decode(String text) {
            String[] parts = text.split(" ", 2);
            return new Membership(ChatStore.Type.valueOf(parts[0].toUpperCase(Locale.ROOT)), parts[1]);
        }
    }

    private record Key(ChatId chat, UserId user) {}

    /** What is remembered until something may have been missed; then another one takes its place. */
    private static final class Known {

        final Cache<Key, Membership> memory = Caches.newBuilder()
                .maximumSize(200_000)
                .expireAfterWrite(Duration.ofSeconds(60))
                .build();

        /** While MongoDB is away nobody's membership can change, so what was known last still holds. */
        final Cache<Key, Membership> last;

        Known() {
            this(Caches.newBuilder()
                    .maximumSize(200_000)
                    .expireAfterWrite(Duration.ofHours(1))
                    .build());
        }

        Known(Cache<Key, Membership> last) {
            this.last = last;
        }

        void note(Key key, Optional<Membership> found) {
            found.ifPresentOrElse(
                    membership -> {
                        memory.put(key, membership);
                        last.put(key, membership);
                    },
                    () -> last.invalidate(key));
        }
    }

    private final ChatStore chats;
    private final ChatCaches caches;
    private final Blocking blocking;
    private volatile Known known = new Known();

    Memberships(ChatStore chats, ChatCaches caches, Blocking blocking, Breakers breakers) {
        this.chats = chats;
        this.caches = caches;
        this.blocking = blocking;
        caches.whenDoubted(() -> known = breakers.isAway(Server.MONGODB) ? new Known(known.last) : new Known());
    }

    /** The user's membership, or empty for somebody who is not a member or a chat that does not exist. */
    public CompletionStage<Optional<Membership>> find(ChatId chat, UserId user) {
        Key key = new Key(chat, user);
        // The same to the end: what was read before something may have been missed is not remembered behind it.
        Known here = known;
        Membership remembered = here.memory.getIfPresent(key);
        if (remembered != null) {
            return CompletableFuture.completedStage(Optional.of(remembered));
        }
        return caches.membership(chat, user)
                .exceptionally(redisAway -> Found.nothing())
                .thenCompose(copy -> copy.value().isPresent()
                        ? CompletableFuture.completedStage(copy.value().map(Membership::decode))
                        : blocking.call(() -> load(chat, user, copy.generation())))
                .thenApply(found -> {
                    here.note(key, found);
                    return found;
                })
                .exceptionallyCompose(failure -> {
                    Membership last = ServerAwayException.isCauseOf(failure) ? known.last.getIfPresent(key) : null;
                    return last == null
                            ? CompletableFuture.failedStage(failure)
                            : CompletableFuture.completedStage(Optional.of(last));
                });
    }

    private Optional<Membership> load(ChatId chat, UserId user, Optional<String> generation) {
        Optional<Membership> found =
                chats.role(chat, user).flatMap(role -> chats.find(chat).map(c -> new Membership(c.type(), role)));
        if (found.isPresent() && generation.isPresent()) {
            var _ = caches.rememberMembership(chat, user, found.get().encode(), generation.get())
                    .whenComplete((done, failure) -> {
                        if (failure != null) {
                            LOG.debug("membership not cached: {}", failure.toString());
                        }
                    });
        }
        return found;
    }
}
