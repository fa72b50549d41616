package dev.parley.tier.edge;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.id.ChatId;
import dev.parley.keys.RedisKeys;
import dev.parley.tier.TierSettings;
import dev.parley.tier.edge.engineio.EngineIoServer;
import dev.parley.tier.edge.engineio.EngineIoSession;
import dev.parley.tier.edge.socketio.SocketIoConnection;
import dev.parley.tier.frame.ConnectionSettings;
import dev.parley.tier.frame.Transport;
import dev.parley.tier.frame.WireFormat;
import dev.parley.tier.presence.OnlineUsers;
import dev.parley.tier.room.Rooms;
import dev.parley.wire.CloseCode;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.Fault;
import dev.parley.wire.Json;
import dev.parley.wire.Limits;
import dev.parley.wire.ServerEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/** All connections of this instance, and what each of them needs. Thread-safe. */
@Singleton
final class Edge {

    private final Requests requests;
    private final Authentication authentication;
    private final Rooms rooms;
    private final OnlineUsers online;
    private final TierSettings settings;
    private final Json json;
    private final Clock clock;
    private final Breakers breakers;
    private final EngineIoServer engine;
    private final Map<CloseCode, Counter> closed = new EnumMap<>(CloseCode.class);
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final Object left = new Object();
    private volatile boolean closing;

    Edge(
            Requests requests,
            Authentication authentication,
            Rooms rooms,
            OnlineUsers online,
            TierSettings settings,
            Json json,
            Clock clock,
            Breakers breakers,
            MeterRegistry metrics) {
        this.requests = requests;
        this.authentication = authentication;
        this.rooms = rooms;
        this.online = online;
        this.settings = settings;
        this.json = json;
        this.clock = clock;
        this.breakers = breakers;
        for (CloseCode code : CloseCode.values()) {
            closed.put(
                    code,
                    Counter.builder("parley.connections.closed")
                            .tag("code", Integer.toString(code.code()))
                            .description("connections that the instance closed")
                            .register(metrics));
        }
        this.engine = new EngineIoServer(new ConnectionSettings(
                settings.heartbeat(),
                settings.heartbeatTimeout(),
                Limits.FRAME_BYTES,
                settings.outboxBytes(),
                this::count));
        Gauge.builder("parley.connections", connections, Set::size)
                .description("open connections, over WebSocket or long-polling")
                .register(metrics);
        Gauge.builder("parley.rooms", rooms, Rooms::open)
                .description("channels with members on this instance")
                .register(metrics);
    }

    /** Takes over a WebSocket that speaks plain JSON; on its event loop. */
    void openPlain(Channel channel, @Nullable String token) {
        EventLoop loop = channel.eventLoop();
        Takeover.take(channel, loop, engine.settings(), transport -> {
            Connection connection = connect(loop, WireFormat.PLAIN, transport);
            PlainDialect dialect = new PlainDialect(connection);
            dialect.opened(token);
            return dialect;
        });
    }

    /** Takes over a WebSocket that speaks Socket.IO from the start; on its event loop. */
    void openSocketIo(Channel channel, @Nullable String token) {
        EventLoop loop = channel.eventLoop();
        Takeover.take(channel, loop, engine.settings(), transport -> {
            EngineIoSession session = engine.over(transport);
            open(session, loop, token);
            return session;
        });
    }

    /** Takes over a WebSocket that comes for a session which polls; on the channel's event loop. */
    void upgrade(Channel channel, String sid) {
        EventLoop loop = engine.loopOf(sid).map(EventLoop.class::cast).orElseGet(channel::eventLoop);
        Takeover.take(channel, loop, engine.settings(), engine.upgradeOf(sid));
    }

    /** Begins the chat on a session; on its loop. */
    void open(EngineIoSession session, EventLoop loop, @Nullable String token) {
        Connection connection = connect(loop, WireFormat.SOCKET_IO, session);
        ChatNamespace chat = new ChatNamespace(connection, json, token);
        session.open(
                new SocketIoConnection(session, chat, loop, engine.settings().maxPayload()), engine.settings());
    }

    private void count(CloseCode code) {
        Objects.requireNonNull(closed.get(code)).increment();
    }

    private Connection connect(EventLoop loop, WireFormat format, Transport transport) {
        Connection connection = new Connection(new ObjectId().toHexString(), loop, format, transport, this);
        connections.add(connection);
        connection.expectAuthentication(settings.authenticationTimeout());
        if (closing) {
            // Its handshake was under way when the doors closed.
            loop.execute(() -> connection.closeWhenDone(CloseCode.SERVICE_RESTART));
        }
        return connection;
    }

    /** It has ended. */
    void forget(Connection connection) {
        connections.remove(connection);
        synchronized (left) {
            left.notifyAll();
        }
    }

    EngineIoServer engine() {
        return engine;
    }

    /** From now on nobody is let in. */
    void closeDoors() {
        closing = true;
        online.drain();
    }

    /** Whether nobody is let in any more. */
    boolean closing() {
        return closing;
    }

    /** Those that are open now. */
    List<Connection> connections() {
        return List.copyOf(connections);
    }

    /** Waits until no connection is open, but no longer than {@code limit}; answers whether that is so. */
    boolean awaitEmpty(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        synchronized (left) {
            while (!connections.isEmpty()) {
                long ms = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (ms <= 0) {
                    return false;
                }
                left.wait(ms);
            }
            return true;
        }
    }

    /** Counts a connection of the user in; completes with why not. */
    CompletionStage<Optional<Fault>> admit(Connection connection, Session session) {
        return online.connected(session.user(), connection.id()).thenApply(entry -> switch (entry) {
            case OnlineUsers.Entry.In in -> Optional.empty();
            case OnlineUsers.Entry.TooOften tooOften ->
                Optional.of(Fault.retryAfter(ErrorCode.RATE_LIMITED, tooOften.retryAfterMs()));
            case OnlineUsers.Entry.Full full ->
                Optional.of(new Fault(
                        ErrorCode.RATE_LIMITED,
                        "Too many connections of this user.",
                        full.retryAfterMs() == 0 ? null : full.retryAfterMs()));
        });
    }

    /** Gives a connection that was counted in what is for its user. */
    void welcome(Connection connection, Session session) {
        connection.settle(rooms.enter(RedisKeys.userChannel(session.user()), connection));
    }

    /** Whether clients can get new tokens now; refresh tokens are in MongoDB. */
    boolean tokensCanBeRenewed() {
        return !breakers.isAway(Server.MONGODB);
    }

    ServerEvent.Connected connectedEvent(Connection connection, Session session) {
        return new ServerEvent.Connected(
                session.user(),
                connection.id(),
                settings.serverId(),
                clock.instant().toString(),
                session.expiresAt().toString(),
                settings.heartbeat().toMillis(),
                Limits.CONTENT_BYTES);
    }

    /** Gives up chats of a connection; never its own user's channel. */
    List<ChatId> leave(Connection connection, @Nullable List<ChatId> chats, List<String> joined) {
        List<ChatId> left = new ArrayList<>();
        for (String channel : joined) {
            RedisKeys.chatOf(channel)
                    .filter(chat -> chats == null || chats.contains(chat))
                    .ifPresent(chat -> {
                        connection.giveUp(channel);
                        left.add(chat);
                    });
        }
        return left;
    }

    Requests requests() {
        return requests;
    }

    Authentication authentication() {
        return authentication;
    }

    Rooms rooms() {
        return rooms;
    }

    OnlineUsers online() {
        return online;
    }

    TierSettings settings() {
        return settings;
    }

    Json json() {
        return json;
    }

    Clock clock() {
        return clock;
    }
}
