package dev.parley.notify;

import dev.parley.function.DoorsContract;
import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.mongo.Account;
import dev.parley.mongo.Accounts;
import dev.parley.queue.QueueEvent;
import dev.parley.queue.QueueEvent.EmailRequested;
import dev.parley.queue.QueueEvent.NotificationRequested;
import dev.parley.queue.QueueName;
import io.micronaut.context.ApplicationContext;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;

/** Both steps of the notify function, from the request to the mailbox. */
class NotifyRecipientsDoorsIT extends DoorsContract {

    private static final UserId ADA = new UserId("a".repeat(24));
    private static final UserId BOB = new UserId("b".repeat(24));

    private final TestSmtp smtp = new TestSmtp();

    @AfterEach
    void close() {
        smtp.close();
    }

    @Override
    protected List<QueueName> queues() {
        return List.of(QueueName.NOTIFICATION_SEND, QueueName.EMAIL_SEND);
    }

    @Override
    protected Map<String, Object> properties() {
        return Mail.properties(smtp);
    }

    @Override
    protected void prepare(ApplicationContext context) {
        context.getBean(Accounts.class)
                .add(new Account(
                        new ObjectId(BOB.value()), "bob", "Bob", "hash", "bob@example.org", true, Instant.EPOCH));
    }

    @Override
    protected QueueEvent good(int number) {
        return new NotificationRequested(
                new MessageId("%024x".formatted(number)),
                new ChatId("c".repeat(24)),
                ADA,
                List.of(BOB),
                "text",
                "hello",
                "2026-01-02T03:04:05.678Z");
    }

    @Override
    protected QueueEvent failing() {
        return new EmailRequested("notification-99", "busy@example.org", "subject", "text");
    }

    @Override
    protected int effects(ApplicationContext context) {
        return smtp.mails().size();
    }
}
