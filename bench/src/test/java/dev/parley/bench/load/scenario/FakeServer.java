package dev.parley.bench.load.scenario;

import dev.parley.wire.Json;
import io.micronaut.json.tree.JsonNode;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A chat server in the plain codec on one event loop, which makes mistakes when told to and counts them. */
final class FakeServer implements AutoCloseable {

    /** What happens to one message on its way to one receiver. */
    enum Fate {
        DELIVERED,
        LOST,
        DOUBLED,
        /** Comes behind the next one. */
        SWAPPED
    }

    /** Decides; {@code receiver} counts those of the chat in the order in which they joined. */
    interface Faults {
        Fate of(long seq, int receiver);
    }

    private static final class Chat {
        final List<Channel> members = new ArrayList<>();
        final TreeMap<Long, String> messages = new TreeMap<>();
        final Map<Channel, String> held = new LinkedHashMap<>();
        final Set<String> known = new HashSet<>();
    }

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel listener;
    private final Map<String, Chat> chats = new LinkedHashMap<>();
    private volatile Faults faults = (seq, receiver) -> Fate.DELIVERED;
    private volatile boolean resumes = true;
    private volatile long pauseAtSeq = -1;
    private volatile Duration pause = Duration.ZERO;
    // Written by the test before anybody comes, then by the event loop alone.
    private int refusals;
    private int admissions;
    private int lost;
    private int doubled;
    private int swapped;
    private int unreached;
    private int members;

    FakeServer() {
        listener = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        new HttpServerCodec(),
                                        new HttpObjectAggregator(65_536),
                                        new Door(),
                                        new WebSocketServerProtocolHandler("/ws"),
                                        new Session());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    void make(Faults those) {
        faults = those;
    }

    /** From now on nobody is given what was missed. */
    void resumesNothing() {
        resumes = false;
    }

    /** Stands still when the message with that seq has come. */
    void pauseAt(long seq, Duration time) {
        pause = time;
        pauseAtSeq = seq;
    }

    /** Behind the first handshakes turns so many away, with a {@code Retry-After} of one second. */
    void refuse(int afterHandshakes, int handshakes) {
        admissions = afterHandshakes;
        refusals = handshakes;
    }

    /** Each chat counts as having that many members, whether they are there or not. */
    void expectMembers(int number) {
        members = number;
    }

    int lost() throws Exception {
        return group.submit(() -> lost
                        + chats.values().stream()
                                .mapToInt(chat -> chat.held.size())
                                .sum())
                .get();
    }

    int doubled() throws Exception {
        return group.submit(() -> doubled).get();
    }

    int swapped() throws Exception {
        return group.submit(() -> swapped).get();
    }

    /** For how many receivers a message came while they were not there. */
    int unreached() throws Exception {
        return group.submit(() -> unreached).get();
    }

    private final class Door extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof FullHttpRequest && admissions-- <= 0 && refusals-- > 0) {
                ReferenceCountUtil.release(message);
                var refusal = new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, HttpResponseStatus.SERVICE_UNAVAILABLE, Unpooled.EMPTY_BUFFER);
                refusal.headers().set(HttpHeaderNames.RETRY_AFTER, 1).set(HttpHeaderNames.CONTENT_LENGTH, 0);
                var _ = context.writeAndFlush(refusal);
            } else {
                var _ = context.fireChannelRead(message);
            }
        }
    }

    private final class Session extends SimpleChannelInboundHandler<TextWebSocketFrame> {

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete) {
                write(context.channel(), "{\"event\":\"connected\",\"data\":{}}");
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, TextWebSocketFrame frame) {
            JsonNode request = Json.parse(frame.text()).orElseThrow();
            JsonNode data = field(request, "data");
            long id = field(request, "id").getLongValue();
            switch (field(request, "event").getStringValue()) {
                case "join-chats" -> join(context.channel(), id, data);
                case "send-message" -> send(context.channel(), id, data);
                default -> throw new IllegalStateException(frame.text());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            chats.values().forEach(chat -> chat.members.remove(context.channel()));
        }
    }

    private void join(Channel channel, long id, JsonNode data) {
        StringBuilder joined = new StringBuilder();
        for (JsonNode chatId : field(data, "chatIds").values()) {
            Chat chat = chats.computeIfAbsent(chatId.getStringValue(), unknown -> new Chat());
            @Nullable JsonNode last = field(data, "lastSeqs").get(chatId.getStringValue());
            if (last != null && resumes) {
                chat.messages.tailMap(last.getLongValue(), false).values().forEach(missed -> write(channel, missed));
            }
            chat.members.add(channel);
            joined.append(joined.isEmpty() ? "" : ",")
                    .append("{\"chatId\":\"%s\",\"headSeq\":%d}"
                            .formatted(chatId.getStringValue(), chat.messages.isEmpty() ? 0 : chat.messages.lastKey()));
        }
        write(channel, "{\"id\":" + id + ",\"ok\":true,\"data\":{\"joined\":[" + joined + "],\"refused\":[]}}");
    }

    private void send(Channel channel, long id, JsonNode data) {
        Chat chat = Objects.requireNonNull(chats.get(field(data, "chatId").getStringValue()));
        if (chat.known.add(field(data, "clientMessageId").getStringValue())) {
            pass(chat, field(data, "content").getStringValue());
        }
        write(channel, "{\"id\":" + id + ",\"ok\":true,\"data\":{}}");
    }

    private void pass(Chat chat, String content) {
        long seq = chat.messages.size() + 1;
        String event = "{\"event\":\"new-message\",\"data\":{\"seq\":%d,\"content\":\"%s\"}}".formatted(seq, content);
        chat.messages.put(seq, event);
        if (seq == pauseAtSeq) {
            long until = System.nanoTime() + pause.toNanos();
            for (long left = pause.toNanos(); left > 0; left = until - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }
        unreached += Math.max(0, members - chat.members.size());
        for (int receiver = 0; receiver < chat.members.size(); receiver++) {
            pass(chat, chat.members.get(receiver), event, faults.of(seq, receiver));
        }
    }

    private void pass(Chat chat, Channel to, String event, Fate fate) {
        switch (fate) {
            case LOST -> lost++;
            case SWAPPED -> chat.held.put(to, event);
            case DOUBLED -> {
                doubled++;
                write(to, event);
                write(to, event);
            }
            case DELIVERED -> {
                write(to, event);
                String held = chat.held.remove(to);
                if (held != null) {
                    swapped++;
                    write(to, held);
                }
            }
        }
    }

    private static void write(Channel to, String text) {
        var _ = to.writeAndFlush(new TextWebSocketFrame(text));
    }

    private static JsonNode field(JsonNode node, String name) {
        return Objects.requireNonNull(node.get(name), name);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
