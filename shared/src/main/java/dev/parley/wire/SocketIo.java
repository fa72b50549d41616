package dev.parley.wire;

import io.micronaut.json.tree.JsonNode;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The Socket.IO codec, protocol 5, inside Engine.IO messages.
 *
 * <pre>
 *   4 2 /admin, 17 ["send-message",{…}]
 *   │ │ │       │  └ payload: JSON
 *   │ │ │       └ id of the wanted acknowledgement, if any
 *   │ │ └ namespace and comma; absent for "/"
 *   │ └ 0 connect, 1 disconnect, 2 event, 3 ack, 4 connect error, 5 binary event, 6 binary ack;
 *   │   behind 5 and 6 the number of binary frames that follow, and a dash
 *   └ Engine.IO message
 * </pre>
 */
public final class SocketIo {

    /** Most binary attachments that one packet may announce; our events take none at all. */
    public static final int MAX_ATTACHMENTS = 10;

    /** What a packet turned out to be. */
    public sealed interface Packet {
        record Connect(String namespace, JsonNode payload) implements Packet {}

        record Disconnect(String namespace) implements Packet {}

        /**
         * An event.
         *
         * @param ackId id of the wanted acknowledgement, or null
         * @param attachments binary frames that follow and belong to it
         */
        record Event(String namespace, @Nullable Long ackId, String name, List<JsonNode> arguments, int attachments)
                implements Packet {}

        /** An acknowledgement of one of our events; we ask for none, so it is only checked for form. */
        record Ack(String namespace, long id, int attachments) implements Packet {}

        /** Not a packet: the protocol has the connection closed. */
        record Invalid(String why) implements Packet {}
    }

    private SocketIo() {}

    /** Reads a packet from the text behind the Engine.IO message type, from {@code start} on; never throws. */
    public static Packet read(String text, int start) {
        if (start >= text.length()) {
            return new Packet.Invalid("empty packet");
        }
        int type = text.charAt(start) - '0';
        int at = start + 1;
        int attachments = 0;
        if (type == 5 || type == 6) {
            int dash = text.indexOf('-', at);
            Optional<Long> count = dash < 0 ? Optional.empty() : number(text, at, dash);
            if (count.isEmpty() || count.get() > MAX_ATTACHMENTS) {
                return new Packet.Invalid("illegal number of attachments");
            }
            attachments = count.get().intValue();
            at = dash + 1;
        }
        String namespace = "/";
        if (at < text.length() && text.charAt(at) == '/') {
            int comma = text.indexOf(',', at);
            int end = comma < 0 ? text.length() : comma;
            namespace = text.substring(at, end);
            at = comma < 0 ? end : end + 1;
            int query = namespace.indexOf('?');
            namespace = query < 0 ? namespace : namespace.substring(0, query);
        }
        int digits = at;
        while (digits < text.length() && Character.digit(text.charAt(digits), 10) >= 0) {
            digits++;
        }
        Long id = null;
        if (digits > at) {
            Optional<Long> parsed = number(text, at, digits);
            if (parsed.isEmpty()) {
                return new Packet.Invalid("illegal ack id");
            }
            id = parsed.get();
            at = digits;
        }
        JsonNode payload = null;
        if (at < text.length()) {
            Optional<JsonNode> parsed = Json.parse(text.substring(at));
            if (parsed.isEmpty()) {
                return new Packet.Invalid("invalid payload");
            }
            payload = parsed.get();
        }
        return packet(type, namespace, id, payload, attachments);
    }

    private static Packet packet(
            int type, String namespace, @Nullable Long id, @Nullable JsonNode payload, int attachments) {
        return switch (type) {
            case 0 ->
                payload == null || payload.isObject()
                        ? new Packet.Connect(namespace, payload == null ? JsonNode.nullNode() : payload)
                        : new Packet.Invalid("payload of connect is not an object");
            case 1 ->
                payload == null ? new Packet.Disconnect(namespace) : new Packet.Invalid("disconnect with a payload");
            case 2, 5 -> event(namespace, id, payload, attachments);
            case 3, 6 ->
                id != null && payload != null && payload.isArray()
                        ? new Packet.Ack(namespace, id, attachments)
                        : new Packet.Invalid("ack without id or array");
            default -> new Packet.Invalid("unknown packet type");
        };
    }

    private static Packet event(String namespace, @Nullable Long id, @Nullable JsonNode payload, int attachments) {
        if (payload == null || !payload.isArray() || payload.size() == 0) {
            return new Packet.Invalid("payload of event is not an array with a name");
        }
        JsonNode name = payload.get(0);
        if (name == null || !name.isString()) {
            return new Packet.Invalid("name of event is not a string");
        }
        List<JsonNode> arguments = new java.util.ArrayList<>(payload.size() - 1);
        payload.values().forEach(arguments::add);
        return new Packet.Event(
                namespace, id, name.getStringValue(), List.copyOf(arguments.subList(1, arguments.size())), attachments);
    }

    private static Optional<Long> number(String text, int from, int to) {
        if (from >= to || to - from > 15) {
            return Optional.empty();
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return Optional.empty();
            }
            value = value * 10 + digit;
        }
        return Optional.of(value);
    }

    public static byte[] connected(String sid) {
        return Bytes.join("40{\"sid\":\"", sid, "\"}");
    }

    /** Refuses a CONNECT; the connection itself stays open, as the protocol has it. */
    public static byte[] connectError(String namespace, byte[] errorJson) {
        return Bytes.join("44", namespace.equals("/") ? "" : namespace + ",", errorJson);
    }

    public static byte[] disconnect() {
        return Bytes.join("41");
    }

    public static byte[] event(String name, byte[] data) {
        return Bytes.join("42[\"", name, "\",", data, "]");
    }

    public static byte[] ok(long ackId, byte[] data) {
        return Bytes.join("43", ackId, "[{\"ok\":true,\"data\":", data, "}]");
    }

    public static byte[] refused(long ackId, byte[] fault) {
        return Bytes.join("43", ackId, "[{\"ok\":false,\"error\":", fault, "}]");
    }
}
