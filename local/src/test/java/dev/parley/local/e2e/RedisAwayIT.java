package dev.parley.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.local.LocalParley;
import dev.parley.local.Options;
import dev.parley.testing.Await;
import dev.parley.testing.TestMongo;
import dev.parley.testing.TestRabbit;
import dev.parley.testing.TestRedis;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Redis is killed and comes back empty: requests are refused with a retry time meanwhile, connections and history stay. */
class RedisAwayIT {

    @Test
    void requestsAreRefusedWithARetryTimeAndEverythingGoesOnAfterwards() throws Exception {
        TestRedis redis = TestRedis.own();
        try (LocalParley parley = LocalParley.start(new Options(
                null,
                List.of(0),
                false,
                redis.uri(),
                TestRabbit.shared().newVirtualHost(),
                TestMongo.shared().newDatabase()))) {
            String address = parley.addresses().getFirst();
            Person alice = Person.registered(address, "Alice").connects();
            Person bob = Person.registered(address, "Bob").connects();
            String chat = alice.chatWith(bob);
            bob.joins(chat);
            alice.sends(chat, "before");
            bob.receives("before");
            Await.until(
                    "it is stored",
                    () -> Rest.get(address, "/api/search?q=before", bob.token())
                            .raw()
                            .body()
                            .contains("before"));

            redis.kill();
            Await.until(
                    "sending is refused",
                    () -> alice.client()
                                    .request("send-message", Person.message(chat, "during", "during"))
                                    .get("error")
                            != null);
            var refusal = alice.client().request("send-message", Person.message(chat, "during", "during"));
            assertThat(Nodes.text(refusal, "error", "code")).isEqualTo("UNAVAILABLE");
            assertThat(Nodes.number(refusal, "error", "retryAfterMs")).isPositive();
            assertThat(bob.history(chat)).as("history is read from MongoDB").hasSize(1);
            Rest.Answer login = Rest.post(
                    address,
                    "/api/auth/login",
                    null,
                    "{\"username\":\"" + alice.username() + "\",\"password\":\"correct horse\"}");
            assertThat(login.status()).isEqualTo(503);
            assertThat(login.text("code")).isEqualTo("UNAVAILABLE");
            assertThat(login.raw().headers().firstValue("Retry-After")).isPresent();

            redis.restart();
            Await.until(
                    "sending works again",
                    Duration.ofSeconds(30),
                    () -> alice.client()
                                    .request("send-message", Person.message(chat, "during", "during"))
                                    .get("error")
                            == null);
            assertThat(alice.client().isOpen()).isTrue();
            assertThat(bob.client().isOpen()).isTrue();
            Await.until("bob is heard and told again", Duration.ofSeconds(30), () -> {
                alice.sends(chat, "after");
                return bob.client().pending().stream()
                        .anyMatch(event -> event.name().equals("new-message"));
            });
            assertThat(bob.history(chat).stream().map(message -> Nodes.text(message, "content")))
                    .startsWith("before", "during")
                    .containsOnlyOnce("during");
            alice.close();
            bob.close();
        } finally {
            redis.kill();
        }
    }
}
