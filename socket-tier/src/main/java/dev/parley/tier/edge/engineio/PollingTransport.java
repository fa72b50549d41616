package dev.parley.tier.edge.engineio;

import dev.parley.tier.frame.ConnectionSettings;
import dev.parley.tier.frame.Transport;
import dev.parley.tier.frame.WireFormat;
import dev.parley.wire.CloseCode;
import dev.parley.wire.EngineIo;
import dev.parley.wire.EngineIo.Refusal;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * HTTP long-polling for one session: what is written waits for the client's GET, or answers the one that waits already;
 * what the client posts is handed on in order. One GET and one POST at a time, as the protocol has it: a second one ends
 * the session. While the client is not read from, its POST stays unanswered, so that it sends no other.
 *
 * <p>What waits for a GET is bounded; at the bound it is dropped and the session ends. A client that does not answer a
 * ping in time, or goes away while its GET waits, ends it too.
 */
final class PollingTransport implements Transport {

    /** How long a goodbye waits for the GET that fetches it. */
    private static final long GOODBYE_SECONDS = 5;

    /** How long the GET may take that crosses the client's own goodbye. */
    private static final long CROSSING_SECONDS = 1;

    private static final long NOTHING_DUE = Long.MIN_VALUE;

    /** Above this the reader is behind, and what is ephemeral is dropped; the same as a WebSocket's default. */
    private static final int BEHIND_BYTES = 64 * 1024;

    private final ScheduledExecutorService loop;
    private final ConnectionSettings settings;
    private final Runnable whenEnded;
    private final EngineIoSession session;
    private final Deque<Outgoing> outgoing = new ArrayDeque<>();
    private int outgoingBytes;
    private @Nullable CompletableFuture<Answer> get;
    private @Nullable CompletableFuture<Answer> post;
    private EngineIo.@Nullable Body incoming;
    private @Nullable ScheduledFuture<?> heartbeat;
    private @Nullable ScheduledFuture<?> deadline;
    private long nextBeat;
    private long answerDue = NOTHING_DUE;
    private boolean flushPending;
    private boolean reading = true;
    private boolean handling;
    private boolean closing;
    private boolean left;
    private boolean ended;
    private @Nullable UpgradeProbe probe;
    private boolean probed;

    /** A packet that waits: text as the WebSocket frame that it is shared in, binary as it was given. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Outgoing(byte[] bytes, boolean binary) {}

    /** Begins with the client's first GET, which waits for what is written next. {@code whenEnded} comes at the end. */
    PollingTransport(String sid, ScheduledExecutorService loop, ConnectionSettings settings, Runnable whenEnded) {
        this.loop = loop;
        this.settings = settings;
        this.whenEnded = whenEnded;
        this.session = new EngineIoSession(sid, this);
        long interval = settings.heartbeat().toNanos();
        this.nextBeat = System.nanoTime() + interval;
        this.heartbeat = loop.scheduleAtFixedRate(this::beat, interval, interval, TimeUnit.NANOSECONDS);
    }

    EngineIoSession session() {
        return session;
    }

    ScheduledExecutorService loop() {
        return loop;
    }

    // ---- requests -------------------------------------------------------------------------------------------------

    /** A GET: answered as soon as there is something to say. */
    void get(CompletableFuture<Answer> request) {
        checkSilence();
        if (ended) {
            refuse(request, Refusal.SESSION_UNKNOWN);
        } else if (get != null) {
            refuse(request, Refusal.BAD_REQUEST);
            session.failed(CloseCode.PROTOCOL_ERROR);
        } else {
            get = request;
            if (closing || probed || !outgoing.isEmpty()) {
                answerGet();
            }
        }
    }

    /** The client has gone away while its GET was waiting; what is written now would be lost unnoticed. */
    void abandoned(CompletableFuture<Answer> request) {
        if (get == request) {
            get = null;
            session.failed(CloseCode.NORMAL);
            end();
        }
    }

    /** A POST: answered when all its packets were taken. */
    void post(CompletableFuture<Answer> request, String body) {
        if (ended || closing) {
            refuse(request, Refusal.SESSION_UNKNOWN);
            return;
        }
        if (post != null) {
            refuse(request, Refusal.BAD_REQUEST);
            session.failed(CloseCode.PROTOCOL_ERROR);
            return;
        }
        answerDue = NOTHING_DUE;
        post = request;
        incoming = new EngineIo.Body(body);
        handleIncoming();
    }

    /** A body that is too long. */
    void tooLarge(CompletableFuture<Answer> request) {
        request.complete(new Answer.TooLarge());
        if (!ended) {
            session.violated(CloseCode.TOO_BIG);
        }
    }

    private void handleIncoming() {
        if (handling) {
            return;
        }
        handling = true;
        EngineIo.Body body = incoming;
        while (body != null && reading && !ended && !body.isDone()) {
            Optional<EngineIo.Packet> packet = body.next();
            if (packet.isEmpty()) {
                answerPost(new Answer.Refused(Refusal.BAD_REQUEST));
                session.violated(CloseCode.PROTOCOL_ERROR);
                break;
            }
            switch (packet.get()) {
                case EngineIo.Packet.Text text -> session.text(text.text());
                case EngineIo.Packet.Binary binary -> session.binary(binary.data());
            }
        }
        handling = false;
        if (body != null && body.isDone()) {
            answerPost(new Answer.Taken());
        }
    }

    private void answerPost(Answer answer) {
        CompletableFuture<Answer> request = post;
        incoming = null;
        post = null;
        if (request != null) {
            request.complete(answer);
        }
    }

    private static void refuse(CompletableFuture<Answer> request, Refusal refusal) {
        request.complete(new Answer.Refused(refusal));
    }

    // ---- to the client --------------------------------------------------------------------------------------------

    @Override
    public void write(byte[] frame, boolean ephemeral) {
        if (!ephemeral || !isBehind()) {
            add(new Outgoing(frame, false));
        }
    }

    @Override
    public boolean isBehind() {
        return outgoingBytes >= BEHIND_BYTES;
    }

    @Override
    public void writeBinary(byte[] data) {
        add(new Outgoing(data, true));
    }

    private void add(Outgoing packet) {
        if (closing || ended) {
            return;
        }
        if (isFull(packet)) {
            // Much of it may only be waiting for the end of this pass of the loop.
            answerGet();
        }
        if (isFull(packet)) {
            outgoing.clear();
            outgoingBytes = 0;
            close(CloseCode.SLOW_READER);
            return;
        }
        outgoing.add(packet);
        outgoingBytes += packet.bytes().length;
        flushSoon();
    }

    private boolean isFull(Outgoing more) {
        return outgoingBytes + more.bytes().length > settings.outboxBytes();
    }

    /** All that is written in one pass of the loop leaves in one body. */
    private void flushSoon() {
        if (!flushPending) {
            flushPending = true;
            loop.execute(() -> {
                flushPending = false;
                if (!outgoing.isEmpty()) {
                    answerGet();
                }
            });
        }
    }

    private void answerGet() {
        CompletableFuture<Answer> request = get;
        if (request == null) {
            return;
        }
        get = null;
        ByteArrayOutputStream body = new ByteArrayOutputStream(outgoingBytes + 16);
        outgoing.forEach(packet -> {
            separate(body);
            if (packet.binary()) {
                body.writeBytes(EngineIo.base64(packet.bytes()));
            } else {
                int start = WireFormat.payloadStart(packet.bytes());
                body.write(packet.bytes(), start, packet.bytes().length - start);
            }
        });
        outgoing.clear();
        outgoingBytes = 0;
        if (closing && !left) {
            separate(body);
            body.write(EngineIo.CLOSE);
        } else if (body.size() == 0) {
            body.write(EngineIo.NOOP);
        }
        request.complete(new Answer.Packets(body.toByteArray()));
        if (closing) {
            end();
        }
    }

    private static void separate(ByteArrayOutputStream body) {
        if (body.size() > 0) {
            body.write(EngineIo.SEPARATOR);
        }
    }

    @Override
    public void read(boolean on) {
        reading = on;
        if (on) {
            handleIncoming();
        }
    }

    @Override
    public boolean isReading() {
        return reading;
    }

    // ---- signs of life --------------------------------------------------------------------------------------------

    @Override
    public void ping() {
        session.ping();
    }

    private void beat() {
        cancel(deadline);
        answerDue = nextBeat + settings.heartbeatTimeout().toNanos();
        nextBeat += settings.heartbeat().toNanos();
        session.ping();
        if (closing || ended) {
            return;
        }
        deadline = loop.schedule(this::checkSilence, answerDue - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    /** Times count from the opening of the session, so that they are the client's too, however late a timer fires. */
    private void checkSilence() {
        // A client whose POST is held up can not answer.
        if (answerDue != NOTHING_DUE && reading && System.nanoTime() - answerDue >= 0) {
            session.failed(CloseCode.HEARTBEAT_TIMEOUT);
        }
    }

    private static void cancel(@Nullable ScheduledFuture<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    // ---- the upgrade ----------------------------------------------------------------------------------------------

    /** A WebSocket wants to take over; answers whether it may. */
    boolean admits(UpgradeProbe newcomer) {
        if (ended || closing || probe != null) {
            return false;
        }
        probe = newcomer;
        return true;
    }

    /** The WebSocket that wanted to take over has gone. */
    void probeEnded(UpgradeProbe gone) {
        if (probe == gone) {
            probe = null;
            probed = false;
        }
    }

    /** From now on a GET is answered at once, if only with noop: the client comes to the end of its polling. */
    void probed() {
        probed = true;
        answerGet();
    }

    /** Whether a WebSocket may take over now: not while packets of a POST wait, which its frames would overtake. */
    boolean canHandOver() {
        return !ended && !closing && incoming == null;
    }

    /** Gives everything that waits to the WebSocket, in order, and is done. */
    void handOver(Transport webSocket) {
        for (Outgoing packet : outgoing) {
            if (packet.binary()) {
                webSocket.writeBinary(packet.bytes());
            } else {
                webSocket.write(packet.bytes(), false);
            }
        }
        outgoing.clear();
        outgoingBytes = 0;
        if (!reading) {
            webSocket.read(false);
        }
        answerGet();
        probe = null;
        stop();
    }

    // ---- the end --------------------------------------------------------------------------------------------------

    @Override
    public void close(CloseCode code) {
        if (closing || ended) {
            return;
        }
        closing = true;
        settings.closing().accept(code);
        if (get != null) {
            answerGet();
        } else if (outgoing.isEmpty() || code == CloseCode.HEARTBEAT_TIMEOUT) {
            end();
        } else {
            stopHeartbeat();
            deadline = loop.schedule(this::end, GOODBYE_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** The client has said goodbye. Its GET, which may be behind on another connection, is answered with noop. */
    void left() {
        if (closing || ended) {
            return;
        }
        closing = true;
        left = true;
        outgoing.clear();
        outgoingBytes = 0;
        stopHeartbeat();
        if (get != null) {
            answerGet();
        } else {
            deadline = loop.schedule(this::end, CROSSING_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void end() {
        if (ended) {
            return;
        }
        stop();
        UpgradeProbe newcomer = probe;
        if (newcomer != null) {
            newcomer.sessionEnded();
        }
        afterwards();
    }

    /** The WebSocket that the session had gone over to has ended. */
    void upgradedEnded() {
        afterwards();
    }

    /** In a pass of its own: whoever is writing just now must not find everything gone in the middle of it. */
    private void afterwards() {
        whenEnded.run();
        loop.execute(session::ended);
    }

    /** Nothing runs or waits any more. */
    private void stop() {
        ended = true;
        stopHeartbeat();
        outgoing.clear();
        outgoingBytes = 0;
        answerPost(new Answer.Taken());
        if (get != null) {
            refuse(get, Refusal.SESSION_UNKNOWN);
            get = null;
        }
    }

    private void stopHeartbeat() {
        cancel(heartbeat);
        cancel(deadline);
        heartbeat = null;
        deadline = null;
    }
}
