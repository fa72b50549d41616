package dev.parley.bench.load.wire;

/** How requests are written and what is read; without state, so one serves all connections. */
public sealed interface Codec permits PlainCodec, SocketIoCodec {

    /** The codec of that name: {@code plain} or {@code socket.io}. */
    static Codec named(String name) {
        return switch (name) {
            case "plain" -> new PlainCodec();
            case "socket.io" -> new SocketIoCodec();
            default -> throw new IllegalArgumentException("no codec is called " + name + ": plain or socket.io");
        };
    }

    String name();

    /** Path of the endpoint, with its query. */
    String path();

    /** A request whose answer carries {@code id}, a whole number from 0 on. */
    byte[] request(long id, String event, String data);

    /** A request that wants no answer. */
    byte[] request(String event, String data);

    /** Reads one text frame of the server. */
    void read(byte[] frame, int length, String token, Inbound to);
}
