package dev.parley.tier.edge.socketio;

import dev.parley.tier.edge.engineio.EngineIoSession;
import dev.parley.tier.edge.socketio.Socket.Acknowledgement;
import dev.parley.tier.frame.Transport;
import dev.parley.wire.CloseCode;
import dev.parley.wire.SocketIo;
import dev.parley.wire.SocketIo.Packet;
import io.micronaut.json.tree.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Socket.IO on one session: which namespaces the client is in, and which packet still lacks binary attachments. An
 * invalid packet, or a valid one at the wrong time, ends the session, as the protocol has it. Belongs to the session's
 * event loop.
 */
public final class SocketIoConnection implements EngineIoSession.Listener {

    private static final byte[] INVALID_NAMESPACE =
            "{\"message\":\"Invalid namespace\"}".getBytes(StandardCharsets.UTF_8);

    /** Namespaces that one client may be in at once. */
    private static final int MAX_NAMESPACES = 100;

    private final Transport transport;
    private final Namespace application;
    private final ScheduledExecutorService loop;
    private final int maxPayload;
    /** Few, and nearly always one. */
    private final List<Socket> sockets = new ArrayList<>(1);

    private @Nullable ScheduledFuture<?> connectLimit;
    private @Nullable Assembly assembly;

    /** A packet whose attachments are on their way. */
    private static final class Assembly {
        final Packet packet;
        final int missing;
        final List<byte[]> attachments = new ArrayList<>();
        int bytes;

        Assembly(Packet packet, int missing) {
            this.packet = packet;
            this.missing = missing;
        }
    }

    /**
     * Socket.IO on a session that is about to be opened.
     *
     * @param maxPayload most bytes of attachments that one packet may have in all
     */
    public SocketIoConnection(
            Transport transport, Namespace application, ScheduledExecutorService loop, int maxPayload) {
        this.transport = transport;
        this.application = application;
        this.loop = loop;
        this.maxPayload = maxPayload;
    }

    /** Ends the session if the client has not asked for any namespace by then. */
    public void expectConnect(Duration atMost) {
        connectLimit = loop.schedule(
                () -> application.close(CloseCode.PROTOCOL_ERROR), atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void message(String packet) {
        if (assembly != null) {
            invalid();
            return;
        }
        switch (SocketIo.read(packet, 1)) {
            case Packet.Connect connect -> connect(connect);
            case Packet.Disconnect disconnect -> disconnect(disconnect);
            case Packet.Event event -> begin(event, event.namespace(), event.attachments());
            case Packet.Ack ack -> begin(ack, ack.namespace(), ack.attachments());
            case Packet.Invalid invalid -> invalid();
        }
    }

    private void connect(Packet.Connect connect) {
        String namespace = connect.namespace();
        if (!application.exists(namespace)) {
            new Socket(this, namespace).refuse(INVALID_NAMESPACE);
        } else if (in(namespace) != null || sockets.size() >= MAX_NAMESPACES) {
            invalid();
        } else {
            cancelConnectLimit();
            Socket socket = new Socket(this, namespace);
            sockets.add(socket);
            JsonNode payload = connect.payload();
            application.connect(socket, payload.isNull() ? null : payload);
        }
    }

    private @Nullable Socket in(String namespace) {
        for (Socket socket : sockets) {
            if (socket.namespace().equals(namespace)) {
                return socket;
            }
        }
        return null;
    }

    private void cancelConnectLimit() {
        if (connectLimit != null) {
            connectLimit.cancel(false);
            connectLimit = null;
        }
    }

    private void disconnect(Packet.Disconnect disconnect) {
        Socket socket = in(disconnect.namespace());
        if (socket == null) {
            invalid();
        } else {
            forget(socket);
            application.disconnected(socket);
        }
    }

    private void begin(Packet packet, String namespace, int attachments) {
        Socket socket = in(namespace);
        if (socket == null || !socket.isAccepted()) {
            invalid();
        } else if (attachments == 0) {
            handle(packet, List.of());
        } else {
            assembly = new Assembly(packet, attachments);
        }
    }

    @Override
    public void binaryMessage(byte[] data) {
        Assembly current = assembly;
        if (current == null) {
            invalid();
            return;
        }
        current.bytes += data.length;
        if (current.bytes > maxPayload) {
            assembly = null;
            application.closeWhenDone(CloseCode.TOO_BIG);
            return;
        }
        current.attachments.add(data);
        if (current.attachments.size() == current.missing) {
            assembly = null;
            handle(current.packet, List.copyOf(current.attachments));
        }
    }

    private void handle(Packet packet, List<byte[]> attachments) {
        switch (packet) {
            case Packet.Event event -> {
                Socket socket = in(event.namespace());
                if (socket != null && isComplete(event.arguments(), attachments)) {
                    application.event(socket, event, attachments);
                }
            }
            case Packet.Ack ack -> {
                Socket socket = in(ack.namespace());
                if (socket != null && isComplete(ack.arguments(), attachments)) {
                    socket.acknowledged(ack.id(), new Acknowledgement(ack.arguments(), attachments));
                }
            }
            case Packet.Connect connect -> invalid();
            case Packet.Disconnect disconnect -> invalid();
            case Packet.Invalid invalid -> invalid();
        }
    }

    /** Without attachments a placeholder is an object like any other. */
    private boolean isComplete(List<JsonNode> arguments, List<byte[]> attachments) {
        boolean complete = attachments.isEmpty() || SocketIo.placeholdersFit(arguments, attachments.size());
        if (!complete) {
            invalid();
        }
        return complete;
    }

    private void invalid() {
        application.closeWhenDone(CloseCode.PROTOCOL_ERROR);
    }

    void forget(Socket socket) {
        sockets.remove(socket);
        socket.leave();
    }

    Transport transport() {
        return transport;
    }

    ScheduledExecutorService loop() {
        return loop;
    }

    @Override
    public void closeWhenDone(CloseCode why) {
        application.closeWhenDone(why);
    }

    @Override
    public void close(CloseCode why) {
        application.close(why);
    }

    @Override
    public void ended() {
        cancelConnectLimit();
        assembly = null;
        sockets.forEach(Socket::leave);
        sockets.clear();
        application.ended();
    }
}
