package dev.parley.wire;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * A message that has everything but its place in the order. Its JSON is written once, in two halves around the place,
 * so that whoever assigns the seq (a script inside Redis) completes it by joining strings and every later reader passes
 * the bytes on as they are.
 */
public record MessageDraft(
        MessageId messageId,
        ChatId chatId,
        UserId senderId,
        String clientMessageId,
        MessageType type,
        String content,
        Instant takenAt) {

    private static final DateTimeFormatter MILLIS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    /** The JSON up to and including {@code "seq":}. */
    public byte[] head() {
        return ("{\"messageId\":\"" + messageId + "\",\"chatId\":\"" + chatId + "\",\"seq\":")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The JSON from behind the value of {@code prevSeq} to the end. */
    public byte[] tail() {
        StringBuilder json = new StringBuilder(160 + content.length() + content.length() / 8);
        json.append(",\"senderId\":\"").append(senderId).append("\",\"clientMessageId\":\"");
        JsonStringEncoder.getInstance().quoteAsString(clientMessageId, json);
        json.append("\",\"type\":\"").append(type.wireName()).append("\",\"content\":\"");
        JsonStringEncoder.getInstance().quoteAsString(content, json);
        json.append("\",\"timestamp\":\"").append(timestamp()).append("\"}");
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    public String timestamp() {
        return MILLIS.format(takenAt);
    }

    /** The finished message with its place in the order. */
    public ChatMessage at(long seq, @Nullable Long prevSeq) {
        return new ChatMessage(
                messageId, chatId, seq, prevSeq, senderId, clientMessageId, type.wireName(), content, timestamp());
    }
}
