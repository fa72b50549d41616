package dev.parley.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.Await;
import dev.parley.testing.TestMongo;
import dev.parley.testing.TestRabbit;
import dev.parley.testing.TestRedis;
import io.micronaut.json.tree.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two tier instances and the three functions as five processes, on real servers. */
class ProcessesIT {

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path directory;

    @Test
    void whatIsSaidOnOneInstanceIsHeardOnTheOtherAndOutlivesBothAndTheFunctions() throws Exception {
        Map<String, String> servers = Processes.servers(
                TestRedis.shared(), Map.of("DRAIN_NOTICE", "0s", "DRAIN_SPREAD", "1s", "DRAIN_GRACE", "0s"));
        try (Processes processes = new Processes(directory, servers)) {
            Processes.Running one =
                    processes.start("tier-1", dev.parley.tier.Main.class, Map.of("SERVER_ID", "tier-1"));
            Processes.Running two =
                    processes.start("tier-2", dev.parley.tier.Main.class, Map.of("SERVER_ID", "tier-2"));
            Processes.awaitReady(one);
            Processes.awaitReady(two);
            Person alice = Person.registered(one.address(), "Alice").connects();
            Person bob = Person.registered(two.address(), "Bob").connects();
            String chat = alice.chatWith(bob);
            alice.joins(chat);
            bob.joins(chat);

            JsonNode first = alice.sends(chat, "nobody persists yet");
            bob.receives("nobody persists yet");
            assertThat(bob.history(chat))
                    .as("what was acknowledged is read before it is stored")
                    .hasSize(1);

            Processes.Running persist = processes.start("persist", dev.parley.persist.Main.class, Map.of());
            Processes.awaitReady(persist);
            awaitLatest(bob, "nobody persists yet");
            persist.kill();
            alice.sends(chat, "persist was killed");
            Processes.awaitReady(processes.start("persist-again", dev.parley.persist.Main.class, Map.of()));
            awaitLatest(bob, "persist was killed");

            one.kill();
            alice.connectsTo(two.address());
            long lastSeq = Nodes.number(first, "seq");
            alice.joinsAfter(chat, lastSeq);
            alice.receives("persist was killed");
            bob.sends(chat, "the other instance is still there");
            alice.receives("the other instance is still there");
            assertThat(alice.historyOf(chat, 3).stream().map(m -> Nodes.text(m, "content")))
                    .isEqualTo(
                            List.of("nobody persists yet", "persist was killed", "the other instance is still there"));

            two.process().destroy();
            assertThat(bob.client().awaitClose()).as("told on the way out").isEqualTo(1012);
            assertThat(two.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void awaitLatest(Person person, String content) throws Exception {
        Await.until("it is persisted: " + content, java.time.Duration.ofSeconds(30), () -> {
            JsonNode chat = Nodes.list(
                            Rest.get(person.address(), "/api/chats?limit=5", person.token())
                                    .body(),
                            "chats")
                    .getFirst();
            JsonNode latest = Nodes.field(chat, "latestMessage");
            return !latest.isNull() && Nodes.text(latest, "content").equals(content);
        });
    }

    @Test
    void aWeakSecretIsRefusedAtStart() throws Exception {
        Map<String, String> servers = Map.of(
                "REDIS_URI", TestRedis.shared().uri(),
                "RABBITMQ_URI", TestRabbit.shared().uri(),
                "MONGODB_URI", TestMongo.shared().newDatabase());
        try (Processes processes = new Processes(directory, servers)) {
            for (String weak : new String[] {"", "short", "please-change-me-please-change-me-please"}) {
                Processes.Running tier =
                        processes.start("weak", dev.parley.tier.Main.class, Map.of("JWT_SECRET", weak));
                assertThat(tier.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(tier.process().exitValue()).isNotZero();
                assertThat(Files.readString(tier.output()))
                        .contains("JWT_SECRET is")
                        .contains("openssl rand");
            }
        }
    }
}
