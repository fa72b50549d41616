package dev.parley.notify;

import dev.parley.function.DoorsContract;
import dev.parley.queue.QueueEvent;
import dev.parley.queue.QueueEvent.EmailRequested;
import dev.parley.queue.QueueName;
import io.micronaut.context.ApplicationContext;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

class SendEmailsDoorsIT extends DoorsContract {

    private final TestSmtp smtp = new TestSmtp();

    @AfterEach
    void close() {
        smtp.close();
    }

    @Override
    protected List<QueueName> queues() {
        return List.of(QueueName.EMAIL_SEND);
    }

    @Override
    protected Map<String, Object> properties() {
        return Mail.properties(smtp);
    }

    @Override
    protected QueueEvent good(int number) {
        return new EmailRequested("notification-" + number, "ada@example.org", "subject", "text");
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
