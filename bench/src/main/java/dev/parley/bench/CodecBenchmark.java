package dev.parley.bench;

import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.tier.frame.WireFormat;
import dev.parley.wire.ClientEvents;
import dev.parley.wire.MessageDraft;
import dev.parley.wire.MessageType;
import dev.parley.wire.PlainJson;
import dev.parley.wire.RoomEvent;
import dev.parley.wire.SocketIo;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What one message of 128 bytes costs in each codec: read from a sender, and made into a frame for a room. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecBenchmark {

    private static final String DATA =
            "{\"chatId\":\"aaaaaaaaaaaaaaaaaaaaaaaa\",\"clientMessageId\":\"c-1\",\"content\":\"" + "x".repeat(128)
                    + "\"}";
    private static final String PLAIN = "{\"id\":7,\"event\":\"send-message\",\"data\":" + DATA + "}";
    private static final String SOCKET_IO = "427[\"send-message\"," + DATA + "]";

    private final MessageDraft draft = new MessageDraft(
            new MessageId("dddddddddddddddddddddddd"),
            new ChatId("aaaaaaaaaaaaaaaaaaaaaaaa"),
            new UserId("bbbbbbbbbbbbbbbbbbbbbbbb"),
            "c-1",
            MessageType.TEXT,
            "x".repeat(128),
            Instant.EPOCH);
    private final byte[] json = (new String(draft.head(), StandardCharsets.UTF_8) + 1 + ",\"prevSeq\":null"
                    + new String(draft.tail(), StandardCharsets.UTF_8))
            .getBytes(StandardCharsets.UTF_8);
    private final byte[] published = new RoomEvent(RoomEvent.NEW_MESSAGE, 1, json).encode();

    @Benchmark
    public Object readPlainRequest() {
        PlainJson.Frame.Request request = (PlainJson.Frame.Request) PlainJson.read(PLAIN);
        return ClientEvents.read(request.event(), request.data());
    }

    @Benchmark
    public Object readSocketIoRequest() {
        SocketIo.Packet.Event event = (SocketIo.Packet.Event) SocketIo.read(SOCKET_IO, 1);
        return ClientEvents.read(event.name(), event.arguments().getFirst());
    }

    @Benchmark
    public Object writeDraft() {
        return draft.head().length + draft.tail().length;
    }

    @Benchmark
    public Object publishedToPlainFrame() {
        RoomEvent event = RoomEvent.decode(published).orElseThrow();
        return WireFormat.PLAIN.eventFrame(event.name(), event.json());
    }

    @Benchmark
    public Object publishedToSocketIoFrame() {
        RoomEvent event = RoomEvent.decode(published).orElseThrow();
        return WireFormat.SOCKET_IO.eventFrame(event.name(), event.json());
    }
}
