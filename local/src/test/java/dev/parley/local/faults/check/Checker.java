package dev.parley.local.faults.check;

import dev.parley.local.faults.check.Evidence.Held;
import dev.parley.local.faults.check.Evidence.Page;
import dev.parley.local.faults.check.Evidence.Stored;
import dev.parley.local.faults.check.Violation.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds the violations in the evidence of a round. A message that was refused, or whose fate its sender never learned,
 * may be in the history or not; but then with everybody or with nobody, which is why clients are compared with the
 * history and not with what was acknowledged.
 */
public final class Checker {

    private record Key(String chat, String key) {}

    private final Evidence evidence;
    private final List<Violation> violations = new ArrayList<>();
    private final Map<String, Stored> storedById = new HashMap<>();
    private final Map<String, TreeSet<Place>> storedPlaces = new HashMap<>();
    private final Map<Key, List<Entry.Sent>> triesOf = new HashMap<>();
    private final Map<Key, Long> lastAnswer = new HashMap<>();

    private Checker(Evidence evidence) {
        this.evidence = evidence;
    }

    public static List<Violation> check(Evidence evidence) {
        Checker checker = new Checker(evidence);
        checker.readHistory();
        checker.checkAcks();
        checker.checkContents();
        evidence.pages().forEach(checker::checkPage);
        evidence.held().forEach(checker::checkHeld);
        checker.checkAnswers();
        return List.copyOf(checker.violations);
    }

    private void readHistory() {
        evidence.stored().forEach((chat, messages) -> {
            Map<String, Stored> byKey = new HashMap<>();
            TreeSet<Place> places = storedPlaces.computeIfAbsent(chat, c -> new TreeSet<>());
            for (Stored message : messages) {
                String id = message.place().messageId();
                Stored twin = byKey.putIfAbsent(message.sender() + " " + message.key(), message);
                if (twin != null) {
                    add(Kind.STORED_TWICE, chat, id, message.key(), "also stored as " + twin.place());
                }
                storedById.put(id, message);
                places.add(message.place());
            }
        });
    }

    private void checkAcks() {
        for (Entry entry : evidence.log()) {
            if (entry instanceof Entry.Sent sent) {
                triesOf.computeIfAbsent(new Key(sent.chat(), sent.key()), key -> new ArrayList<>())
                        .add(sent);
            } else if (entry instanceof Entry.Acked acked) {
                lastAnswer.merge(new Key(acked.chat(), acked.key()), acked.at(), Math::max);
            }
        }
        Map<Key, Entry.Acked> first = new HashMap<>();
        for (Entry entry : evidence.log()) {
            if (!(entry instanceof Entry.Acked acked)) {
                continue;
            }
            Entry.Acked before = first.putIfAbsent(new Key(acked.chat(), acked.key()), acked);
            if (before == null) {
                checkStored(acked);
            } else if (!before.messageId().equals(acked.messageId())) {
                add(
                        Kind.ACKED_AS_TWO,
                        acked.chat(),
                        acked.messageId(),
                        acked.key(),
                        "acknowledged before as " + before.messageId());
                checkStored(acked);
            } else if (before.seq() != acked.seq()) {
                checkStored(acked);
            }
        }
    }

    private void checkStored(Entry.Acked acked) {
        Stored stored = storedById.get(acked.messageId());
        if (stored == null) {
            add(Kind.LOST, acked.chat(), acked.messageId(), acked.key(), "acknowledged and not in the history");
        } else if (stored.place().seq() != acked.seq() && !mayBeCorrected(acked)) {
            add(
                    Kind.ACK_SEQ_DIFFERS,
                    acked.chat(),
                    acked.messageId(),
                    acked.key(),
                    "acknowledged with seq " + acked.seq() + ", stored with "
                            + stored.place().seq());
        }
    }

    /**
     * The one case in which the protocol lets an acknowledged seq turn out to be another: several tries of one message
     * while instances did not all reach the same Redis with the same memory.
     */
    private boolean mayBeCorrected(Entry.Acked acked) {
        LongSummaryStatistics tries = triesOf.getOrDefault(new Key(acked.chat(), acked.key()), List.of()).stream()
                .mapToLong(Entry.Sent::at)
                .summaryStatistics();
        // A try is under way until it is answered.
        long last = Math.max(tries.getMax(), lastAnswer.getOrDefault(new Key(acked.chat(), acked.key()), acked.at()));
        return tries.getCount() > 1
                && evidence.divided().stream().anyMatch(span -> span.overlaps(tries.getMin(), last));
    }

    private void checkContents() {
        Map<Key, String> contents = new HashMap<>();
        for (Entry entry : evidence.log()) {
            if (entry instanceof Entry.Sent sent) {
                contents.putIfAbsent(new Key(sent.chat(), sent.key()), sent.content());
            }
        }
        evidence.stored().forEach((chat, messages) -> {
            for (Stored message : messages) {
                String sent = contents.get(new Key(chat, message.key()));
                if (!message.content().equals(sent)) {
                    add(
                            Kind.CHANGED,
                            chat,
                            message.place().messageId(),
                            message.key(),
                            "stored: " + message.content() + ", sent: " + sent);
                }
            }
        });
    }

    private void checkPage(Page page) {
        List<Place> places = page.places();
        if (places == null) {
            add(Kind.UNREADABLE, page.chat(), null, null, page.tier() + " does not give its history");
            return;
        }
        for (int i = 1; i < places.size(); i++) {
            if (places.get(i - 1).compareTo(places.get(i)) >= 0) {
                add(
                        Kind.PAGE_DIFFERS,
                        page.chat(),
                        places.get(i).messageId(),
                        null,
                        "from " + page.tier() + ": " + places.get(i) + " comes behind " + places.get(i - 1));
            }
        }
        TreeSet<Place> stored = storedPlaces.getOrDefault(page.chat(), new TreeSet<>());
        Set<Place> read = new HashSet<>(places);
        Set<Place> expected = places.isEmpty() ? stored : stored.tailSet(places.getFirst());
        for (Place place : expected) {
            if (!read.contains(place)) {
                add(Kind.PAGE_DIFFERS, page.chat(), place.messageId(), null, page.tier() + " leaves out " + place);
            }
        }
        for (Place place : places) {
            if (!stored.contains(place)) {
                add(Kind.PAGE_DIFFERS, page.chat(), place.messageId(), null, page.tier() + " invents " + place);
            }
        }
    }

    private void checkHeld(Held held) {
        Map<String, Place> byId = new HashMap<>();
        held.places().forEach(place -> byId.put(place.messageId(), place));
        Place floor = new Place(held.floor(), "g"); // above every hex id
        for (Place place :
                storedPlaces.getOrDefault(held.chat(), new TreeSet<>()).tailSet(floor)) {
            Place shown = byId.remove(place.messageId());
            if (shown == null) {
                add(Kind.MISSING, held, place, "lacks " + place);
            } else if (shown.seq() != place.seq()) {
                add(Kind.MISPLACED, held, place, "shows it at " + shown.seq() + ", stored is " + place.seq());
            }
        }
        for (Place extra : byId.values()) {
            if (extra.seq() > held.floor()) {
                add(Kind.PHANTOM, held, extra, "shows " + extra);
            }
        }
    }

    private @Nullable String keyOf(Place place) {
        Stored stored = storedById.get(place.messageId());
        return stored == null ? null : stored.key();
    }

    private void checkAnswers() {
        for (Entry.Sent sent : evidence.unanswered()) {
            add(Kind.UNANSWERED, sent.chat(), null, sent.key(), sent.user() + " waits for an answer");
        }
    }

    private void add(Kind kind, Held held, Place place, String text) {
        violations.add(new Violation(
                kind, held.chat(), place.messageId(), keyOf(place), held.user(), held.user() + " " + text));
    }

    private void add(Kind kind, String chat, @Nullable String messageId, @Nullable String key, String text) {
        violations.add(new Violation(kind, chat, messageId, key, null, text));
    }
}
