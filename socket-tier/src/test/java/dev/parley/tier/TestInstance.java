package dev.parley.tier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.redis.RedisLink;
import dev.parley.testing.TestMongo;
import dev.parley.testing.TestRabbit;
import dev.parley.testing.TestRedis;
import io.micronaut.context.ApplicationContext;
import java.time.Duration;
import java.util.Map;

/** A tier instance without its server: its beans on real servers, with a database and a virtual host of its own. */
public final class TestInstance {

    private TestInstance() {}

    /** Returns when it is connected to Redis. */
    public static ApplicationContext start(TestRedis redis, Map<String, Object> more) {
        ApplicationContext context = ApplicationContext.builder()
                .deduceEnvironment(false)
                .environments("tier")
                .banner(false)
                .properties(Map.of(
                        "redis.uri",
                        redis.uri(),
                        "rabbitmq.uri",
                        TestRabbit.shared().newVirtualHost(),
                        "mongodb.uri",
                        TestMongo.shared().newDatabase(),
                        "jwt.secret",
                        "q8Zr3vJx0uY5Lw2Tn7Kc4Bf9Hd6Gm1PsEaRiUoXbVyQk"))
                .properties(more)
                .start();
        try {
            assertThat(context.getBean(RedisLink.class).awaitConnection(Duration.ofSeconds(20)))
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        return context;
    }
}
