package dev.parley.tier.edge;

import dev.parley.connect.ServerAwayException;
import dev.parley.id.ChatId;
import dev.parley.id.UserId;
import dev.parley.tier.frame.Transport;
import dev.parley.tier.frame.WireFormat;
import dev.parley.tier.room.Broadcast;
import dev.parley.tier.room.JoinChats;
import dev.parley.tier.room.Seat;
import dev.parley.tier.watch.WatchPresence;
import dev.parley.tier.watch.Watching;
import dev.parley.wire.CloseCode;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.Fault;
import dev.parley.wire.ServerEvent;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection. Its requests start in the order in which they came, each as soon as the one before it can no
 * longer be overtaken; their answers come as they are ready. All of it belongs to one event loop.
 */
final class Connection implements JoinChats.Joiner, WatchPresence.Watcher {

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final long LAST_ANSWERS_SECONDS = 5;
    private static final Duration CHECK_AGAIN = Duration.ofSeconds(1);
    private static final Duration EXPIRY_POSTPONED = Duration.ofSeconds(30);
    private static final Duration LONGEST_SESSION = Duration.ofDays(365);

    private final String id;
    private final EventLoop loop;
    private final WireFormat format;
    private final Transport transport;
    private final Edge edge;
    /** Null where nothing has waited yet: most connections are idle. */
    private @Nullable Deque<Request> waiting;

    /** In the user's own channel; null before there is a user. */
    private @Nullable Seat ownSeat;

    /** In chats; null where none was joined yet. */
    private @Nullable Map<String, Seat> seats;

    /** Null where nobody is watched. */
    private @Nullable Watching watching;

    private @Nullable Session session;
    private final Deadline deadline = new Deadline();

    /** Tokens that are being checked. */
    private int checking;

    private boolean busy;
    private int inFlight;
    private @Nullable CloseCode ending;
    private boolean ended;
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    Connection(String id, EventLoop loop, WireFormat format, Transport transport, Edge edge) {
        this.id = id;
        this.loop = loop;
        this.format = format;
        this.transport = transport;
        this.edge = edge;
    }

    String id() {
        return id;
    }

    Transport transport() {
        return transport;
    }

    @Nullable
    Session session() {
        return session;
    }

    // ---- requests -------------------------------------------------------------------------------------------------

    /** Takes a request into the line; where too many are under way, reading pauses until some are answered. */
    void submit(Request request) {
        if (ending != null) {
            return;
        }
        if (waiting == null) {
            waiting = new ArrayDeque<>();
        }
        waiting.add(request);
        inFlight++;
        if (inFlight >= edge.settings().requestsInFlight()) {
            transport.read(false);
        }
        startNext();
    }

    private void startNext() {
        while (!busy && waiting != null && !waiting.isEmpty()) {
            Request request = waiting.remove();
            Handling handling = edge.requests().handle(this, request);
            busy = !handling.mayGoOn().toCompletableFuture().isDone();
            if (busy) {
                handling.mayGoOn()
                        .whenComplete((done, failure) -> onLoop(() -> {
                            busy = false;
                            startNext();
                        }));
            }
            handling.reply().whenComplete((reply, failure) -> onLoop(() -> finish(request, reply, failure)));
        }
    }

    private void finish(Request request, @Nullable Reply reply, @Nullable Throwable failure) {
        inFlight--;
        if (inFlight < edge.settings().requestsInFlight() / 2 && !transport.isReading()) {
            transport.read(true);
        }
        if (reply == null && isAway(failure)) {
            LOG.warn("{} of connection {} was refused: {}", request.event(), id, String.valueOf(failure));
            refuse(request.id(), request.event(), Fault.retryAfter(ErrorCode.UNAVAILABLE, 2_000));
        } else if (reply == null) {
            LOG.error("{} of connection {} failed", request.event(), id, failure);
            refuse(request.id(), request.event(), Fault.retryAfter(ErrorCode.INTERNAL, 1_000));
        } else {
            switch (reply) {
                case Reply.Ok ok -> answer(request, ok);
                case Reply.Refused refused -> refuse(request.id(), request.event(), refused.fault());
            }
        }
        closeIfDone();
    }

    private static boolean isAway(@Nullable Throwable failure) {
        return failure instanceof ServerAwayException
                || (failure instanceof CompletionException && failure.getCause() instanceof ServerAwayException);
    }

    private void answer(Request request, Reply.Ok ok) {
        Long requestId = request.id();
        if (requestId != null) {
            write(format.ok(requestId, edge.json().bytes(ok.data())));
        } else if (ok.event() != null) {
            tell(ok.event());
        }
    }

    /** Says no: in the answer where one is wanted, in an {@code error} event otherwise. */
    void refuse(@Nullable Long requestId, @Nullable String event, Fault fault) {
        if (requestId != null) {
            write(format.refused(requestId, edge.json().bytes(fault)));
        } else {
            tell(new ServerEvent.Error(fault.code(), fault.message(), fault.retryAfterMs(), event));
        }
    }

    void tell(ServerEvent event) {
        write(format.event(event.eventName(), edge.json().bytes(event)));
    }

    private void write(byte[] payload) {
        transport.write(WireFormat.textFrame(payload), false);
    }

    // ---- who it is ------------------------------------------------------------------------------------------------

    /** Whether somebody was let in. */
    sealed interface Admission {
        record In(ServerEvent.Connected connected) implements Admission {}

        record Out(Fault fault) implements Admission {}
    }

    /** Until when the connection may stay: first without a session, then with the one that it has. */
    private final class Deadline extends TimingWheel.Timer {
        @Override
        void fire() {
            if (session != null) {
                expire();
            } else if (checking > 0) {
                // The client has done its part in time.
                TimingWheel.of(loop).set(this, CHECK_AGAIN);
            } else {
                close(CloseCode.AUTHENTICATION_TIMEOUT);
            }
        }
    }

    /** Closes the connection if nobody was let in by then. */
    void expectAuthentication(Duration atMost) {
        TimingWheel.of(loop).set(deadline, atMost);
    }

    /** Checks a token that came before any request; requests start only after {@code then}. On the loop. */
    void authenticateFirst(String token, Consumer<Admission> then) {
        busy = true;
        var _ = authenticate(token).thenAccept(admission -> {
            busy = false;
            then.accept(admission);
            startNext();
        });
    }

    /** Checks the token and lets its user in. Completes on the loop and never fails. */
    CompletionStage<Admission> authenticate(String token) {
        checking++;
        return edge.authentication()
                .check(token)
                .thenCompose(this::countIn)
                .handleAsync(
                        (entrance, failure) -> {
                            checking--;
                            if (failure == null) {
                                return admit(entrance);
                            }
                            LOG.warn("a token could not be checked: {}", failure.toString());
                            return new Admission.Out(Fault.retryAfter(ErrorCode.UNAVAILABLE, 1_000));
                        },
                        loop);
    }

    /** A verdict on a token, and why its user may have no further connection. */
    private record Entrance(Authentication.Verdict verdict, Optional<Fault> denied) {}

    private CompletionStage<Entrance> countIn(Authentication.Verdict verdict) {
        return switch (verdict) {
            case Authentication.Verdict.Refused refused ->
                CompletableFuture.completedStage(new Entrance(verdict, Optional.of(refused.fault())));
            case Authentication.Verdict.Accepted accepted ->
                edge.admit(this, accepted.session()).thenApply(denied -> new Entrance(verdict, denied));
        };
    }

    private Admission admit(Entrance entrance) {
        if (entrance.denied().isPresent()) {
            return new Admission.Out(entrance.denied().get());
        }
        return switch (entrance.verdict()) {
            case Authentication.Verdict.Refused refused -> new Admission.Out(refused.fault());
            case Authentication.Verdict.Accepted accepted
            when ended || session != null -> {
                if (session == null || !session.user().equals(accepted.session().user())) {
                    var _ = edge.online().disconnected(accepted.session().user(), id);
                }
                yield new Admission.Out(Fault.of(ErrorCode.VALIDATION, "The connection is authenticated already."));
            }
            case Authentication.Verdict.Accepted accepted -> {
                edge.welcome(this, accepted.session());
                renew(accepted.session());
                yield new Admission.In(edge.connectedEvent(this, accepted.session()));
            }
        };
    }

    /** Closes a connection whose token was refused. */
    void turnAway(Fault fault) {
        closeWhenDone(
                switch (fault.code()) {
                    case TOKEN_EXPIRED -> CloseCode.TOKEN_EXPIRED;
                    case RATE_LIMITED ->
                        fault.retryAfterMs() == null ? CloseCode.TOO_MANY_CONNECTIONS : CloseCode.TRY_AGAIN_LATER;
                    case UNAVAILABLE -> CloseCode.TRY_AGAIN_LATER;
                    default -> CloseCode.UNAUTHENTICATED;
                });
    }

    /** Sets until when the connection may stay. */
    void renew(Session newSession) {
        session = newSession;
        // The bound keeps far-off ends, which a foreign token may have, inside what a timer can hold.
        Duration left = Duration.between(edge.clock().instant(), newSession.expiresAt());
        TimingWheel.of(loop).set(deadline, left.compareTo(LONGEST_SESSION) < 0 ? left : LONGEST_SESSION);
    }

    private void expire() {
        if (edge.tokensCanBeRenewed()) {
            closeWhenDone(CloseCode.TOKEN_EXPIRED);
        } else {
            // An outage must not cut off everybody whose token happens to end during it.
            TimingWheel.of(loop).set(deadline, EXPIRY_POSTPONED);
        }
    }

    // ---- rooms ----------------------------------------------------------------------------------------------------

    @Override
    public Executor loop() {
        return loop;
    }

    @Override
    public UserId user() {
        Session now = session;
        if (now == null) {
            throw new IllegalStateException("not authenticated");
        }
        return now.user();
    }

    @Override
    public void show(Broadcast broadcast) {
        transport.write(broadcast.frame(format), broadcast.event().ephemeral());
    }

    /** The seat in the channel of the user that was let in. */
    void settle(Seat own) {
        ownSeat = own;
    }

    @Override
    public @Nullable Seat seat(String channelName) {
        return seats == null ? null : seats.get(channelName);
    }

    @Override
    public boolean take(Seat seat) {
        if (ended) {
            return false;
        }
        if (seats == null) {
            seats = new HashMap<>();
        }
        seats.put(seat.channel(), seat);
        return true;
    }

    @Override
    public void giveUp(String channelName) {
        Seat seat = seats == null ? null : seats.remove(channelName);
        if (seat != null) {
            edge.rooms().leave(seat);
        }
    }

    /** Gives up the chats, or all that were joined; answers which ones it was in. */
    List<ChatId> leave(@Nullable List<ChatId> chats) {
        return edge.leave(this, chats, joined());
    }

    @Override
    public boolean isBehind() {
        return transport.isBehind();
    }

    @Override
    public @Nullable Watching watching() {
        return watching;
    }

    @Override
    public boolean watches(@Nullable Watching users) {
        if (ended) {
            return false;
        }
        watching = users;
        return true;
    }

    // ---- the end --------------------------------------------------------------------------------------------------

    /** Says that the client shall go elsewhere after {@code delay}, and closes some time later if it is still there. */
    void sendAway(Duration delay, Duration grace) {
        if (session != null) {
            tell(ServerEvent.ServerMaintenance.reconnectIn(delay.toMillis()));
        }
        var _ = loop.schedule(this::closeForRestart, delay.plus(grace).toMillis(), TimeUnit.MILLISECONDS);
    }

    void closeForRestart() {
        if (session != null && ending == null) {
            tell(new ServerEvent.ServerShutdown(null));
        }
        closeWhenDone(CloseCode.SERVICE_RESTART);
    }

    /** Takes no more requests, answers those under way, then closes. */
    void closeWhenDone(CloseCode code) {
        if (ending == null) {
            ending = code;
            forgetWaiting();
            var _ = loop.schedule(() -> close(code), LAST_ANSWERS_SECONDS, TimeUnit.SECONDS);
            closeIfDone();
        }
    }

    private void forgetWaiting() {
        if (waiting != null) {
            inFlight -= waiting.size();
            waiting = null;
        }
    }

    private void closeIfDone() {
        CloseCode code = ending;
        if (code != null && inFlight == 0 && !ended) {
            close(code);
        }
    }

    void close(CloseCode code) {
        ending = code;
        if (format == WireFormat.SOCKET_IO && code.reconnect() == CloseCode.Reconnect.NO) {
            // Tells the client library not to come back by itself.
            write(dev.parley.wire.SocketIo.disconnect("/"));
        }
        transport.close(code);
    }

    /** Completes when the channel has ended and Redis knows that this connection is gone. */
    CompletableFuture<Void> ended() {
        return end;
    }

    /** The connection has ended: gives back everything. */
    void onEnd() {
        ended = true;
        edge.forget(this);
        ending = CloseCode.NORMAL;
        forgetWaiting();
        deadline.cancel();
        Session last = session;
        if (last == null) {
            end.complete(null);
        } else {
            var _ = edge.online().disconnected(last.user(), id).whenComplete((count, failure) -> end.complete(null));
        }
        joined().forEach(this::giveUp);
        if (watching != null) {
            watching.close();
            watching = null;
        }
        if (ownSeat != null) {
            edge.rooms().leave(ownSeat);
            ownSeat = null;
        }
    }

    /** The channels of the chats. */
    private List<String> joined() {
        return seats == null ? List.of() : List.copyOf(seats.keySet());
    }

    private void onLoop(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }
}
