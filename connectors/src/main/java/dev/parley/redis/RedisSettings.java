package dev.parley.redis;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import java.time.Duration;

/**
 * How we talk to Redis; where it is stands in {@code redis.uri} (or {@code redis.uris} for a cluster).
 *
 * @param commandTimeout after this a command has failed
 */
@ConfigurationProperties("parley.redis")
public record RedisSettings(@Bindable(defaultValue = "1s") Duration commandTimeout) {}
