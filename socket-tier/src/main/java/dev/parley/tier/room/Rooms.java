package dev.parley.tier.room;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.keys.RedisKeys;
import dev.parley.mongo.ChatStore;
import dev.parley.queue.LiveExchange;
import dev.parley.redis.Channels;
import dev.parley.tier.Blocking;
import dev.parley.tier.history.History.Missed;
import dev.parley.tier.history.LastSeqs;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.Json;
import dev.parley.wire.RoomEvent;
import dev.parley.wire.Seq;
import dev.parley.wire.ServerEvent;
import io.micronaut.context.annotation.Context;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The channels with members on this instance. An instance subscribes to a channel when the first member enters and
 * unsubscribes when the last one leaves. The subscriber's reader thread only hands an event over to the loops that have
 * members; each loop serves its own members, so that an event costs one task per loop, and the order of a channel is
 * kept because both the reader and the loops work in order.
 *
 * <p>Events come from Redis, and through the {@link LiveExchange} from instances that can not reach Redis. When either
 * feed was interrupted, every room is repaired: live events are held until it has been given what it missed. A room whose
 * subscription is down for longer looks into MongoDB every second. Thread-safe.
 */
@Context
public final class Rooms {

    private static final Logger LOG = LoggerFactory.getLogger(Rooms.class);
    private static final int MAX_HELD = 10_000;
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** How far a look goes back behind what the last one found: messages of several instances overlap. */
    private static final Duration LOOK_BACK = Duration.ofSeconds(5);

    private static final int CHATS_PER_LOOK = 500;
    private static final long READY_TIMEOUT_MS = 2_000;
    private static final long REPAIR_RETRY_MS = 1_000;
    private static final long MOST_HELD_MS = 3_000;

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

    /** A channel and who is there. What is not final is guarded by the room itself, except for the number of members. */
    private final class Room {
        private final String channel;
        private final @Nullable ChatId chat;
        private final Map<Executor, Bench> benches = new ConcurrentHashMap<>();

        /** Changed only inside {@code rooms.compute}. */
        private int members;

        /** Whether Redis has confirmed the subscription, and it still stands. */
        private boolean subscribed;

        /** Whether the subscription stood before and has not been restored yet. */
        private volatile boolean interrupted;

        /** Counts the interruptions and their ends; what was read in another epoch may have a gap to the live feed. */
        private int epoch;

        /** Everything up to here has been given to all members; -1 where no member has caught up yet. */
        private long passedUpTo = -1;

        /** From where a repair is owed that could not be made yet; -1 for none. */
        private long owedFrom = -1;

        private boolean repairPlanned;

        private long lookedUpTo;

        /** Whether a look is under way. */
        private boolean looking;

        private CompletableFuture<Void> ready = new CompletableFuture<>();

        /** Live events wait here while the room is repaired. */
        private @Nullable List<RoomEvent> held;

        private boolean overflown;

        Room(String channel) {
            this.channel = channel;
            this.chat = RedisKeys.chatOf(channel).orElse(null);
        }

        synchronized void receive(RoomEvent event) {
            if (held == null || event.ephemeral()) {
                pass(event);
            } else if (held.size() < MAX_HELD) {
                held.add(event);
            } else {
                overflown = true;
            }
        }

        private void pass(RoomEvent event) {
            OptionalLong earlier = OptionalLong.empty();
            if (event.isMessage()) {
                earlier = note(event);
                if (event.inOrder()) {
                    lastSeqs.see(channel, event.seq());
                    passedUpTo = Math.max(passedUpTo, event.seq());
                } else {
                    lastSeqs.seeOutOfOrder(channel, event.seq());
                }
            } else if (event.name().equals(RoomEvent.MESSAGE_RETRACTED)) {
                event.retracted(json).ifPresent(retracted -> deliveries.forget(retracted.messageId(), retracted.seq()));
            }
            give(new Broadcast(event, earlier));
        }

        /** Notes the delivery of a message; answers the number of an earlier one at the same place. */
        private OptionalLong note(RoomEvent event) {
            Optional<MessageId> id = event.messageId();
            Optional<Deliveries.Delivery> earlier = id.flatMap(message -> deliveries.note(message, event.seq()));
            if (earlier.isEmpty()) {
                return OptionalLong.empty();
            }
            if (earlier.get().seq() != event.seq() && chat != null) {
                // Redis has lost its memory of it, and with it whom to tell: each instance tells its own members.
                give(new Broadcast(RoomEvent.of(
                        new ServerEvent.MessageRetracted(
                                id.get(), chat, earlier.get().seq()),
                        json)));
                return OptionalLong.empty();
            }
            return OptionalLong.of(earlier.get().number());
        }

        private void give(Broadcast broadcast) {
            for (Bench bench : benches.values()) {
                try {
                    bench.loop.execute(() -> bench.deliver(broadcast));
                } catch (RejectedExecutionException shuttingDown) {
                    LOG.debug("not delivered: the loop has ended", shuttingDown);
                }
            }
        }

        synchronized void interrupted() {
            if (chat == null) {
                newChats.interrupted();
            }
            interrupted = true;
            subscribed = false;
            epoch++;
            // The repair under way has come to nothing; what other feeds bring must not wait for the next one.
            stopHolding();
            if (ready.isDone()) {
                ready = new CompletableFuture<>();
            }
        }

        void restored() {
            CompletableFuture<Void> waiting;
            synchronized (this) {
                subscribed = true;
                interrupted = false;
                epoch++;
                waiting = ready;
                startRepair();
            }
            waiting.complete(null);
            if (chat == null) {
                newChats.restored();
            }
        }

        /** Holds live events and asks what was missed; holding the lock. */
        private void startRepair() {
            if (chat == null || passedUpTo < 0) {
                return;
            }
            if (held == null) {
                held = new ArrayList<>();
                int asked = epoch;
                later(MOST_HELD_MS, () -> stopHolding(asked));
            }
            askForMissed(epoch);
        }

        private synchronized void stopHolding(int asked) {
            if (asked == epoch) {
                stopHolding();
            }
        }

        /** Lets go what waits for a repair that takes too long: what was missed then comes late. Holding the lock. */
        private void stopHolding() {
            if (held != null) {
                owedFrom = owedFrom < 0 ? passedUpTo : Math.min(owedFrom, passedUpTo);
                passHeld();
            }
        }

        private void askForMissed(int asked) {
            ChatId asking = chat;
            if (asking == null) {
                return;
            }
            long from = owedFrom < 0 ? passedUpTo : Math.min(owedFrom, passedUpTo);
            repair.missed(asking, from).whenComplete((missed, failure) -> {
                if (failure == null) {
                    repaired(asked, from, missed);
                } else {
                    repairFailed(asked, from, failure);
                }
            });
        }

        private synchronized void repaired(int asked, long from, Missed missed) {
            if (asked != epoch) {
                // Interrupted again: the next repair begins where this one did.
                return;
            }
            boolean inTime = held != null && missed.complete();
            long passedBefore = passedUpTo;
            for (var retracted : missed.retracted()) {
                pass(RoomEvent.of(retracted, json));
            }
            missed.late().forEach(message -> pass(event(message, false)));
            boolean onlyOwed = from < passedBefore;
            if (missed.tooMany() && !onlyOwed) {
                resync(missed);
            } else {
                // Only what Redis has placed came in order, and only before anything live.
                missed.after()
                        .forEach(message -> pass(
                                event(message, inTime && message.prevSeq() != null && message.seq() > passedBefore)));
            }
            passHeld();
            if (owedFrom >= from) {
                // Not what somebody came to be owed meanwhile.
                owedFrom = -1;
            }
            if (!missed.complete()) {
                owe(from);
            } else if (missed.tooMany() && onlyOwed) {
                // Most members have it, so nobody is told to load everything anew; it goes on piece by piece.
                owe(missed.after().getLast().seq());
            }
        }

        /** The members may lack something from there on that can not be read now; holding the lock. */
        private void owe(long from) {
            owedFrom = owedFrom < 0 ? from : Math.min(owedFrom, from);
            if (subscribed && !repairPlanned) {
                repairPlanned = true;
                later(REPAIR_RETRY_MS, this::repairAgain);
            }
            // Otherwise it is repaired when the subscription is restored.
        }

        private void resync(Missed missed) {
            ServerEvent.Resync resync = new ServerEvent.Resync(Objects.requireNonNull(chat), missed.head());
            passedUpTo = Math.max(passedUpTo, missed.head());
            pass(new RoomEvent(resync.eventName(), missed.inOrderUpTo(), json.bytes(resync)));
        }

        private void passHeld() {
            List<RoomEvent> waiting = held;
            held = null;
            if (waiting == null) {
                return;
            }
            waiting.forEach(this::pass);
            if (overflown && chat != null) {
                overflown = false;
                ServerEvent.Resync resync = new ServerEvent.Resync(chat, passedUpTo);
                pass(RoomEvent.of(resync, json));
            }
        }

        /** The live feed goes on; what is owed is given later, out of order. */
        private synchronized void repairFailed(int asked, long from, Throwable failure) {
            if (asked != epoch) {
                return;
            }
            LOG.debug("{} can not be repaired yet: {}", channel, failure.toString());
            passHeld();
            owe(from);
        }

        private synchronized void repairAgain() {
            repairPlanned = false;
            if (subscribed && owedFrom >= 0 && rooms.get(channel) == this) {
                askForMissed(epoch);
            }
        }

        synchronized void looking(boolean underWay) {
            looking = underWay;
        }

        /** What was found by looking, while the subscription is down. */
        synchronized void found(Missed missed) {
            missed.late().forEach(message -> pass(event(message, false)));
            missed.after().forEach(message -> pass(event(message, false)));
            if (!missed.after().isEmpty()) {
                lookedUpTo = Math.max(lookedUpTo, missed.after().getLast().seq());
            }
        }

        synchronized CompletionStage<Void> ready() {
            if (subscribed || breakers.isAway(Server.REDIS)) {
                return CompletableFuture.completedStage(null);
            }
            // Without the subscription the room is served by looking, so nobody waits for it for ever.
            return ready.copy().completeOnTimeout(null, READY_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        }

        void redisWentAway() {
            CompletableFuture<Void> waiting;
            synchronized (this) {
                waiting = ready;
            }
            waiting.complete(null);
        }

        synchronized int epoch() {
            return epoch;
        }

        synchronized boolean caughtUp(int readIn, long head, OptionalLong owed) {
            if (readIn != epoch) {
                return false;
            }
            if (passedUpTo < 0) {
                passedUpTo = head;
            }
            if (owed.isPresent()) {
                owe(owed.getAsLong());
            }
            return true;
        }

        synchronized OptionalLong lookFrom() {
            if (subscribed || looking || chat == null || passedUpTo < 0) {
                return OptionalLong.empty();
            }
            return OptionalLong.of(Math.max(passedUpTo, lookedUpTo));
        }
    }

    private final Channels channels;
    private final Breakers breakers;
    private final RoomRepair repair;
    private final LastSeqs lastSeqs;
    private final ChatStore chats;
    private final Blocking blocking;
    private final LiveExchange exchange;
    private final Json json;
    private final Deliveries deliveries = new Deliveries();
    private final NewChats newChats;
    private final Map<String, Room> rooms = new ConcurrentHashMap<>();
    private final LiveExchange.Listening listening;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("rooms").factory());

    Rooms(
            Channels channels,
            Breakers breakers,
            RoomRepair repair,
            LastSeqs lastSeqs,
            ChatStore chats,
            Blocking blocking,
            LiveExchange exchange,
            Json json) {
        this.channels = channels;
        this.breakers = breakers;
        this.repair = repair;
        this.lastSeqs = lastSeqs;
        this.chats = chats;
        this.blocking = blocking;
        this.exchange = exchange;
        this.json = json;
        this.newChats = new NewChats(chats, blocking, json, timer, this::userChannelInterrupted, this::deliver);
        channels.listen(new Channels.Listener() {
            @Override
            public void received(String channel, RoomEvent event) {
                deliver(channel, event);
            }

            @Override
            public void interrupted(String channel) {
                with(channel, Room::interrupted);
            }

            @Override
            public void restored(String channel) {
                with(channel, Room::restored);
            }
        });
        this.listening = exchange.listen(new ExchangeListener());
        breakers.listen((server, away) -> {
            if (server == Server.REDIS && away) {
                rooms.values().forEach(Room::redisWentAway);
            }
        });
        var _ = timer.scheduleWithFixedDelay(this::look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
    }

    private final class ExchangeListener implements LiveExchange.Listener {
        private volatile boolean interruptedBefore;

        @Override
        public void received(String channel, byte[] event) {
            RoomEvent.decode(event)
                    .ifPresentOrElse(
                            decoded -> deliver(channel, decoded),
                            () -> LOG.warn("dropped {} bytes for {}: not an event", event.length, channel));
        }

        @Override
        public void interrupted() {
            interruptedBefore = true;
        }

        @Override
        public void restored() {
            if (interruptedBefore) {
                rooms.values().forEach(room -> {
                    synchronized (room) {
                        room.startRepair();
                    }
                });
            }
        }
    }

    private boolean userChannelInterrupted() {
        return rooms.values().stream().anyMatch(room -> room.chat == null && room.interrupted);
    }

    private void with(String channel, Consumer<Room> action) {
        Room room = rooms.get(channel);
        if (room != null) {
            action.accept(room);
        }
    }

    private void deliver(String channel, RoomEvent event) {
        Room room = rooms.get(channel);
        if (room != null) {
            room.receive(event);
        }
    }

    private RoomEvent event(ChatMessage message, boolean inOrder) {
        return RoomEvent.of(message, inOrder, json);
    }

    /** Gives the member a seat; on the member's loop. */
    public Seat enter(String channel, Member member) {
        Executor loop = member.loop();
        Room entered = rooms.compute(channel, (name, room) -> {
            Room open = room;
            if (open == null) {
                open = new Room(name);
                channels.subscribe(name);
                listening.add(name);
            }
            open.members++;
            return open;
        });
        Seat seat = new Seat(member, channel);
        entered.benches.computeIfAbsent(loop, Bench::new).add(seat);
        // Behind that: what was delivered before may have come too early for this seat.
        seat.since = deliveries.next();
        return seat;
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
            channels.unsubscribe(name);
            listening.remove(name);
            return null;
        });
    }

    /**
     * Completes when everything published from then on reaches the seat, through Redis or, while that is away, through
     * the exchange and by looking; with the epoch of that feed, for {@link #caughtUp}.
     */
    CompletionStage<Integer> ready(Seat seat) {
        Room room = rooms.get(seat.channel());
        if (room == null) {
            return CompletableFuture.completedStage(0);
        }
        return room.ready().thenApply(ready -> room.epoch());
    }

    /**
     * A member has read everything up to {@code head} since the feed was ready; false where the feed was interrupted or
     * restored meanwhile: then it must read again.
     *
     * @param owed from where the member must be given more later, because not everything could be read
     */
    boolean caughtUp(Seat seat, int epoch, long head, OptionalLong owed) {
        Room room = rooms.get(seat.channel());
        return room == null || room.caughtUp(epoch, head, owed);
    }

    /** Shows a stored message to its chat here and, through the exchange, on every other instance. */
    public void showWithoutRedis(ChatMessage message) {
        publishWithoutRedis(RedisKeys.chatChannel(message.chatId()), event(message, false));
    }

    /** Gives an event to a channel's members here and, through the exchange, on every other instance. */
    void publishWithoutRedis(String channel, RoomEvent event) {
        deliver(channel, event);
        var _ = exchange.publish(channel, event.encode()).whenComplete((published, failure) -> {
            if (failure != null) {
                LOG.debug("not shown through the exchange: {}", failure.toString());
            }
        });
    }

    private void later(long millis, Runnable task) {
        try {
            var _ = timer.schedule(task, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException shuttingDown) {
            LOG.debug("the instance ends", shuttingDown);
        }
    }

    /** Looks into MongoDB for what came into rooms whose subscription is down. Never throws: the next look goes on. */
    private void look() {
        try {
            Map<ChatId, Long> from = new HashMap<>();
            rooms.forEach((channel, room) -> {
                OptionalLong upTo = room.lookFrom();
                if (upTo.isPresent() && room.chat != null) {
                    from.put(room.chat, upTo.getAsLong());
                }
            });
            if (from.isEmpty() || breakers.isAway(Server.MONGODB)) {
                return;
            }
            List<ChatId> all = new ArrayList<>(from.keySet());
            for (int i = 0; i < all.size(); i += CHATS_PER_LOOK) {
                List<ChatId> some = all.subList(i, Math.min(all.size(), i + CHATS_PER_LOOK));
                var _ = blocking.call(() -> chats.latestSeqs(some))
                        .thenAccept(latest -> latest.forEach((chat, seq) -> {
                            long upTo = from.getOrDefault(chat, 0L);
                            if (seq > upTo) {
                                look(chat, Seq.before(upTo, LOOK_BACK));
                            }
                        }))
                        .exceptionally(mongoAway -> {
                            LOG.debug("nothing seen: {}", mongoAway.toString());
                            return null;
                        });
            }
        } catch (RuntimeException e) {
            LOG.error("looking for messages failed", e);
        }
    }

    private void look(ChatId chat, long from) {
        with(RedisKeys.chatChannel(chat), room -> room.looking(true));
        var _ = repair.missed(chat, from).whenComplete((missed, failure) -> {
            with(RedisKeys.chatChannel(chat), room -> room.looking(false));
            if (failure == null) {
                with(RedisKeys.chatChannel(chat), room -> room.found(missed));
            } else {
                LOG.debug("nothing seen of {}: {}", chat, failure.toString());
            }
        });
    }

    /** How many channels have members here. */
    public int open() {
        return rooms.size();
    }

    @PreDestroy
    void close() {
        timer.shutdownNow();
        listening.close();
    }
}
