package dev.parley.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.ChatId;
import dev.parley.id.UserId;
import dev.parley.redis.ChatCaches.Found;
import dev.parley.testing.Await;
import dev.parley.testing.TestRedis;
import io.micronaut.context.ApplicationContext;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Copies in Redis around an outage: one process reads them, another one invalidates them. */
class ChatCachesIT {

    private final TestRedis server = TestRedis.own();
    private final ApplicationContext readers = RedisIT.start(Map.of("redis.uri", server.uri()));
    private final ApplicationContext writers = RedisIT.start(Map.of("redis.uri", server.uri()));
    private final ChatCaches reader = readers.getBean(ChatCaches.class);
    private final ChatCaches writer = writers.getBean(ChatCaches.class);
    private final UserId alice = new UserId(new ObjectId().toHexString());
    private final ChatId chat = new ChatId(new ObjectId().toHexString());

    @BeforeEach
    void awaitGeneration() throws Exception {
        Await.until("there is a generation", () -> list().generation().isPresent());
    }

    @AfterEach
    void end() {
        readers.close();
        writers.close();
        server.kill();
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private Found<byte[]> list() throws Exception {
        return get(reader.chatList(alice));
    }

    private String generation() throws Exception {
        return list().generation().orElseThrow();
    }

    private void remember(String json, String generation) throws Exception {
        get(reader.rememberChatList(alice, json.getBytes(StandardCharsets.UTF_8), generation));
    }

    /** Redis refuses writes for a while, as during a failover, and one of them is an invalidation. */
    private void loseAnInvalidation() throws Exception {
        server.becomesReplica();
        CompletionStage<Void> forgotten = writer.forgetChatLists(List.of(alice));
        Await.until("it has failed", () -> forgotten.toCompletableFuture().isCompletedExceptionally());
        server.becomesMaster();
    }

    @Test
    void whatIsRememberedIsFoundUntilItIsForgotten() throws Exception {
        remember("[1]", generation());
        assertThat(list().value()).hasValue("[1]".getBytes(StandardCharsets.UTF_8));
        get(reader.rememberMembership(chat, alice, "GROUP member", generation()));
        assertThat(get(reader.membership(chat, alice)).value()).hasValue("GROUP member");

        get(writer.forgetChatLists(List.of(alice)));
        assertThat(list().value()).isEmpty();
    }

    @Test
    void whatALostInvalidationWasAboutIsBelievedByNobody() throws Exception {
        remember("[1]", generation());
        get(reader.rememberMembership(chat, alice, "GROUP member", generation()));
        loseAnInvalidation();

        Await.until("the list is not believed", () -> list().value().isEmpty());
        assertThat(get(reader.membership(chat, alice)).value()).isEmpty();
        Await.until("there is a generation", () -> list().generation().isPresent());
        remember("[2]", generation());
        assertThat(list().value()).hasValue("[2]".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatWasReadBeforeALostInvalidationIsNotBelievedAfterIt() throws Exception {
        String before = generation();
        loseAnInvalidation();
        Await.until(
                "there is a new generation",
                () -> list().generation().filter(now -> !now.equals(before)).isPresent());

        remember("[1]", before);
        assertThat(list().value()).isEmpty();
    }

    @Test
    void whatRedisComesBackWithIsNotBelieved() throws Exception {
        AtomicInteger doubts = new AtomicInteger();
        reader.whenDoubted(doubts::incrementAndGet);
        server.keepData(true);
        server.restart();
        Await.until("there is a generation", this::isGenerationThere);
        remember("[1]", generation());
        int before = doubts.get();
        server.kill();
        Await.until("copies in memory are to be dropped", () -> doubts.get() > before);
        server.restart();

        Await.until("Redis answers", this::isGenerationThere);
        assertThat(list().value()).as("the copy that survived on disk").isEmpty();
    }

    private boolean isGenerationThere() throws Exception {
        return get(reader.chatList(alice).exceptionally(redisAway -> Found.nothing()))
                .generation()
                .isPresent();
    }
}
