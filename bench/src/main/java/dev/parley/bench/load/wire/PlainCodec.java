package dev.parley.bench.load.wire;

import java.nio.charset.StandardCharsets;

/** Plain JSON at {@code /ws}; the token is in the handshake. */
public record PlainCodec() implements Codec {

    private static final byte[] EVENT = Scan.ascii("{\"event\":\"");
    private static final byte[] NEW_MESSAGE = Scan.ascii("new-message\"");
    private static final byte[] PRESENCE = Scan.ascii("presence\"");
    private static final byte[] CONNECTED = Scan.ascii("connected\"");
    private static final byte[] ERROR = Scan.ascii("error\"");
    private static final byte[] ID = Scan.ascii("{\"id\":");
    private static final byte[] OK = Scan.ascii("\"ok\":true");

    @Override
    public String name() {
        return "plain";
    }

    @Override
    public String path() {
        return "/ws";
    }

    @Override
    public byte[] request(long id, String event, String data) {
        return ("{\"id\":" + id + ",\"event\":\"" + event + "\",\"data\":" + data + "}")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] request(String event, String data) {
        return ("{\"event\":\"" + event + "\",\"data\":" + data + "}").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void read(byte[] frame, int length, String token, Inbound to) {
        if (Scan.isAt(frame, 0, length, EVENT)) {
            int name = EVENT.length;
            if (Scan.isAt(frame, name, length, NEW_MESSAGE)) {
                to.message(frame, name, length);
            } else if (Scan.isAt(frame, name, length, PRESENCE)) {
                to.presence(frame, name, length);
            } else if (Scan.isAt(frame, name, length, CONNECTED)) {
                to.authenticated();
            } else if (Scan.isAt(frame, name, length, ERROR)) {
                to.refused(frame, length);
            } else {
                to.event(SocketIoCodec.untilQuote(frame, name, length));
            }
        } else if (Scan.isAt(frame, 0, length, ID)) {
            long id = Scan.number(frame, ID.length, length);
            int comma = Scan.find(frame, ID.length, Math.min(length, ID.length + 40), OK);
            to.answered(id, comma >= 0, frame, length);
        }
    }
}
