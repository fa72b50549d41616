package dev.parley.redis;

import dev.parley.connect.Breakers;
import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.testing.TestRedis;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.Json;
import dev.parley.wire.MessageDraft;
import dev.parley.wire.MessageType;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the atomic steps cost on a Redis of their own, {@value #TOGETHER} of them under way together on the one connection,
 * as under load: time for each, client and server together.
 */
@NullMarked
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@SuppressWarnings("NullAway.Init") // JMH calls start() first
public class RedisScriptsBenchmark {

    static final int TOGETHER = 100;
    private static final int CHATS = 100;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private TestRedis server;
    private RedisClient client;
    private RedisLink link;
    private RecentMessages recent;
    private TokenBuckets buckets;
    private ChatMessage placed;
    private int next;

    @Setup
    public void start() throws InterruptedException {
        server = TestRedis.own();
        client = RedisClient.create();
        link = new RedisLink(
                new SingleServer(client, RedisURI.create(server.uri()), TIMEOUT),
                new Breakers(),
                new RedisSettings(TIMEOUT, Duration.ofSeconds(5), Duration.ofSeconds(30)));
        if (!link.awaitConnection(TIMEOUT)) {
            throw new IllegalStateException("no Redis");
        }
        recent = new RecentMessages(link, Json.standalone());
        buckets = new TokenBuckets(link);
        together(this::append);
        RecentMessages.Appended first = recent.append(draft(0, 1), OptionalLong.of(0), true, "a")
                .toCompletableFuture()
                .join();
        placed = ((RecentMessages.Appended.Placed) first).message();
    }

    @TearDown
    public void stop() {
        link.close();
        client.shutdown();
        server.kill();
    }

    private static MessageDraft draft(int chat, int number) {
        String clientMessageId = "c-" + number;
        return new MessageDraft(
                new MessageId("%024x".formatted(number)),
                new ChatId("%024x".formatted(chat)),
                new UserId("bbbbbbbbbbbbbbbbbbbbbbbb"),
                clientMessageId,
                MessageType.TEXT,
                "x".repeat(128),
                Instant.EPOCH);
    }

    private static void together(IntFunction<CompletionStage<?>> step) {
        List<CompletableFuture<?>> all = new ArrayList<>(TOGETHER);
        for (int i = 0; i < TOGETHER; i++) {
            all.add(step.apply(i).toCompletableFuture());
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
    }

    private CompletionStage<?> append(int i) {
        int number = ++next;
        return recent.append(draft(number % CHATS, number), OptionalLong.of(0), true, "a");
    }

    /** A new message gets its place and is published. */
    @Benchmark
    @OperationsPerInvocation(TOGETHER)
    public void appendNew() {
        together(this::append);
    }

    /** A message that comes again is recognised. */
    @Benchmark
    @OperationsPerInvocation(TOGETHER)
    public void appendKnown() {
        together(i -> recent.append(draft(0, 1), OptionalLong.of(0), true, "a"));
    }

    /** Persist notes that a message is stored. */
    @Benchmark
    @OperationsPerInvocation(TOGETHER)
    public void noteStored() {
        together(i -> recent.noteStored(placed));
    }

    /** A page of 50 recent messages. */
    @Benchmark
    @OperationsPerInvocation(TOGETHER)
    public void readFifty() {
        together(i -> recent.before(placed.chatId(), Long.MAX_VALUE, 50));
    }

    /** Tokens of a rate limit. */
    @Benchmark
    @OperationsPerInvocation(TOGETHER)
    public void lease() {
        together(i -> buckets.lease("bench", "user-" + i, 1_000_000, Duration.ofMinutes(1), 5, 1));
    }
}
