package dev.parley.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.parley.testing.Await;
import dev.parley.testing.TestRedis;
import io.micronaut.json.tree.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The row of the failure table about the functions; they are processes of their own here. See {@link OutagesIT} for the
 * servers' rows.
 */
class FunctionsAwayIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int WHILE_AWAY = 20;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    private final TestRedis redis = TestRedis.own();
    private final GreenMail mails = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));

    @BeforeEach
    void start() {
        mails.start();
    }

    @AfterEach
    void stop() {
        mails.stop();
        redis.kill();
    }

    @Test
    void withoutTheFunctionsNothingIsNoticedLiveAndTheyCatchUp() throws Exception {
        Map<String, String> servers = Processes.servers(
                redis,
                Map.of(
                        "SMTP_HOST", "127.0.0.1",
                        "SMTP_PORT", Integer.toString(mails.getSmtp().getPort()),
                        "SMTP_STARTTLS", "false"));
        try (Processes processes = new Processes(directory, servers)) {
            Processes.Running one =
                    processes.start("tier-1", dev.parley.tier.Main.class, Map.of("SERVER_ID", "tier-1"));
            Processes.Running two =
                    processes.start("tier-2", dev.parley.tier.Main.class, Map.of("SERVER_ID", "tier-2"));
            Processes.awaitReady(one);
            Processes.awaitReady(two);
            List<Processes.Running> functions = startFunctions(processes, "");
            Person alice = Person.registered(one.address(), "Alice").connects();
            Person bob = Person.registered(two.address(), "Bob").connects();
            Person carol = Person.registered(two.address(), "Carol");
            wantsMails(carol);
            String chat = alice.groupWith("three", List.of(bob, carol));
            alice.joins(chat);
            bob.joins(chat);
            alice.sends(chat, "before");
            bob.receives("before");
            awaitMails(1);
            // Politely, so that no mail is between the relay's "accepted" and the note of it.
            for (Processes.Running function : functions) {
                function.process().destroy();
                assertThat(function.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
            }

            List<String> said = new ArrayList<>(List.of("before"));
            for (int i = 0; i < WHILE_AWAY; i++) {
                String content = "during " + i;
                said.add(content);
                JsonNode acknowledged = alice.sends(chat, content);
                assertThat(Nodes.text(bob.receives(content), "messageId"))
                        .isEqualTo(Nodes.text(acknowledged, "messageId"));
            }
            assertThat(contents(bob, chat)).as("read before it is stored").isEqualTo(said);
            assertThat(Rest.get(two.address(), "/health/readiness", null).raw().body())
                    .contains("UP")
                    .doesNotContain("away");
            assertThat(received()).as("mails while nobody sends them").hasSize(1);

            startFunctions(processes, "-again");
            awaitMails(1 + WHILE_AWAY);
            alice.sends(chat, "after");
            said.add("after");
            awaitMails(2 + WHILE_AWAY);
            assertThat(received()).as("each once").doesNotHaveDuplicates();
            redis.clear();
            assertThat(contents(bob, chat)).as("from MongoDB alone").isEqualTo(said);
        }
    }

    private static List<Processes.Running> startFunctions(Processes processes, String suffix) throws Exception {
        Processes.Running persist = processes.start("persist" + suffix, dev.parley.persist.Main.class, Map.of());
        Processes.Running notify = processes.start("notify" + suffix, dev.parley.notify.Main.class, Map.of());
        Processes.awaitReady(persist);
        Processes.awaitReady(notify);
        return List.of(persist, notify);
    }

    private static void wantsMails(Person person) {
        Rest.Answer answer = Rest.call(
                "PATCH",
                person.address(),
                "/api/users/me",
                person.token(),
                "{\"email\":\"%s@example.org\",\"emailNotifications\":true}".formatted(person.username()));
        assertThat(answer.status()).as(answer.raw().body()).isEqualTo(200);
    }

    private static List<String> contents(Person person, String chat) {
        return person.history(chat).stream()
                .map(message -> Nodes.text(message, "content"))
                .toList();
    }

    /** The names of the mails that came, which are the same for the same notification. */
    private List<String> received() {
        return Arrays.stream(mails.getReceivedMessages())
                .map(mail -> {
                    try {
                        return mail.getMessageID();
                    } catch (jakarta.mail.MessagingException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .toList();
    }

    private void awaitMails(int count) throws Exception {
        Await.until(count + " mails", PATIENCE, () -> received().size() >= count);
        assertThat(received()).hasSize(count);
    }
}
