package dev.parley.tier.edge;

import dev.parley.tier.frame.ConnectionSettings;
import dev.parley.tier.frame.Dialect;
import dev.parley.wire.CloseCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
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
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The frames of one connection: puts fragments together, checks UTF-8, answers pings and closes, watches for signs of
 * life. What a frame means is the dialect's. A violation of the WebSocket protocol ends the connection with the code of
 * RFC 6455, after the answers that are still due.
 */
final class SocketHandler extends ChannelInboundHandlerAdapter implements ChannelFutureListener {

    private static final Logger LOG = LoggerFactory.getLogger(SocketHandler.class);

    private final Dialect dialect;
    private final Outbox outbox;
    private final ConnectionSettings settings;
    private @Nullable ByteBuf fragments;
    private boolean fragmentsAreText;
    private long lastSeen = System.nanoTime();
    private @Nullable Heartbeat heartbeat;
    private boolean deaf;

    SocketHandler(Dialect dialect, Outbox outbox, ConnectionSettings settings) {
        this.dialect = dialect;
        this.outbox = outbox;
        this.settings = settings;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        heartbeat = new Heartbeat();
        heartbeat.set(settings.heartbeat());
    }

    /** Asks for a sign of life again and again, and ends a connection that gives none. */
    private final class Heartbeat extends TimingWheel.Timer {
        private boolean asking;
        private long asked;

        void set(Duration delay) {
            TimingWheel.of(outbox.loop()).set(this, delay);
        }

        @Override
        void fire() {
            if (asking) {
                asking = false;
                // While reading is paused, signs of life are not read either.
                if (lastSeen - asked < 0 && outbox.isReading()) {
                    dialect.failed(CloseCode.HEARTBEAT_TIMEOUT);
                } else {
                    Duration since = Duration.ofNanos(System.nanoTime() - asked);
                    set(settings.heartbeat().minus(since));
                }
            } else {
                asking = true;
                asked = System.nanoTime();
                set(settings.heartbeatTimeout());
                dialect.ping();
            }
        }
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
            case PingWebSocketFrame ping -> outbox.pong(ping);
            case CloseWebSocketFrame close -> goodbye(close);
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

    /** Answers a close with the same, or with what is wrong about it. */
    private void goodbye(CloseWebSocketFrame close) {
        deaf = true;
        Optional<CloseCode> violation = CloseFrames.violationOf(close.content());
        if (violation.isPresent()) {
            close.release();
            outbox.close(violation.get());
        } else {
            outbox.close(close);
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
        if (soFar.readableBytes() + frame.content().readableBytes() > settings.maxPayload()) {
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
            dialect.binary(ByteBufUtil.getBytes(content));
            return;
        }
        String text;
        try {
            text = Utf8.decode(content);
        } catch (CharacterCodingException e) {
            violation(CloseCode.INVALID_PAYLOAD);
            return;
        }
        dialect.text(text);
    }

    private void violation(CloseCode code) {
        deaf = true;
        dialect.violated(code);
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
            LOG.debug("{} broke: {}", ctx.channel(), cause.toString());
            ctx.close();
        } else {
            LOG.error("{} failed", ctx.channel(), cause);
            dialect.failed(CloseCode.INTERNAL);
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

    /** The channel has been closed, if it was not before there was this handler. */
    @Override
    public void operationComplete(ChannelFuture closed) {
        outbox.loop().execute(dialect::ended);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (heartbeat != null) {
            heartbeat.cancel();
        }
        if (fragments != null) {
            fragments.release();
            fragments = null;
        }
    }
}
