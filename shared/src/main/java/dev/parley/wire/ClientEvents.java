package dev.parley.wire;

import dev.parley.id.ChatId;
import dev.parley.id.UserId;
import io.micronaut.json.tree.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads client events from JSON, strictly: wrong types are errors and nothing is converted; unknown fields are ignored,
 * so that newer clients can talk to older servers.
 */
public final class ClientEvents {

    /** An event, or the reason why it is none. */
    public sealed interface Reading {
        record Ok(ClientEvent event) implements Reading {}

        record Refused(Fault fault) implements Reading {}
    }

    private ClientEvents() {}

    /** Reads the event called {@code name} with its data; never throws. */
    public static Reading read(String name, JsonNode data) {
        try {
            return switch (name) {
                case "authenticate" -> ok(new ClientEvent.Authenticate(token(data)));
                case "refresh-token" -> ok(new ClientEvent.RefreshToken(token(data)));
                case "join-chats" -> ok(new ClientEvent.JoinChats(chats(data), lastSeqs(data)));
                case "sync" -> ok(sync(data));
                case "leave-chats" -> ok(new ClientEvent.LeaveChats(chats(data)));
                case "send-message" -> ok(sendMessage(data));
                case "typing" -> ok(new ClientEvent.Typing(chatId(data), bool(data, "isTyping")));
                case "watch-presence" -> ok(new ClientEvent.WatchPresence(userIds(data)));
                case "set-presence" -> ok(setPresence(data));
                case "ping" -> ok(new ClientEvent.Ping());
                default ->
                    new Reading.Refused(
                            Fault.of(ErrorCode.UNKNOWN_EVENT, "There is no event '" + abbreviate(name) + "'."));
            };
        } catch (Refusal refusal) {
            return new Reading.Refused(refusal.fault);
        }
    }

    private static Reading ok(ClientEvent event) {
        return new Reading.Ok(event);
    }

    private static String token(JsonNode data) throws Refusal {
        String token = text(data, "token");
        if (token.length() > Limits.TOKEN_LENGTH) {
            throw new Refusal(ErrorCode.VALIDATION, "'token' is longer than " + Limits.TOKEN_LENGTH + " characters.");
        }
        return token;
    }

    private static ClientEvent.SendMessage sendMessage(JsonNode data) throws Refusal {
        ChatId chatId = chatId(data);
        String content = text(data, "content");
        checkContent(content);
        JsonNode typeNode = data.get("type");
        MessageType type = typeNode == null || typeNode.isNull()
                ? MessageType.TEXT
                : MessageType.parse(text(data, "type"))
                        .filter(t -> t != MessageType.SYSTEM)
                        .orElseThrow(
                                () -> new Refusal(ErrorCode.VALIDATION, "'type' is none of 'text', 'image', 'file'."));
        JsonNode idNode = data.get("clientMessageId");
        String clientMessageId = idNode == null || idNode.isNull() ? null : text(data, "clientMessageId");
        if (clientMessageId != null) {
            checkClientMessageId(clientMessageId);
        }
        return new ClientEvent.SendMessage(chatId, clientMessageId, type, content);
    }

    private static void checkClientMessageId(String id) throws Refusal {
        boolean printable = id.chars().allMatch(c -> c > 0x20 && c < 0x7f);
        if (id.isEmpty() || id.length() > Limits.CLIENT_MESSAGE_ID_LENGTH || !printable) {
            throw new Refusal(
                    ErrorCode.VALIDATION,
                    "'clientMessageId' is not 1 to " + Limits.CLIENT_MESSAGE_ID_LENGTH
                            + " printable ASCII characters without spaces.");
        }
    }

    /** Content is stored as sent, so it must be storable: valid Unicode, within the bound, no control characters. */
    private static void checkContent(String content) throws Refusal {
        if (content.isBlank()) {
            throw new Refusal(ErrorCode.VALIDATION, "'content' is empty.");
        }
        if (content.length() > Limits.CONTENT_BYTES
                || content.getBytes(StandardCharsets.UTF_8).length > Limits.CONTENT_BYTES) {
            throw new Refusal(
                    ErrorCode.CONTENT_TOO_LONG, "'content' is longer than " + Limits.CONTENT_BYTES + " bytes.");
        }
        for (int i = 0; i < content.length(); i++) {
            char c = content.charAt(i);
            if (Character.isISOControl(c) && c != '\n' && c != '\t' && c != '\r') {
                throw new Refusal(ErrorCode.VALIDATION, "'content' has a control character at " + i + ".");
            }
        }
        checkUnicode("content", content);
    }

    private static void checkUnicode(String field, String text) throws Refusal {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw new Refusal(ErrorCode.VALIDATION, "'" + field + "' is not valid Unicode at " + i + ".");
            }
        }
    }

    /** Chats as a bare array, in {@code chatIds}, or with {@code "all": true} as null. */
    private static @Nullable List<ChatId> chats(JsonNode data) throws Refusal {
        JsonNode list = data;
        if (data.isObject()) {
            JsonNode all = data.get("all");
            if (all != null && !all.isNull() && bool(data, "all")) {
                return null;
            }
            JsonNode chatIds = data.get("chatIds");
            if (chatIds == null) {
                throw new Refusal(ErrorCode.VALIDATION, "'chatIds' or 'all' is missing.");
            }
            list = chatIds;
        }
        if (!list.isArray()) {
            throw new Refusal(ErrorCode.VALIDATION, "'chatIds' is not an array of ids.");
        }
        if (list.size() > Limits.CHATS_PER_JOIN) {
            throw new Refusal(ErrorCode.VALIDATION, "'chatIds' names more than " + Limits.CHATS_PER_JOIN + " chats.");
        }
        LinkedHashSet<ChatId> chats = new LinkedHashSet<>();
        for (JsonNode node : list.values()) {
            if (!node.isString()) {
                throw new Refusal(ErrorCode.VALIDATION, "'chatIds' is not an array of ids.");
            }
            chats.add(parseChatId(node.getStringValue(), "chatIds"));
        }
        return new ArrayList<>(chats);
    }

    /** A join of the chats whose last seqs are named: what is joined already stays so, and is given what it missed. */
    private static ClientEvent.JoinChats sync(JsonNode data) throws Refusal {
        Map<ChatId, Long> held = lastSeqs(data);
        if (held.isEmpty()) {
            throw new Refusal(ErrorCode.VALIDATION, "'lastSeqs' is missing or empty.");
        }
        return new ClientEvent.JoinChats(List.copyOf(held.keySet()), held);
    }

    private static Map<ChatId, Long> lastSeqs(JsonNode data) throws Refusal {
        JsonNode node = data.isObject() ? data.get("lastSeqs") : null;
        if (node == null || node.isNull()) {
            return Map.of();
        }
        if (!node.isObject() || node.size() > Limits.CHATS_PER_JOIN) {
            throw new Refusal(
                    ErrorCode.VALIDATION,
                    "'lastSeqs' is not an object of at most " + Limits.CHATS_PER_JOIN + " seqs by chat id.");
        }
        Map<ChatId, Long> seqs = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : node.entries()) {
            JsonNode value = entry.getValue();
            seqs.put(parseChatId(entry.getKey(), "lastSeqs"), seq(value));
        }
        return seqs;
    }

    private static long seq(JsonNode value) throws Refusal {
        if (value.isNumber()) {
            double number = value.getDoubleValue();
            if (number >= 0 && number <= 9007199254740991d && number == Math.rint(number)) {
                return (long) number;
            }
        }
        throw new Refusal(ErrorCode.VALIDATION, "'lastSeqs' has a value that is not a seq.");
    }

    private static List<UserId> userIds(JsonNode data) throws Refusal {
        JsonNode list = field(data, "userIds");
        if (!list.isArray()) {
            throw new Refusal(ErrorCode.VALIDATION, "'userIds' is not an array of ids.");
        }
        if (list.size() > Limits.WATCHED_USERS) {
            throw new Refusal(ErrorCode.VALIDATION, "'userIds' names more than " + Limits.WATCHED_USERS + " users.");
        }
        LinkedHashSet<UserId> users = new LinkedHashSet<>();
        for (JsonNode node : list.values()) {
            if (!node.isString()) {
                throw new Refusal(ErrorCode.VALIDATION, "'userIds' is not an array of ids.");
            }
            users.add(UserId.parse(node.getStringValue()).orElseThrow(() -> invalidId("userIds")));
        }
        return List.copyOf(users);
    }

    private static ClientEvent.SetPresence setPresence(JsonNode data) throws Refusal {
        PresenceStatus status = PresenceStatus.parse(text(data, "status"))
                .orElseThrow(() ->
                        new Refusal(ErrorCode.VALIDATION, "'status' is none of 'online', 'away', 'busy', 'offline'."));
        JsonNode messageNode = data.get("message");
        String message = messageNode == null || messageNode.isNull() ? null : text(data, "message");
        if (message != null) {
            checkStatusMessage(status, message);
        }
        return new ClientEvent.SetPresence(status, message);
    }

    private static void checkStatusMessage(PresenceStatus status, String message) throws Refusal {
        if (status == PresenceStatus.OFFLINE) {
            throw new Refusal(ErrorCode.VALIDATION, "Who appears offline shows no 'message'.");
        }
        if (message.isBlank() || message.length() > Limits.STATUS_MESSAGE_LENGTH) {
            throw new Refusal(
                    ErrorCode.VALIDATION,
                    "'message' is not a text of 1 to " + Limits.STATUS_MESSAGE_LENGTH + " characters.");
        }
        if (message.chars().anyMatch(Character::isISOControl)) {
            throw new Refusal(ErrorCode.VALIDATION, "'message' has control characters.");
        }
        checkUnicode("message", message);
    }

    private static ChatId chatId(JsonNode data) throws Refusal {
        return parseChatId(text(data, "chatId"), "chatId");
    }

    private static ChatId parseChatId(String text, String field) throws Refusal {
        return ChatId.parse(text).orElseThrow(() -> invalidId(field));
    }

    private static Refusal invalidId(String field) {
        return new Refusal(ErrorCode.INVALID_ID, "'" + field + "' has an id that is not 24 lower-case hex digits.");
    }

    private static String text(JsonNode data, String field) throws Refusal {
        JsonNode node = field(data, field);
        if (!node.isString()) {
            throw new Refusal(ErrorCode.VALIDATION, "'" + field + "' is not a string.");
        }
        return node.getStringValue();
    }

    private static boolean bool(JsonNode data, String field) throws Refusal {
        JsonNode node = field(data, field);
        if (!node.isBoolean()) {
            throw new Refusal(ErrorCode.VALIDATION, "'" + field + "' is not true or false.");
        }
        return node.getBooleanValue();
    }

    private static JsonNode field(JsonNode data, String field) throws Refusal {
        if (!data.isObject()) {
            throw new Refusal(ErrorCode.VALIDATION, "'data' is not an object.");
        }
        JsonNode node = data.get(field);
        if (node == null) {
            throw new Refusal(ErrorCode.VALIDATION, "'" + field + "' is missing.");
        }
        return node;
    }

    static String abbreviate(String text) {
        String shown = text.length() > 40 ? text.substring(0, 40) + "…" : text;
        return shown.replaceAll("\\p{Cntrl}", "?");
    }

    /** Carries a refusal out of the depth of the reading; never leaves this class. */
    private static final class Refusal extends Exception {
        private final transient Fault fault;

        Refusal(ErrorCode code, String message) {
            super(message, null, false, false);
            this.fault = Fault.of(code, message);
        }
    }
}
