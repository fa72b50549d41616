package dev.parley.notify;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.connect.ServerAwayException;
import dev.parley.function.BatchFunction;
import dev.parley.function.Outcome;
import dev.parley.mongo.NotificationLog;
import dev.parley.queue.QueueEvent.EmailRequested;
import dev.parley.queue.Topology;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Sends each mail once, however often it is asked for: who sends it claims its id first. What is known to have failed is
 * given back at once. Only a crash between the mail relay's "accepted" and our note of it leaves the claim standing; it
 * lapses after a lease and the mail goes out again, because a mail too many is better than one too few.
 */
@Singleton
@Requires(property = "parley.mail.host", pattern = ".+")
final class SendEmails implements BatchFunction<EmailRequested> {

    /** So that the relay counts as back also where there is nothing to send; it should not mind so much. */
    private static final Duration PROBE_INTERVAL = Duration.ofSeconds(5);

    private final NotificationLog log;
    private final MailSettings settings;
    private final Breakers breakers;
    private final Clock clock;

    SendEmails(NotificationLog log, MailSettings settings, Topology topology, Breakers breakers, Clock clock) {
        long retryMs =
                topology.retryDelaysMs().stream().mapToLong(Long::longValue).sum();
        if (settings.lease().toMillis() >= retryMs) {
            throw new IllegalStateException(
                    "parley.mail.lease must be shorter than all retry delays together, %d ms".formatted(retryMs));
        }
        // Not with the first mail, when it would look as if the relay were at fault.
        var _ = Smtp.sender(settings);
        this.log = log;
        this.settings = settings;
        this.breakers = breakers;
        this.clock = clock;
        breakers.probeWhileAway(Server.MAIL_RELAY, PROBE_INTERVAL, () -> Smtp.greet(settings, breakers));
    }

    @Override
    public Class<EmailRequested> eventType() {
        return EmailRequested.class;
    }

    /**
     * Where the relay goes away within the batch, what was tried keeps its outcome and the rest is postponed: a mail at
     * which the relay breaks off each time must leave the batch after its retries, or it would hold up the others for ever.
     */
    @Override
    public List<Outcome> handle(List<EmailRequested> batch) {
        List<Outcome> outcomes = new ArrayList<>(batch.size());
        try (Smtp smtp = new Smtp(settings, breakers)) {
            for (EmailRequested mail : batch) {
                outcomes.add(sendOnce(smtp, mail));
            }
        } catch (ServerAwayException away) {
            if (outcomes.isEmpty()) {
                throw away;
            }
            Outcome postponed = new Outcome.Postponed(String.valueOf(away.getMessage()));
            outcomes.addAll(Collections.nCopies(batch.size() - outcomes.size(), postponed));
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
