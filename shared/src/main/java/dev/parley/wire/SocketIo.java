package dev.parley.wire;

import io.micronaut.json.tree.JsonNode;
import java.util.ArrayList;
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

    /** Most binary attachments that one packet may announce. */
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

        /** An acknowledgement of one of the server's events, with what was answered; attachments as in {@link Event}. */
        record Ack(String namespace, long id, List<JsonNode> arguments, int attachments) implements Packet {}

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
                        ? new Packet.Ack(namespace, id, items(payload), attachments)
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
        List<JsonNode> items = items(payload);
        return new Packet.Event(namespace, id, name.getStringValue(), items.subList(1, items.size()), attachments);
    }

    private static List<JsonNode> items(JsonNode array) {
        List<JsonNode> items = new ArrayList<>(array.size());
        array.values().forEach(items::add);
        return List.copyOf(items);
    }

    /**
     * Whether every place that stands for binary data, <code>{"_placeholder":true,"num":0}</code>, names one of so many
     * attachments.
     */
    public static boolean placeholdersFit(List<JsonNode> arguments, int attachments) {
        return arguments.stream().allMatch(argument -> placeholdersFit(argument, attachments));
    }

    private static boolean placeholdersFit(JsonNode node, int attachments) {
        if (node.isObject() && isTrue(node.get("_placeholder"))) {
            JsonNode number = node.get("num");
            return number != null
                    && number.isNumber()
                    && number.getDoubleValue() == Math.rint(number.getDoubleValue())
                    && number.getDoubleValue() >= 0
                    && number.getDoubleValue() < attachments;
        }
        if (node.isObject() || node.isArray()) {
            for (JsonNode inner : node.values()) {
                if (!placeholdersFit(inner, attachments)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean isTrue(@Nullable JsonNode node) {
        return node != null && node.isBoolean() && node.getBooleanValue();
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

    public static byte[] connected(String namespace, String sid) {
        return Bytes.join("40", prefix(namespace), "{\"sid\":\"", sid, "\"}");
    }

    /** Refuses a CONNECT; the connection itself stays open, as the protocol has it. */
    public static byte[] connectError(String namespace, byte[] errorJson) {
        return Bytes.join("44", prefix(namespace), errorJson);
    }

    public static byte[] disconnect(String namespace) {
        return Bytes.join("41", prefix(namespace));
    }

    /**
     * An event in any namespace; its attachments follow as binary frames.
     *
     * @param ackId by which the client will acknowledge it; null where no acknowledgement is wanted
     * @param array JSON array of the name and the arguments
     */
    public static byte[] event(String namespace, @Nullable Long ackId, byte[] array, int attachments) {
        String type = attachments == 0 ? "42" : "45" + attachments + "-";
        return Bytes.join(type, prefix(namespace), ackId == null ? "" : ackId, array);
    }

    /** Acknowledges a client's event; {@code array} is the JSON array of what is answered. */
    public static byte[] ack(String namespace, long ackId, byte[] array, int attachments) {
        String type = attachments == 0 ? "43" : "46" + attachments + "-";
        return Bytes.join(type, prefix(namespace), ackId, array);
    }

    private static String prefix(String namespace) {
        return namespace.equals("/") ? "" : namespace + ",";
    }

    /** An event of ours in the namespace "/". */
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
