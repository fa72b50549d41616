package dev.parley.tier.frame;

import dev.parley.wire.CloseCode;

/** What the frames of one WebSocket mean. Called on the connection's event loop. */
public interface Dialect {

    void text(String text);

    void binary(byte[] data);

    /** Asks the client for a sign of life; any frame is one. */
    void ping();

    /** The client broke the rules and is not read from any more: to be closed after the answers that are due. */
    void violated(CloseCode why);

    /** The client is silent, or something went wrong here: to be closed at once. */
    void failed(CloseCode why);

    /** The channel has ended, however that came; called once. */
    void ended();
}
