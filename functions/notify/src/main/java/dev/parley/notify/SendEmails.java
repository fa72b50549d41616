package dev.parley.notify;

import dev.parley.function.BatchFunction;
import dev.parley.function.Outcome;
import dev.parley.mongo.NotificationLog;
import dev.parley.queue.QueueEvent.EmailRequested;
import dev.parley.queue.Topology;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends each mail once, however often it is asked for: who sends it claims its id first. What is known to have failed is
 * given back at once. Only a crash between the mail server's "accepted" and our note of it leaves the claim standing; it
 * lapses after a lease and the mail goes out again, because a mail too many is better than one too few.
 */
@Singleton
@Requires(property = "parley.mail.host", pattern = ".+")
final class SendEmails implements BatchFunction<EmailRequested> {

    private final NotificationLog log;
    private final MailSettings settings;
    private final Clock clock;

    SendEmails(NotificationLog log, MailSettings settings, Topology topology, Clock clock) {
        long retryMs =
                topology.retryDelaysMs().stream().mapToLong(Long::longValue).sum();
        if (settings.lease().toMillis() >= retryMs) {
            throw new IllegalStateException(
                    "parley.mail.lease must be shorter than all retry delays together, %d ms".formatted(retryMs));
        }
        this.log = log;
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public Class<EmailRequested> eventType() {
        return EmailRequested.class;
    }

    @Override
    public List<Outcome> handle(List<EmailRequested> batch) {
        List<Outcome> outcomes = new ArrayList<>(batch.size());
        try (Smtp smtp = new Smtp(settings)) {
            for (EmailRequested mail : batch) {
                outcomes.add(sendOnce(smtp, mail));
            }
        }
        return outcomes;
    }

    private Outcome sendOnce(Smtp smtp, EmailRequested mail) {
        return switch (log.claim(mail.notificationId(), clock.instant(), settings.lease())) {
            case SENT -> Outcome.DONE;
            case TAKEN -> new Outcome.Retry("somebody else is sending it, or died while sending it");
            case GRANTED -> sendClaimed(smtp, mail);
        };
    }

    private Outcome sendClaimed(Smtp smtp, EmailRequested mail) {
        boolean sent = false;
        try {
            Outcome outcome = smtp.send(mail);
            sent = outcome instanceof Outcome.Done;
            return outcome;
        } finally {
            if (sent) {
                log.sent(mail.notificationId(), clock.instant());
            } else {
                log.release(mail.notificationId());
            }
        }
    }
}
