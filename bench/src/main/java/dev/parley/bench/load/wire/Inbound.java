package dev.parley.bench.load.wire;

/** What a codec makes of the frames of a server. Arrays are the codec's: they are valid during the call only. */
public interface Inbound {

    /** The server knows who this is. */
    void authenticated();

    /** The server does not let this client in, or complains. */
    void refused(byte[] frame, int length);

    /** The answer to request {@code id}. */
    void answered(long id, boolean ok, byte[] frame, int length);

    /** A {@code new-message}; its data is somewhere behind {@code from}. */
    void message(byte[] frame, int from, int length);

    /** A {@code presence}; its data is somewhere behind {@code from}. */
    void presence(byte[] frame, int from, int length);

    /** Another event. */
    void event(String name);

    /** The codec wants this to be sent. */
    void reply(byte[] frame);
}
