package dev.parley.wire;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * The Engine.IO codec, protocol 4. A packet is one character that says what the rest is; on a WebSocket it is one text
 * frame, in long-polling several stand in one body.
 *
 * <pre>
 *   0 open (server, once)   1 close   2 ping (server)   3 pong (client)   4 message   5 upgrade   6 noop
 *
 *   4hello\x1e4world\x1ebAQID     a body: packets with the record separator between, binary ones as b and Base64
 * </pre>
 */
public final class EngineIo {

    public static final int PROTOCOL = 4;
    public static final char OPEN = '0';
    public static final char CLOSE = '1';
    public static final char PING = '2';
    public static final char PONG = '3';
    public static final char MESSAGE = '4';
    public static final char UPGRADE = '5';
    public static final char NOOP = '6';

    /** What a client asks over a WebSocket before it leaves long-polling, and what it is answered. */
    public static final String PROBE = "2probe";

    /** Stands between the packets of one body. */
    public static final char SEPARATOR = '\u001e';

    private static final char BINARY = 'b';

    /** A packet in the body of a request. */
    public sealed interface Packet {

        /** A packet as a text frame would hold it; its first character is one of the types above. */
        record Text(String text) implements Packet {}

        /** A binary message. */
        @SuppressWarnings("ArrayRecordComponent") // never compared
        record Binary(byte[] data) implements Packet {}
    }

    /** Why the HTTP side refuses a request; the numbers and words are the protocol's. */
    public enum Refusal {
        TRANSPORT_UNKNOWN(0, "Transport unknown"),
        SESSION_UNKNOWN(1, "Session ID unknown"),
        BAD_HANDSHAKE_METHOD(2, "Bad handshake method"),
        BAD_REQUEST(3, "Bad request"),
        FORBIDDEN(4, "Forbidden"),
        UNSUPPORTED_VERSION(5, "Unsupported protocol version");

        private final int code;
        private final String message;

        Refusal(int code, String message) {
            this.code = code;
            this.message = message;
        }

        public String json() {
            return "{\"code\":" + code + ",\"message\":\"" + message + "\"}";
        }
    }

    private EngineIo() {}

    /** The first packet of a session; exactly these five fields, as the protocol has it. */
    public static byte[] open(
            String sid, boolean upgradable, long pingIntervalMs, long pingTimeoutMs, long maxPayload) {
        return Bytes.join(
                "0{\"sid\":\"",
                sid,
                "\",\"upgrades\":[",
                upgradable ? "\"websocket\"" : "",
                "],\"pingInterval\":",
                pingIntervalMs,
                ",\"pingTimeout\":",
                pingTimeoutMs,
                ",\"maxPayload\":",
                maxPayload,
                "}");
    }

    /** A packet without data. */
    public static byte[] packet(char type) {
        return new byte[] {(byte) type};
    }

    /** The answer to {@link #PROBE}. */
    public static byte[] probeAnswer() {
        return Bytes.join("3probe");
    }

    /** A binary message as a body holds it. */
    public static byte[] base64(byte[] data) {
        byte[] encoded = Base64.getEncoder().encode(data);
        byte[] packet = new byte[encoded.length + 1];
        packet[0] = BINARY;
        System.arraycopy(encoded, 0, packet, 1, encoded.length);
        return packet;
    }

    /** Whether this is a type that a client may send. */
    public static boolean isTextPacket(String packet) {
        return !packet.isEmpty() && packet.charAt(0) >= OPEN && packet.charAt(0) <= NOOP;
    }

    /** The packets of a body, read one by one: a body of many tiny ones would take many times its size in memory. */
    public static final class Body {

        private final String text;
        private int next;

        public Body(String text) {
            this.text = text;
        }

        /** Whether all of them were read. */
        public boolean isDone() {
            return next > text.length();
        }

        /** The next packet, or empty where it is none. */
        public Optional<Packet> next() {
            int separator = text.indexOf(SEPARATOR, next);
            int end = separator < 0 ? text.length() : separator;
            Optional<Packet> packet = readPacket(text.substring(next, end));
            next = end + 1;
            return packet;
        }
    }

    private static Optional<Packet> readPacket(String packet) {
        if (isTextPacket(packet)) {
            return Optional.of(new Packet.Text(packet));
        }
        if (packet.isEmpty() || packet.charAt(0) != BINARY) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Packet.Binary(
                    Base64.getDecoder().decode(packet.substring(1).getBytes(StandardCharsets.ISO_8859_1))));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }
}
