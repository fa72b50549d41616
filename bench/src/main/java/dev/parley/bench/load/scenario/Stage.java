package dev.parley.bench.load.scenario;

import dev.parley.bench.load.crowd.Arrivals;
import dev.parley.bench.load.crowd.Crowd;
import dev.parley.bench.load.ledger.Ledger;
import dev.parley.bench.load.net.Dialer;
import dev.parley.bench.load.world.Population;
import dev.parley.bench.load.world.World;
import java.time.Duration;
import java.util.List;

/** A world with a crowd in front of it. Closing it ends the crowd, not the world. */
public final class Stage implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Options options;
    private final World world;
    private final Ledger ledger;
    private final Dialer dialer;
    private final Crowd crowd;

    private Stage(Options options, World world) {
        this.options = options;
        this.world = world;
        this.ledger = new Ledger(Long.toString(System.nanoTime() & 0xffffffffL, 36), options.size());
        this.dialer = new Dialer(world.targets(), options.codec().path());
        this.crowd = new Crowd(dialer, options.codec(), ledger, options.seed());
    }

    /** For everybody whom the options name. */
    static Stage set(Options options, World world, List<int[]> chats) throws Exception {
        return set(options, world, options.connections(), chats);
    }

    /** Makes users and chats, and the crowd that they are; nobody is connected yet. */
    static Stage set(Options options, World world, int clients, List<int[]> chats) throws Exception {
        Population population = world.settle(clients, chats);
        Stage stage = new Stage(options, world);
        stage.crowd.populate(population.people(), population.rooms(), options.senders());
        return stage;
    }

    /** Returns when everybody is connected and has joined. */
    void connectAll() throws Exception {
        connectUntil(0, options.connections());
    }

    /** Returns when the first tenth is connected, so that a server that has just started is not measured at that; how many. */
    int connectFirst() throws Exception {
        int first = Math.max(1, options.connections() / 10);
        connectUntil(0, first);
        return first;
    }

    void connectUntil(int from, int until) throws Exception {
        requireIn(crowd.arrive(from, until, options.connectRate()));
    }

    void requireIn(Arrivals arrivals) throws Exception {
        if (!arrivals.await(PATIENCE)) {
            throw new IllegalStateException("not everybody got in: " + crowd.notes());
        }
    }

    Options options() {
        return options;
    }

    World world() {
        return world;
    }

    Ledger ledger() {
        return ledger;
    }

    Crowd crowd() {
        return crowd;
    }

    @Override
    public void close() throws Exception {
        crowd.end();
        dialer.close();
    }
}
