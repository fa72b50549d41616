package dev.parley.bench.load.scenario;

import dev.parley.bench.load.report.Comparison;
import dev.parley.bench.load.report.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Groups in which everybody keeps to the limits, by turns with and without one client that sends a hundred times as much as
 * it may. What it sends is not counted; what the others feel of it is the ratio of their figures. The rate must stay below
 * what the limits allow everybody, or the others are refused too.
 */
record Greed() implements Scenario {

    private static final double TIMES_TOO_OFTEN = 100;

    /** What one user may send as shipped. */
    private static final double ALLOWED_PER_SECOND = 30 / 60.0;

    private static final int TURNS = 3;

    @Override
    public List<int[]> chats(Options options) {
        if (!options.limits()) {
            throw new IllegalArgumentException("without --limits on everybody may send as much as he likes");
        }
        return Chats.of(options.groupSize(), options.connections());
    }

    @Override
    public Result run(Stage stage) throws Exception {
        stage.connectAll();
        double rate = stage.options().rate();
        List<Result> quiet = new ArrayList<>();
        List<Result> greedy = new ArrayList<>();
        for (int turn = 1; turn <= TURNS; turn++) {
            quiet.add(new Measurement(stage).run("quiet " + turn, rate, (start, from, until) -> {}));
            List<CompletableFuture<Void>> flood = new ArrayList<>();
            greedy.add(new Measurement(stage).run("greedy " + turn, rate, (start, from, until) -> {
                double perSecond = ALLOWED_PER_SECOND * TIMES_TOO_OFTEN;
                flood.add(stage.crowd().flood(start, perSecond, (int) (perSecond * (until - start) / 1e9)));
            }));
            for (CompletableFuture<Void> one : flood) {
                var _ = one.get(1, TimeUnit.MINUTES);
            }
        }
        return new Comparison("greedy", greedy, "quiet", quiet)
                .summary(stage.options().server() + " greed: medians of " + TURNS + " turns");
    }
}
