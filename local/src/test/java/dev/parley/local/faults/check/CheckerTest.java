package dev.parley.local.faults.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.local.faults.check.Evidence.Held;
import dev.parley.local.faults.check.Evidence.Page;
import dev.parley.local.faults.check.Evidence.Span;
import dev.parley.local.faults.check.Evidence.Stored;
import dev.parley.local.faults.check.Violation.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each rule is broken once, and found; what is allowed is not. */
class CheckerTest {

    private static final String CHAT = "chat";

    private final List<Entry> log = new ArrayList<>();
    private final List<Stored> stored = new ArrayList<>();
    private final List<Page> pages = new ArrayList<>();
    private final List<Held> held = new ArrayList<>();
    private final List<Entry.Sent> unanswered = new ArrayList<>();
    private final List<Span> divided = new ArrayList<>();

    private List<Kind> found() {
        return Checker.check(new Evidence(log, Map.of(CHAT, stored), pages, held, unanswered, divided)).stream()
                .map(Violation::kind)
                .toList();
    }

    private void sent(String key) {
        log.add(new Entry.Sent(1, "ann", "tier-1", CHAT, key, "text of " + key));
    }

    private void acked(String key, String id, long seq) {
        log.add(new Entry.Acked(2, "ann", "tier-1", CHAT, key, id, seq));
    }

    private void stored(String key, String id, long seq) {
        stored.add(new Stored(new Place(seq, id), "ann", key, "text of " + key));
    }

    private void held(long floor, Place... places) {
        held.add(new Held("bob", CHAT, floor, List.of(places)));
    }

    private void twoGoodMessages() {
        sent("k1");
        sent("k2");
        acked("k1", "a1", 10);
        acked("k2", "a2", 20);
        stored("k1", "a1", 10);
        stored("k2", "a2", 20);
    }

    @Test
    void aCleanRoundHasNoViolations() {
        twoGoodMessages();
        acked("k2", "a2", 20);
        held(0, new Place(10, "a1"), new Place(20, "a2"));
        pages.add(new Page("tier-1", CHAT, List.of(new Place(20, "a2"))));
        assertThat(found()).isEmpty();
    }

    @Test
    void anAcknowledgedMessageThatIsNotStoredIsLost() {
        sent("k1");
        acked("k1", "a1", 10);
        assertThat(found()).containsExactly(Kind.LOST);
    }

    @Test
    void aMessageOfUnknownFateMayBeStoredOrNot() {
        sent("k1");
        sent("k2");
        stored("k2", "a2", 20);
        held(0, new Place(20, "a2"));
        assertThat(found()).isEmpty();
    }

    @Test
    void anotherContentIsAViolation() {
        sent("k1");
        stored.add(new Stored(new Place(10, "a1"), "ann", "k1", "other"));
        assertThat(found()).containsExactly(Kind.CHANGED);
    }

    @Test
    void oneClientMessageIdIsOneMessage() {
        twoGoodMessages();
        stored("k1", "a3", 30);
        assertThat(found()).containsExactly(Kind.STORED_TWICE);
    }

    @Test
    void twoAcknowledgementsNameTheSameMessage() {
        twoGoodMessages();
        acked("k1", "a2", 20);
        assertThat(found()).containsExactly(Kind.ACKED_AS_TWO);
    }

    @Test
    void theAcknowledgedSeqIsTheStoredOne() {
        sent("k1");
        acked("k1", "a1", 11);
        stored("k1", "a1", 10);
        assertThat(found()).containsExactly(Kind.ACK_SEQ_DIFFERS);
    }

    @Test
    void onlySeveralTriesWhileInstancesWereDividedMayBeCorrected() {
        sent("k1");
        acked("k1", "a1", 11);
        stored("k1", "a1", 10);
        divided.add(new Span(0, 5));
        assertThat(found()).as("one try").containsExactly(Kind.ACK_SEQ_DIFFERS);
        sent("k1");
        assertThat(found()).isEmpty();
        divided.set(0, new Span(3, 5));
        assertThat(found()).as("not meanwhile").containsExactly(Kind.ACK_SEQ_DIFFERS);
    }

    @Test
    void everyAcknowledgementOfAMessageNamesTheStoredSeq() {
        twoGoodMessages();
        acked("k1", "a1", 12);
        assertThat(found()).containsExactly(Kind.ACK_SEQ_DIFFERS);
    }

    @Test
    void aClientHoldsTheWholeHistoryFromItsJoinOn() {
        twoGoodMessages();
        held(10, new Place(20, "a2"));
        assertThat(found()).isEmpty();
        held(0, new Place(20, "a2"));
        assertThat(found()).containsExactly(Kind.MISSING);
    }

    @Test
    void aClientHoldsNothingElse() {
        twoGoodMessages();
        held(0, new Place(10, "a1"), new Place(15, "a9"), new Place(20, "a2"));
        assertThat(found()).containsExactly(Kind.PHANTOM);
    }

    @Test
    void aClientHoldsAMessageWhereItIsStored() {
        twoGoodMessages();
        held(0, new Place(10, "a1"), new Place(21, "a2"));
        assertThat(found()).containsExactly(Kind.MISPLACED);
    }

    @Test
    void pagesAreOrderedBySeqAndThenById() {
        twoGoodMessages();
        sent("k3");
        stored("k3", "a3", 20);
        pages.add(new Page("tier-1", CHAT, List.of(new Place(10, "a1"), new Place(20, "a2"), new Place(20, "a3"))));
        assertThat(found()).isEmpty();
        pages.add(new Page("tier-2", CHAT, List.of(new Place(10, "a1"), new Place(20, "a3"), new Place(20, "a2"))));
        assertThat(found()).containsExactly(Kind.PAGE_DIFFERS);
    }

    @Test
    void pagesAreWhatIsStored() {
        twoGoodMessages();
        pages.add(new Page("tier-1", CHAT, List.of(new Place(10, "a1"))));
        pages.add(new Page("tier-2", CHAT, List.of(new Place(20, "a2"), new Place(30, "a3"))));
        assertThat(found()).containsExactly(Kind.PAGE_DIFFERS, Kind.PAGE_DIFFERS);
    }

    @Test
    void aHistoryThatCannotBeReadIsAViolation() {
        pages.add(new Page("tier-1", CHAT, null));
        assertThat(found()).containsExactly(Kind.UNREADABLE);
    }

    @Test
    void aSendWithoutAnAnswerIsAViolation() {
        sent("k1");
        unanswered.add((Entry.Sent) log.getFirst());
        assertThat(found()).containsExactly(Kind.UNANSWERED);
    }
}
