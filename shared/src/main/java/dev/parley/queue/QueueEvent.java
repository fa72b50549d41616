package dev.parley.queue;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.wire.ChatMessage;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;

/** What travels in the queues. Each type belongs to one queue; {@link QueueCodec} writes and reads it. */
public sealed interface QueueEvent {

    // JSON with a field missing is not an event: the constructors refuse it, and the codec calls it poison.

    /**
     * A message to persist ({@code message-persist}).
     *
     * @param chatType {@code direct} or {@code group}
     */
    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record MessagePosted(ChatMessage message, String chatType) implements QueueEvent {
        public MessagePosted {
            requireNonNull(message, "message");
            requireNonNull(chatType, "chatType");
        }
    }

    /**
     * A message that somebody may have to be told of ({@code notification-send}).
     *
     * @param recipients members who were offline, at most {@link #MAX_RECIPIENTS} in one event
     * @param content of the message, shortened to {@link #PREVIEW_LENGTH} characters
     */
    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record NotificationRequested(
            MessageId messageId,
            ChatId chatId,
            UserId senderId,
            List<UserId> recipients,
            String type,
            String content,
            String timestamp)
            implements QueueEvent {
        public static final int MAX_RECIPIENTS = 100;
        public static final int PREVIEW_LENGTH = 200;

        public NotificationRequested {
            requireNonNull(messageId, "messageId");
            requireNonNull(chatId, "chatId");
            requireNonNull(senderId, "senderId");
            recipients = List.copyOf(recipients);
            requireNonNull(type, "type");
            requireNonNull(content, "content");
            requireNonNull(timestamp, "timestamp");
        }
    }

    /**
     * An e-mail to send ({@code email-send}).
     *
     * @param notificationId what the mail is about and for whom; one mail per id
     */
    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record EmailRequested(String notificationId, String to, String subject, String text) implements QueueEvent {
        public EmailRequested {
            requireNonNull(notificationId, "notificationId");
            requireNonNull(to, "to");
            requireNonNull(subject, "subject");
            requireNonNull(text, "text");
        }
    }

    /** A message to make searchable ({@code message-index}). */
    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record MessageToIndex(ChatMessage message) implements QueueEvent {
        public MessageToIndex {
            requireNonNull(message, "message");
        }
    }
}
