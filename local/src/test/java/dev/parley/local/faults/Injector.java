package dev.parley.local.faults;

import dev.parley.local.faults.Schedule.Step;
import dev.parley.local.faults.check.Evidence.Span;
import dev.parley.local.faults.check.Ledger;
import dev.parley.local.faults.world.Gate;
import dev.parley.local.faults.world.Node;
import dev.parley.local.faults.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** Makes the faults of a schedule happen, and undoes them. */
final class Injector {

    /**
     * A fault as it was.
     *
     * @param from nanoseconds since the round began
     * @param to when it was undone and the process ready again
     */
    record Injected(Fault fault, long from, long to) {

        @Override
        public String toString() {
            return "%7.1f s  %s, over at %.1f s".formatted(from / 1e9, fault, to / 1e9);
        }
    }

    private static final Duration PUT_RIGHT_WITHIN = Duration.ofSeconds(20);

    private final World world;
    private final Ledger ledger;
    private final boolean redisIsNew;
    private final List<Injected> injected = new ArrayList<>();

    /** @param redisIsNew whether Redis was started anew under the running instances, just before */
    Injector(World world, Ledger ledger, boolean redisIsNew) {
        this.world = world;
        this.ledger = ledger;
        this.redisIsNew = redisIsNew;
    }

    /** Runs one step: all of its faults at once, until all are over, and the pause. */
    void run(Step step) throws Exception {
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (Fault fault : step.faults()) {
                running.add(each.submit(() -> {
                    inject(fault);
                    return fault;
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        }
        Thread.sleep(step.pause());
    }

    private void inject(Fault fault) throws Exception {
        long from = ledger.now();
        System.out.printf("%7.1f s  %s%n", from / 1e9, fault);
        switch (fault.kind()) {
            case KILL -> {
                Node node = world.node(fault.target());
                node.kill();
                Thread.sleep(fault.lasts());
                node.start();
            }
            case TERMINATE -> {
                Node node = world.node(fault.target());
                node.terminate();
                Thread.sleep(fault.lasts());
                node.start();
            }
            case STOP -> {
                Node node = world.node(fault.target());
                node.pause();
                Thread.sleep(fault.lasts());
                node.resume();
            }
            case CUT -> {
                List<Gate> gates = world.gates(fault.target());
                gates.forEach(Gate::cut);
                Thread.sleep(fault.lasts());
                gates.forEach(Gate::open);
            }
            case SILENCE -> {
                List<Gate> gates = world.gates(fault.target());
                gates.forEach(Gate::silence);
                Thread.sleep(fault.lasts());
                gates.forEach(Gate::open);
            }
            case FLUSH -> world.flushRedis();
        }
        Injected done = new Injected(fault, from, ledger.now());
        synchronized (injected) {
            injected.add(done);
        }
        System.out.printf("%7.1f s  %s %s is over%n", done.to() / 1e9, fault.kind(), fault.target());
    }

    /** When instances may have placed one message differently, with the time in which that is put right. */
    List<Span> divided() {
        // Not every instance may have noticed when people begin to talk.
        Stream<Span> before = redisIsNew ? Stream.of(new Span(0, PUT_RIGHT_WITHIN.toNanos())) : Stream.empty();
        return Stream.concat(
                        before,
                        injected().stream()
                                .filter(done -> done.fault().target().endsWith(World.REDIS))
                                .map(done -> new Span(done.from(), done.to() + PUT_RIGHT_WITHIN.toNanos())))
                .toList();
    }

    List<Injected> injected() {
        synchronized (injected) {
            return List.copyOf(injected);
        }
    }
}
