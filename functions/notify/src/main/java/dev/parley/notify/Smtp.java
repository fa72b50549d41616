package dev.parley.notify;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.connect.ServerAwayException;
import dev.parley.function.Outcome;
import dev.parley.queue.QueueEvent.EmailRequested;
import jakarta.mail.Address;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Properties;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.jspecify.annotations.Nullable;

/**
 * A connection to the mail relay, opened for the first mail and kept for those after it, behind the relay's breaker. For
 * one thread.
 */
final class Smtp implements AutoCloseable {

    private static final int PERMANENT = 500;

    private final MailSettings settings;
    private final Breakers breakers;
    private final InternetAddress from;
    private final Session session;
    private @Nullable Transport connection;

    Smtp(MailSettings settings, Breakers breakers) {
        this.settings = settings;
        this.breakers = breakers;
        this.from = sender(settings);
        Properties properties = new Properties();
        properties.put("mail.smtp.connectiontimeout", millis(settings.connectTimeout()));
        properties.put("mail.smtp.timeout", millis(settings.timeout()));
        properties.put("mail.smtp.writetimeout", millis(settings.timeout()));
        properties.put("mail.smtp.starttls.enable", Boolean.toString(settings.starttls()));
        properties.put("mail.smtp.starttls.required", Boolean.toString(settings.starttls()));
        properties.put("mail.smtp.ssl.checkserveridentity", "true");
        this.session = Session.getInstance(properties);
    }

    /** Who the mails are from; {@link IllegalArgumentException} where the setting is no address. */
    static InternetAddress sender(MailSettings settings) {
        try {
            return new InternetAddress(settings.from(), true);
        } catch (AddressException invalid) {
            throw new IllegalArgumentException("parley.mail.from is not an e-mail address", invalid);
        }
    }

    private static String millis(Duration duration) {
        return Long.toString(duration.toMillis());
    }

    /**
     * Sends it. {@link ServerAwayException} where that was not tried, because the relay cannot be reached, lets us not in,
     * or is known to be away.
     */
    Outcome send(EmailRequested mail) {
        InternetAddress to;
        try {
            to = new InternetAddress(mail.to(), true);
        } catch (AddressException invalid) {
            return new Outcome.Poison("not an e-mail address");
        }
        MimeMessage message;
        try {
            message = message(mail, to);
        } catch (MessagingException unwritable) {
            return new Outcome.Poison("a mail that can not be written");
        }
        try {
            return breakers.run(Server.MAIL_RELAY, () -> send(message, to));
        } catch (ServerAwayException away) {
            if (away.getCause() instanceof BrokenOffException) {
                // The mail itself may be why: it has had its try, however the relay is.
                return new Outcome.Retry("the mail relay broke off");
            }
            throw away;
        }
    }

    private Outcome send(MimeMessage message, InternetAddress to) {
        Transport open = connected();
        try {
            open.sendMessage(message, new Address[] {to});
            return Outcome.DONE;
        } catch (MessagingException e) {
            int code = code(e);
            if (code >= PERMANENT) {
                return new Outcome.Poison("refused by the mail relay: " + code);
            }
            if (code == 0) {
                // Whether the mail got through is not known.
                close();
                throw away(new BrokenOffException());
            }
            return new Outcome.Retry("the mail relay answered " + code);
        }
    }

    /** The connection broke, or no answer came in time, while a mail was being sent. */
    private static final class BrokenOffException extends MessagingException {
        BrokenOffException() {
            super("it broke off");
        }
    }

    private static ServerAwayException away(MessagingException cause) {
        return new ServerAwayException(Server.MAIL_RELAY.title(), cause);
    }

    /** Opens the connection and sends nothing; {@link ServerAwayException} where it cannot be had. Not guarded itself. */
    static void greet(MailSettings settings, Breakers breakers) {
        try (Smtp smtp = new Smtp(settings, breakers)) {
            var _ = smtp.connected();
        }
    }

    private Transport connected() {
        Transport open = connection;
        if (open != null && open.isConnected()) {
            return open;
        }
        close();
        try {
            open = session.getTransport("smtp");
            connection = open;
            boolean login = settings.username() != null && !settings.username().isBlank();
            open.connect(
                    settings.host(),
                    settings.port(),
                    login ? settings.username() : null,
                    login ? settings.password() : null);
            return open;
        } catch (AuthenticationFailedException e) {
            // Its message quotes the server; ours says what to look at.
            throw away(new MessagingException("it refused the login"));
        } catch (MessagingException e) {
            throw away(e);
        }
    }

    private MimeMessage message(EmailRequested mail, InternetAddress to) throws MessagingException {
        MimeMessage message = new NamedMessage(session, messageId(mail.notificationId(), from));
        message.setFrom(from);
        message.setRecipient(Message.RecipientType.TO, to);
        message.setSubject(PlainText.line(mail.subject(), 200), StandardCharsets.UTF_8.name());
        message.setText(mail.text(), StandardCharsets.UTF_8.name());
        message.setHeader("Auto-Submitted", "auto-generated");
        return message;
    }

    /** The same for every try, so that a mailbox can drop a mail that was sent twice. */
    private static String messageId(String notificationId, InternetAddress from) {
        String address = from.getAddress();
        return "<%s@%s>"
                .formatted(
                        notificationId.replaceAll("[^A-Za-z0-9]", "."),
                        address.substring(address.lastIndexOf('@') + 1));
    }

    private static final class NamedMessage extends MimeMessage {
        private final String messageId;

        NamedMessage(Session session, String messageId) {
            super(session);
            this.messageId = messageId;
        }

        @Override
        protected void updateMessageID() throws MessagingException {
            setHeader("Message-ID", messageId);
        }
    }

    /** What the server answered; 0 where it did not. */
    private static int code(MessagingException failure) {
        for (Exception e = failure; e != null; e = e instanceof MessagingException m ? m.getNextException() : null) {
            int code = switch (e) {
                case SMTPAddressFailedException address -> address.getReturnCode();
                case SMTPSenderFailedException sender -> sender.getReturnCode();
                case SMTPSendFailedException send -> send.getReturnCode();
                default -> 0;
            };
            if (code > 0) {
                return code;
            }
        }
        return 0;
    }

    @Override
    public void close() {
        Transport open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (MessagingException e) {
                // It was broken already; there is nothing left to end.
            }
        }
    }
}
