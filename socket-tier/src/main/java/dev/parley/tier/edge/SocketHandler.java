package dev.parley.tier.edge;

import dev.parley.tier.TierSettings;
import dev.parley.wire.CloseCode;
import dev.parley.wire.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.compression.DecompressionException;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The frames of one connection: puts fragments together, checks UTF-8, answers pings and closes, watches for signs of
 * life. What a frame means is the dialect's. A violation of the WebSocket protocol ends the connection with the code of
 * RFC 6455, after the answers that are still due.
 */
final class SocketHandler extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(SocketHandler.class);

    private final Connection connection;
    private final Dialect dialect;
    private final TierSettings settings;
    private @Nullable ByteBuf fragments;
    private boolean fragmentsAreText;
    private long lastSeen = System.nanoTime();
    private @Nullable ScheduledFuture<?> heartbeat;
    private boolean deaf;

    SocketHandler(Connection connection, Dialect dialect, TierSettings settings) {
        this.connection = connection;
        this.dialect = dialect;
        this.settings = settings;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        heartbeat = ctx.executor()
                .scheduleAtFixedRate(
                        () -> beat(ctx),
                        settings.heartbeat().toMillis(),
                        settings.heartbeat().toMillis(),
                        TimeUnit.MILLISECONDS);
        var _ = ctx.executor()
                .schedule(
                        () -> {
                            if (connection.session() == null) {
                                connection.close(CloseCode.AUTHENTICATION_TIMEOUT);
                            }
                        },
                        settings.authenticationTimeout().toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private void beat(ChannelHandlerContext ctx) {
        long asked = System.nanoTime();
        dialect.ping();
        var _ = ctx.executor()
                .schedule(
                        () -> {
                            // While reading is paused, signs of life are not read either.
                            if (lastSeen - asked < 0 && ctx.channel().config().isAutoRead()) {
                                connection.close(CloseCode.HEARTBEAT_TIMEOUT);
                            }
                        },
                        settings.heartbeatTimeout().toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        lastSeen = System.nanoTime();
        if (!(message instanceof WebSocketFrame frame)) {
            io.netty.util.ReferenceCountUtil.release(message);
            return;
        }
        if (deaf) {
            frame.release();
            return;
        }
        switch (frame) {
            case PingWebSocketFrame ping -> connection.outbox().pong(ping);
            case CloseWebSocketFrame close -> {
                deaf = true;
                connection.outbox().close(close);
            }
            case PongWebSocketFrame pong -> pong.release();
            default -> {
                try {
                    data(frame);
                } finally {
                    frame.release();
                }
            }
        }
    }

    private void data(WebSocketFrame frame) {
        boolean first = !(frame instanceof ContinuationWebSocketFrame);
        if (first == (fragments != null)) {
            violation(CloseCode.PROTOCOL_ERROR);
            return;
        }
        if (first && frame.isFinalFragment()) {
            whole(frame.content(), frame instanceof TextWebSocketFrame);
            return;
        }
        if (first) {
            fragmentsAreText = frame instanceof TextWebSocketFrame;
        }
        ByteBuf soFar = fragments == null ? Unpooled.buffer() : fragments;
        fragments = soFar;
        if (soFar.readableBytes() + frame.content().readableBytes() > Limits.FRAME_BYTES) {
            violation(CloseCode.TOO_BIG);
            return;
        }
        soFar.writeBytes(frame.content());
        if (frame.isFinalFragment()) {
            fragments = null;
            whole(soFar, fragmentsAreText);
            soFar.release();
        }
    }

    private void whole(ByteBuf content, boolean isText) {
        if (!isText) {
            dialect.binary();
            return;
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(content.nioBuffer())
                    .toString();
        } catch (CharacterCodingException e) {
            violation(CloseCode.INVALID_PAYLOAD);
            return;
        }
        dialect.text(text);
    }

    private void violation(CloseCode code) {
        deaf = true;
        connection.closeWhenDone(code);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof CorruptedWebSocketFrameException corrupted) {
            violation(
                    corrupted.closeStatus().code() == WebSocketCloseStatus.MESSAGE_TOO_BIG.code()
                            ? CloseCode.TOO_BIG
                            : CloseCode.PROTOCOL_ERROR);
        } else if (cause instanceof CodecException) {
            violation(growsTooLarge(cause) ? CloseCode.TOO_BIG : CloseCode.PROTOCOL_ERROR);
        } else if (cause instanceof IOException) {
            LOG.debug("connection {} broke: {}", connection.id(), cause.toString());
            ctx.close();
        } else {
            LOG.error("connection {} failed", connection.id(), cause);
            connection.close(CloseCode.INTERNAL);
        }
    }

    /** Whether a compressed message would not fit the bound. */
    private static boolean growsTooLarge(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof DecompressionException || cause instanceof TooLongFrameException) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (heartbeat != null) {
            heartbeat.cancel(false);
        }
        if (fragments != null) {
            fragments.release();
            fragments = null;
        }
        connection.onEnd();
    }
}
