package dev.parley.tier.edge;

import dev.parley.tier.frame.Dialect;
import dev.parley.wire.CloseCode;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.Fault;
import dev.parley.wire.PlainJson;
import org.jspecify.annotations.Nullable;

/** Plain JSON: one object in one text frame. */
final class PlainDialect implements Dialect {

    private final Connection connection;

    PlainDialect(Connection connection) {
        this.connection = connection;
    }

    /** The connection is open; {@code token} came with the handshake, or is null. */
    void opened(@Nullable String token) {
        if (token == null) {
            return;
        }
        connection.authenticateFirst(token, admission -> {
            switch (admission) {
                case Connection.Admission.In in -> connection.tell(in.connected());
                case Connection.Admission.Out out -> {
                    connection.refuse(null, "authenticate", out.fault());
                    connection.turnAway(out.fault());
                }
            }
        });
    }

    @Override
    public void text(String text) {
        switch (PlainJson.read(text)) {
            case PlainJson.Frame.Request request ->
                connection.submit(new Request(request.id(), request.event(), request.data()));
            case PlainJson.Frame.Malformed malformed -> connection.refuse(malformed.id(), null, malformed.fault());
        }
    }

    @Override
    public void binary(byte[] data) {
        connection.refuse(null, null, Fault.of(ErrorCode.BINARY_NOT_SUPPORTED));
    }

    @Override
    public void ping() {
        connection.transport().ping();
    }

    @Override
    public void violated(CloseCode why) {
        connection.closeWhenDone(why);
    }

    @Override
    public void failed(CloseCode why) {
        connection.close(why);
    }

    @Override
    public void ended() {
        connection.onEnd();
    }
}
