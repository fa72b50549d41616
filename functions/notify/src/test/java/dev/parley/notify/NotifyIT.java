package dev.parley.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.connect.ServerAwayException;
import dev.parley.function.Outcome;
import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.mongo.Account;
import dev.parley.mongo.Accounts;
import dev.parley.mongo.NotificationLog;
import dev.parley.queue.Publication;
import dev.parley.queue.QueueCodec;
import dev.parley.queue.QueueEvent.EmailRequested;
import dev.parley.queue.QueueEvent.NotificationRequested;
import dev.parley.queue.QueuePublisher;
import dev.parley.testing.Await;
import dev.parley.testing.TestMongo;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is sent to whom, with a mail server and a database but without a broker. */
class NotifyIT {

    private static final ChatId CHAT = new ChatId("c".repeat(24));
    private static final MessageId MESSAGE = new MessageId("d".repeat(24));

    private final List<EmailRequested> requested = new CopyOnWriteArrayList<>();
    private final TestSmtp smtp = new TestSmtp();
    private ApplicationContext context;
    private UserId ada;

    /** Keeps what is published. */
    private final class Published implements QueuePublisher {
        @Override
        public CompletionStage<Void> publish(Publication publication) {
            return CompletableFuture.runAsync(
                    () -> {
                        try {
                            requested.add(
                                    context.getBean(QueueCodec.class).decode(publication.body(), EmailRequested.class));
                        } catch (IOException e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    Runnable::run);
        }
    }

    @BeforeEach
    void start() {
        Map<String, Object> properties = new HashMap<>(Mail.properties(smtp));
        properties.put("mongodb.uri", TestMongo.shared().newDatabase());
        properties.put("parley.function.consume", false);
        context = ApplicationContext.builder()
                .deduceEnvironment(false)
                .properties(properties)
                .environments("function")
                .singletons(new Published())
                .start();
        ada = account("ada", null, true);
    }

    @AfterEach
    void stop() {
        context.close();
        smtp.close();
    }

    @Test
    void onlyThoseWithAnAddressAndTheWishAreWrittenTo() {
        UserId bob = account("bob", "bob@example.org", true);
        UserId silent = account("silent", "silent@example.org", false);
        UserId nowhere = account("nowhere", null, true);
        UserId unknown = new UserId("f".repeat(24));

        assertThat(request("hi there", bob, silent, nowhere, unknown)).containsExactly(Outcome.DONE);

        assertThat(requested)
                .containsExactly(new EmailRequested(
                        MESSAGE + ":" + bob,
                        "bob@example.org",
                        "New message from ada",
                        "ada wrote:\n\nhi there\n\nhttps://chat.example/?chat=" + CHAT + "\n"));
    }

    @Test
    void aNameCannotAddAHeader() throws Exception {
        UserId bob = account("bob", "bob@example.org", true);
        ada = account("Eve\r\nBcc: all@example.org\u2028X: y\u202Egpj", null, true);
        request("hello\r\nBcc: all@example.org", bob);
        assertThat(send(requested.getFirst())).isEqualTo(Outcome.DONE);

        var mail = smtp.mails().getFirst().message();
        assertThat(mail.getSubject()).isEqualTo("New message from Eve Bcc: all@example.org X: y gpj");
        assertThat(mail.getHeader("Bcc")).isNull();
        assertThat(mail.getHeader("X")).isNull();
        assertThat(mail.getAllRecipients()).extracting(Object::toString).containsExactly("bob@example.org");
        assertThat(mail.getContent().toString()).contains("hello\r\nBcc: all@example.org");
    }

    @Test
    void aMailIsReadableInAnyLanguage() throws Exception {
        EmailRequested mail =
                new EmailRequested("a:b", "bob@example.org", "Grüße von Zoë \uD83D\uDE00", "größer\n你好\n");
        assertThat(send(mail)).isEqualTo(Outcome.DONE);

        var received = smtp.mails().getFirst().message();
        assertThat(received.getSubject()).isEqualTo(mail.subject());
        assertThat(received.getContent().toString().replace("\r\n", "\n").strip())
                .isEqualTo("größer\n你好");
        assertThat(received.getFrom()[0].toString()).isEqualTo("Parley <no-reply@parley.example>");
        assertThat(received.getMessageID()).isEqualTo("<a.b@parley.example>");
    }

    @Test
    void theMailServersAnswerDecides() {
        assertThat(send(mail("1", "gone@example.org"))).isInstanceOf(Outcome.Poison.class);
        assertThat(send(mail("2", "busy@example.org"))).isInstanceOf(Outcome.Retry.class);
        assertThat(send(mail("3", "mute@example.org"))).isInstanceOf(Outcome.Retry.class);
        assertThat(send(mail("4", "not an address"))).isInstanceOf(Outcome.Poison.class);
        assertThat(send(mail("5", "two@example.org\r\nRCPT TO:<x@y.org>"))).isInstanceOf(Outcome.Poison.class);
        assertThat(smtp.mails()).isEmpty();

        assertThat(send(mail("2", "well@example.org"))).isEqualTo(Outcome.DONE);
        assertThat(smtp.mails()).hasSize(1);
    }

    @Test
    void noReasonNamesAnAddress() {
        for (String name : List.of("gone", "busy", "mute")) {
            assertThat(send(mail(name, name + "@example.org")).toString()).doesNotContain("example.org");
        }
    }

    @Test
    void oneMailInTroubleHoldsUpNoOther() {
        List<Outcome> outcomes = context.getBean(SendEmails.class)
                .handle(List.of(
                        mail("1", "mute@example.org"),
                        mail("2", "ok@example.org"),
                        mail("3", "gone@example.org"),
                        mail("4", "ok@example.org"),
                        mail("4", "ok@example.org")));

        assertThat(outcomes.get(1)).isEqualTo(Outcome.DONE);
        assertThat(outcomes.get(3)).isEqualTo(Outcome.DONE);
        assertThat(outcomes.get(4)).isEqualTo(Outcome.DONE);
        assertThat(smtp.mails()).hasSize(2);
    }

    @Test
    void withoutTheMailServerTheBatchWaits() {
        smtp.close();
        assertThatThrownBy(() -> send(mail("1", "ok@example.org"))).isInstanceOf(ServerAwayException.class);
        // The claim was given back.
        assertThat(claim("1", Instant.now())).isEqualTo(NotificationLog.Claim.GRANTED);
    }

    @Test
    void aMailRelayThatIsAwayIsNotAskedForEveryMailAndFoundAgain() throws Exception {
        Breakers breakers = context.getBean(Breakers.class);
        // Made at the start where it consumes.
        var _ = context.getBean(SendEmails.class);
        assertThat(breakers.states()).containsEntry("Mail relay", "up").doesNotContainKeys("Redis", "OpenSearch");
        smtp.turnAway(true);
        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(() -> send(mail("1", "ok@example.org"))).isInstanceOf(ServerAwayException.class);
        }
        assertThat(smtp.connections()).as("for a hundred tries").isLessThan(50);
        assertThat(breakers.states()).containsEntry("Mail relay", "away");

        smtp.turnAway(false);
        Await.until(
                "it counts as back, with nothing to send",
                Duration.ofSeconds(30),
                () -> !breakers.isAway(Server.MAIL_RELAY));
        assertThat(send(mail("1", "ok@example.org"))).isEqualTo(Outcome.DONE);
    }

    @Test
    void whatIsBehindThreeMailsThatBreakOffWaitsWithoutHavingFailed() {
        List<Outcome> outcomes = context.getBean(SendEmails.class)
                .handle(List.of(
                        mail("1", "mute@example.org"),
                        mail("2", "mute@example.org"),
                        mail("3", "mute@example.org"),
                        mail("4", "ok@example.org"),
                        mail("5", "ok@example.org")));

        assertThat(outcomes.subList(0, 3)).allMatch(Outcome.Retry.class::isInstance);
        assertThat(outcomes.subList(3, 5)).allMatch(Outcome.Postponed.class::isInstance);
        assertThat(claim("4", Instant.now())).as("given back").isEqualTo(NotificationLog.Claim.GRANTED);
    }

    @Test
    void aClaimIsGrantedToOneAndLapsesAfterItsLease() {
        Instant now = Instant.parse("2026-01-02T03:04:05Z");
        assertThat(claim("x", now)).isEqualTo(NotificationLog.Claim.GRANTED);
        assertThat(claim("x", now.plusSeconds(10))).isEqualTo(NotificationLog.Claim.TAKEN);
        assertThat(claim("x", now.plusSeconds(11))).isEqualTo(NotificationLog.Claim.GRANTED);
        assertThat(claim("x", now.plusSeconds(12))).isEqualTo(NotificationLog.Claim.TAKEN);

        context.getBean(NotificationLog.class).sent("x", now.plusSeconds(13));
        assertThat(claim("x", now.plusSeconds(1_000))).isEqualTo(NotificationLog.Claim.SENT);
        context.getBean(NotificationLog.class).release("x");
        assertThat(claim("x", now.plusSeconds(1_001))).isEqualTo(NotificationLog.Claim.SENT);
    }

    private NotificationLog.Claim claim(String id, Instant now) {
        return context.getBean(NotificationLog.class).claim(id, now, Duration.ofSeconds(10));
    }

    private List<Outcome> request(String content, UserId... recipients) {
        return context.getBean(NotifyRecipients.class)
                .handle(List.of(new NotificationRequested(
                        MESSAGE, CHAT, ada, List.of(recipients), "text", content, "2026-01-02T03:04:05.678Z")));
    }

    private Outcome send(EmailRequested mail) {
        return context.getBean(SendEmails.class).handle(List.of(mail)).getFirst();
    }

    private static EmailRequested mail(String id, String to) {
        return new EmailRequested(id, to, "subject", "text");
    }

    private UserId account(String name, @Nullable String email, boolean wish) {
        Account account = new Account(new ObjectId(), name, name, "hash", email, wish, Instant.EPOCH);
        assertThat(context.getBean(Accounts.class).add(account)).isTrue();
        return account.userId();
    }
}
