package dev.parley.bench.load.scenario;

import dev.parley.bench.load.crowd.Crowd;
import dev.parley.bench.load.crowd.Person;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Reads pages of history over REST, without waiting for one before the next. */
final class Pages implements Crowd.PageReader {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int STATUS_OK = 200;

    private final HttpClient http;
    private final List<InetSocketAddress> targets;
    private final Histogram latencies = new ConcurrentHistogram(600_000_000, 3);
    private final AtomicLong asked = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final ConcurrentMap<Long, CompletableFuture<?>> underWay = new ConcurrentHashMap<>();
    private volatile long from = Long.MAX_VALUE;

    Pages(HttpClient http, List<InetSocketAddress> targets) {
        this.http = http;
        this.targets = targets;
    }

    /** Counts what is due from then on. */
    void measure(long measuredFrom) {
        from = measuredFrom;
    }

    @Override
    public void read(Person reader, String chatId, long due) {
        long number = asked.getAndIncrement();
        InetSocketAddress target = targets.get((int) (number % targets.size()));
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + target.getHostString() + ":"
                        + target.getPort() + "/api/chats/" + chatId + "/messages?limit=50"))
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + reader.token())
                .build();
        CompletableFuture<?> answer = http.sendAsync(request, HttpResponse.BodyHandlers.discarding())
                .whenComplete((response, failure) -> {
                    if (failure != null || response.statusCode() != STATUS_OK) {
                        failed.incrementAndGet();
                    } else if (due - from >= 0) {
                        latencies.recordValue(Math.max(0, (System.nanoTime() - due) / 1000));
                    }
                });
        underWay.put(number, answer);
        var _ = answer.whenComplete((done, failure) -> underWay.remove(number));
    }

    /** Returns when all have been answered or have failed. */
    void await(Duration atMost) throws InterruptedException {
        try {
            var _ = CompletableFuture.allOf(underWay.values().toArray(CompletableFuture[]::new))
                    .exceptionally(counted -> null)
                    .get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            failed.addAndGet(underWay.size());
        }
    }

    Histogram latencies() {
        return latencies;
    }

    long failed() {
        return failed.get();
    }
}
