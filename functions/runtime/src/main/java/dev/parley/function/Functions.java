package dev.parley.function;

import dev.parley.queue.QueueCodec;
import dev.parley.queue.QueueEvent;
import dev.parley.queue.QueueName;
import dev.parley.queue.QueuePublisher;
import dev.parley.queue.Topology;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** The functions of this process, by the queue that each consumes. */
@Singleton
public final class Functions {

    private final Map<QueueName, FunctionRunner<?>> runners = new EnumMap<>(QueueName.class);

    Functions(
            List<BatchFunction<?>> functions,
            QueueCodec codec,
            QueuePublisher publisher,
            Topology topology,
            Clock clock) {
        for (BatchFunction<?> function : functions) {
            FunctionRunner<?> runner = runner(function, codec, publisher, topology, clock);
            runners.put(runner.queue(), runner);
        }
    }

    private static <E extends QueueEvent> FunctionRunner<E> runner(
            BatchFunction<E> function, QueueCodec codec, QueuePublisher publisher, Topology topology, Clock clock) {
        return new FunctionRunner<>(function, codec, publisher, topology, clock, new SplittableRandom());
    }

    public Map<QueueName, FunctionRunner<?>> byQueue() {
        return runners;
    }
}
