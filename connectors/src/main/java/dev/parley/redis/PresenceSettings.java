package dev.parley.redis;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import java.time.Duration;

/**
 * What others are told of users.
 *
 * @param grace how long after a user's last connection has ended he is called offline, unless he comes back
 * @param recheck for how long it is believed that two users share a chat: after it a watcher is told nothing more before
 *     that was looked up again
 */
@ConfigurationProperties("parley.presence")
public record PresenceSettings(
        @Bindable(defaultValue = "5s") Duration grace,
        @Bindable(defaultValue = "5m") Duration recheck) {

    public PresenceSettings {
        if (grace.isNegative() || recheck.isNegative()) {
            throw new IllegalArgumentException(
                    "parley.presence.grace and parley.presence.recheck must not be negative");
        }
    }
}
