package dev.parley.tier.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.MessageId;
import dev.parley.wire.RoomEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SeatTest {

    private final List<Long> shown = new ArrayList<>();
    private final Deliveries deliveries = new Deliveries();
    private final Seat seat = new Seat(
            new Member() {
                @Override
                public Executor loop() {
                    return Runnable::run;
                }

                @Override
                public void show(Broadcast broadcast) {
                    shown.add(broadcast.event().seq());
                }
            },
            "chat:{x}",
            deliveries);

    private static Broadcast message(long seq) {
        return new Broadcast(event(seq, true));
    }

    private static Broadcast late(long seq) {
        return new Broadcast(event(seq, false));
    }

    private static RoomEvent event(long seq, boolean inOrder) {
        return event(seq, seq, inOrder);
    }

    private static RoomEvent event(long seq, long id, boolean inOrder) {
        String json = "{\"messageId\":\"%024x\"}".formatted(id);
        return new RoomEvent(RoomEvent.NEW_MESSAGE, seq, inOrder, json.getBytes(StandardCharsets.UTF_8));
    }

    private static List<Broadcast> messages(long... seqs) {
        return LongStream.of(seqs).mapToObj(SeatTest::message).toList();
    }

    @Test
    void liveEventsPassInOrderAndOnlyOnce() {
        messages(1, 2, 2, 1, 3).forEach(seat::deliver);

        assertThat(shown).containsExactly(1L, 2L, 3L);
    }

    @Test
    void whatIsOutsideTheOrderAlwaysPasses() {
        messages(5, 0, 0).forEach(seat::deliver);

        assertThat(shown).containsExactly(5L, 0L, 0L);
    }

    @Test
    void whatWasMissedComesFirstThenWhatWasHeldWithoutRepetition() {
        seat.hold();
        messages(4, 5, 6).forEach(seat::deliver);
        assertThat(shown).isEmpty();

        assertThat(seat.release(messages(2, 3, 4, 5), 5)).isTrue();
        seat.deliver(message(7));

        assertThat(shown).containsExactly(2L, 3L, 4L, 5L, 6L, 7L);
    }

    @Test
    void aJoinWithoutHistoryStartsBehindTheHead() {
        seat.hold();
        messages(9, 10, 11).forEach(seat::deliver);

        assertThat(seat.release(List.of(), 10)).isTrue();

        assertThat(shown).containsExactly(11L);
    }

    @Test
    void catchingUpAgainGivesWhatIsAskedForAgain() {
        messages(1, 2, 3).forEach(seat::deliver);
        seat.hold();
        assertThat(seat.release(messages(2, 3), 3)).isTrue();

        assertThat(shown).containsExactly(1L, 2L, 3L, 2L, 3L);
    }

    @Test
    void whenTooMuchCameMeanwhileNothingIsGivenInPart() {
        seat.hold();
        for (long seq = 1; seq <= 10_001; seq++) {
            seat.deliver(message(seq));
        }

        assertThat(seat.release(messages(1, 2), 0)).isFalse();
        assertThat(shown).isEmpty();
        seat.deliver(message(10_002));
        assertThat(shown).containsExactly(10_002L);
    }

    @Test
    void lateMessagesPassBehindNewerOnes() {
        messages(5, 6).forEach(seat::deliver);
        seat.deliver(late(4));
        seat.deliver(message(7));

        assertThat(shown).containsExactly(5L, 6L, 4L, 7L);
    }

    @Test
    void aLateMessageDoesNotHideThoseThatRedisPlacesBelowIt() {
        seat.deliver(late(110));
        seat.deliver(message(105));

        assertThat(shown).containsExactly(110L, 105L);
    }

    @Test
    void aRepetitionReachesOnlyWhoCameLater() {
        deliveries.note(id(3), 3);
        seat.beginAnew();
        deliveries.note(id(4), 4);
        seat.deliver(again(3));
        seat.deliver(again(4));

        assertThat(shown).containsExactly(3L);
    }

    @Test
    void whatWasLeftToTheHistoryIsGivenWhenItIsAnnouncedAgain() {
        seat.beginAnew();
        seat.hold();
        deliveries.note(id(3), 3);
        seat.deliver(message(3));
        assertThat(seat.release(List.of(), 3)).isTrue();

        // The history that the member read did not have it: it was not stored yet, and Redis had lost it.
        seat.deliver(again(3));

        assertThat(shown).containsExactly(3L);
    }

    @Test
    void soIsWhatWasOnItsWayWhenTheHistoryWasRead() {
        seat.beginAnew();
        seat.hold();
        assertThat(seat.release(List.of(), 3)).isTrue();
        deliveries.note(id(3), 3);
        seat.deliver(message(3));
        assertThat(shown).isEmpty();

        seat.deliver(again(3));

        assertThat(shown).containsExactly(3L);
    }

    @Test
    void whatDidNotFitIsGivenWhenItIsAnnouncedAgain() {
        seat.beginAnew();
        seat.hold();
        deliveries.note(id(3), 3);
        for (long seq = 1; seq <= 10_001; seq++) {
            seat.deliver(message(seq));
        }
        assertThat(seat.release(List.of(), 0)).isFalse();

        seat.deliver(again(3));

        assertThat(shown).containsExactly(3L);
    }

    /** What was delivered before, at the same place. */
    private Broadcast again(long seq) {
        return new Broadcast(
                event(seq, false),
                OptionalLong.of(deliveries.note(id(seq), seq).orElseThrow().number()));
    }

    private static MessageId id(long number) {
        return new MessageId("%024x".formatted(number));
    }

    @Test
    void whatMovedWhileTheHistoryWasReadIsGivenAtBothPlaces() {
        seat.hold();
        seat.deliver(new Broadcast(event(9, 3, false)));

        assertThat(seat.release(messages(3), 0)).isTrue();

        assertThat(shown).containsExactly(3L, 9L);
    }

    @Test
    void whatWasGivenIsNotGivenAgainOutOfWhatWasHeld() {
        seat.hold();
        seat.deliver(late(3));
        seat.deliver(message(4));

        assertThat(seat.release(messages(3, 4), 0)).isTrue();

        assertThat(shown).containsExactly(3L, 4L);
    }
}
