package dev.parley.bench.load.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.bench.load.wire.PlainCodec;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes right behind the handshake, in the same segment or in the next, is heard. */
class ConnectionTest {

    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final String TEXT = "0{\"sid\":\"x\"}";

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 5})
    void theFirstFrameIsHeard(int bytesInTheFirstSegment) throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                Dialer dialer = new Dialer(
                        List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort())),
                        new PlainCodec().path())) {
            var _ = dialer.loop()
                    .submit(() -> dialer.dial(0, 0, null, new Connection.Listener() {
                        @Override
                        public void text(byte[] frame, int length) {
                            heard.add(new String(frame, 0, length, StandardCharsets.UTF_8));
                        }

                        @Override
                        public void refused(int status, int retryAfterSeconds) {
                            heard.add("refused " + status);
                        }

                        @Override
                        public void lost(String why) {
                            heard.add("lost " + why);
                        }
                    }));
            try (Socket client = server.accept()) {
                client.setTcpNoDelay(true);
                answer(client, bytesInTheFirstSegment);

                assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(TEXT);
            }
        }
    }

    private static void answer(Socket client, int bytesInTheFirstSegment) throws Exception {
        byte[] text = TEXT.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(0x81);
        frame.write(text.length);
        frame.writeBytes(text);
        byte[] bytes = frame.toByteArray();
        int first = bytesInTheFirstSegment == 5 ? bytes.length : bytesInTheFirstSegment;
        ByteArrayOutputStream segment = new ByteArrayOutputStream();
        segment.writeBytes(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: " + accept(client) + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
        segment.write(bytes, 0, first);
        client.getOutputStream().write(segment.toByteArray());
        client.getOutputStream().write(bytes, first, bytes.length - first);
    }

    private static String accept(Socket client) throws IOException, java.security.NoSuchAlgorithmException {
        BufferedReader request =
                new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
        String key = "";
        for (String line = request.readLine(); line != null && !line.isEmpty(); line = request.readLine()) {
            if (line.toLowerCase(java.util.Locale.ROOT).startsWith("sec-websocket-key:")) {
                key = line.substring(line.indexOf(':') + 1).strip();
            }
        }
        byte[] digest = MessageDigest.getInstance("SHA-1").digest((key + MAGIC).getBytes(StandardCharsets.US_ASCII));
        return Base64.getEncoder().encodeToString(digest);
    }
}
