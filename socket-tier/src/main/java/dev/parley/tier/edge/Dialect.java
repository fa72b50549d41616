package dev.parley.tier.edge;

/** A codec on one connection: what its frames mean. Called on the connection's event loop. */
sealed interface Dialect permits PlainDialect, SocketIoDialect {

    /** The connection is open; {@code token} came with the handshake, or is null. */
    void opened(@org.jspecify.annotations.Nullable String token);

    void text(String text);

    void binary();

    /** Asks the client for a sign of life. */
    void ping();
}
