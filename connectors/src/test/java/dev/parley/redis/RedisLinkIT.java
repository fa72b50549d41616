package dev.parley.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.connect.ServerAwayException;
import dev.parley.testing.Await;
import dev.parley.testing.TestRedis;
import io.lettuce.core.RedisCommandExecutionException;
import io.micronaut.context.ApplicationContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What callers see when Redis comes and goes. Each test has a server of its own. */
class RedisLinkIT {

    private final TestRedis server = TestRedis.own();
    private final ApplicationContext context = ApplicationContext.run(Map.of("redis.uri", server.uri()));
    private final RedisLink redis = context.getBean(RedisLink.class);
    private final Breakers breakers = context.getBean(Breakers.class);

    @AfterEach
    void end() {
        context.close();
        server.kill();
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private CompletionStage<Long> increment() {
        return redis.call(commands -> commands.incr("n"));
    }

    private boolean answers() throws Exception {
        try {
            return get(increment()) > 0;
        } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(ServerAwayException.class);
            return false;
        }
    }

    private void awaitAnswer() throws Exception {
        Await.until("Redis answers", this::answers);
    }

    private void awaitBreaker(boolean open) throws Exception {
        Await.until("the breaker is " + (open ? "open" : "closed"), () -> breakers.isAway(Server.REDIS) == open);
    }

    @Test
    void callsOfAThreadAreCarriedOutInTheirOrder() throws Exception {
        awaitAnswer();
        List<CompletionStage<Long>> calls = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            calls.add(increment());
        }
        for (int i = 1; i < calls.size(); i++) {
            assertThat(get(calls.get(i))).isEqualTo(get(calls.get(i - 1)) + 1);
        }
    }

    @Test
    void aServerThatDiesIsNoticedAtOnceAndFoundWhenItIsBack() throws Exception {
        awaitAnswer();
        server.kill();
        awaitBreaker(true);
        CompletionStage<Long> call = increment();
        assertThat(call.toCompletableFuture().isDone()).as("fails at once").isTrue();
        assertThatThrownBy(() -> get(call)).hasCauseInstanceOf(ServerAwayException.class);

        server.restart();
        awaitBreaker(false);
        awaitAnswer();
    }

    @Test
    void aServerThatDoesNotAnswerOpensTheBreakerAndNothingIsSentTwice() throws Exception {
        awaitAnswer();
        server.pause();
        assertThatThrownBy(() -> get(increment())).hasCauseInstanceOf(ServerAwayException.class);
        awaitBreaker(true);
        server.resume();
        awaitBreaker(false);
        awaitAnswer();
    }

    @Test
    void redisMayBeAwayAtTheStart() throws Exception {
        server.kill();
        try (ApplicationContext late = ApplicationContext.run(Map.of("redis.uri", server.uri()))) {
            RecentMessages recent = late.getBean(RecentMessages.class);
            assertThat(recent).isNotNull();
            CompletionStage<Long> call = late.getBean(RedisLink.class).call(commands -> commands.incr("n"));
            assertThatThrownBy(() -> get(call)).hasCauseInstanceOf(ServerAwayException.class);
            server.restart();
            Breakers lateBreakers = late.getBean(Breakers.class);
            Await.until("Redis counts as there", () -> !lateBreakers.isAway(Server.REDIS));
            CompletionStage<Long> again = late.getBean(RedisLink.class).call(commands -> commands.incr("n"));
            assertThat(get(again)).isEqualTo(1);
        }
    }

    @Test
    void whatRedisRefusesStaysWhatItIs() throws Exception {
        awaitAnswer();
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> get(redis.call(commands -> commands.lpush("n", new byte[0]))))
                    .hasCauseInstanceOf(RedisCommandExecutionException.class);
        }
        assertThat(breakers.isAway(Server.REDIS)).isFalse();
    }

    @Test
    void aReplicaIsNotTheServerWeWant() throws Exception {
        awaitAnswer();
        server.becomesReplica();
        assertThatThrownBy(() -> get(redis.call(commands -> commands.set("k", "v".getBytes(StandardCharsets.UTF_8)))))
                .hasCauseInstanceOf(ServerAwayException.class);
        server.becomesMaster();
        awaitAnswer();
    }
}
