package dev.parley.tier.edge;

import dev.parley.tier.frame.ConnectionSettings;
import dev.parley.tier.frame.WireFormat;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A frame of 300 bytes written and flushed to each of {@value #CONNECTIONS} channels without a socket: time for each. */
@NullMarked
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class OutboxBenchmark {

    static final int CONNECTIONS = 1_000;

    private final List<EmbeddedChannel> channels = new ArrayList<>();
    private final List<Outbox> outboxes = new ArrayList<>();

    @Setup
    public void open() {
        ConnectionSettings settings =
                new ConnectionSettings(Duration.ofSeconds(25), Duration.ofSeconds(25), 1 << 20, 1 << 20, code -> {});
        for (int i = 0; i < CONNECTIONS; i++) {
            EmbeddedChannel channel = new EmbeddedChannel(new WebSocket13FrameEncoder(false));
            channels.add(channel);
            outboxes.add(new Outbox(
                    channel.pipeline().context(WebSocket13FrameEncoder.class), channel.eventLoop(), settings));
        }
    }

    @Benchmark
    @OperationsPerInvocation(CONNECTIONS)
    public void writeToAll() {
        byte[] frame = WireFormat.textFrame(new byte[296]);
        for (Outbox outbox : outboxes) {
            outbox.write(frame, false);
        }
        // The first one's loop has the task that flushes all of them.
        channels.getFirst().runPendingTasks();
        for (EmbeddedChannel channel : channels) {
            ReferenceCountUtil.release(channel.readOutbound());
        }
    }
}
