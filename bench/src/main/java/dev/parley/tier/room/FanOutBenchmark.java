package dev.parley.tier.room;

import dev.parley.tier.frame.WireFormat;
import dev.parley.wire.RoomEvent;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** One published message on its way from the subscriber to the frames of all members on one loop; without the sockets. */
@NullMarked
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH sets the parameter and calls fill() first
public class FanOutBenchmark {

    @Param({"1", "10", "1000", "5000"})
    public int members;

    private final Bench bench = new Bench(Runnable::run);
    private Blackhole sink;
    private long seq;

    @Setup
    public void fill(Blackhole blackhole) {
        sink = blackhole;
        Deliveries deliveries = new Deliveries();
        Member member = new Member() {
            @Override
            public Executor loop() {
                return Runnable::run;
            }

            @Override
            public void show(Broadcast broadcast) {
                sink.consume(broadcast.frame(WireFormat.PLAIN));
            }
        };
        for (int i = 0; i < members; i++) {
            bench.add(new Seat(member, "chat:{aaaaaaaaaaaaaaaaaaaaaaaa}", deliveries));
        }
    }

    @Benchmark
    public void deliver() {
        seq++;
        String json = "{\"messageId\":\"%024x\",\"seq\":%d,\"content\":\"%s\"}".formatted(seq, seq, "x".repeat(128));
        bench.give(
                new Broadcast(new RoomEvent(RoomEvent.NEW_MESSAGE, seq, true, json.getBytes(StandardCharsets.UTF_8))));
    }
}
