package dev.parley.wire;

/** Bounds of the wire protocol, the same on every instance. */
public final class Limits {

    /** Longest content of a message in bytes of UTF-8. */
    public static final int CONTENT_BYTES = 16 * 1024;

    /** Longest frame or message on a WebSocket in bytes; a longer one closes the connection. */
    public static final int FRAME_BYTES = 1_000_000;

    /** Longest {@code clientMessageId} in characters. */
    public static final int CLIENT_MESSAGE_ID_LENGTH = 64;

    /** Most chats that one {@code join-chats} may name. */
    public static final int CHATS_PER_JOIN = 1_000;

    /** Most users whose presence one connection may watch, or one request may ask for. */
    public static final int WATCHED_USERS = 500;

    /** Longest message beside a chosen status, in characters. */
    public static final int STATUS_MESSAGE_LENGTH = 100;

    /** Longest access token in characters. */
    public static final int TOKEN_LENGTH = 4_096;

    private Limits() {}
}
