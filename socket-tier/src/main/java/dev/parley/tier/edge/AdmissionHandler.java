package dev.parley.tier.edge;

import dev.parley.tier.limit.Admission;
import dev.parley.wire.ErrorCode;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.ReferenceCountUtil;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Stands right behind the HTTP codec and refuses connections that {@link Admission} does not take, before the framework
 * has done anything for them: in a storm a refusal must cost next to nothing. One per channel, on its event loop; it goes
 * with the other HTTP handlers when the channel is taken over.
 *
 * <p>Browsers hide the answer to a handshake from the page, so a page may ask {@code /ws} by plain HTTP: while
 * connections are being refused it is told the same.
 */
final class AdmissionHandler extends ChannelInboundHandlerAdapter {

    static final String PLAIN_PATH = "/ws";
    static final String SOCKET_IO_PATH = "/socket.io/";

    /** Puts one on every channel. */
    @Singleton
    static final class OnEveryChannel implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {

        private final Admission admission;

        OnEveryChannel(Admission admission) {
            this.admission = admission;
        }

        @Override
        public NettyServerCustomizer.Registry onCreated(BeanCreatedEvent<NettyServerCustomizer.Registry> created) {
            NettyServerCustomizer.Registry registry = created.getBean();
            registry.register(new Customizer(admission, null));
            return registry;
        }
    }

    private record Customizer(Admission admission, @Nullable Channel channel) implements NettyServerCustomizer {

        @Override
        public NettyServerCustomizer specializeForChannel(Channel opened, ChannelRole role) {
            if (role == ChannelRole.CONNECTION) {
                opened.config().setRecvByteBufAllocator(READ_BUFFERS);
            }
            return new Customizer(admission, role == ChannelRole.CONNECTION ? opened : null);
        }

        @Override
        public void onStreamPipelineBuilt() {
            if (channel != null
                    && channel.pipeline().get(ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC) != null) {
                channel.pipeline()
                        .addAfter(
                                ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC,
                                "admission",
                                new AdmissionHandler(admission));
            }
        }
    }

    /** Of one size: a guess for each connection what it will send next costs more memory than it saves. */
    private static final RecvByteBufAllocator READ_BUFFERS = new FixedRecvByteBufAllocator(4_096);

    private final Admission admission;
    private boolean counted;
    private boolean refused;

    private AdmissionHandler(Admission admission) {
        this.admission = admission;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!refused && message instanceof HttpRequest request) {
            if (isUpgrade(request)) {
                knock(context, true);
            } else if (opensSession(request)) {
                knock(context, false);
            } else if (request.uri().equals(PLAIN_PATH)) {
                ask(context);
            }
        }
        if (refused) {
            ReferenceCountUtil.release(message);
        } else {
            context.fireChannelRead(message);
        }
    }

    /** Whatever its path. */
    private static boolean isUpgrade(HttpRequest request) {
        return request.headers().containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true);
    }

    /** The first request of an Engine.IO session; later ones name it. */
    private static boolean opensSession(HttpRequest request) {
        return request.uri().startsWith(SOCKET_IO_PATH)
                && !new QueryStringDecoder(request.uri()).parameters().containsKey("sid");
    }

    /** A channel counts as one open connection from its first upgrade on, as other requests come and go. */
    private void knock(ChannelHandlerContext context, boolean staysOpen) {
        switch (admission.knock(System.nanoTime())) {
            case Admission.Verdict.Refused out -> refuse(context, out.retryAfterMs());
            case Admission.Verdict.Admitted in
            when staysOpen && !counted -> {
                counted = true;
                Admission counter = admission; // for all of the connection's life this handler is not kept
                context.channel().closeFuture().addListener(closed -> counter.left());
            }
            case Admission.Verdict.Admitted in -> admission.left();
        }
    }

    private void ask(ChannelHandlerContext context) {
        OptionalLong retryAfterMs = admission.retryAfterMs(System.nanoTime());
        if (retryAfterMs.isPresent()) {
            refuse(context, retryAfterMs.getAsLong());
        }
    }

    private void refuse(ChannelHandlerContext context, long retryAfterMs) {
        refused = true;
        var _ = context.writeAndFlush(unavailable(retryAfterMs)).addListener(ChannelFutureListener.CLOSE);
    }

    /** A {@code Problem} as the REST API has it, written here because nothing of that is there yet. */
    private static FullHttpResponse unavailable(long retryAfterMs) {
        ErrorCode code = ErrorCode.UNAVAILABLE;
        byte[] body =
                ("{\"type\":\"urn:parley:problem:unavailable\",\"title\":\"%s\",\"status\":%d,\"detail\":\"Too many connect at"
                                + " the moment.\",\"code\":\"%s\",\"retryAfterMs\":%d}")
                        .formatted(code.description(), code.httpStatus(), code.name(), retryAfterMs)
                        .getBytes(StandardCharsets.UTF_8);
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.SERVICE_UNAVAILABLE, Unpooled.wrappedBuffer(body));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/problem+json")
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
                .set(HttpHeaderNames.RETRY_AFTER, Long.toString((retryAfterMs + 999) / 1000))
                // Pages of other origins may know it too.
                .set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, "*")
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        return response;
    }
}
