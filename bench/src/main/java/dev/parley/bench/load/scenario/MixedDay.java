package dev.parley.bench.load.scenario;

import dev.parley.bench.load.report.Result;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Everybody is in a group and in a direct chat. For every message somebody types every other time, one in five times a
 * page of history is read, where there is one, and one in twenty times somebody loses the connection and comes back.
 */
record MixedDay() implements Scenario {

    private static final double TYPING = 0.5;
    private static final double PAGES = 0.2;
    private static final double HOPS = 0.05;

    @Override
    public List<int[]> chats(Options options) {
        List<int[]> chats = new ArrayList<>(Chats.of(options.groupSize(), options.connections()));
        chats.addAll(Chats.spread(2, options.connections()));
        return chats;
    }

    @Override
    public Result run(Stage stage) throws Exception {
        stage.connectAll();
        Options options = stage.options();
        try (HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build()) {
            Pages pages = new Pages(http, stage.world().targets());
            List<CompletableFuture<Void>> besides = new ArrayList<>();
            Result result = new Measurement(stage)
                    .run(options.server() + " mixed", options.rate(), (start, from, until) -> {
                        double seconds = (until - start) / 1e9;
                        double rate = options.rate();
                        besides.add(stage.crowd().type(start, rate * TYPING, (int) (rate * TYPING * seconds)));
                        besides.add(stage.crowd().hop(start, rate * HOPS, (int) (rate * HOPS * seconds)));
                        if (stage.world().hasHistory()) {
                            pages.measure(from);
                            besides.add(stage.crowd().read(start, rate * PAGES, (int) (rate * PAGES * seconds), pages));
                        }
                    });
            for (CompletableFuture<Void> one : besides) {
                var _ = one.get(1, TimeUnit.MINUTES);
            }
            pages.await(Duration.ofSeconds(30));
            Map<String, Double> figures = new LinkedHashMap<>();
            if (stage.world().hasHistory()) {
                figures.put("pages", (double) pages.latencies().getTotalCount());
                figures.put("pages_failed", (double) pages.failed());
                Measurement.percentiles(figures, "page", pages.latencies());
            }
            return result.with(figures, List.of());
        }
    }
}
