package dev.parley.tier.edge;

import dev.parley.tier.edge.socketio.Namespace;
import dev.parley.tier.edge.socketio.Socket;
import dev.parley.wire.CloseCode;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.Fault;
import dev.parley.wire.Json;
import dev.parley.wire.SocketIo.Packet.Event;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The chat over Socket.IO: the namespace "/", and no other. A client that leaves it has nothing left to do here, so its
 * connection is closed. Binary events are refused, because no event of ours takes binary data.
 */
final class ChatNamespace implements Namespace {

    /** What a client library hands to its {@code connect_error} handler. */
    @Serdeable
    record ConnectError(String message, @Nullable Fault data) {}

    private final Connection connection;
    private final Json json;
    private final @Nullable String handshakeToken;

    /** The chat for one client; {@code handshakeToken} came before any packet, or is null. */
    ChatNamespace(Connection connection, Json json, @Nullable String handshakeToken) {
        this.connection = connection;
        this.json = json;
        this.handshakeToken = handshakeToken;
    }

    @Override
    public boolean exists(String name) {
        return name.equals("/");
    }

    @Override
    public void connect(Socket socket, @Nullable JsonNode payload) {
        JsonNode inPayload = payload == null ? null : payload.get("token");
        String token = inPayload != null && inPayload.isString() ? inPayload.getStringValue() : handshakeToken;
        if (token == null) {
            // An "authenticate" event may still bring one.
            socket.accept(connection.id());
            return;
        }
        connection.authenticateFirst(token, admission -> {
            switch (admission) {
                case Connection.Admission.In in -> {
                    socket.accept(connection.id());
                    connection.tell(in.connected());
                }
                case Connection.Admission.Out out ->
                    socket.refuse(json.bytes(new ConnectError(out.fault().message(), out.fault())));
            }
        });
    }

    @Override
    public void event(Socket socket, Event event, List<byte[]> attachments) {
        if (event.attachments() > 0) {
            connection.refuse(event.ackId(), event.name(), Fault.of(ErrorCode.BINARY_NOT_SUPPORTED));
            return;
        }
        JsonNode data = event.arguments().isEmpty()
                ? JsonNode.nullNode()
                : event.arguments().getFirst();
        connection.submit(new Request(event.ackId(), event.name(), data));
    }

    @Override
    public void disconnected(Socket socket) {
        connection.closeWhenDone(CloseCode.NORMAL);
    }

    @Override
    public void closeWhenDone(CloseCode why) {
        connection.closeWhenDone(why);
    }

    @Override
    public void close(CloseCode why) {
        connection.close(why);
    }

    @Override
    public void ended() {
        connection.onEnd();
    }
}
