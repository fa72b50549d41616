package dev.parley.tier.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.tier.frame.ConnectionSettings;
import dev.parley.tier.frame.WireFormat;
import dev.parley.wire.CloseCode;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboxTest {

    private static final int BOUND = 1_000;

    private final List<CloseCode> closed = new ArrayList<>();
    private final ConnectionSettings settings =
            new ConnectionSettings(Duration.ofSeconds(25), Duration.ofSeconds(25), 1_000, BOUND, closed::add);

    private record Client(EmbeddedChannel channel, Outbox outbox) {}

    private Client client() {
        EmbeddedChannel channel = new EmbeddedChannel();
        // As TLS would; an embedded channel would run the loop's tasks inside of every write that goes straight out.
        channel.pipeline().addLast(new ChannelOutboundHandlerAdapter());
        channel.pipeline().addLast("encoder", new ChannelOutboundHandlerAdapter());
        return new Client(channel, new Outbox(channel.pipeline().context("encoder"), channel.eventLoop(), settings));
    }

    private static byte[] frame(String text) {
        return WireFormat.textFrame(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(ByteBuf frame) {
        return frame.toString(2, frame.readableBytes() - 2, StandardCharsets.UTF_8);
    }

    @Test
    void aFrameForManyIsOneBufferForAllOfThem() {
        Client alice = client();
        Client bob = client();
        byte[] frame = frame("to both");

        alice.outbox().write(frame, false);
        bob.outbox().write(frame, false);
        alice.channel().runPendingTasks();

        ByteBuf first = alice.channel().readOutbound();
        ByteBuf second = bob.channel().readOutbound();
        assertThat(text(first)).isEqualTo("to both");
        assertThat(text(second)).isEqualTo("to both");
        assertThat(first.isDirect()).isTrue();
        assertThat(second.memoryAddress()).isEqualTo(first.memoryAddress());
        first.release();
        assertThat(second.refCnt()).as("whoever is slower still has it").isEqualTo(1);
        second.release();
        assertThat(second.refCnt()).as("nobody else keeps it").isZero();
    }

    @Test
    void framesKeepTheirOrder() {
        Client alice = client();

        for (String text : List.of("a", "b", "c")) {
            alice.outbox().write(frame(text), false);
        }
        alice.channel().runPendingTasks();

        List<String> texts = new ArrayList<>();
        for (ByteBuf one = alice.channel().readOutbound();
                one != null;
                one = alice.channel().readOutbound()) {
            texts.add(text(one));
            one.release();
        }
        assertThat(texts).containsExactly("a", "b", "c");
    }

    @Test
    void whatDoesNotFitEndsTheConnectionAndIsNotGiven() {
        Client alice = client();

        alice.outbox().write(frame("x".repeat(BOUND)), false);
        alice.outbox().write(frame("after"), false);

        assertThat(closed).containsExactly(CloseCode.SLOW_READER);
        assertThat(alice.channel().<Object>readOutbound())
                .isInstanceOf(io.netty.handler.codec.http.websocketx.CloseWebSocketFrame.class);
        assertThat(alice.channel().<Object>readOutbound()).isNull();
    }
}
