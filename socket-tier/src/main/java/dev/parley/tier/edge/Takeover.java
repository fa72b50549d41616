package dev.parley.tier.edge;

import dev.parley.tier.frame.ConnectionSettings;
import dev.parley.tier.frame.Dialect;
import dev.parley.tier.frame.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrameEncoder;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionDecoder;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionEncoder;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtension;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where we go below the framework: the handshake comes by its ways (routing, filters, security, metrics);
 * afterwards only the frame codec stays on the channel, and everything that served HTTP is removed with what it holds.
 */
public final class Takeover {

    private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);

    /** What the framework hangs on the channel, and with it the request, its route and all that served it. */
    private static final AttributeKey<?> HELD = AttributeKey.valueOf("stream-pipeline");

    /** The few that there are, shared by all connections. */
    private static final Map<DecoderKind, WebSocketDecoderConfig> DECODER_CONFIGS = new ConcurrentHashMap<>();

    private Takeover() {}

    /** Whether the channel speaks HTTP/1.1, so that it can be taken over. */
    static boolean isPossible(Channel channel) {
        return channel.pipeline().get(HttpServerCodec.class) != null;
    }

    /**
     * Waits until the answer to a handshake leaves; then lets go of what served HTTP, and goes on.
     *
     * @param accepted the {@code Sec-WebSocket-Accept} by which the answer is known
     * @param compression null for none
     * @param then on the channel's event loop
     */
    static void whenAnswered(
            Channel channel,
            String accepted,
            @Nullable WebSocketServerExtension compression,
            ConnectionSettings settings,
            Consumer<Channel> then) {
        Upgrade upgrade = new Upgrade(accepted, compression, settings, then);
        if (channel.eventLoop().inEventLoop()) {
            upgrade.install(channel.pipeline());
        } else {
            channel.eventLoop().execute(() -> upgrade.install(channel.pipeline()));
        }
    }

    /** Stands right behind the HTTP codec until the answer has left. */
    private static final class Upgrade extends ChannelOutboundHandlerAdapter {

        private static final String NAME = "upgrade";

        private final String accepted;
        private final @Nullable WebSocketServerExtension compression;
        private final ConnectionSettings settings;
        private final Consumer<Channel> then;
        private boolean answered;

        Upgrade(
                String accepted,
                @Nullable WebSocketServerExtension compression,
                ConnectionSettings settings,
                Consumer<Channel> then) {
            this.accepted = accepted;
            this.compression = compression;
            this.settings = settings;
            this.then = then;
        }

        void install(ChannelPipeline pipeline) {
            ChannelHandlerContext codec = pipeline.context(HttpServerCodec.class);
            if (codec == null) {
                return; // it has been closed in the meantime
            }
            if (pipeline.get(NAME) != null) {
                pipeline.remove(NAME); // of a handshake before, whose answer became another one on its way
            }
            pipeline.addAfter(codec.name(), NAME, this);
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (answered) {
                // The end of the same answer, which has none.
                ReferenceCountUtil.release(message);
                promise.trySuccess();
            } else if (message instanceof HttpResponse response
                    && response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)
                    && accepted.equals(response.headers().get(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT))) {
                answered = true;
                FullHttpResponse answer = withoutBody(response.headers());
                ReferenceCountUtil.release(message);
                ctx.write(answer, promise.unvoid().addListener(written -> {
                    if (written.isSuccess()) {
                        switchProtocols(ctx);
                    } else {
                        ctx.close();
                    }
                }));
            } else {
                ctx.write(message, promise);
            }
        }

        /** What the framework says of the length and the connection of an answer is not true of this one. */
        private static FullHttpResponse withoutBody(HttpHeaders given) {
            FullHttpResponse answer = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
            answer.headers()
                    .set(given)
                    .remove(HttpHeaderNames.CONTENT_LENGTH)
                    .remove(HttpHeaderNames.CONTENT_TYPE)
                    .remove(HttpHeaderNames.TRANSFER_ENCODING)
                    .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
                    .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
            return answer;
        }

        /** Nothing is read until the frames have their reader. */
        @Override
        public void read(ChannelHandlerContext ctx) {
            if (!answered) {
                ctx.read();
            }
        }

        /** In the middle of the framework's own work on the pipeline, which is cleared up when that is done. */
        private void switchProtocols(ChannelHandlerContext ctx) {
            ChannelPipeline pipeline = ctx.pipeline();
            String codec = pipeline.context(HttpServerCodec.class).name();
            if (compression != null) {
                pipeline.addAfter(codec, "ws-inflater", compression.newExtensionDecoder());
                pipeline.addAfter(codec, "ws-deflater", compression.newExtensionEncoder());
            }
            pipeline.addAfter(codec, "ws-decoder", new FrameDecoder(decoderConfig(compression != null, settings)));
            pipeline.addAfter(codec, "ws-encoder", new WebSocket13FrameEncoder(false));
            pipeline.remove(codec);
            Channel channel = ctx.channel();
            channel.eventLoop().execute(() -> {
                if (channel.isActive()) {
                    slim(pipeline);
                    forgetHandshake(channel);
                    then.accept(channel);
                }
            });
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
     * Hands the frames on; on the channel's event loop, when the handshake was answered.
     *
     * @param loop what the connection belongs to: the channel's own, or that of the session that the WebSocket came for
     * @param dialect makes what reads the frames, given how to write to the connection, on the channel's event loop
     */
    public static void take(
            Channel channel, EventLoop loop, ConnectionSettings settings, Function<Transport, Dialect> dialect) {
        try {
            ChannelPipeline pipeline = channel.pipeline();
            Outbox outbox = new Outbox(pipeline.context(WebSocket13FrameEncoder.class), loop, settings);
            SocketHandler handler = new SocketHandler(dialect.apply(outbox), outbox, settings);
            channel.closeFuture().addListener(handler);
            if (loop == channel.eventLoop()) {
                pipeline.addLast("parley", handler);
            } else {
                pipeline.addLast(loop, "parley", handler);
            }
            channel.config().setAutoRead(true);
        } catch (RuntimeException e) {
            LOG.error("a connection could not be taken over", e);
            var _ = channel.close();
        }
    }

    /**
     * Only the frame codec stays. The framework keeps its request handler for as long as the connection lasts, and a
     * handler that was removed keeps its neighbours: so that one goes last, when it has only those that stay.
     */
    private static void slim(ChannelPipeline pipeline) {
        for (ChannelHandler handler : List.copyOf(pipeline.toMap().values())) {
            if (!stays(handler) && pipeline.context(handler) != pipeline.lastContext()) {
                pipeline.remove(handler);
            }
        }
        if (!stays(pipeline.last())) {
            pipeline.removeLast();
        }
    }

    /** Set to null, an attribute would stay. */
    @SuppressWarnings("deprecation")
    private static void forgetHandshake(Channel channel) {
        if (channel.hasAttr(HELD)) {
            channel.attr(HELD).remove();
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
