package dev.parley.tier.edge.engineio;

import dev.parley.tier.frame.ConnectionSettings;
import dev.parley.tier.frame.Dialect;
import dev.parley.tier.frame.Transport;
import dev.parley.tier.frame.WireFormat;
import dev.parley.wire.CloseCode;
import dev.parley.wire.EngineIo;

/**
 * One client's Engine.IO session, over whichever transport it has now; what is above it does not notice an upgrade. All
 * of it belongs to one event loop for as long as it lives.
 */
public final class EngineIoSession implements Dialect, Transport {

    /** What the messages of a session mean. Called on its event loop. */
    public interface Listener {

        /** A message: the whole packet, so that the text begins behind its first character. */
        void message(String packet);

        void binaryMessage(byte[] data);

        /** The client takes its leave or broke the rules: to be closed after the answers that are due. */
        void closeWhenDone(CloseCode why);

        /** To be closed at once. */
        void close(CloseCode why);

        /** The session has ended, however that came; called once. */
        void ended();
    }

    private Transport transport;
    private Listener listener;

    /** A session whose client has not been answered yet; the sid is only needed until it is. */
    EngineIoSession(String sid, Transport transport) {
        this.transport = transport;
        this.listener = new NobodyYet(sid, transport);
    }

    /** Says that the session is open; what comes from now on is the listener's. */
    public void open(Listener newListener, ConnectionSettings settings) {
        if (!(listener instanceof NobodyYet(String sid, Transport client))) {
            throw new IllegalStateException("the session is open already");
        }
        listener = newListener;
        writePacket(EngineIo.open(
                sid,
                client instanceof PollingTransport,
                settings.heartbeat().toMillis(),
                settings.heartbeatTimeout().toMillis(),
                settings.maxPayload()));
    }

    private void writePacket(byte[] packet) {
        transport.write(WireFormat.textFrame(packet), false);
    }

    // ---- from the client ------------------------------------------------------------------------------------------

    @Override
    public void text(String packet) {
        switch (packet.isEmpty() ? 0 : packet.charAt(0)) {
            case EngineIo.MESSAGE -> listener.message(packet);
            case EngineIo.PONG, EngineIo.NOOP -> {} // anything counts as a sign of life
            case EngineIo.CLOSE -> leave();
            default -> listener.closeWhenDone(CloseCode.PROTOCOL_ERROR);
        }
    }

    private void leave() {
        if (transport instanceof PollingTransport polling) {
            // It does not ask for anything any more, so there is nobody to answer.
            polling.left();
        } else {
            listener.closeWhenDone(CloseCode.NORMAL);
        }
    }

    @Override
    public void binary(byte[] data) {
        listener.binaryMessage(data);
    }

    @Override
    public void violated(CloseCode why) {
        listener.closeWhenDone(why);
    }

    @Override
    public void failed(CloseCode why) {
        listener.close(why);
    }

    @Override
    public void ended() {
        listener.ended();
    }

    // ---- to the client --------------------------------------------------------------------------------------------

    @Override
    public void write(byte[] frame, boolean ephemeral) {
        transport.write(frame, ephemeral);
    }

    @Override
    public boolean isBehind() {
        return transport.isBehind();
    }

    @Override
    public void writeBinary(byte[] data) {
        transport.writeBinary(data);
    }

    @Override
    public void ping() {
        writePacket(EngineIo.packet(EngineIo.PING));
    }

    @Override
    public void read(boolean on) {
        transport.read(on);
    }

    @Override
    public boolean isReading() {
        return transport.isReading();
    }

    @Override
    public void close(CloseCode code) {
        transport.close(code);
    }

    /** Goes over to a WebSocket; what was not fetched yet goes first. */
    void moveTo(PollingTransport from, Transport webSocket) {
        transport = webSocket;
        from.handOver(webSocket);
    }

    /** Stands in until the application does. */
    private record NobodyYet(String sid, Transport transport) implements Listener {

        @Override
        public void message(String packet) {}

        @Override
        public void binaryMessage(byte[] data) {}

        @Override
        public void closeWhenDone(CloseCode why) {
            transport.close(why);
        }

        @Override
        public void close(CloseCode why) {
            transport.close(why);
        }

        @Override
        public void ended() {}
    }
}
