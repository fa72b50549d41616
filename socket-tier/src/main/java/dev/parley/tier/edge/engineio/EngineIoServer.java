package dev.parley.tier.edge.engineio;

import dev.parley.tier.frame.ConnectionSettings;
import dev.parley.tier.frame.Dialect;
import dev.parley.tier.frame.Transport;
import dev.parley.wire.CloseCode;
import dev.parley.wire.EngineIo.Refusal;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The sessions that can be asked for by their sid: those of the polling transport, and those that have gone over to a
 * WebSocket. They live in this process alone, so a client that polls must come back to the same instance. Thread-safe.
 */
public final class EngineIoServer {

    /** Where the session with a sid is now. */
    private sealed interface Place {
        record Polling(PollingTransport transport) implements Place {}

        record Upgraded(ScheduledExecutorService loop) implements Place {}
    }

    private static final int SID_BYTES = 15;

    private final ConnectionSettings settings;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Place> places = new ConcurrentHashMap<>();

    public EngineIoServer(ConnectionSettings settings) {
        this.settings = settings;
    }

    public ConnectionSettings settings() {
        return settings;
    }

    /** How many sessions poll, or have done so before their upgrade. */
    public int sessions() {
        return places.size();
    }

    /** A session over a WebSocket from the start. Its sid is good for nothing. */
    public EngineIoSession over(Transport webSocket) {
        return new EngineIoSession(newSid(), webSocket);
    }

    /** Who knows a sid is taken for the client, so nobody may be able to guess one. */
    private String newSid() {
        byte[] bytes = new byte[SID_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /**
     * A GET without sid: opens a session that polls.
     *
     * @param loop what the session belongs to from now on
     * @param application called on the loop: it has to {@link EngineIoSession#open open} the session
     */
    public CompletableFuture<Answer> handshake(ScheduledExecutorService loop, Consumer<EngineIoSession> application) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        loop.execute(() -> {
            String sid = newSid();
            PollingTransport transport = new PollingTransport(sid, loop, settings, () -> places.remove(sid));
            places.put(sid, new Place.Polling(transport));
            transport.get(answer);
            try {
                application.accept(transport.session());
            } catch (RuntimeException e) {
                transport.close(CloseCode.INTERNAL);
                throw e;
            }
        });
        return answer;
    }

    /** A GET of a session: answered when there is something for the client. */
    public CompletableFuture<Answer> get(String sid) {
        return ask(sid, PollingTransport::get);
    }

    /** Says that the client who sent this GET has gone before it was answered. */
    public void abandoned(String sid, CompletableFuture<Answer> get) {
        if (places.get(sid) instanceof Place.Polling(PollingTransport transport)) {
            transport.loop().execute(() -> transport.abandoned(get));
        }
    }

    /** A POST of a session: answered when all of it was taken. */
    public CompletableFuture<Answer> post(String sid, String body) {
        return ask(sid, (transport, answer) -> transport.post(answer, body));
    }

    /** A POST whose body is longer than allowed: ends the session. */
    public CompletableFuture<Answer> tooLarge(String sid) {
        return ask(sid, PollingTransport::tooLarge);
    }

    @FunctionalInterface
    private interface Request {
        void handle(PollingTransport transport, CompletableFuture<Answer> answer);
    }

    private CompletableFuture<Answer> ask(String sid, Request request) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        switch (places.get(sid)) {
            case Place.Polling(PollingTransport transport) ->
                transport.loop().execute(() -> request.handle(transport, answer));
            // Behind what is being written to the WebSocket just now.
            case Place.Upgraded(ScheduledExecutorService loop) ->
                loop.execute(() -> answer.complete(new Answer.Refused(Refusal.BAD_REQUEST)));
            case null -> answer.complete(new Answer.Refused(Refusal.SESSION_UNKNOWN));
        }
        return answer;
    }

    /** Whether there is, or was before its upgrade, such a session: a WebSocket may come with this sid. */
    public boolean knows(String sid) {
        return places.containsKey(sid);
    }

    /**
     * The event loop of a session that polls, which a WebSocket that comes for it has to be handled on; empty where there
     * is none that could be upgraded.
     */
    public Optional<ScheduledExecutorService> loopOf(String sid) {
        return places.get(sid) instanceof Place.Polling(PollingTransport transport)
                ? Optional.of(transport.loop())
                : Optional.empty();
    }

    /** What reads from a WebSocket that comes for a session: probes it and takes the session over. */
    public Function<Transport, Dialect> upgradeOf(String sid) {
        return webSocket -> {
            if (!(places.get(sid) instanceof Place.Polling(PollingTransport transport))) {
                return new Unwelcome(webSocket);
            }
            Place afterwards = new Place.Upgraded(transport.loop());
            UpgradeProbe probe =
                    new UpgradeProbe(transport, webSocket, () -> places.computeIfPresent(sid, (id, old) -> afterwards));
            transport.loop().execute(probe::begin);
            return probe;
        };
    }

    /** Closes a WebSocket whose session has ended on its way here. */
    private static final class Unwelcome implements Dialect {

        Unwelcome(Transport webSocket) {
            webSocket.close(CloseCode.PROTOCOL_ERROR);
        }

        @Override
        public void text(String text) {}

        @Override
        public void binary(byte[] data) {}

        @Override
        public void ping() {}

        @Override
        public void violated(CloseCode why) {}

        @Override
        public void failed(CloseCode why) {}

        @Override
        public void ended() {}
    }
}
