package dev.parley.tier.edge;

import dev.parley.wire.Limits;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.micronaut.http.server.netty.websocket.NettyServerWebSocketUpgradeHandler;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what a compressed message may grow to. The framework offers permessage-deflate without a bound, so that a frame
 * within the limit could become a thousand times larger in memory.
 */
@Singleton
final class BoundedInflation implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {

    @Override
    public NettyServerCustomizer.Registry onCreated(BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
        event.getBean().register(new Customizer(null));
        return event.getBean();
    }

    private record Customizer(@Nullable Channel channel) implements NettyServerCustomizer {

        @Override
        public NettyServerCustomizer specializeForChannel(Channel specialized, ChannelRole role) {
            return new Customizer(specialized);
        }

        @Override
        public void onStreamPipelineBuilt() {
            if (channel == null) {
                return;
            }
            ChannelPipeline pipeline = channel.pipeline();
            if (pipeline.get(NettyServerWebSocketUpgradeHandler.COMPRESSION_HANDLER) != null) {
                pipeline.replace(
                        NettyServerWebSocketUpgradeHandler.COMPRESSION_HANDLER,
                        NettyServerWebSocketUpgradeHandler.COMPRESSION_HANDLER,
                        new WebSocketServerCompressionHandler(Limits.FRAME_BYTES));
            }
        }
    }
}
