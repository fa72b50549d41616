package dev.parley.tier.edge;

import dev.parley.wire.Limits;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrameEncoder;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionDecoder;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionEncoder;
import io.netty.handler.ssl.SslHandler;
import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The one place where we go below the framework: the handshake is Micronaut's (routing, filters, security, metrics);
 * afterwards only the frame codec stays on the channel, and everything that served HTTP is removed with what it holds.
 */
final class Takeover {

    private Takeover() {}

    /**
     * Slims the pipeline down; on the channel's event loop, in a task of its own after the handshake.
     *
     * @return how to write to the connection, or null where it is not a version 13 WebSocket: then it is to be closed
     */
    static @Nullable Outbox slim(Channel channel, int outboxBytes) {
        ChannelPipeline pipeline = channel.pipeline();
        if (pipeline.get(WebSocket13FrameDecoder.class) == null
                || pipeline.get(WebSocket13FrameEncoder.class) == null) {
            return null;
        }
        boolean extensions = pipeline.get(WebSocketExtensionDecoder.class) != null;
        for (Map.Entry<String, ChannelHandler> entry :
                new ArrayList<>(pipeline.toMap().entrySet())) {
            switch (entry.getValue()) {
                case SslHandler ssl -> {}
                case WebSocketFrameEncoder encoder -> {}
                case WebSocketExtensionDecoder extension -> {}
                case WebSocketExtensionEncoder extension -> {}
                case WebSocketFrameDecoder decoder ->
                    pipeline.replace(decoder, "ws-decoder", new WebSocket13FrameDecoder(decoderConfig(extensions)));
                default -> pipeline.remove(entry.getValue());
            }
        }
        ChannelHandlerContext encoder = pipeline.context(WebSocket13FrameEncoder.class);
        return new Outbox(encoder, outboxBytes);
    }

    /** Violations become exceptions, so that {@link SocketHandler} can close with the right code in its own time. */
    private static WebSocketDecoderConfig decoderConfig(boolean extensions) {
        return WebSocketDecoderConfig.newBuilder()
                .maxFramePayloadLength(Limits.FRAME_BYTES)
                .allowExtensions(extensions)
                .expectMaskedFrames(true)
                .allowMaskMismatch(false)
                .closeOnProtocolViolation(false)
                .withUTF8Validator(false)
                .build();
    }
}
