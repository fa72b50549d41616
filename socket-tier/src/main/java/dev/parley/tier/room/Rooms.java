package dev.parley.tier.room;

import dev.parley.redis.Channels;
import dev.parley.wire.RoomEvent;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The channels with members on this instance. An instance subscribes to a channel when the first member enters and
 * unsubscribes when the last one leaves. The subscriber's reader thread only hands an event over to the loops that have
 * members; each loop serves its own members, so that an event costs one task per loop, and the order of a channel is
 * kept because both the reader and the loops work in order. Thread-safe.
 */
@Singleton
public final class Rooms {

    private static final Logger LOG = LoggerFactory.getLogger(Rooms.class);

    /** The members of a room on one loop; only that loop touches the list. */
    private static final class Bench {
        private final Executor loop;
        private final List<Seat> seats = new ArrayList<>();

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

        void deliver(Broadcast broadcast) {
            for (Seat seat : seats) {
                seat.deliver(broadcast);
            }
        }
    }

    private static final class Room {
        private CompletionStage<Void> subscribed;
        private final Map<Executor, Bench> benches = new ConcurrentHashMap<>();
        private int members;

        Room(CompletionStage<Void> subscribed) {
            this.subscribed = subscribed;
        }
    }

    private final Channels channels;
    private final Map<String, Room> rooms = new ConcurrentHashMap<>();

    Rooms(Channels channels) {
        this.channels = channels;
        channels.listen(this::deliver);
    }

    /** Gives the member a seat; on the member's loop. */
    public Seat enter(String channel, Member member) {
        Executor loop = member.loop();
        Seat[] seat = new Seat[1];
        Room entered = rooms.compute(channel, (name, room) -> {
            Room open = room == null ? new Room(channels.subscribe(name)) : room;
            if (open.subscribed.toCompletableFuture().isCompletedExceptionally()) {
                // Its members of then were told; the next one tries anew.
                open.subscribed = channels.subscribe(name);
            }
            open.members++;
            seat[0] = new Seat(member, channel, open.subscribed);
            return open;
        });
        entered.benches.computeIfAbsent(loop, Bench::new).add(seat[0]);
        return seat[0];
    }

    /** Takes the seat away; on the member's loop. */
    public void leave(Seat seat) {
        Executor loop = seat.member().loop();
        Room left = rooms.get(seat.channel());
        if (left != null) {
            Bench bench = left.benches.get(loop);
            if (bench != null) {
                bench.remove(seat);
            }
        }
        rooms.computeIfPresent(seat.channel(), (name, room) -> {
            room.members--;
            if (room.members > 0) {
                return room;
            }
            var _ = channels.unsubscribe(name).whenComplete((done, failure) -> {
                if (failure != null) {
                    LOG.debug("unsubscribing from {}: {}", name, failure.toString());
                }
            });
            return null;
        });
    }

    private void deliver(String channel, RoomEvent event) {
        Room room = rooms.get(channel);
        if (room == null) {
            return;
        }
        Broadcast broadcast = new Broadcast(event);
        for (Bench bench : room.benches.values()) {
            try {
                bench.loop.execute(() -> bench.deliver(broadcast));
            } catch (RejectedExecutionException shuttingDown) {
                LOG.debug("not delivered: the loop has ended", shuttingDown);
            }
        }
    }

    /** How many channels have members here. */
    public int open() {
        return rooms.size();
    }
}
