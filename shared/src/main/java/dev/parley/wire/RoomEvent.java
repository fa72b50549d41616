package dev.parley.wire;

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
 * </pre>
 *
 * The array is shared, never copied; nobody writes into it.
 */
@SuppressWarnings("ArrayRecordComponent") // identity is never compared; the bytes are shared on purpose
public record RoomEvent(String name, long seq, byte[] json) {

    public static final String NEW_MESSAGE = "new-message";

    /** Whether a reader that is behind may lose it: everything outside the chat's order but what changes its lists. */
    public boolean ephemeral() {
        return name.equals("user-typing");
    }

    public byte[] encode() {
        byte[] header = (name + " " + seq + " ").getBytes(StandardCharsets.UTF_8);
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
        long seq = 0;
        for (int i = first + 1; i < second; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9 || i - first > 16) {
                return Optional.empty();
            }
            seq = seq * 10 + digit;
        }
        String name = new String(bytes, 0, first, StandardCharsets.UTF_8);
        return Optional.of(new RoomEvent(name, seq, Arrays.copyOfRange(bytes, second + 1, bytes.length)));
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
