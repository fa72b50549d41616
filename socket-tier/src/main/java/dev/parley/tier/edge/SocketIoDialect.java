package dev.parley.tier.edge;

import dev.parley.tier.TierSettings;
import dev.parley.tier.frame.WireFormat;
import dev.parley.wire.CloseCode;
import dev.parley.wire.EngineIo;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.Fault;
import dev.parley.wire.Json;
import dev.parley.wire.Limits;
import dev.parley.wire.SocketIo;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.serde.annotation.Serdeable;
import org.jspecify.annotations.Nullable;

/**
 * Socket.IO 5 over Engine.IO 4, on a WebSocket. Only the namespace "/" exists. Binary events are read as the protocol
 * has them and then refused, because no event of ours takes binary data.
 */
final class SocketIoDialect implements Dialect {

    /** What a client library hands to its {@code connect_error} handler. */
    @Serdeable
    record ConnectError(String message, @Nullable Fault data) {}

    private final Connection connection;
    private final Json json;
    private final TierSettings settings;
    private @Nullable String handshakeToken;
    private boolean connected;
    private boolean connecting;

    /** The event that still lacks binary frames, and how many. */
    private SocketIo.Packet.@Nullable Event incomplete;

    private int missing;
    private int missingOfAck;

    SocketIoDialect(Connection connection, Json json, TierSettings settings) {
        this.connection = connection;
        this.json = json;
        this.settings = settings;
    }

    @Override
    public void opened(@Nullable String token) {
        this.handshakeToken = token;
        write(EngineIo.open(
                connection.id(),
                settings.heartbeat().toMillis(),
                settings.heartbeatTimeout().toMillis(),
                Limits.FRAME_BYTES));
    }

    @Override
    public void ping() {
        write(EngineIo.ping());
    }

    @Override
    public void text(String text) {
        char type = text.isEmpty() ? 0 : text.charAt(0);
        if (missing > 0 || missingOfAck > 0) {
            invalid();
            return;
        }
        switch (type) {
            case EngineIo.PONG -> {} // any frame counts as a sign of life
            case EngineIo.CLOSE -> connection.closeWhenDone(CloseCode.NORMAL);
            case EngineIo.MESSAGE -> packet(SocketIo.read(text, 1));
            default -> invalid();
        }
    }

    private void packet(SocketIo.Packet packet) {
        switch (packet) {
            case SocketIo.Packet.Connect connect -> connect(connect);
            case SocketIo.Packet.Disconnect disconnect -> {
                if (disconnect.namespace().equals("/")) {
                    connection.closeWhenDone(CloseCode.NORMAL);
                }
            }
            case SocketIo.Packet.Event event -> {
                if (!connected || !event.namespace().equals("/")) {
                    invalid();
                } else if (event.attachments() == 0) {
                    submit(event);
                } else {
                    incomplete = event;
                    missing = event.attachments();
                }
            }
            case SocketIo.Packet.Ack ack -> {
                if (!connected) {
                    invalid();
                }
                missingOfAck = ack.attachments();
            }
            case SocketIo.Packet.Invalid invalid -> invalid();
        }
    }

    @Override
    public void binary() {
        SocketIo.Packet.Event event = incomplete;
        if (event != null && --missing == 0) {
            incomplete = null;
            connection.refuse(event.ackId(), event.name(), Fault.of(ErrorCode.BINARY_NOT_SUPPORTED));
        } else if (missingOfAck > 0) {
            missingOfAck--;
        } else if (event == null) {
            invalid();
        }
    }

    private void submit(SocketIo.Packet.Event event) {
        JsonNode data = event.arguments().isEmpty()
                ? JsonNode.nullNode()
                : event.arguments().getFirst();
        connection.submit(new Request(event.ackId(), event.name(), data));
    }

    private void connect(SocketIo.Packet.Connect connect) {
        if (!connect.namespace().equals("/")) {
            write(SocketIo.connectError(connect.namespace(), json.bytes(new ConnectError("Invalid namespace", null))));
            return;
        }
        if (connected || connecting) {
            invalid();
            return;
        }
        JsonNode inPayload = connect.payload().isObject() ? connect.payload().get("token") : null;
        String token = inPayload != null && inPayload.isString() ? inPayload.getStringValue() : handshakeToken;
        if (token == null) {
            // An "authenticate" event may still bring one.
            accept();
            return;
        }
        connecting = true;
        connection.authenticateFirst(token, admission -> {
            connecting = false;
            switch (admission) {
                case Connection.Admission.In in -> {
                    accept();
                    connection.tell(in.connected());
                }
                case Connection.Admission.Out out ->
                    write(SocketIo.connectError(
                            "/", json.bytes(new ConnectError(out.fault().message(), out.fault()))));
            }
        });
    }

    private void accept() {
        connected = true;
        write(SocketIo.connected(connection.id()));
    }

    /** The protocol has the connection closed; what was asked before is still answered. */
    private void invalid() {
        connection.closeWhenDone(CloseCode.PROTOCOL_ERROR);
    }

    private void write(byte[] payload) {
        connection.outbox().write(WireFormat.textFrame(payload), false);
    }
}
