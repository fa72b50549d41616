package dev.parley.tier.edge;

import dev.parley.tier.frame.ConnectionSettings;
import dev.parley.tier.frame.Dialect;
import dev.parley.tier.frame.Transport;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.netty.websocket.NettyWebSocketSession;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerAdapter;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrameEncoder;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionDecoder;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionEncoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where we go below the framework: the handshake is Micronaut's (routing, filters, security, metrics);
 * afterwards only the frame codec stays on the channel, and everything that served HTTP is removed with what it holds.
 */
public final class Takeover {

    private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);

    /** What the framework hangs on the channel, and with it the request, its route and all that served it. */
    private static final List<AttributeKey<?>> HELD =
            List.of(NettyWebSocketSession.WEB_SOCKET_SESSION_KEY, AttributeKey.valueOf("stream-pipeline"));

    /** The few that there are, shared by all connections. */
    private static final Map<DecoderKind, WebSocketDecoderConfig> DECODER_CONFIGS = new ConcurrentHashMap<>();

    private Takeover() {}

    /**
     * To be called when the framework says that a WebSocket is open, which it does in the middle of its own work on the
     * pipeline: lets go of what served HTTP, and goes on when that work is done.
     *
     * @param then on the channel's event loop
     */
    public static void whenUpgraded(HttpRequest<?> handshake, ConnectionSettings settings, Consumer<Channel> then) {
        Channel channel = EngineIoHttp.channelOf(handshake);
        if (channel.eventLoop().inEventLoop()) {
            release(channel.pipeline(), settings);
        }
        channel.eventLoop().execute(() -> then.accept(channel));
    }

    /**
     * The framework keeps its request handler for as long as the connection lasts, and a handler that was removed keeps its
     * neighbours. So it is removed when it has only those that stay; the framework then puts its WebSocket handler, which
     * has the whole request, beside something that nobody keeps, and removes that instead.
     */
    private static void release(ChannelPipeline pipeline, ConnectionSettings settings) {
        ChannelHandler requests = pipeline.get(ChannelPipelineCustomizer.HANDLER_MICRONAUT_INBOUND);
        if (requests != null) {
            // The codec removes itself when its answer is written.
            slim(pipeline, settings, handler -> handler == requests || handler instanceof HttpServerCodec);
            pipeline.remove(requests);
            pipeline.addLast(ChannelPipelineCustomizer.HANDLER_MICRONAUT_INBOUND, new ChannelHandlerAdapter() {});
        }
    }

    private static boolean stays(ChannelHandler handler) {
        return handler instanceof SslHandler
                || handler instanceof WebSocketFrameEncoder
                || handler instanceof WebSocketFrameDecoder
                || handler instanceof WebSocketExtensionDecoder
                || handler instanceof WebSocketExtensionEncoder;
    }

    /**
     * Slims the pipeline down and hands the frames on; on the channel's event loop, in a task of its own after the
     * handshake. A channel that is no version 13 WebSocket is closed.
     *
     * @param loop what the connection belongs to: the channel's own, or that of the session that the WebSocket came for
     * @param dialect makes what reads the frames, given how to write to the connection, on the channel's event loop
     */
    public static void take(
            Channel channel, EventLoop loop, ConnectionSettings settings, Function<Transport, Dialect> dialect) {
        try {
            ChannelPipeline pipeline = channel.pipeline();
            if (pipeline.get(WebSocket13FrameDecoder.class) != null
                    && pipeline.get(WebSocket13FrameEncoder.class) != null) {
                slim(pipeline, settings, handler -> false);
                forgetHandshake(channel);
                Outbox outbox = new Outbox(pipeline.context(WebSocket13FrameEncoder.class), loop, settings);
                Dialect reader = dialect.apply(outbox);
                channel.closeFuture().addListener(closed -> loop.execute(reader::ended));
                SocketHandler handler = new SocketHandler(reader, outbox, settings);
                if (loop == channel.eventLoop()) {
                    pipeline.addLast("parley", handler);
                } else {
                    pipeline.addLast(loop, "parley", handler);
                }
                return;
            }
        } catch (RuntimeException e) {
            LOG.error("a connection could not be taken over", e);
        }
        var _ = channel.close();
    }

    /** Only the frame codec stays, and what else is wanted for now. */
    private static void slim(
            ChannelPipeline pipeline, ConnectionSettings settings, Predicate<ChannelHandler> staysForNow) {
        boolean extensions = pipeline.get(WebSocketExtensionDecoder.class) != null;
        for (ChannelHandler handler : List.copyOf(pipeline.toMap().values())) {
            if (handler instanceof WebSocketFrameDecoder && !(handler instanceof FrameDecoder)) {
                pipeline.replace(handler, "ws-decoder", new FrameDecoder(decoderConfig(extensions, settings)));
            } else if (!stays(handler) && !staysForNow.test(handler)) {
                pipeline.remove(handler);
            }
        }
    }

    private static void forgetHandshake(Channel channel) {
        for (AttributeKey<?> held : HELD) {
            if (channel.hasAttr(held)) {
                channel.attr(held).set(null);
            }
        }
    }

    /** Leaves the payload of close frames to {@link SocketHandler}: the framework has the wrong codes for some. */
    private static final class FrameDecoder extends WebSocket13FrameDecoder {

        FrameDecoder(WebSocketDecoderConfig config) {
            super(config);
        }

        @Override
        protected void checkCloseFrameBody(ChannelHandlerContext ctx, ByteBuf body) {}
    }

    private record DecoderKind(boolean extensions, int maxPayload) {}

    /** Violations become exceptions, so that {@link SocketHandler} can close with the right code in its own time. */
    private static WebSocketDecoderConfig decoderConfig(boolean extensions, ConnectionSettings settings) {
        return DECODER_CONFIGS.computeIfAbsent(
                new DecoderKind(extensions, settings.maxPayload()),
                kind -> WebSocketDecoderConfig.newBuilder()
                        .maxFramePayloadLength(kind.maxPayload())
                        .allowExtensions(kind.extensions())
                        .expectMaskedFrames(true)
                        .allowMaskMismatch(false)
                        .closeOnProtocolViolation(false)
                        .withUTF8Validator(false)
                        .build());
    }
}
