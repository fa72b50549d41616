package dev.parley.bench.load.wire;

import java.nio.charset.StandardCharsets;

/** Socket.IO 5 over WebSocket; the token is in the CONNECT packet, as the official clients send it. */
public record SocketIoCodec() implements Codec {

    private static final byte[] NEW_MESSAGE = Scan.ascii("42[\"new-message\"");
    private static final byte[] PRESENCE = Scan.ascii("42[\"presence\"");
    private static final byte[] ERROR = Scan.ascii("42[\"error\"");
    private static final byte[] OK = Scan.ascii("\"ok\":true");
    private static final byte[] PONG = Scan.ascii("3");
    private static final int NAME_AT = 4;

    @Override
    public String name() {
        return "socket.io";
    }

    @Override
    public String path() {
        return "/socket.io/?EIO=4&transport=websocket";
    }

    @Override
    public byte[] request(long id, String event, String data) {
        return ("42" + id + "[\"" + event + "\"," + data + "]").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] request(String event, String data) {
        return ("42[\"" + event + "\"," + data + "]").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void read(byte[] frame, int length, String token, Inbound to) {
        if (length == 0) {
            return;
        }
        switch (frame[0]) {
            case '0' -> to.reply(("40{\"token\":\"" + token + "\"}").getBytes(StandardCharsets.UTF_8));
            case '2' -> to.reply(PONG);
            case '4' -> packet(frame, length, to);
            default -> {
                // Nothing else concerns a client.
            }
        }
    }

    private static void packet(byte[] frame, int length, Inbound to) {
        switch (length < 2 ? 0 : frame[1]) {
            case '0' -> to.authenticated();
            case '2' -> event(frame, length, to);
            case '3' -> {
                long id = Scan.number(frame, 2, length);
                to.answered(id, Scan.find(frame, 2, Math.min(length, 40), OK) >= 0, frame, length);
            }
            default -> to.refused(frame, length);
        }
    }

    private static void event(byte[] frame, int length, Inbound to) {
        if (Scan.isAt(frame, 0, length, NEW_MESSAGE)) {
            to.message(frame, NEW_MESSAGE.length, length);
        } else if (Scan.isAt(frame, 0, length, PRESENCE)) {
            to.presence(frame, PRESENCE.length, length);
        } else if (Scan.isAt(frame, 0, length, ERROR)) {
            to.refused(frame, length);
        } else {
            to.event(untilQuote(frame, NAME_AT, length));
        }
    }

    static String untilQuote(byte[] frame, int from, int length) {
        int end = from;
        while (end < length && frame[end] != '"') {
            end++;
        }
        return new String(frame, from, end - from, StandardCharsets.UTF_8);
    }
}
