package dev.parley.wire;

import io.micronaut.json.tree.JsonNode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The plain codec: one JSON object in one text frame.
 *
 * <pre>
 *   request  {"id":7,"event":"send-message","data":{…}}      without id: no answer is wanted
 *   answer   {"id":7,"ok":true,"data":{…}}
 *            {"id":7,"ok":false,"error":{"code":"RATE_LIMITED","message":"…","retryAfterMs":1200}}
 *   event    {"event":"new-message","data":{…}}
 * </pre>
 */
public final class PlainJson {

    /** What a text frame turned out to be. */
    public sealed interface Frame {

        /** A request; {@code id} is null where no answer is wanted. */
        record Request(@Nullable Long id, String event, JsonNode data) implements Frame {}

        /** No request; {@code id} is set where it could be read, so that the client can tell which one it was. */
        record Malformed(@Nullable Long id, Fault fault) implements Frame {}
    }

    private PlainJson() {}

    /** Reads a text frame; never throws. */
    public static Frame read(String text) {
        Optional<JsonNode> parsed = Json.parse(text);
        if (parsed.isEmpty()) {
            return new Frame.Malformed(null, Fault.of(ErrorCode.MALFORMED_JSON));
        }
        JsonNode root = parsed.get();
        if (!root.isObject()) {
            return malformed(null, "The frame is not a JSON object.");
        }
        Long id = null;
        JsonNode idNode = root.get("id");
        if (idNode != null && !idNode.isNull()) {
            if (!idNode.isNumber()
                    || idNode.getDoubleValue() != Math.rint(idNode.getDoubleValue())
                    || Math.abs(idNode.getDoubleValue()) > 9007199254740991d) {
                return malformed(null, "'id' is not a whole number below 2^53.");
            }
            id = idNode.getLongValue();
        }
        JsonNode event = root.get("event");
        if (event == null || !event.isString()) {
            return malformed(id, "'event' is missing or not a string.");
        }
        JsonNode data = root.get("data");
        return new Frame.Request(id, event.getStringValue(), data == null ? JsonNode.nullNode() : data);
    }

    private static Frame malformed(@Nullable Long id, String message) {
        return new Frame.Malformed(id, Fault.of(ErrorCode.MALFORMED_FRAME, message));
    }

    public static byte[] event(String name, byte[] data) {
        return Bytes.join("{\"event\":\"", name, "\",\"data\":", data, "}");
    }

    public static byte[] ok(long id, byte[] data) {
        return Bytes.join("{\"id\":", id, ",\"ok\":true,\"data\":", data, "}");
    }

    public static byte[] refused(long id, byte[] fault) {
        return Bytes.join("{\"id\":", id, ",\"ok\":false,\"error\":", fault, "}");
    }
}
