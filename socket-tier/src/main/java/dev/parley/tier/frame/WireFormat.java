package dev.parley.tier.frame;

import dev.parley.wire.PlainJson;
import dev.parley.wire.SocketIo;

/** The two codecs, as far as a whole frame is concerned. */
public enum WireFormat {
    PLAIN {
        @Override
        public byte[] event(String name, byte[] json) {
            return PlainJson.event(name, json);
        }

        @Override
        public byte[] ok(long id, byte[] json) {
            return PlainJson.ok(id, json);
        }

        @Override
        public byte[] refused(long id, byte[] fault) {
            return PlainJson.refused(id, fault);
        }
    },
    SOCKET_IO {
        @Override
        public byte[] event(String name, byte[] json) {
            return SocketIo.event(name, json);
        }

        @Override
        public byte[] ok(long id, byte[] json) {
            return SocketIo.ok(id, json);
        }

        @Override
        public byte[] refused(long id, byte[] fault) {
            return SocketIo.refused(id, fault);
        }
    };

    /** How many there are. */
    public static final int COUNT = values().length;

    /** An event; what it returns is the payload of a frame. */
    public abstract byte[] event(String name, byte[] json);

    /** An answer; what it returns is the payload of a frame. */
    public abstract byte[] ok(long id, byte[] json);

    /** An answer that says no; what it returns is the payload of a frame. */
    public abstract byte[] refused(long id, byte[] fault);

    /** An event as a whole WebSocket frame, ready to be written to any number of connections. */
    public byte[] eventFrame(String name, byte[] json) {
        return textFrame(event(name, json));
    }

    /** A text frame from server to client as RFC 6455 lays it out: not masked, so it is the same for everybody. */
    public static byte[] textFrame(byte[] payload) {
        int length = payload.length;
        int header = headerLength(length);
        byte[] frame = new byte[header + length];
        frame[0] = (byte) 0x81;
        if (header == 2) {
            frame[1] = (byte) length;
        } else if (header == 4) {
            frame[1] = 126;
            frame[2] = (byte) (length >>> 8);
            frame[3] = (byte) length;
        } else {
            frame[1] = 127;
            for (int i = 0; i < 8; i++) {
                frame[2 + i] = (byte) ((long) length >>> (56 - 8 * i));
            }
        }
        System.arraycopy(payload, 0, frame, header, length);
        return frame;
    }

    /** Where the payload of a frame that {@link #textFrame} laid out begins. */
    public static int payloadStart(byte[] frame) {
        return switch (frame[1]) {
            case 126 -> 4;
            case 127 -> 10;
            default -> 2;
        };
    }

    private static int headerLength(int payloadLength) {
        return payloadLength < 126 ? 2 : payloadLength < 65_536 ? 4 : 10;
    }
}
