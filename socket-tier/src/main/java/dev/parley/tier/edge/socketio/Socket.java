package dev.parley.tier.edge.socketio;

import dev.parley.tier.frame.WireFormat;
import dev.parley.wire.SocketIo;
import io.micronaut.json.tree.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One client in one namespace, as the server sees it. Belongs to the session's event loop. */
public final class Socket {

    /** Acknowledgements that one client may owe; one more is refused at once. */
    static final int MAX_QUESTIONS = 256;

    /**
     * What the client answered to an event.
     *
     * @param attachments the binary data that placeholders in the arguments refer to by number
     */
    public record Acknowledgement(List<JsonNode> arguments, List<byte[]> attachments) {}

    private final SocketIoConnection connection;
    private final String namespace;
    private boolean accepted;
    private boolean gone;
    private long nextQuestion;
    private @Nullable Map<Long, CompletableFuture<Acknowledgement>> questions;

    Socket(SocketIoConnection connection, String namespace) {
        this.connection = connection;
        this.namespace = namespace;
    }

    public String namespace() {
        return namespace;
    }

    boolean isAccepted() {
        return accepted;
    }

    /** Lets the client in. */
    public void accept(String sid) {
        if (!gone) {
            accepted = true;
            write(SocketIo.connected(namespace, sid), List.of());
        }
    }

    /**
     * Does not let the client in; it may ask again.
     *
     * @param errorJson an object with a {@code message} and, if wanted, {@code data}
     */
    public void refuse(byte[] errorJson) {
        if (!gone) {
            write(SocketIo.connectError(namespace, errorJson), List.of());
            connection.forget(this);
        }
    }

    /**
     * Sends an event.
     *
     * @param array JSON array of the name and the arguments
     * @param attachments binary data that placeholders in the arguments refer to by number
     */
    public void emit(byte[] array, List<byte[]> attachments) {
        if (accepted && !gone) {
            write(SocketIo.event(namespace, null, array, attachments.size()), attachments);
        }
    }

    /**
     * Sends an event that the client shall acknowledge; as {@link #emit} else.
     *
     * @return completes on the loop: with the acknowledgement, or exceptionally when none has come in time, too many are
     *     owed already or the socket has gone
     */
    public CompletionStage<Acknowledgement> ask(byte[] array, List<byte[]> attachments, long atMostMs) {
        Map<Long, CompletableFuture<Acknowledgement>> waiting = questions == null ? new HashMap<>() : questions;
        questions = waiting;
        if (gone || !accepted || waiting.size() >= MAX_QUESTIONS) {
            return CompletableFuture.failedStage(
                    new CancellationException("not connected, or too many open questions"));
        }
        long id = nextQuestion++;
        CompletableFuture<Acknowledgement> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        var timer = connection
                .loop()
                .schedule(
                        () -> {
                            waiting.remove(id);
                            answer.completeExceptionally(new TimeoutException("no acknowledgement in time"));
                        },
                        atMostMs,
                        TimeUnit.MILLISECONDS);
        write(SocketIo.event(namespace, id, array, attachments.size()), attachments);
        return answer.whenComplete((acknowledgement, failure) -> timer.cancel(false));
    }

    /** The client acknowledges; one that nobody waits for is passed over. */
    void acknowledged(long id, Acknowledgement acknowledgement) {
        CompletableFuture<Acknowledgement> answer = questions == null ? null : questions.remove(id);
        if (answer != null) {
            answer.complete(acknowledgement);
        }
    }

    /** Acknowledges a client's event; {@code array} is the JSON array of what is answered. */
    public void acknowledge(long id, byte[] array, List<byte[]> attachments) {
        if (accepted && !gone) {
            write(SocketIo.ack(namespace, id, array, attachments.size()), attachments);
        }
    }

    /** Takes the client out of the namespace; the session lives on. */
    public void disconnect() {
        if (!gone) {
            write(SocketIo.disconnect(namespace), List.of());
            connection.forget(this);
        }
    }

    /** It is in the namespace no more. */
    void leave() {
        gone = true;
        if (questions != null) {
            List.copyOf(questions.values())
                    .forEach(answer -> answer.completeExceptionally(new CancellationException("the socket has gone")));
            questions = null;
        }
    }

    private void write(byte[] packet, List<byte[]> attachments) {
        connection.transport().write(WireFormat.textFrame(packet), false);
        attachments.forEach(connection.transport()::writeBinary);
    }
}
