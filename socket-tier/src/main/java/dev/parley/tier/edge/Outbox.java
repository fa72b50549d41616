package dev.parley.tier.edge;

import dev.parley.wire.CloseCode;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/**
 * What is written to one connection. Bounded in bytes: ephemeral events are dropped as soon as the reader falls behind,
 * and a reader that lets the bound fill up is closed with the code that means "come back and resume". All writes of one
 * pass of the event loop leave in one flush. Belongs to the event loop.
 */
final class Outbox {

    private final Channel channel;
    private final ChannelHandlerContext encoder;
    private final int boundBytes;
    private boolean flushPending;
    private boolean closing;

    Outbox(ChannelHandlerContext encoder, int boundBytes) {
        this.channel = encoder.channel();
        this.encoder = encoder;
        this.boundBytes = boundBytes;
    }

    /** Writes a frame as it is, below the WebSocket encoder; {@code ephemeral} says that it may be dropped. */
    void write(byte[] frame, boolean ephemeral) {
        if (closing || !channel.isActive() || (ephemeral && !channel.isWritable())) {
            return;
        }
        if (isFull(frame.length)) {
            // Much of it may only be waiting for the end of this pass of the loop.
            channel.flush();
            if (isFull(frame.length)) {
                abandon();
                return;
            }
        }
        encoder.write(Unpooled.wrappedBuffer(frame), encoder.voidPromise());
        flushSoon();
    }

    private boolean isFull(int more) {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        return waiting != null && waiting.totalPendingWriteBytes() + more > boundBytes;
    }

    /** Answers a ping; one that comes while the client does not read is passed over, as RFC 6455 allows. */
    void pong(WebSocketFrame ping) {
        if (closing || !channel.isWritable()) {
            ping.release();
        } else {
            channel.writeAndFlush(new PongWebSocketFrame(ping.content()));
        }
    }

    void control(WebSocketFrame frame) {
        if (closing || !channel.isWritable()) {
            frame.release();
        } else {
            channel.writeAndFlush(frame);
        }
    }

    private void flushSoon() {
        if (!flushPending) {
            flushPending = true;
            channel.eventLoop().execute(() -> {
                flushPending = false;
                channel.flush();
            });
        }
    }

    /** Says goodbye behind everything that was written, then ends the connection. */
    void close(CloseCode code) {
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
