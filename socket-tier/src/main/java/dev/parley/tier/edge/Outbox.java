package dev.parley.tier.edge;

import dev.parley.tier.frame.ConnectionSettings;
import dev.parley.tier.frame.Transport;
import dev.parley.wire.CloseCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandler;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is written to one connection. Bounded in bytes: ephemeral events are dropped as soon as the reader falls behind,
 * and a reader that lets the bound fill up is closed with the code that means "come back and resume". All writes of one
 * pass of the event loop leave in one flush. Belongs to the event loop of the connection, which is the channel's own
 * unless the WebSocket came for a session that lives on another; the channel then takes the writes over in their order.
 */
final class Outbox implements Transport {

    private final Channel channel;
    private final ChannelHandlerContext encoder;
    private final EventLoop loop;
    private final ConnectionSettings settings;

    /**
     * Where a frame is written without a way through the pipeline, which costs a walk over objects that are in no cache for
     * most connections; null where somebody on that way has to see it: TLS, or the other loop that takes it over.
     */
    private final Channel.@Nullable Unsafe direct;

    private boolean flushPending;
    private boolean closing;

    Outbox(ChannelHandlerContext encoder, EventLoop loop, ConnectionSettings settings) {
        this.channel = encoder.channel();
        this.encoder = encoder;
        this.loop = loop;
        this.settings = settings;
        this.direct = loop == channel.eventLoop() && leadsStraightOut(encoder) ? channel.unsafe() : null;
    }

    private static boolean leadsStraightOut(ChannelHandlerContext encoder) {
        for (Map.Entry<String, ChannelHandler> next : encoder.pipeline()) {
            if (next.getValue() == encoder.handler()) {
                return true;
            }
            if (next.getValue() instanceof ChannelOutboundHandler) {
                return false;
            }
        }
        return false;
    }

    /** What the connection belongs to. */
    EventLoop loop() {
        return loop;
    }

    /** Writes a frame as it is, below the WebSocket encoder. */
    @Override
    public void write(byte[] frame, boolean ephemeral) {
        if (closing || !channel.isActive() || (ephemeral && isBehind())) {
            return;
        }
        if (hasRoomFor(frame.length)) {
            Flusher flusher = Flusher.ofThisLoop();
            ByteBuf buffer = flusher.direct(frame, channel.alloc());
            if (direct != null) {
                direct.write(buffer, channel.voidPromise());
            } else {
                encoder.write(buffer, encoder.voidPromise());
            }
            flushSoon(flusher);
        }
    }

    @Override
    public boolean isBehind() {
        return !channel.isWritable();
    }

    @Override
    public void writeBinary(byte[] data) {
        if (!closing && channel.isActive() && hasRoomFor(data.length)) {
            var _ = channel.write(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(data)));
            flushSoon(Flusher.ofThisLoop());
        }
    }

    /** Where there is no room, the reader is given up. */
    private boolean hasRoomFor(int more) {
        if (isFull(more)) {
            // Much of it may only be waiting for the end of this pass of the loop.
            channel.flush();
            if (isFull(more)) {
                abandon();
                return false;
            }
        }
        return true;
    }

    private boolean isFull(int more) {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        return waiting != null && waiting.totalPendingWriteBytes() + more > settings.outboxBytes();
    }

    /** Answers a ping; one that comes while the client does not read is passed over, as RFC 6455 allows. */
    void pong(WebSocketFrame ping) {
        if (closing || !channel.isWritable()) {
            ping.release();
        } else {
            channel.writeAndFlush(new PongWebSocketFrame(ping.content()));
        }
    }

    @Override
    public void ping() {
        if (!closing && channel.isWritable()) {
            channel.writeAndFlush(new PingWebSocketFrame());
        }
    }

    @Override
    public void read(boolean on) {
        channel.config().setAutoRead(on);
    }

    @Override
    public boolean isReading() {
        return channel.config().isAutoRead();
    }

    private void flushSoon(Flusher flusher) {
        if (!flushPending) {
            flushPending = true;
            flusher.flushSoon(this, loop);
        }
    }

    /** Sends what was written. */
    void flush() {
        flushPending = false;
        if (direct != null) {
            direct.flush();
        } else {
            channel.flush();
        }
    }

    @Override
    public void close(CloseCode code) {
        if (!closing && channel.isActive()) {
            settings.closing().accept(code);
        }
        close(new CloseWebSocketFrame(code.code(), code.reason()));
    }

    void close(CloseWebSocketFrame goodbye) {
        if (closing) {
            goodbye.release();
            return;
        }
        closing = true;
        channel.writeAndFlush(goodbye).addListener(ChannelFutureListener.CLOSE);
        // A reader that takes nothing would keep the goodbye waiting for ever.
        var _ = channel.eventLoop().schedule(() -> channel.close(), 5, java.util.concurrent.TimeUnit.SECONDS);
    }

    private void abandon() {
        close(CloseCode.SLOW_READER);
    }
}
