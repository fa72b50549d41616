package dev.parley.bench.load.scenario;

import dev.parley.bench.load.crowd.Arrivals;
import dev.parley.bench.load.report.Result;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * While groups talk all connections break at once, a quarter into the measured time; everybody wants back at once and
 * resumes. What was due meanwhile is sent late and counts so; nothing may be missing in the end.
 */
record ReconnectStorm() implements Scenario {

    @Override
    public List<int[]> chats(Options options) {
        return Chats.of(options.groupSize(), options.connections());
    }

    @Override
    public Result run(Stage stage) throws Exception {
        stage.connectAll();
        Options options = stage.options();
        CompletableFuture<Arrivals> storm = new CompletableFuture<>();
        Result result = new Measurement(stage)
                .run(
                        options.server() + " reconnect-storm",
                        options.rate(),
                        (start, from, until) -> storm.completeAsync(
                                stage.crowd()::cutAll,
                                CompletableFuture.delayedExecutor(
                                        from + (until - from) / 4 - System.nanoTime(), TimeUnit.NANOSECONDS)));
        Arrivals arrivals = storm.get(1, TimeUnit.MINUTES);
        stage.requireIn(arrivals);
        return result.with(ConnectStorm.figures(arrivals), List.of(ConnectStorm.plot(arrivals)));
    }
}
