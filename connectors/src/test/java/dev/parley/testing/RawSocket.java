package dev.parley.testing;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A WebSocket of single bytes, for what no decent client library sends. */
public final class RawSocket implements AutoCloseable {

    /** A frame from the server. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Frame(int opcode, byte[] payload) {

        public String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        /** Of a close frame; 1005 where it carries none. */
        public int closeCode() {
            return payload.length < 2 ? 1005 : ((payload[0] & 0xff) << 8) | (payload[1] & 0xff);
        }
    }

    private static final int NARROW_BYTES = 4_096;

    private final Socket socket;
    private final DataInputStream in;
    private final List<String> headers = new ArrayList<>();

    private RawSocket(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
    }

    /** Opens a connection to an address with its path and query. */
    public static RawSocket open(String address) throws IOException {
        return open(address, "");
    }

    /** The same with permessage-deflate, if the server agrees to it. */
    public static RawSocket openCompressed(String address) throws IOException {
        return open(address, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    }

    /** A connection that soon takes nothing more when nobody reads from it. */
    public static RawSocket openNarrow(String address) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(NARROW_BYTES);
        return open(address, "", socket);
    }

    /** Asks for an address with these header lines and no others; answers the status line and the header of the answer. */
    public static List<String> ask(String address, String... header) throws IOException {
        URI uri = URI.create(address);
        try (RawSocket raw = new RawSocket(new Socket("127.0.0.1", uri.getPort()))) {
            raw.socket.setSoTimeout(15_000);
            raw.write(("GET " + uri.getRawPath() + " HTTP/1.1\r\n" + String.join("\r\n", header) + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            return raw.head().stream()
                    .map(line -> line.toLowerCase(Locale.ROOT))
                    .toList();
        }
    }

    private static RawSocket open(String address, String header) throws IOException {
        return open(address, header, new Socket());
    }

    private static RawSocket open(String address, String header, Socket socket) throws IOException {
        URI uri = URI.create(address);
        socket.connect(new InetSocketAddress("127.0.0.1", uri.getPort()));
        RawSocket raw = new RawSocket(socket);
        raw.socket.setSoTimeout(15_000);
        raw.write(("GET " + uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery())
                        + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + header
                        + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        List<String> head = raw.head();
        if (!head.getFirst().contains("101")) {
            throw new IOException(head.getFirst());
        }
        raw.headers.addAll(head.subList(1, head.size()));
        return raw;
    }

    /** The status line and the header of an answer. */
    private List<String> head() throws IOException {
        List<String> head = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            head.add(line);
        }
        return head;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.readUnsignedByte(); c != '\n'; c = in.readUnsignedByte()) {
            if (c != '\r') {
                line.write(c);
            }
        }
        return line.toString(StandardCharsets.US_ASCII);
    }

    public boolean compresses() {
        return headers.stream().anyMatch(line -> line.contains("permessage-deflate"));
    }

    public void text(String text) throws IOException {
        frame(0x81, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A masked frame; {@code first} is its first byte: FIN, RSV and opcode. */
    public void frame(int first, byte[] payload) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(first);
        header(out, payload.length);
        out.writeBytes(new byte[4]); // a mask of zeroes changes nothing
        out.writeBytes(payload);
        write(out.toByteArray());
    }

    /** Only the beginning of a frame that claims to be so long. */
    public void announce(int first, long length) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(first);
        header(out, length);
        out.writeBytes(new byte[4]);
        write(out.toByteArray());
    }

    private static void header(ByteArrayOutputStream out, long length) {
        if (length < 126) {
            out.write(0x80 | (int) length);
        } else if (length < 65_536) {
            out.write(0x80 | 126);
            out.write((int) (length >>> 8));
            out.write((int) length);
        } else {
            out.write(0x80 | 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                out.write((int) (length >>> shift));
            }
        }
    }

    private void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    public Frame read() throws IOException {
        int first = in.readUnsignedByte();
        long length = in.readUnsignedByte() & 0x7f;
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = in.readLong();
        }
        byte[] payload = new byte[(int) length];
        in.readFully(payload);
        return new Frame(first & 0x0f, payload);
    }

    /** The next text frame that has {@code part} in it. */
    public String awaitText(String part) throws IOException {
        while (true) {
            Frame frame = read();
            if (frame.opcode() == 1 && frame.text().contains(part)) {
                return frame.text();
            }
            if (frame.opcode() == 8) {
                throw new AssertionError("closed with " + frame.closeCode() + " instead of " + part);
            }
        }
    }

    /** Reads up to the close frame; answers its code. */
    public int awaitClose() throws IOException {
        while (true) {
            Frame frame = read();
            if (frame.opcode() == 8) {
                return frame.closeCode();
            }
        }
    }

    /** Whether the server has ended the connection. */
    public boolean ended() throws IOException {
        try {
            return in.read() < 0;
        } catch (EOFException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
