package dev.parley.persist;

import dev.parley.connect.Outage;
import dev.parley.id.UserId;
import dev.parley.redis.ChatCaches;
import dev.parley.redis.Presence;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the persist function asks of Redis. Persisting does not depend on it: with Redis away the caches stay as they are,
 * and are not believed afterwards, and everybody counts as offline, because a notification too many is better than none.
 */
@Singleton
final class CacheUpkeep {

    private static final Logger LOG = LoggerFactory.getLogger(CacheUpkeep.class);

    private final ChatCaches caches;
    private final Presence presence;
    private final Outage forgetting = new Outage(LOG, "forgetting chat lists");
    private final Outage asking = new Outage(LOG, "asking who is offline");

    CacheUpkeep(ChatCaches caches, Presence presence) {
        this.caches = caches;
        this.presence = presence;
    }

    void forgetChatLists(Collection<UserId> users) {
        try {
            caches.forgetChatLists(users).toCompletableFuture().join();
            forgetting.works();
        } catch (CompletionException e) {
            forgetting.failed(String.valueOf(e.getMessage()));
        }
    }

    Set<UserId> offline(Collection<UserId> users) {
        try {
            Set<UserId> offline =
                    new HashSet<>(presence.offline(users).toCompletableFuture().join());
            asking.works();
            return offline;
        } catch (CompletionException e) {
            asking.failed(String.valueOf(e.getMessage()));
            return new HashSet<>(users);
        }
    }
}
