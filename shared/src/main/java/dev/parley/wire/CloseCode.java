package dev.parley.wire;

/**
 * Every code with which the server closes a WebSocket, and what the client should do then. Codes below 4000 are RFC
 * 6455's; the others are ours.
 */
public enum CloseCode {
    NORMAL(1000, Reconnect.NO, "bye"),
    PROTOCOL_ERROR(1002, Reconnect.WITH_BACKOFF, "protocol error"),
    INVALID_PAYLOAD(1007, Reconnect.WITH_BACKOFF, "text is not valid UTF-8"),
    TOO_BIG(1009, Reconnect.WITH_BACKOFF, "frame too big"),
    INTERNAL(1011, Reconnect.WITH_BACKOFF, "internal error"),
    SERVICE_RESTART(1012, Reconnect.WITH_BACKOFF, "restarting: reconnect and resume"),
    TRY_AGAIN_LATER(1013, Reconnect.WITH_BACKOFF, "overloaded: try again later"),
    UNAUTHENTICATED(4401, Reconnect.NO, "token missing or invalid"),
    TOKEN_EXPIRED(4403, Reconnect.WITH_NEW_TOKEN, "token expired"),
    AUTHENTICATION_TIMEOUT(4408, Reconnect.WITH_NEW_TOKEN, "no token within the time allowed"),
    SLOW_READER(4409, Reconnect.AT_ONCE, "reads too slowly: reconnect and resume"),
    HEARTBEAT_TIMEOUT(4410, Reconnect.WITH_BACKOFF, "no sign of life"),
    TOO_MANY_CONNECTIONS(4429, Reconnect.NO, "too many connections of this user");

    /** What a client does after a close. */
    public enum Reconnect {
        /** Do not come back by itself: a person has to do something first. */
        NO,
        /** Come back at once and resume from the last seq held. */
        AT_ONCE,
        /** Come back after a growing, jittered delay and resume. */
        WITH_BACKOFF,
        /** Get a new access token first, then come back and resume. */
        WITH_NEW_TOKEN
    }

    private final int code;
    private final Reconnect reconnect;
    private final String reason;

    CloseCode(int code, Reconnect reconnect, String reason) {
        this.code = code;
        this.reconnect = reconnect;
        this.reason = reason;
    }

    public int code() {
        return code;
    }

    public Reconnect reconnect() {
        return reconnect;
    }

    public String reason() {
        return reason;
    }
}
