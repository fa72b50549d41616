package dev.parley.tier.room;

import dev.parley.id.ChatId;
import dev.parley.tier.TierSettings;
import dev.parley.tier.history.History;
import dev.parley.tier.history.History.Missed;
import jakarta.inject.Singleton;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Finds out what a room missed while its feed was interrupted. After a server was away that concerns all rooms of an
 * instance at once, so they take turns. Thread-safe; never blocks.
 */
@Singleton
final class RoomRepair {

    private static final int AT_ONCE = 64;

    /** Turns begin and end on threads of their own: whoever asks holds the lock of a room, and may not enter another's. */
    private static final Executor EXECUTOR =
            task -> Thread.ofVirtual().name("room-repair").start(task);

    private record Turn(ChatId chat, long seq, CompletableFuture<Missed> missed) {}

    private final History history;
    private final TierSettings settings;
    private final Deque<Turn> waiting = new ArrayDeque<>();
    private int running;

    RoomRepair(History history, TierSettings settings) {
        this.history = history;
        this.settings = settings;
    }

    /** What came into the chat after {@code seq}, or late; fails where nobody who knows it can be asked. */
    CompletionStage<Missed> missed(ChatId chat, long seq) {
        CompletableFuture<Missed> missed = new CompletableFuture<>();
        synchronized (waiting) {
            waiting.add(new Turn(chat, seq, missed));
        }
        EXECUTOR.execute(this::startNext);
        return missed;
    }

    private void startNext() {
        Turn turn;
        synchronized (waiting) {
            if (running == AT_ONCE || waiting.isEmpty()) {
                return;
            }
            turn = waiting.remove();
            running++;
        }
        history.missed(turn.chat, turn.seq, settings.resumeMessages())
                .whenCompleteAsync(
                        (missed, failure) -> {
                            synchronized (waiting) {
                                running--;
                            }
                            if (failure == null) {
                                turn.missed.complete(missed);
                            } else {
                                turn.missed.completeExceptionally(failure);
                            }
                            startNext();
                        },
                        EXECUTOR);
    }
}
