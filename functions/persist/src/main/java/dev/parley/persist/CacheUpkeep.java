package dev.parley.persist;

import dev.parley.id.UserId;
import dev.parley.redis.ChatCaches;
import dev.parley.redis.Presence;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the persist function asks of Redis. Persisting does not depend on it: with Redis away the caches stay as they are
 * (they expire by themselves) and everybody counts as offline, because a notification too many is better than none.
 */
@Singleton
final class CacheUpkeep {

    private static final Logger LOG = LoggerFactory.getLogger(CacheUpkeep.class);

    private final ChatCaches caches;
    private final Presence presence;

    CacheUpkeep(ChatCaches caches, Presence presence) {
        this.caches = caches;
        this.presence = presence;
    }

    void forgetChatLists(Collection<UserId> users) {
        attempt("forget chat lists", caches.forgetChatLists(users).toCompletableFuture());
    }

    Set<UserId> offline(Collection<UserId> users) {
        try {
            return new HashSet<>(presence.offline(users).toCompletableFuture().join());
        } catch (CompletionException e) {
            LOG.warn("cannot ask who is offline: {}", e.getMessage());
            return new HashSet<>(users);
        }
    }

    private static void attempt(String what, CompletableFuture<Void> work) {
        try {
            work.join();
        } catch (CompletionException e) {
            LOG.warn("cannot {}: {}", what, e.getMessage());
        }
    }
}
