package dev.parley.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.connect.ServerAwayException;
import dev.parley.testing.Await;
import dev.parley.testing.TestRedisSentinel;
import dev.parley.wire.RoomEvent;
import io.micronaut.context.ApplicationContext;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Another server becomes the master. Each test has servers of its own. */
class SentinelIT {

    private static final String CHANNEL = "chat:{a}";
    private static final Duration FAILOVER = Duration.ofSeconds(40);

    private final TestRedisSentinel servers = TestRedisSentinel.start();
    private final ApplicationContext context = ApplicationContext.run(Map.of("redis.uri", servers.uri()));
    private final Channels channels = context.getBean(Channels.class);
    private final RedisLink redis = context.getBean(RedisLink.class);
    private final Heard heard = new Heard();

    SentinelIT() throws Exception {
        channels.listen(heard);
        channels.subscribe(CHANNEL);
        Await.until("it is subscribed", () -> heard.last(CHANNEL).equals("restored"));
        publish("before");
        Await.until("it is heard", () -> heard.last(CHANNEL).equals("before"));
    }

    @AfterEach
    void end() {
        context.close();
        servers.close();
    }

    private boolean works(CompletionStage<?> call) throws Exception {
        try {
            var _ = call.toCompletableFuture().get(10, TimeUnit.SECONDS);
            return true;
        } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(ServerAwayException.class);
            return false;
        }
    }

    private void publish(String name) throws Exception {
        Await.until(
                "publishing works",
                FAILOVER,
                () -> works(channels.publish(CHANNEL, new RoomEvent(name, 0, new byte[0]))));
    }

    private void everythingGoesOnAtAnotherThan(int former) throws Exception {
        Await.until("another is the master", FAILOVER, () -> servers.master() != former);
        Await.until("writing works", FAILOVER, () -> works(redis.call(commands -> commands.incr("n"))));
        Await.until(
                "it is subscribed again",
                FAILOVER,
                () -> heard.of(CHANNEL).contains("interrupted")
                        && heard.last(CHANNEL).equals("restored"));
        publish("after");
        Await.until("it is heard", () -> heard.last(CHANNEL).equals("after"));
    }

    @Test
    void aMasterThatDiesIsReplaced() throws Exception {
        int former = servers.master();
        servers.killMaster();
        everythingGoesOnAtAnotherThan(former);
        assertThat(heard.of(CHANNEL)).containsExactly("restored", "before", "interrupted", "restored", "after");
    }

    @Test
    void aMasterThatHandsOverIsLeft() throws Exception {
        int former = servers.master();
        servers.handOver();
        everythingGoesOnAtAnotherThan(former);
    }
}
