package dev.parley.tier.room;

import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The members of a room on one event loop; only that loop touches the list. */
final class Bench {

    private static final Logger LOG = LoggerFactory.getLogger(Bench.class);

    private static final @Nullable Seat[] NONE = {};

    final Executor loop;

    /** The first {@link #taken} of them; as few as can be, because most rooms are the channel of one user. */
    private @Nullable Seat[] seats = NONE;

    private int taken;

    Bench(Executor loop) {
        this.loop = loop;
    }

    void add(Seat seat) {
        if (taken == seats.length) {
            seats = Arrays.copyOf(seats, taken + 1 + taken / 2);
        }
        seat.index = taken;
        seats[taken] = seat;
        taken++;
    }

    void remove(Seat seat) {
        if (seat.index >= taken || seats[seat.index] != seat) {
            return;
        }
        taken--;
        Seat last = seats[taken];
        if (last != null) {
            seats[seat.index] = last;
            last.index = seat.index;
        }
        seats[taken] = null;
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
        // Nobody leaves meanwhile: connections end in tasks of their own.
        for (Seat seat : seats) {
            if (seat == null) {
                break;
            }
            seat.deliver(broadcast);
        }
    }
}
