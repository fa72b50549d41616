package dev.parley.tier.edge.socketio;

import dev.parley.wire.CloseCode;
import dev.parley.wire.SocketIo.Packet.Event;
import io.micronaut.json.tree.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the packets of one client mean. Called on the session's event loop. */
public interface Namespace {

    /** Whether there is such a namespace; others are refused with {@code Invalid namespace}. */
    boolean exists(String name);

    /**
     * The client asks to be let in: to be answered with {@link Socket#accept} or {@link Socket#refuse}, now or later.
     *
     * @param payload what came with the CONNECT; null where nothing did
     */
    void connect(Socket socket, @Nullable JsonNode payload);

    /**
     * An event on a socket that was accepted.
     *
     * @param attachments the binary data that came with it, which placeholders in its arguments refer to by number; there
     *     is none that refers to anything else
     */
    void event(Socket socket, Event event, List<byte[]> attachments);

    /** The client has left the namespace; the session lives on. */
    void disconnected(Socket socket);

    /** The client takes its leave or broke the rules: to be closed after the answers that are due. */
    void closeWhenDone(CloseCode why);

    /** To be closed at once. */
    void close(CloseCode why);

    /** The session has ended, however that came; called once. */
    void ended();
}
