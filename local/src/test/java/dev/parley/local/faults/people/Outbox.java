package dev.parley.local.faults.people;

import dev.parley.local.faults.check.Entry;
import dev.parley.local.faults.check.Ledger;
import io.micronaut.json.tree.JsonNode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The sends of one user that have no answer yet, several of them under way at once. Each goes out again under the same
 * clientMessageId until it is acknowledged or refused for good. Bounded: one more than that is not accepted. Thread-safe.
 */
final class Outbox {

    private static final int MOST_UNDER_WAY = 8;
    private static final int MOST = 1_000;
    private static final int MOST_INTERNAL_ERRORS = 8;
    private static final long BACKOFF_MS = 250;
    private static final long MAX_BACKOFF_MS = 4_000;
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(8);

    /** A message on its way. */
    static final class Send {
        final String chat;
        final String key;
        final String content;
        final long since;
        private int tries;
        private int internalErrors;

        Send(String chat, String key, String content, long since) {
            this.chat = chat;
            this.key = key;
            this.content = content;
            this.since = since;
        }
    }

    /** What users count. */
    record Counts(AtomicLong resends, AtomicLong dropped, Latencies latencies) {
        Counts() {
            this(new AtomicLong(), new AtomicLong(), new Latencies());
        }
    }

    private final String user;
    private final Ledger ledger;
    private final ScheduledExecutorService timer;
    private final Counts counts;
    private final Deque<Send> ready = new ArrayDeque<>();
    private final Set<Send> underWay = new HashSet<>();
    private final Set<Send> pausing = new HashSet<>();
    private final Deque<Send> recentlyAcked = new ArrayDeque<>();
    private @Nullable Line line;

    Outbox(String user, Ledger ledger, ScheduledExecutorService timer, Counts counts) {
        this.user = user;
        this.ledger = ledger;
        this.timer = timer;
        this.counts = counts;
    }

    synchronized void add(Send send) {
        if (size() >= MOST) {
            counts.dropped().incrementAndGet();
            return;
        }
        ready.addLast(send);
        pump();
    }

    /** The line to send over from now on; null while there is none. */
    synchronized void use(@Nullable Line newLine) {
        line = newLine;
        pump();
    }

    synchronized int size() {
        return ready.size() + underWay.size() + pausing.size();
    }

    synchronized List<Entry.Sent> unanswered() {
        List<Send> all = new ArrayList<>(ready);
        all.addAll(underWay);
        all.addAll(pausing);
        return all.stream()
                .map(send -> new Entry.Sent(send.since, user, "", send.chat, send.key, send.content))
                .toList();
    }

    /** One that was acknowledged a moment ago. */
    synchronized @Nullable Send anyAcked() {
        List<Send> some = List.copyOf(recentlyAcked);
        return some.isEmpty() ? null : some.get(ThreadLocalRandom.current().nextInt(some.size()));
    }

    private void pump() {
        // A request over a dead line fails at once and takes the line away in the middle of this loop.
        for (Line current = line;
                current != null && underWay.size() < MOST_UNDER_WAY && !ready.isEmpty();
                current = line) {
            Send send = ready.removeFirst();
            underWay.add(send);
            if (send.tries++ > 0) {
                counts.resends().incrementAndGet();
            }
            Line over = current;
            var _ = transmit(over, send).whenComplete((answer, failure) -> settle(over, send, answer, failure));
        }
    }

    /** One request, recorded with its answer; the outbox does not wait for it. */
    CompletableFuture<Answer> transmit(Line over, Send send) {
        ledger.add(new Entry.Sent(ledger.now(), user, over.tier(), send.chat, send.key, send.content));
        return over.request(
                        "send-message",
                        "{\"chatId\":\"" + send.chat + "\",\"content\":\"" + send.content + "\",\"clientMessageId\":\""
                                + send.key + "\"}",
                        ANSWER_TIMEOUT)
                .whenComplete((answer, failure) -> record(over, send, answer));
    }

    private void record(Line over, Send send, @Nullable Answer answer) {
        switch (answer) {
            case null -> {}
            case Answer.Ok ok ->
                ledger.add(new Entry.Acked(
                        ledger.now(),
                        user,
                        over.tier(),
                        send.chat,
                        send.key,
                        text(ok.data(), "messageId"),
                        number(ok.data(), "seq")));
            case Answer.No no ->
                ledger.add(new Entry.Refused(
                        ledger.now(), user, over.tier(), send.chat, send.key, no.code(), no.retryAfterMs() == null));
        }
    }

    private synchronized void settle(Line over, Send send, @Nullable Answer answer, @Nullable Throwable failure) {
        underWay.remove(send);
        switch (answer) {
            case null -> {
                if (Line.isTimeout(failure)) {
                    pause(send, backoff(send));
                } else {
                    // The line is gone: the next one takes it, before what came later.
                    ready.addFirst(send);
                    if (line == over) {
                        line = null;
                    }
                }
            }
            case Answer.Ok ok -> {
                counts.latencies().add(ledger.now() - send.since);
                recentlyAcked.addLast(send);
                if (recentlyAcked.size() > 50) {
                    recentlyAcked.removeFirst();
                }
            }
            case Answer.No no -> {
                Long retryAfterMs = no.retryAfterMs();
                boolean hopeless = no.code().equals("INTERNAL") && ++send.internalErrors >= MOST_INTERNAL_ERRORS;
                if (retryAfterMs != null && !hopeless) {
                    pause(send, retryAfterMs + backoff(send) / 4);
                }
            }
        }
        pump();
    }

    private static long backoff(Send send) {
        long most = Math.min(MAX_BACKOFF_MS, BACKOFF_MS << Math.min(send.tries, 10));
        return ThreadLocalRandom.current().nextLong(most + 1);
    }

    private void pause(Send send, long ms) {
        pausing.add(send);
        var _ = timer.schedule(
                () -> {
                    synchronized (this) {
                        pausing.remove(send);
                        ready.addLast(send);
                        pump();
                    }
                },
                ms,
                TimeUnit.MILLISECONDS);
    }

    private static String text(JsonNode data, String field) {
        JsonNode value = data.get(field);
        return value == null ? "?" : value.getStringValue();
    }

    private static long number(JsonNode data, String field) {
        JsonNode value = data.get(field);
        return value == null ? -1 : value.getLongValue();
    }
}
