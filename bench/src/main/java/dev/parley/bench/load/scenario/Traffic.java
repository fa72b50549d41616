package dev.parley.bench.load.scenario;

import dev.parley.bench.load.report.Result;
import java.util.List;

/** Messages at one rate, in direct chats, in groups or in one room. */
record Traffic() implements Scenario {

    @Override
    public List<int[]> chats(Options options) {
        return switch (options.scenario()) {
            case "direct" -> Chats.of(2, options.connections());
            case "group" -> Chats.of(options.groupSize(), options.connections());
            default -> Chats.of(options.connections(), options.connections());
        };
    }

    @Override
    public Result run(Stage stage) throws Exception {
        stage.connectAll();
        Options options = stage.options();
        return options.knee()
                ? new KneeSearch(stage).run()
                : new Measurement(stage)
                        .run(options.server() + " " + options.scenario(), options.rate(), (start, from, until) -> {});
    }
}
