package dev.parley.wire;

import dev.parley.id.ChatId;
import dev.parley.id.UserId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a client can ask for, checked for shape and bounds. {@link ClientEvents} reads it from JSON. */
public sealed interface ClientEvent {

    /** Presents an access token on a connection that has none yet. */
    record Authenticate(String token) implements ClientEvent {}

    /** Renews the token of an authenticated connection in place. */
    record RefreshToken(String token) implements ClientEvent {}

    /**
     * Asks for the live feed of chats.
     *
     * @param chats the chats; null means all of the user's chats
     * @param lastSeqs the highest seq held per chat: what came after it is sent before the live feed goes on
     */
    record JoinChats(@Nullable List<ChatId> chats, Map<ChatId, Long> lastSeqs) implements ClientEvent {}

    /**
     * Ends the live feed of chats.
     *
     * @param chats the chats; null means all that were joined
     */
    record LeaveChats(@Nullable List<ChatId> chats) implements ClientEvent {}

    /**
     * Sends a message.
     *
     * @param clientMessageId the sender's name for it, which makes a resend harmless; null where the client never
     *     resends
     */
    record SendMessage(ChatId chatId, @Nullable String clientMessageId, MessageType type, String content)
            implements ClientEvent {}

    /** Says that the user is typing, or has stopped. */
    record Typing(ChatId chatId, boolean isTyping) implements ClientEvent {}

    /**
     * Asks to be told of the presence of users, and of nobody else from then on.
     *
     * @param users each once; none ends it
     */
    record WatchPresence(List<UserId> users) implements ClientEvent {}

    /**
     * Chooses how the user shows himself, on all his devices.
     *
     * @param message shown beside the status; null for none
     */
    record SetPresence(PresenceStatus status, @Nullable String message) implements ClientEvent {}

    /** Asks for a sign of life on the level of the protocol; the answer carries the server's time. */
    record Ping() implements ClientEvent {}
}
