package dev.parley.bench.load.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshaker;
import org.jspecify.annotations.Nullable;

/** One WebSocket to a server. Everything happens on the event loop. */
public final class Connection extends SimpleChannelInboundHandler<Object> {

    /** Who hears of it; {@link #lost} is the last call, and comes exactly once. */
    public interface Listener {

        /** A text frame; the array is shared by all connections and valid during the call only. */
        void text(byte[] frame, int length);

        /** The handshake was answered with another status; {@link #lost} follows. */
        void refused(int status, int retryAfterSeconds);

        /** It has ended, or was never made. */
        void lost(String why);
    }

    private final Listener listener;
    private final Scratch scratch;
    private @Nullable WebSocketClientHandshaker handshaker;
    private @Nullable Channel channel;
    private String why = "closed without a reason";
    private boolean over;

    Connection(Listener listener, Scratch scratch, WebSocketClientHandshaker handshaker) {
        this.listener = listener;
        this.scratch = scratch;
        this.handshaker = handshaker;
    }

    /** Writes a text frame and flushes it; does nothing once the connection is over. */
    public void send(byte[] text) {
        Channel open = channel;
        if (open != null && !over) {
            var _ = open.writeAndFlush(new TextWebSocketFrame(Unpooled.wrappedBuffer(text)), open.voidPromise());
        }
    }

    /** Ends it without the closing handshake, as a lost network does; {@link Listener#lost} is not called. */
    public void cut() {
        over = true;
        Channel open = channel;
        if (open != null) {
            var _ = open.close();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        channel = context.channel();
        if (over) {
            var _ = context.close();
            return;
        }
        WebSocketClientHandshaker shaking = handshaker;
        if (shaking != null) {
            var _ = shaking.handshake(context.channel());
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, Object message) {
        switch (message) {
            case FullHttpResponse response -> handshakeAnswered(context, response);
            case TextWebSocketFrame frame -> {
                if (!over) {
                    ByteBuf content = frame.content();
                    int length = content.readableBytes();
                    byte[] bytes = scratch.atLeast(length);
                    content.readBytes(bytes, 0, length);
                    listener.text(bytes, length);
                }
            }
            case PingWebSocketFrame ping -> {
                PongWebSocketFrame pong = new PongWebSocketFrame(ping.content().retain());
                var _ = context.writeAndFlush(pong, context.voidPromise());
            }
            case CloseWebSocketFrame close -> {
                why = "closed with " + close.statusCode() + " " + close.reasonText();
                var _ = context.close();
            }
            default -> {
                // Nothing else is sent to us.
            }
        }
    }

    private void handshakeAnswered(ChannelHandlerContext context, FullHttpResponse response) {
        WebSocketClientHandshaker shaking = handshaker;
        handshaker = null;
        if (shaking == null || over) {
            var _ = context.close();
        } else if (response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
            shaking.finishHandshake(context.channel(), response);
        } else {
            why = "refused with " + response.status();
            String retryAfter = response.headers().get(HttpHeaderNames.RETRY_AFTER);
            listener.refused(
                    response.status().code(),
                    retryAfter != null && retryAfter.matches("\\d{1,6}") ? Integer.parseInt(retryAfter) : 0);
            var _ = context.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(why);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        why = cause.toString();
        var _ = context.close();
    }

    void end(String reason) {
        if (!over) {
            over = true;
            listener.lost(reason);
        }
    }
}
