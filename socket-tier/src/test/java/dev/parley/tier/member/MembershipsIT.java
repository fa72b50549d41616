package dev.parley.tier.member;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoDatabase;
import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.id.ChatId;
import dev.parley.id.UserId;
import dev.parley.mongo.ChatStore;
import dev.parley.testing.Await;
import dev.parley.testing.TestMongo;
import dev.parley.testing.TestRedis;
import dev.parley.tier.TestInstance;
import io.micronaut.context.ApplicationContext;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who counts as a member when that ended while nobody could be told. */
class MembershipsIT {

    private final TestRedis redis = TestRedis.own();
    private final Map<String, Object> database =
            Map.of("mongodb.uri", TestMongo.shared().newDatabase());
    private ApplicationContext context;
    private ChatId chat;
    private final UserId alice = new UserId(new ObjectId().toHexString());
    private final UserId bob = new UserId(new ObjectId().toHexString());

    @BeforeEach
    void start() {
        redis.keepData(true);
        redis.restart();
        context = TestInstance.start(redis, database);
        chat = context.getBean(ChatStore.class)
                .createGroup(
                        new ChatId(new ObjectId().toHexString()),
                        alice,
                        "group",
                        List.of(bob),
                        Instant.ofEpochSecond(1))
                .chatId();
    }

    @AfterEach
    void stop() {
        context.close();
        redis.kill();
    }

    private boolean isMember(ApplicationContext instance, UserId user) throws Exception {
        Optional<Memberships.Membership> found = instance.getBean(Memberships.class)
                .find(chat, user)
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
        return found.isPresent();
    }

    private void leavesWithoutAnybodyBeingTold(UserId user) {
        long left = context.getBean(MongoDatabase.class)
                .getCollection("chat_members")
                .deleteOne(new Document("userId", new ObjectId(user.value())))
                .getDeletedCount();
        assertThat(left).isEqualTo(1);
    }

    private void awaitRedis(boolean away) throws Exception {
        Breakers breakers = context.getBean(Breakers.class);
        Await.until("Redis is " + (away ? "away" : "back"), () -> breakers.isAway(Server.REDIS) == away);
    }

    @Test
    void whoLeftWhileRedisWasAwayIsNoMemberAfterwards() throws Exception {
        Await.until("the membership is in Redis", () -> {
            assertThat(isMember(context, bob)).isTrue();
            return redis.exists("chat:{" + chat + "}:members");
        });
        redis.kill();
        awaitRedis(true);
        leavesWithoutAnybodyBeingTold(bob);
        assertThat(isMember(context, bob)).as("while Redis is away").isFalse();
        assertThat(isMember(context, alice)).isTrue();

        redis.restart();
        awaitRedis(false);
        assertThat(isMember(context, bob)).as("by what Redis came back with").isFalse();
        assertThat(isMember(context, alice)).isTrue();
        try (ApplicationContext other = TestInstance.start(redis, database)) {
            Await.until("nobody believes the old copy", () -> !isMember(other, bob));
            assertThat(isMember(other, alice)).isTrue();
        }
    }
}
