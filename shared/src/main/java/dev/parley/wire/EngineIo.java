package dev.parley.wire;

/**
 * Engine.IO protocol 4 over WebSocket: one character that says what the rest of the text frame is.
 *
 * <pre>
 *   0 open (server, once)   1 close   2 ping (server)   3 pong (client)   4 message   5 upgrade   6 noop
 * </pre>
 */
public final class EngineIo {

    public static final int PROTOCOL = 4;
    public static final char OPEN = '0';
    public static final char CLOSE = '1';
    public static final char PING = '2';
    public static final char PONG = '3';
    public static final char MESSAGE = '4';

    private EngineIo() {}

    /** The first packet of a connection; exactly these five fields, as the protocol has it. */
    public static byte[] open(String sid, long pingIntervalMs, long pingTimeoutMs, long maxPayload) {
        return Bytes.join(
                "0{\"sid\":\"",
                sid,
                "\",\"upgrades\":[],\"pingInterval\":",
                pingIntervalMs,
                ",\"pingTimeout\":",
                pingTimeoutMs,
                ",\"maxPayload\":",
                maxPayload,
                "}");
    }

    public static byte[] ping() {
        return new byte[] {PING};
    }

    /** How the HTTP side refuses a request that is no WebSocket: there is no polling transport. */
    public static String transportUnknown() {
        return "{\"code\":0,\"message\":\"Transport unknown\"}";
    }

    public static String badRequest() {
        return "{\"code\":3,\"message\":\"Bad request\"}";
    }

    public static String unsupportedVersion() {
        return "{\"code\":5,\"message\":\"Unsupported protocol version\"}";
    }
}
