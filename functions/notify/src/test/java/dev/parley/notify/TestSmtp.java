package dev.parley.notify;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A mail server that keeps what it is sent, and answers recipients as their names say: {@code busy} is told to come back
 * later, {@code gone} does not exist, {@code mute} has the connection cut. It can turn everybody away at the door.
 */
final class TestSmtp implements AutoCloseable {

    /** A mail as it came. */
    record Received(String to, MimeMessage message) {}

    private final ServerSocket server;
    private final List<Received> mails = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile boolean turnsAway;

    TestSmtp() {
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** How many connections there have been. */
    int connections() {
        return connections.get();
    }

    /** Whether whoever connects is told to go, as by a relay that is overloaded. */
    void turnAway(boolean everybody) {
        turnsAway = everybody;
    }

    List<Received> mails() {
        return List.copyOf(mails);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                connections.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (SocketException closed) {
                return;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
                OutputStream out = client.getOutputStream()) {
            String to = "";
            if (turnsAway) {
                answer(out, "421 not now");
                return;
            }
            answer(out, "220 test");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("RCPT TO:")) {
                    to = line.substring(line.indexOf('<') + 1, line.indexOf('>'));
                    if (to.startsWith("mute")) {
                        return;
                    }
                    answer(
                            out,
                            to.startsWith("busy")
                                    ? "451 later"
                                    : to.startsWith("gone") ? "550 no such user" : "250 ok");
                } else if (line.equals("DATA")) {
                    answer(out, "354 go on");
                    mails.add(new Received(to, parse(data(in))));
                    answer(out, "250 ok");
                } else {
                    answer(out, line.equals("QUIT") ? "221 bye" : "250 ok");
                }
            }
        } catch (IOException | MessagingException brokenOff) {
            // The test sees what is missing.
        }
    }

    private static String data(BufferedReader in) throws IOException {
        StringBuilder data = new StringBuilder();
        for (String line = in.readLine(); line != null && !line.equals("."); line = in.readLine()) {
            data.append(line.startsWith("..") ? line.substring(1) : line).append("\r\n");
        }
        return data.toString();
    }

    private static MimeMessage parse(String data) throws MessagingException {
        return new MimeMessage(
                Session.getInstance(new Properties()),
                new ByteArrayInputStream(data.getBytes(StandardCharsets.US_ASCII)));
    }

    private static void answer(OutputStream out, String line) throws IOException {
        out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
