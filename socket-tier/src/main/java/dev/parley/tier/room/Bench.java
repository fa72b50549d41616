package dev.parley.tier.room;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The members of a room on one event loop; only that loop touches the list. */
final class Bench {

    private static final Logger LOG = LoggerFactory.getLogger(Bench.class);

    final Executor loop;

    /** Most rooms are the channel of one user. */
    private final List<Seat> seats = new ArrayList<>(1);

    Bench(Executor loop) {
        this.loop = loop;
    }

    void add(Seat seat) {
        seat.index = seats.size();
        seats.add(seat);
    }

    void remove(Seat seat) {
        if (seat.index >= seats.size() || seats.get(seat.index) != seat) {
            return;
        }
        Seat last = seats.removeLast();
        if (last != seat) {
            seats.set(seat.index, last);
            last.index = seat.index;
        }
    }

    /** Gives it to every member, in the order of the calls; from any thread. */
    void give(Broadcast broadcast) {
        try {
            loop.execute(() -> deliver(broadcast));
        } catch (RejectedExecutionException shuttingDown) {
            LOG.debug("not delivered: the loop has ended", shuttingDown);
        }
    }

    private void deliver(Broadcast broadcast) {
        for (Seat seat : seats) {
            seat.deliver(broadcast);
        }
    }
}
