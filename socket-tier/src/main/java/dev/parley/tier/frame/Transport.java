package dev.parley.tier.frame;

import dev.parley.wire.CloseCode;

/**
 * The way to one client: a WebSocket, or HTTP long-polling. What is written arrives in order or the way ends; what waits
 * is bounded, and a client that lets the bound fill up is closed with the code that means "come back and resume".
 * Belongs to the connection's event loop.
 */
public interface Transport {

    /**
     * Writes a text.
     *
     * @param frame the whole WebSocket frame, see {@link WireFormat}; shared, nobody writes into it
     * @param ephemeral whether it may be dropped where the reader is behind
     */
    void write(byte[] frame, boolean ephemeral);

    /** Whether the reader is behind, so that what is ephemeral is dropped now. */
    boolean isBehind();

    void writeBinary(byte[] data);

    /** Asks the client for a sign of life, in the transport's own way. */
    void ping();

    /** Whether the client is read from, or holds back what it has to say. */
    void read(boolean on);

    boolean isReading();

    /** Says goodbye behind everything that was written, then ends. */
    void close(CloseCode code);
}
