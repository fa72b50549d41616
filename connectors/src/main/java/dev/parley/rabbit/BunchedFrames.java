package dev.parley.rabbit;

import com.rabbitmq.client.impl.AMQConnection;
import com.rabbitmq.client.impl.Frame;
import com.rabbitmq.client.impl.FrameHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;

/**
 * The frames of one connection. The client flushes behind every publication, which is a system call and a packet for each;
 * between {@link #hold} and {@link #release} they stay in its buffer, so that a bunch of them leaves in one, and the broker
 * confirms it in one. Only one thread at a time may hold; what others write meanwhile leaves with the bunch.
 */
final class BunchedFrames implements FrameHandler {

    private final FrameHandler socket;
    private volatile boolean held;

    BunchedFrames(FrameHandler socket) {
        this.socket = socket;
    }

    /** From now on nothing has to leave before {@link #release}; where the buffer is full, it leaves nonetheless. */
    void hold() {
        held = true;
    }

    /** Sends what was held. */
    void release() throws IOException {
        held = false;
        socket.flush();
    }

    @Override
    public void flush() throws IOException {
        if (!held) {
            socket.flush();
        }
    }

    @Override
    public void setTimeout(int timeoutMs) throws SocketException {
        socket.setTimeout(timeoutMs);
    }

    @Override
    public int getTimeout() throws SocketException {
        return socket.getTimeout();
    }

    @Override
    public void sendHeader() throws IOException {
        socket.sendHeader();
    }

    @Override
    public void initialize(AMQConnection connection) {
        socket.initialize(connection);
    }

    @Override
    public Frame readFrame() throws IOException {
        return socket.readFrame();
    }

    @Override
    public void writeFrame(Frame frame) throws IOException {
        socket.writeFrame(frame);
    }

    @Override
    public void close() {
        socket.close();
    }

    @Override
    public InetAddress getLocalAddress() {
        return socket.getLocalAddress();
    }

    @Override
    public int getLocalPort() {
        return socket.getLocalPort();
    }

    @Override
    public InetAddress getAddress() {
        return socket.getAddress();
    }

    @Override
    public int getPort() {
        return socket.getPort();
    }
}
