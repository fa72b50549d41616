package dev.parley.wire;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the server tells clients unasked. {@code new-message} is not here: its data is a {@link ChatMessage} whose JSON
 * is passed on as it was written, see {@link RoomEvent}.
 */
public sealed interface ServerEvent {

    /** Name on the wire. */
    String eventName();

    /**
     * The connection is authenticated.
     *
     * @param expiresAt when the token ends, ISO 8601; before then the client renews it with {@code refresh-token}
     */
    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Connected(
            UserId userId,
            String connectionId,
            String serverId,
            String serverTime,
            String expiresAt,
            long heartbeatMs,
            int maxContentBytes)
            implements ServerEvent {
        @Override
        public String eventName() {
            return "connected";
        }
    }

    /** The acknowledgement of a message that was sent without asking for an answer. */
    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record MessageSent(MessageId messageId, ChatId chatId, long seq, String clientMessageId, String timestamp)
            implements ServerEvent {
        @Override
        public String eventName() {
            return "message-sent";
        }
    }

    /** Somebody in a chat is typing, or has stopped. Forgotten by readers after three seconds. */
    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record UserTyping(ChatId chatId, UserId userId, boolean isTyping) implements ServerEvent {
        @Override
        public String eventName() {
            return "user-typing";
        }
    }

    /**
     * The presence of a user that the connection watches has changed. Redis writes the same JSON, see
     * {@code presence.lua}.
     *
     * @param status one of {@link PresenceStatus}
     * @param message that the user set beside his status; null for none, and where he is offline
     * @param lastSeen since when he is offline; null where he is not, or it is not known
     */
    @Serdeable
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Presence(
            UserId userId,
            String status,
            @Nullable String message,
            @Nullable String lastSeen) implements ServerEvent {

        /** Of somebody of whom nothing is known. */
        public static Presence offline(UserId user) {
            return new Presence(user, PresenceStatus.OFFLINE.wireName(), null, null);
        }

        @Override
        public String eventName() {
            return RoomEvent.PRESENCE;
        }
    }

    /**
     * The user has become a member of a new chat.
     *
     * @param type {@code direct} or {@code group}
     * @param name of a group; null for a direct chat
     */
    @Serdeable
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ChatCreated(ChatId chatId, String type, @Nullable String name, List<UserId> memberIds, UserId createdBy)
            implements ServerEvent {
        @Override
        public String eventName() {
            return "chat-created";
        }
    }

    /**
     * What was shown as this message at this seq was not kept: its send was refused, or its place is another one, which
     * then comes as a {@code new-message} of its own. A client removes the message if it holds it with exactly this seq.
     */
    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record MessageRetracted(MessageId messageId, ChatId chatId, long seq) implements ServerEvent {
        @Override
        public String eventName() {
            return RoomEvent.MESSAGE_RETRACTED;
        }
    }

    /** The gap since the client's last seq is too large to be sent: load the history anew. */
    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Resync(ChatId chatId, long headSeq) implements ServerEvent {
        @Override
        public String eventName() {
            return "resync";
        }
    }

    /**
     * Something is about to happen to this instance.
     *
     * @param phase {@code prepare}: for people to know; {@code reconnect}: the client shall leave this instance
     * @param reconnectInMs with {@code reconnect} when to do so, another time for each client; null where it is not known
     * @param message for people
     */
    @Serdeable
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ServerMaintenance(
            String phase,
            @Nullable Long reconnectInMs,
            @Nullable String message) implements ServerEvent {

        public static ServerMaintenance reconnectIn(long ms) {
            return new ServerMaintenance("reconnect", ms, null);
        }

        @Override
        public String eventName() {
            return "server-maintenance";
        }
    }

    /**
     * The server is about to close this connection.
     *
     * @param message for people
     */
    @Serdeable
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ServerShutdown(@Nullable String message) implements ServerEvent {
        @Override
        public String eventName() {
            return "server-shutdown";
        }
    }

    /** Something that the client sent, and that asked for no answer, was refused. */
    @Serdeable
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Error(
            ErrorCode code,
            String message,
            @Nullable Long retryAfterMs,
            @Nullable String event) implements ServerEvent {
        @Override
        public String eventName() {
            return "error";
        }
    }
}
