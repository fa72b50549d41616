package dev.parley.wire;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import io.micronaut.serde.annotation.Serdeable;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A message as everybody sees it: in {@code new-message}, in history, in the recent cache and in the queue.
 *
 * @param seq place in the chat's order: microseconds since 1970, made strictly rising within the chat; below 2^53
 * @param prevSeq seq of the message before it in the chat, so that a reader sees a gap at once; null where it was not
 *     known when the message was sent
 * @param clientMessageId the sender's own name for it; a resend with the same name is the same message
 * @param type wire name of a {@link MessageType}
 * @param content as sent; whoever displays it escapes it
 * @param timestamp when the tier took it, ISO 8601 in UTC with milliseconds
 */
@Serdeable
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ChatMessage(
        MessageId messageId,
        ChatId chatId,
        long seq,
        @Nullable Long prevSeq,
        UserId senderId,
        String clientMessageId,
        String type,
        String content,
        String timestamp) {

    /** JSON with a field missing is no message. */
    public ChatMessage {
        requireNonNull(messageId, "messageId");
        requireNonNull(chatId, "chatId");
        requireNonNull(senderId, "senderId");
        requireNonNull(clientMessageId, "clientMessageId");
        requireNonNull(type, "type");
        requireNonNull(content, "content");
        requireNonNull(timestamp, "timestamp");
    }

    /** The one order of a chat: by seq, ties by messageId. */
    public static final Comparator<ChatMessage> ORDER =
            Comparator.comparingLong(ChatMessage::seq).thenComparing(ChatMessage::messageId);
}
