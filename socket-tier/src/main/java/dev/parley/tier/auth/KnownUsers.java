package dev.parley.tier.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Scheduler;
import dev.parley.connect.ServerAwayException;
import dev.parley.id.UserId;
import dev.parley.mongo.Accounts;
import jakarta.inject.Singleton;
import java.time.Duration;

/** Whether the user that a token names exists. Blocking; thread-safe. */
@Singleton
public final class KnownUsers {

    private final Accounts accounts;
    private final Cache<UserId, Boolean> known = Caffeine.newBuilder()
            .maximumSize(100_000)
            .expireAfterWrite(Duration.ofMinutes(1))
            // Else those of idle connections stay.
            .scheduler(Scheduler.systemScheduler())
            .build();

    KnownUsers(Accounts accounts) {
        this.accounts = accounts;
    }

    /**
     * True where the user exists, or where nobody can say because MongoDB is away: the token's signature vouches for the
     * user, and what the user may do is asked again at every use.
     */
    public boolean exists(UserId user) {
        if (known.getIfPresent(user) != null) {
            return true;
        }
        try {
            boolean exists = accounts.exists(user);
            if (exists) {
                known.put(user, true);
            }
            return exists;
        } catch (ServerAwayException e) {
            return true;
        }
    }
}
