package dev.parley.local.faults;

import dev.parley.local.faults.check.Entry;
import dev.parley.local.faults.check.Violation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** What is known of the message of a violation, in few lines. */
final class Story {

    private static final int MOST_LINES = 80;

    /** What a client did for a chat is told from this long before the message was sent to this long after it. */
    private static final long NOTES_NANOS = TimeUnit.SECONDS.toNanos(40);

    private Story() {}

    static String of(Violation violation, List<Entry> log) {
        Set<String> keys = new HashSet<>();
        Set<String> ids = new HashSet<>();
        if (violation.key() != null) {
            keys.add(violation.key());
        }
        if (violation.messageId() != null) {
            ids.add(violation.messageId());
        }
        // From the id to the key, and from there to every id that the message ever had.
        for (int pass = 0; pass < 2; pass++) {
            for (Entry entry : log) {
                switch (entry) {
                    case Entry.Received received -> link(keys, ids, received.key(), received.messageId());
                    case Entry.Acked acked -> link(keys, ids, acked.key(), acked.messageId());
                    default -> {}
                }
            }
        }
        List<String> lines = new ArrayList<>();
        int more = 0;
        long sentAt = log.stream()
                .filter(entry -> entry instanceof Entry.Sent sent && keys.contains(sent.key()))
                .mapToLong(Entry::at)
                .findFirst()
                .orElse(0);
        for (Entry entry : log) {
            boolean isNote = entry instanceof Entry.Noted noted
                    && noted.user().equals(violation.user())
                    && noted.chat().equals(violation.chat())
                    && Math.abs(noted.at() - sentAt) < NOTES_NANOS;
            if (isNote || isAbout(entry, keys, ids)) {
                if (lines.size() < MOST_LINES) {
                    lines.add("    " + line(entry));
                } else {
                    more++;
                }
            }
        }
        return "%s in chat %s: %s (message %s, id %s)%n%s%s"
                .formatted(
                        violation.kind(),
                        violation.chat(),
                        violation.text(),
                        keys,
                        ids,
                        String.join("\n", lines),
                        more == 0 ? "" : "\n    and " + more + " more");
    }

    private static void link(Set<String> keys, Set<String> ids, String key, String id) {
        if (keys.contains(key) || ids.contains(id)) {
            keys.add(key);
            ids.add(id);
        }
    }

    private static boolean isAbout(Entry entry, Set<String> keys, Set<String> ids) {
        return switch (entry) {
            case Entry.Sent sent -> keys.contains(sent.key());
            case Entry.Acked acked -> keys.contains(acked.key());
            case Entry.Refused refused -> keys.contains(refused.key());
            case Entry.Received received -> keys.contains(received.key());
            case Entry.Retracted retracted -> ids.contains(retracted.messageId());
            case Entry.Noted noted -> false;
        };
    }

    private static String line(Entry entry) {
        String what = switch (entry) {
            case Entry.Sent sent -> "sent by " + sent.user() + " to " + sent.tier();
            case Entry.Acked acked -> "acked by " + acked.tier() + " as " + acked.messageId() + " at " + acked.seq();
            case Entry.Refused refused -> "refused by " + refused.tier() + " with " + refused.code();
            case Entry.Received received ->
                "received by " + received.user() + " from " + received.tier() + " as " + received.messageId() + " at "
                        + received.seq() + " " + received.effect();
            case Entry.Retracted retracted ->
                "retracted for " + retracted.user() + " by " + retracted.tier() + " at " + retracted.seq()
                        + (retracted.removed() ? "" : ", not held");
            case Entry.Noted noted -> noted.user() + " with " + noted.tier() + ": " + noted.what();
        };
        return "%8.3f s  %s".formatted(entry.at() / 1e9, what);
    }
}
