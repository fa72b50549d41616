package dev.parley.wire;

import dev.parley.id.MessageId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * An event on its way through a channel to many connections: the name and seq in clear, so that instances route and
 * order it without reading the JSON, and the JSON of its data as bytes that are passed on unchanged.
 *
 * <pre>
 *   new-message 1763638648123456 {"messageId":…}
 *   └── name ─┘ └──── seq ─────┘ └─── data ────┘   seq 0: not part of the chat's order
 *   presence 1763638648123456 {"userId":…}         here seq counts the changes of one user's presence
 *   new-message ~1763638648123456 {"messageId":…}  out of order: may come behind messages with a higher seq
 * </pre>
 *
 * The array is shared, never copied; nobody writes into it.
 *
 * @param inOrder whether Redis published it in the order of seq; an event that is not may come late or again, because it
 *     was placed or found while a server was away
 */
@SuppressWarnings("ArrayRecordComponent") // identity is never compared; the bytes are shared on purpose
public record RoomEvent(String name, long seq, boolean inOrder, byte[] json) {

    public static final String NEW_MESSAGE = "new-message";
    public static final String MESSAGE_RETRACTED = "message-retracted";
    public static final String PRESENCE = "presence";

    private static final byte[] ID_FIRST = "{\"messageId\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final int ID_LENGTH = 24;

    /** An event in its order, or outside any. */
    public RoomEvent(String name, long seq, byte[] json) {
        this(name, seq, true, json);
    }

    /** What the server tells a room, outside the chat's order. */
    public static RoomEvent of(ServerEvent event, Json json) {
        return new RoomEvent(event.eventName(), 0, json.bytes(event));
    }

    /** A message for a room; {@code inOrder} as in the record. */
    public static RoomEvent of(ChatMessage message, boolean inOrder, Json json) {
        return new RoomEvent(NEW_MESSAGE, message.seq(), inOrder, json.bytes(message));
    }

    /** Whether a reader that is behind may lose it: everything that says nothing of messages or lists of chats. */
    public boolean ephemeral() {
        return name.equals("user-typing") || name.equals(PRESENCE);
    }

    public boolean isMessage() {
        return name.equals(NEW_MESSAGE);
    }

    /** Which message it is about; empty for events about something else. The id is always the first field. */
    public Optional<MessageId> messageId() {
        int end = ID_FIRST.length + ID_LENGTH;
        if (json.length < end || !Arrays.equals(json, 0, ID_FIRST.length, ID_FIRST, 0, ID_FIRST.length)) {
            return Optional.empty();
        }
        return MessageId.parse(new String(json, ID_FIRST.length, ID_LENGTH, StandardCharsets.US_ASCII));
    }

    /** What it takes back; empty for every other event. */
    public Optional<ServerEvent.MessageRetracted> retracted(Json reader) {
        if (!name.equals(MESSAGE_RETRACTED)) {
            return Optional.empty();
        }
        try {
            return Optional.of(reader.read(json, ServerEvent.MessageRetracted.class));
        } catch (IOException notOneOfOurs) {
            return Optional.empty();
        }
    }

    public byte[] encode() {
        byte[] header = (name + (inOrder ? " " : " ~") + seq + " ").getBytes(StandardCharsets.UTF_8);
        byte[] bytes = Arrays.copyOf(header, header.length + json.length);
        System.arraycopy(json, 0, bytes, header.length, json.length);
        return bytes;
    }

    /** The event in {@code bytes}, or empty if they are not one of ours. */
    public static Optional<RoomEvent> decode(byte[] bytes) {
        int first = indexOf(bytes, 0);
        int second = first < 0 ? -1 : indexOf(bytes, first + 1);
        if (second < 0) {
            return Optional.empty();
        }
        boolean inOrder = bytes[first + 1] != '~';
        int digits = inOrder ? first + 1 : first + 2;
        if (digits == second) {
            return Optional.empty();
        }
        long seq = 0;
        for (int i = digits; i < second; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9 || i - digits > 15) {
                return Optional.empty();
            }
            seq = seq * 10 + digit;
        }
        String name = new String(bytes, 0, first, StandardCharsets.UTF_8);
        return Optional.of(new RoomEvent(name, seq, inOrder, Arrays.copyOfRange(bytes, second + 1, bytes.length)));
    }

    private static int indexOf(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == ' ') {
                return i;
            }
        }
        return -1;
    }
}
