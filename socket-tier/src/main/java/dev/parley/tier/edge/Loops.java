package dev.parley.tier.edge;

import dev.parley.redis.RedisClients;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.micronaut.http.netty.channel.EventLoopGroupRegistry;
import io.netty.channel.EventLoopGroup;
import jakarta.inject.Named;
import jakarta.inject.Singleton;

/** Has the connections to Redis on the loops of the clients' connections: what comes for a client is there already. */
@Factory
final class Loops {

    @Singleton
    @Bean(typed = EventLoopGroup.class)
    @Named(RedisClients.LOOPS)
    EventLoopGroup ofRedis(EventLoopGroupRegistry registry) {
        return registry.getDefaultEventLoopGroup();
    }
}
