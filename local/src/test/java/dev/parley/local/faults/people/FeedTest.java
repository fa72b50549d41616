package dev.parley.local.faults.people;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.local.faults.check.Entry.Effect;
import dev.parley.local.faults.check.Place;
import org.junit.jupiter.api.Test;

class FeedTest {

    private final Feed feed = new Feed();

    FeedTest() {
        feed.ask();
        feed.answered(0);
    }

    @Test
    void messagesAreHeldInOrderWhereverTheyComeIn() {
        assertThat(feed.take("b", 20, 0L)).isEqualTo(Effect.NEW);
        assertThat(feed.take("a", 10, null)).isEqualTo(Effect.NEW);
        assertThat(feed.take("a", 10, null)).isEqualTo(Effect.DUPLICATE);
        assertThat(feed.places()).containsExactly(new Place(10, "a"), new Place(20, "b"));
        assertThat(feed.head()).isEqualTo(20);
    }

    @Test
    void behindAGapTheHeadStaysUntilItWasAskedFor() {
        feed.take("a", 10, 0L);
        feed.take("c", 30, 20L);
        assertThat(feed.hasGap()).isTrue();
        assertThat(feed.head()).isEqualTo(10);
        feed.ask();
        assertThat(feed.head()).isEqualTo(10);
        feed.take("b", 20, 10L);
        assertThat(feed.head()).isEqualTo(30);
        feed.answered(30);
        assertThat(feed.isWhole()).isTrue();
    }

    @Test
    void aGapThatComesUpBehindTheQuestionIsNotAnswered() {
        feed.take("a", 10, 0L);
        feed.ask();
        feed.take("d", 40, 30L);
        feed.answered(20);
        assertThat(feed.hasGap()).isTrue();
        assertThat(feed.head()).isEqualTo(10);
    }

    @Test
    void whatNamesNoPredecessorDoesNotMoveTheHead() {
        feed.take("a", 10, 0L);
        feed.take("x", 40, null);
        assertThat(feed.hasGap()).isFalse();
        assertThat(feed.head()).isEqualTo(10);
        feed.take("b", 50, 10L);
        assertThat(feed.head()).isEqualTo(50);
    }

    @Test
    void untilTheHistoryIsReadAResumeBeginsBeforeIt() {
        feed.take("a", 10, 0L);
        feed.suspend(90);
        assertThat(feed.head()).isEqualTo(10);
        feed.take("b", 100, 90L);
        feed.skipTo(95);
        assertThat(feed.isWhole()).isTrue();
        assertThat(feed.head()).isEqualTo(100);
    }

    @Test
    void anIdIsHeldAtItsLatestPlaceThatWasNotTakenBack() {
        feed.take("a", 10, null);
        assertThat(feed.take("a", 15, null)).isEqualTo(Effect.OTHER_SEQ);
        assertThat(feed.places()).containsExactly(new Place(15, "a"));
        assertThat(feed.retract("a", 15)).isTrue();
        assertThat(feed.places()).containsExactly(new Place(10, "a"));
        assertThat(feed.take("a", 15, null)).isEqualTo(Effect.OTHER_SEQ);
        assertThat(feed.retract("a", 10)).isFalse();
        assertThat(feed.retract("a", 15)).isTrue();
        assertThat(feed.places()).isEmpty();
    }
}
