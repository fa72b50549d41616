package dev.parley.bench.load.scenario;

import dev.parley.bench.load.report.Result;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;

/** Connections that do nothing, until the standard input ends: what {@link Companions} do. */
record Hold() implements Scenario {

    @Override
    public List<int[]> chats(Options options) {
        return List.of();
    }

    @Override
    public Result run(Stage stage) throws Exception {
        stage.connectAll();
        System.out.println(Companions.ALL_IN);
        System.in.transferTo(OutputStream.nullOutputStream());
        Options options = stage.options();
        return new Result(
                options.server() + " hold",
                options.settings(),
                Map.of("connections", (double) options.connections()),
                stage.crowd().notes(),
                List.of());
    }
}
