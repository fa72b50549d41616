package dev.parley.tier.room;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.id.ChatId;
import dev.parley.keys.RedisKeys;
import dev.parley.tier.history.History.Missed;
import dev.parley.tier.history.LastSeqs;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.Json;
import dev.parley.wire.RoomEvent;
import dev.parley.wire.ServerEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A channel with members on this instance, and how far they have been given what was published on it. When its feed was
 * interrupted, it holds live events until it has been given what it missed. What is not final is guarded by the room
 * itself. Thread-safe.
 */
final class Room {

    private static final Logger LOG = LoggerFactory.getLogger(Room.class);
    private static final int MAX_HELD = 10_000;
    private static final long READY_TIMEOUT_MS = 2_000;
    private static final long REPAIR_RETRY_MS = 1_000;
    private static final long MOST_HELD_MS = 3_000;
    private static final Bench[] NONE = {};
    private static final CompletionStage<Void> DONE = CompletableFuture.completedStage(null);

    /** What all rooms of the instance share. */
    record Surroundings(
            Deliveries deliveries,
            LastSeqs lastSeqs,
            RoomRepair repair,
            NewChats newChats,
            Breakers breakers,
            ScheduledExecutorService timer,
            Json json) {}

    private final Surroundings shared;
    private final String channel;
    private final @Nullable ChatId chat;

    /** One for each loop that had a member; copied on change, which happens under the lock. */
    private volatile Bench[] benches = NONE;

    /** Nobody is here any more, and nobody will come: who comes finds a new room. */
    private volatile boolean closed;

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

    /** Those who wait for the subscription; null for nobody. */
    private @Nullable CompletableFuture<Void> waiting;

    /** Live events wait here while the room is repaired. */
    private @Nullable List<RoomEvent> held;

    private boolean overflown;

    Room(String channel, Surroundings shared) {
        this.channel = channel;
        this.chat = RedisKeys.chatOf(channel).orElse(null);
        this.shared = shared;
    }

    /** The chat; null for a user's own channel. */
    @Nullable
    ChatId chat() {
        return chat;
    }

    /** Whether the subscription stood before and has not been restored yet. */
    boolean isInterrupted() {
        return interrupted;
    }

    void close() {
        closed = true;
    }

    /** The members on a loop; on that loop. */
    synchronized Bench bench(Executor loop) {
        for (Bench bench : benches) {
            if (bench.loop == loop) {
                return bench;
            }
        }
        Bench added = new Bench(loop);
        Bench[] more = Arrays.copyOf(benches, benches.length + 1);
        more[benches.length] = added;
        benches = more;
        return added;
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
                shared.lastSeqs().see(channel, event.seq());
                passedUpTo = Math.max(passedUpTo, event.seq());
            } else {
                shared.lastSeqs().seeOutOfOrder(channel, event.seq());
            }
        } else if (event.name().equals(RoomEvent.MESSAGE_RETRACTED)) {
            event.retracted(shared.json())
                    .ifPresent(retracted -> shared.deliveries().forget(retracted.messageId(), retracted.seq()));
        }
        give(new Broadcast(event, earlier));
    }

    /** Notes the delivery of a message; answers the number of an earlier one at the same place. */
    private OptionalLong note(RoomEvent event) {
        return event.messageId()
                .flatMap(id -> shared.deliveries().note(id, event.seq()))
                .filter(earlier -> earlier.seq() == event.seq())
                .map(earlier -> OptionalLong.of(earlier.number()))
                .orElse(OptionalLong.empty());
    }

    private void give(Broadcast broadcast) {
        for (Bench bench : benches) {
            bench.give(broadcast);
        }
    }

    synchronized void interrupted() {
        if (chat == null) {
            shared.newChats().interrupted();
        }
        shared.lastSeqs().doubt(channel);
        interrupted = true;
        subscribed = false;
        epoch++;
        // The repair under way has come to nothing; what other feeds bring must not wait for the next one.
        stopHolding();
    }

    void restored() {
        CompletableFuture<Void> told;
        synchronized (this) {
            subscribed = true;
            interrupted = false;
            epoch++;
            told = waiting;
            waiting = null;
            startRepair();
        }
        if (told != null) {
            told.complete(null);
        }
        if (chat == null) {
            shared.newChats().restored();
        }
    }

    /**
     * The other feed, through the exchange, was interrupted: what it may have missed is given late. The feed through Redis
     * is whole and goes on.
     */
    synchronized void repairWhileLive() {
        if (chat != null && passedUpTo >= 0 && subscribed && held == null) {
            askForMissed(epoch);
        }
    }

    /** Holds live events and asks what was missed; holding the lock. */
    private void startRepair() {
        if (chat == null || passedUpTo < 0) {
            return;
        }
        if (held == null) {
            held = new ArrayList<>();
        }
        int asked = epoch;
        later(MOST_HELD_MS, () -> stopHolding(asked));
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
        shared.repair().missed(asking, from).whenComplete((missed, failure) -> {
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
            pass(RoomEvent.of(retracted, shared.json()));
        }
        missed.late().forEach(message -> pass(event(message, false)));
        boolean onlyOwed = from < passedBefore;
        if (missed.tooMany() && !onlyOwed) {
            resync(missed);
        } else {
            // Only what Redis has placed came in order, and only before anything live.
            for (ChatMessage message : missed.after()) {
                boolean inOrder = inTime
                        && message.prevSeq() != null
                        && message.seq() > passedBefore
                        && message.seq() <= missed.inOrderUpTo();
                pass(event(message, inOrder));
            }
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
        // Where Redis has lost its newest memory it says less than was passed before; who has that must hear of it too.
        long upTo = missed.inOrderUpTo() > passedUpTo ? missed.inOrderUpTo() : 0;
        passedUpTo = Math.max(passedUpTo, missed.head());
        pass(new RoomEvent(resync.eventName(), upTo, shared.json().bytes(resync)));
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
            pass(RoomEvent.of(resync, shared.json()));
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
        if (subscribed && owedFrom >= 0 && !closed) {
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
        if (subscribed || shared.breakers().isAway(Server.REDIS)) {
            return DONE;
        }
        if (waiting == null) {
            waiting = new CompletableFuture<>();
        }
        // Without the subscription the room is served by looking, so nobody waits for it for ever.
        return waiting.copy().completeOnTimeout(null, READY_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }

    void redisWentAway() {
        CompletableFuture<Void> told;
        synchronized (this) {
            told = waiting;
            waiting = null;
        }
        if (told != null) {
            told.complete(null);
        }
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

    private RoomEvent event(ChatMessage message, boolean inOrder) {
        return RoomEvent.of(message, inOrder, shared.json());
    }

    private void later(long millis, Runnable task) {
        try {
            var _ = shared.timer().schedule(task, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException shuttingDown) {
            LOG.debug("the instance ends", shuttingDown);
        }
    }
}
