package dev.parley.redis;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import java.time.Duration;

/**
 * How we talk to Redis; where it is stands in {@code redis.uri} (or {@code redis.uris} for a cluster).
 *
 * @param commandTimeout after this a command has failed
 * @param heartbeat how often a tier instance says that it is alive
 * @param heartbeatLapse how long after its last heartbeat it counts as dead; the same in all processes
 */
@ConfigurationProperties("parley.redis")
public record RedisSettings(
        @Bindable(defaultValue = "1s") Duration commandTimeout,
        @Bindable(defaultValue = "5s") Duration heartbeat,
        @Bindable(defaultValue = "30s") Duration heartbeatLapse) {

    public RedisSettings {
        if (heartbeat.multipliedBy(3).compareTo(heartbeatLapse) > 0) {
            throw new IllegalArgumentException(
                    "parley.redis.heartbeat-lapse must be at least three times parley.redis.heartbeat");
        }
    }
}
