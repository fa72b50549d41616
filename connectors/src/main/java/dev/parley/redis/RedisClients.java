package dev.parley.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import io.micronaut.configuration.lettuce.AbstractRedisConfiguration;
import io.micronaut.configuration.lettuce.ClientResourcesMutator;
import io.micronaut.configuration.lettuce.DefaultRedisConfiguration;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What is configured: a single server or a cluster. */
@Factory
final class RedisClients {

    @Singleton
    @Bean(preDestroy = "close")
    RedisServers servers(
            @Nullable RedisClient single,
            @Nullable RedisClusterClient cluster,
            @Nullable DefaultRedisConfiguration configuration,
            RedisSettings settings) {
        if (cluster != null) {
            return new ClusterServers(cluster, settings.commandTimeout());
        }
        if (single == null || configuration == null) {
            throw new IllegalStateException("neither redis.uri nor redis.uris is set");
        }
        return new SingleServer(single, configuration.getUri().orElse(configuration), settings.commandTimeout());
    }

    /** A node that comes back is found within half a second; the client's own delay grows to half a minute. */
    @Singleton
    ClientResourcesMutator quickReconnect() {
        return new ClientResourcesMutator() {
            @Override
            public void mutate(ClientResources.Builder builder, AbstractRedisConfiguration configuration) {
                builder.reconnectDelay(
                        Delay.fullJitter(Duration.ofMillis(50), Duration.ofMillis(500), 50, TimeUnit.MILLISECONDS));
            }
        };
    }
}
