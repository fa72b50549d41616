package dev.parley.tier.room;

import dev.parley.connect.ServerAwayException;
import dev.parley.id.ChatId;
import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import dev.parley.mongo.ChatStore;
import dev.parley.tier.Blocking;
import dev.parley.tier.TierSettings;
import dev.parley.tier.history.History;
import dev.parley.tier.history.History.Missed;
import dev.parley.tier.member.Memberships;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.ClientEvent;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.Fault;
import dev.parley.wire.Json;
import dev.parley.wire.Limits;
import dev.parley.wire.RoomEvent;
import dev.parley.wire.Seq;
import dev.parley.wire.ServerEvent;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a connection the live feed of chats, behind what it missed: takes the seat and holds what comes live, waits until
 * the channel is subscribed, reads what came after the last seq that the client holds, shows that, then what was held.
 * Whatever was published before the subscription is in the history that is read after it. Thread-safe; never blocks.
 */
@Singleton
public final class JoinChats {

    private static final Logger LOG = LoggerFactory.getLogger(JoinChats.class);
    private static final long RETRY_AFTER_MS = 1_000;
    private static final int FRAME_BYTES_BESIDE_CONTENT = 350;
    private static final int MOST_READS = 10;
    private static final Duration OWED = Duration.ofMinutes(5);

    /** A connection as joining sees it. All of it on the member's loop. */
    public interface Joiner extends Member {

        UserId user();

        /** The seat it has, or null. */
        @Nullable
        Seat seat(String channel);

        /** Remembers the seat; false where the connection has ended in the meantime. */
        boolean take(Seat seat);

        void giveUp(String channel);
    }

    /** What became of one chat. */
    public sealed interface Outcome {
        ChatId chatId();

        /**
         * It is joined.
         *
         * @param headSeq seq of the newest message at that moment, 0 for an empty chat
         * @param retryAfterMs when to ask again, because not everything that was missed could be read; else null
         */
        record Joined(ChatId chatId, long headSeq, @Nullable Long retryAfterMs) implements Outcome {}

        record Refused(ChatId chatId, Fault fault) implements Outcome {}
    }

    private final Memberships memberships;
    private final ChatStore chats;
    private final Rooms rooms;
    private final History history;
    private final Blocking blocking;
    private final TierSettings settings;
    private final Json json;

    JoinChats(
            Memberships memberships,
            ChatStore chats,
            Rooms rooms,
            History history,
            Blocking blocking,
            TierSettings settings,
            Json json) {
        this.memberships = memberships;
        this.chats = chats;
        this.rooms = rooms;
        this.history = history;
        this.blocking = blocking;
        this.settings = settings;
        this.json = json;
    }

    /**
     * What became of a join.
     *
     * @param outcomes in the order of the chats
     * @param retryAfterMs when to ask again, because only some of the user's chats could be found; else null
     */
    public record Joins(List<Outcome> outcomes, @Nullable Long retryAfterMs) {}

    private record Wanted(List<ChatId> chats, boolean complete) {}

    public CompletionStage<Joins> join(Joiner joiner, ClientEvent.JoinChats request) {
        UserId user = joiner.user();
        // Everything that one join gives has to fit into the outbox of its connection, with room for what comes live.
        AtomicLong budget = new AtomicLong(settings.outboxBytes() / 4L * 3);
        return wanted(user, request).thenCompose(wanted -> {
            List<CompletableFuture<Outcome>> outcomes =
                    new ArrayList<>(wanted.chats().size());
            for (ChatId chat : wanted.chats()) {
                outcomes.add(join(joiner, user, chat, request.lastSeqs().get(chat), budget)
                        .toCompletableFuture());
            }
            return CompletableFuture.allOf(outcomes.toArray(CompletableFuture[]::new))
                    .thenApply(done -> new Joins(
                            outcomes.stream().map(CompletableFuture::join).toList(),
                            wanted.complete() ? null : Long.valueOf(RETRY_AFTER_MS)));
        });
    }

    private CompletionStage<Wanted> wanted(UserId user, ClientEvent.JoinChats request) {
        List<ChatId> named = request.chats();
        if (named != null) {
            return CompletableFuture.completedStage(new Wanted(named, true));
        }
        return blocking.call(() -> new Wanted(chats.chatsOf(user, Limits.CHATS_PER_JOIN), true))
                .exceptionallyCompose(mongoAway -> request.lastSeqs().isEmpty()
                        ? CompletableFuture.failedStage(mongoAway)
                        // Who comes back knows most of them.
                        : CompletableFuture.completedStage(
                                new Wanted(List.copyOf(request.lastSeqs().keySet()), false)));
    }

    private CompletionStage<Outcome> join(
            Joiner joiner, UserId user, ChatId chat, @Nullable Long lastSeq, AtomicLong budget) {
        return memberships
                .find(chat, user)
                .thenCompose(membership -> membership.isEmpty()
                        ? CompletableFuture.supplyAsync(() -> turnAway(joiner, chat), joiner.loop())
                        : CompletableFuture.supplyAsync(() -> sit(joiner, chat), joiner.loop())
                                .thenCompose(taken -> catchUp(joiner, taken, chat, lastSeq, budget)))
                .exceptionally(failure -> {
                    LOG.warn("chat {} could not be joined: {}", chat, failure.toString());
                    return refused(chat, Fault.retryAfter(ErrorCode.UNAVAILABLE, RETRY_AFTER_MS));
                });
    }

    private static Outcome refused(ChatId chat, Fault fault) {
        return new Outcome.Refused(chat, fault);
    }

    private static Outcome turnAway(Joiner joiner, ChatId chat) {
        joiner.giveUp(RedisKeys.chatChannel(chat));
        return refused(chat, Fault.of(ErrorCode.NOT_A_MEMBER));
    }

    /**
     * A seat that is held for catching up.
     *
     * @param wasLive whether it had the live feed before; then it has it afterwards, whatever happens in between
     */
    private record Taken(Seat seat, boolean wasLive) {}

    private Taken sit(Joiner joiner, ChatId chat) {
        String channel = RedisKeys.chatChannel(chat);
        Seat seat = joiner.seat(channel);
        boolean wasLive = seat != null;
        if (seat == null) {
            seat = rooms.enter(channel, joiner);
            if (!joiner.take(seat)) {
                rooms.leave(seat);
                throw new IllegalStateException("the connection has ended");
            }
        }
        seat.hold();
        return new Taken(seat, wasLive);
    }

    private CompletionStage<Outcome> catchUp(
            Joiner joiner, Taken taken, ChatId chat, @Nullable Long lastSeq, AtomicLong budget) {
        Seat seat = taken.seat();
        return catchUp(joiner, taken, chat, lastSeq, budget, MOST_READS)
                .whenCompleteAsync(
                        (outcome, failure) -> {
                            if (failure != null && taken.wasLive()) {
                                if (!seat.release()) {
                                    resync(joiner, chat, seat.inOrderUpTo());
                                }
                            } else if (failure != null) {
                                joiner.giveUp(seat.channel());
                            }
                        },
                        joiner.loop());
    }

    /** Reads until nothing interrupted the live feed between the reading and the release of what was held. */
    private CompletionStage<Outcome> catchUp(
            Joiner joiner, Taken taken, ChatId chat, @Nullable Long lastSeq, AtomicLong budget, int reads) {
        return rooms.ready(taken.seat())
                .thenCompose(epoch -> read(chat, lastSeq, budget)
                        .thenApplyAsync(
                                missed -> rooms.caughtUp(taken.seat(), epoch, missed.head(), owed(lastSeq, missed))
                                        ? Optional.of(show(joiner, taken, chat, lastSeq, missed))
                                        : Optional.<Outcome>empty(),
                                joiner.loop())
                        .thenCompose(outcome -> {
                            if (outcome.isPresent()) {
                                return CompletableFuture.completedStage(outcome.get());
                            }
                            return reads > 1
                                    ? catchUp(joiner, taken, chat, lastSeq, budget, reads - 1)
                                    : CompletableFuture.failedStage(new ServerAwayException(
                                            "Redis", "the live feed is interrupted again and again"));
                        }));
    }

    /** From where the member must be given more later, because not everything could be read; or nothing. */
    private static OptionalLong owed(@Nullable Long lastSeq, Missed missed) {
        if (missed.complete()) {
            return OptionalLong.empty();
        }
        // What is not stored yet is recent; for more the whole room would pay.
        long recent = Seq.before(missed.head(), OWED);
        return OptionalLong.of(lastSeq == null || missed.tooMany() ? missed.head() : Math.max(lastSeq, recent));
    }

    private CompletionStage<Missed> read(ChatId chat, @Nullable Long lastSeq, AtomicLong budget) {
        if (lastSeq == null) {
            return atTheHead(chat, false);
        }
        return history.missed(chat, lastSeq, settings.resumeMessages())
                .thenCompose(missed -> {
                    boolean tooMuch =
                            missed.tooMany() || budget.addAndGet(-bytes(missed.late()) - bytes(missed.after())) < 0;
                    return tooMuch ? atTheHead(chat, true) : CompletableFuture.completedStage(missed);
                })
                // What was missed can not be read: the live feed goes on, and the client loads the rest when it can.
                .exceptionallyCompose(mongoAway -> atTheHead(chat, true));
    }

    /** Nothing of what was missed: because nothing was asked for, or because it is too much to be given. */
    private CompletionStage<Missed> atTheHead(ChatId chat, boolean tooMany) {
        return history.head(chat)
                .thenApply(head -> new Missed(
                        List.of(), List.of(), List.of(), tooMany, head.head(), head.inOrderUpTo(), head.complete()));
    }

    /** About what the messages take on the wire: their content in UTF-8, and the rest of the frame. */
    private static long bytes(List<ChatMessage> messages) {
        return messages.stream()
                .mapToLong(message ->
                        message.content().getBytes(StandardCharsets.UTF_8).length + (long) FRAME_BYTES_BESIDE_CONTENT)
                .sum();
    }

    private Outcome show(Joiner joiner, Taken taken, ChatId chat, @Nullable Long lastSeq, Missed missed) {
        if (missed.tooMany()) {
            resync(joiner, chat, missed.head());
        }
        List<Broadcast> broadcasts = new ArrayList<>();
        // Retractions first: a message that was taken back may have come again at another place.
        missed.retracted().forEach(event -> broadcasts.add(broadcast(event)));
        missed.late().forEach(message -> broadcasts.add(broadcast(message)));
        missed.after().forEach(message -> broadcasts.add(broadcast(message)));
        // Who had the live feed and names no seq goes on where the feed was, not at a head that may be among what is
        // held.
        long upTo = lastSeq == null && taken.wasLive() ? 0 : missed.inOrderUpTo();
        if (!taken.seat().release(broadcasts, upTo)) {
            resync(joiner, chat, missed.head());
        }
        boolean whole = missed.complete() || lastSeq == null || missed.tooMany();
        return new Outcome.Joined(chat, missed.head(), whole ? null : Long.valueOf(RETRY_AFTER_MS));
    }

    private void resync(Joiner joiner, ChatId chat, long head) {
        joiner.show(broadcast(new ServerEvent.Resync(chat, head)));
    }

    private Broadcast broadcast(ServerEvent event) {
        return new Broadcast(RoomEvent.of(event, json));
    }

    private Broadcast broadcast(ChatMessage message) {
        return new Broadcast(RoomEvent.of(message, true, json));
    }
}
