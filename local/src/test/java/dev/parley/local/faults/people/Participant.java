package dev.parley.local.faults.people;

import dev.parley.local.faults.check.Entry;
import dev.parley.local.faults.check.Entry.Effect;
import dev.parley.local.faults.check.Evidence.Held;
import dev.parley.local.faults.people.RestCalls.Account;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A user with one connection after another: joins with what he holds, fills gaps, reconnects with jittered backoff to
 * another instance. All state is guarded by {@code this}; nothing blocks but the loading of history, which has a thread.
 */
public final class Participant implements Line.Listener {

    private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration PING_TIMEOUT = Duration.ofSeconds(6);
    private static final long CONNECTED_WITHIN_MS = 8_000;
    private static final long PING_EVERY_MS = 5_000;
    private static final long HEAL_AFTER_MS = 250;
    private static final long BACKOFF_MS = 200;
    private static final long MAX_BACKOFF_MS = 3_000;

    private final String name;
    private final Account account;
    private final boolean observer;
    private final Company company;
    private final Map<String, Feed> feeds = new HashMap<>();
    private final Outbox outbox;

    /** Chats whose history is being loaded because the gap was too large. */
    private final Set<String> loading = new HashSet<>();

    private final Set<String> toHeal = new HashSet<>();
    private @Nullable Line line;
    private @Nullable String failedTier;
    private boolean greeted;
    private boolean joined;
    private boolean ended;
    private boolean syncUnknown;
    private int failures;

    Participant(String name, Account account, Collection<String> chats, boolean observer, Company company) {
        this.name = name;
        this.account = account;
        this.observer = observer;
        this.company = company;
        this.outbox = new Outbox(name, company.ledger(), company.timer(), company.sends());
        chats.forEach(chat -> feeds.put(chat, new Feed()));
    }

    public String name() {
        return name;
    }

    /** Observers only read, and never give up on a line by themselves. */
    boolean isObserver() {
        return observer;
    }

    Account account() {
        return account;
    }

    Outbox outbox() {
        return outbox;
    }

    /** Connected, in all chats, and missing nothing that he knows of. */
    public synchronized boolean isWhole() {
        return line != null
                && joined
                && loading.isEmpty()
                && feeds.values().stream().noneMatch(feed -> !feed.isWhole());
    }

    public boolean hasUnanswered() {
        return outbox.size() > 0;
    }

    public List<Entry.Sent> unanswered() {
        return outbox.unanswered();
    }

    public synchronized List<Held> held() {
        return feeds.entrySet().stream()
                .map(one -> new Held(
                        name,
                        one.getKey(),
                        one.getValue().floor(),
                        one.getValue().places()))
                .toList();
    }

    void connect() {
        String avoided;
        synchronized (this) {
            if (ended) {
                return;
            }
            avoided = failedTier;
        }
        Tiers.Tier tier = company.tiers().anyBut(avoided);
        var _ = Line.open(company.http(), tier, account.token(), this).whenComplete((opened, failure) -> {
            if (opened == null) {
                synchronized (this) {
                    failedTier = tier.name();
                    connectLater();
                }
            } else {
                opened(opened);
            }
        });
    }

    private synchronized void opened(Line opened) {
        if (ended) {
            opened.abort();
        }
        if (opened.isOver()) {
            return; // told to lost() as well
        }
        // The greeting may have come before; whoever is second goes on.
        if (line == null) {
            line = opened;
            after(CONNECTED_WITHIN_MS, () -> {
                if (line == opened && !greeted) {
                    opened.abort();
                }
            });
        }
    }

    private void connectLater() {
        long most = Math.min(MAX_BACKOFF_MS, BACKOFF_MS << Math.min(failures++, 10));
        var _ = company.timer()
                .schedule(this::connect, ThreadLocalRandom.current().nextLong(most + 1), TimeUnit.MILLISECONDS);
    }

    private void after(long ms, Runnable task) {
        var _ = company.timer()
                .schedule(
                        () -> {
                            synchronized (this) {
                                task.run();
                            }
                        },
                        ms,
                        TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized void lost(Line over) {
        if (line == null || line == over) {
            line = null;
            greeted = false;
            joined = false;
            loading.clear();
            toHeal.clear();
            feeds.values().forEach(Feed::unanswered);
            feeds.keySet().forEach(chat -> note(over.tier(), chat, "lost the line"));
            failedTier = over.tier();
            outbox.use(null);
            company.reconnects().incrementAndGet();
            connectLater();
        }
    }

    /** Loses the line as a phone in a tunnel does. */
    void dropLine() {
        Line current;
        synchronized (this) {
            current = line;
        }
        if (current != null) {
            current.abort();
        }
    }

    public void end() {
        synchronized (this) {
            ended = true;
        }
        dropLine();
    }

    @Override
    public synchronized void heard(Line from, String event, JsonNode data) {
        if (line != null && line != from) {
            return;
        }
        switch (event) {
            case "connected" -> greeted(from);
            case "new-message" -> take(from, data);
            case "message-retracted" -> retract(from, data);
            case "resync" -> resync(from, Fields.text(data, "chatId"), Fields.number(data, "headSeq"));
            case "server-maintenance" -> move(from, data);
            default -> {}
        }
    }

    /** The instance is about to end: leaves it when told to, for another one. */
    private void move(Line from, JsonNode data) {
        Long inMs = Fields.optionalNumber(data, "reconnectInMs");
        if (Fields.text(data, "phase").equals("reconnect") && inMs != null) {
            after(inMs, from::abort);
        }
    }

    private void greeted(Line from) {
        line = from;
        greeted = true;
        failures = 0;
        failedTier = null;
        outbox.use(from);
        join(from, feeds.keySet(), false);
        ping(from);
    }

    /** Dead lines show only by silence. */
    private void ping(Line over) {
        if (observer) {
            return;
        }
        after(PING_EVERY_MS, () -> {
            if (line == over) {
                var _ = over.request("ping", "{}", PING_TIMEOUT).whenComplete((pong, failure) -> {
                    if (failure == null) {
                        ping(over);
                    } else {
                        over.abort();
                    }
                });
            }
        });
    }

    /** Asks for chats, or again for what is missing in them. */
    private void join(Line over, Collection<String> chats, boolean sync) {
        List<String> asked = List.copyOf(chats);
        String lastSeqs = asked.stream()
                .filter(chat -> feed(chat).head() != null)
                .map(chat -> "\"" + chat + "\":" + feed(chat).head())
                .collect(Collectors.joining(",", "{", "}"));
        boolean bySync = sync && !syncUnknown;
        String data = bySync
                ? "{\"lastSeqs\":" + lastSeqs + "}"
                : "{\"chatIds\":[\"" + String.join("\",\"", asked) + "\"],\"lastSeqs\":" + lastSeqs + "}";
        asked.forEach(chat -> {
            note(
                    over.tier(),
                    chat,
                    (bySync ? "sync" : "join") + " from " + feed(chat).head());
            feed(chat).ask();
        });
        var _ = over.request(bySync ? "sync" : "join-chats", data, JOIN_TIMEOUT)
                .whenComplete((answer, failure) -> answered(over, asked, bySync, answer));
    }

    private void answered(Line over, List<String> asked, boolean bySync, @Nullable Answer answer) {
        if (answer == null) {
            over.abort(); // no answer in time, or lost anyway
            return;
        }
        synchronized (this) {
            if (line != over) {
                return;
            }
            switch (answer) {
                case Answer.Ok ok -> joined(over, ok.data());
                case Answer.No no -> {
                    asked.forEach(chat -> feed(chat).unanswered());
                    if (bySync && no.code().equals("UNKNOWN_EVENT")) {
                        syncUnknown = true;
                        join(over, asked, false);
                    } else {
                        joinAgain(over, asked, no.retryAfterMs());
                    }
                }
            }
        }
    }

    private void joined(Line over, JsonNode data) {
        for (JsonNode one : Fields.list(data, "joined")) {
            String chat = Fields.text(one, "chatId");
            Long askAgainIn = Fields.optionalNumber(one, "retryAfterMs");
            note(
                    over.tier(),
                    chat,
                    "joined, head " + Fields.number(one, "headSeq") + ", again in " + askAgainIn + " ms");
            if (askAgainIn != null || loading.contains(chat)) {
                feed(chat).unanswered();
            }
            if (askAgainIn != null) {
                // Not everything could be read: a resume still begins where it did.
                after(askAgainIn, () -> {
                    if (line == over && feed(chat).hasGap()) {
                        heal(over, chat);
                    }
                });
            } else if (!loading.contains(chat)) {
                feed(chat).answered(Fields.number(one, "headSeq"));
                if (feed(chat).hasGap()) {
                    heal(over, chat);
                }
            }
        }
        List<JsonNode> refused = Fields.list(data, "refused");
        if (refused.isEmpty()) {
            joined = true;
            return;
        }
        refused.forEach(one -> feed(Fields.text(one, "chatId")).unanswered());
        Long retryAfterMs = Fields.optionalNumber(refused.getFirst(), "retryAfterMs");
        joinAgain(over, refused.stream().map(one -> Fields.text(one, "chatId")).toList(), retryAfterMs);
    }

    private void joinAgain(Line over, List<String> chats, @Nullable Long retryAfterMs) {
        after(
                (retryAfterMs == null ? 1_000 : retryAfterMs)
                        + ThreadLocalRandom.current().nextLong(300),
                () -> {
                    if (line == over) {
                        join(over, chats, false);
                    }
                });
    }

    private void take(Line from, JsonNode data) {
        String chat = Fields.text(data, "chatId");
        Feed feed = feed(chat);
        remember(from.tier(), chat, data);
        if (feed.hasGap() && !loading.contains(chat) && joined) {
            heal(from, chat);
        }
    }

    private void remember(String tier, String chat, JsonNode data) {
        String messageId = Fields.text(data, "messageId");
        long seq = Fields.number(data, "seq");
        Effect effect = feed(chat).take(messageId, seq, Fields.optionalNumber(data, "prevSeq"));
        company.ledger()
                .add(new Entry.Received(
                        company.ledger().now(),
                        name,
                        tier,
                        chat,
                        messageId,
                        seq,
                        Fields.text(data, "senderId"),
                        Fields.text(data, "clientMessageId"),
                        effect));
    }

    private void retract(Line from, JsonNode data) {
        String chat = Fields.text(data, "chatId");
        String messageId = Fields.text(data, "messageId");
        long seq = Fields.number(data, "seq");
        boolean removed = feed(chat).retract(messageId, seq);
        company.ledger()
                .add(new Entry.Retracted(company.ledger().now(), name, from.tier(), chat, messageId, seq, removed));
    }

    private void note(String tier, String chat, String what) {
        company.ledger().add(new Entry.Noted(company.ledger().now(), name, tier, chat, what));
    }

    /** A gap is given a moment: what is missing may be on its way. */
    private void heal(Line over, String chat) {
        if (!toHeal.add(chat) || toHeal.size() > 1) {
            return;
        }
        after(HEAL_AFTER_MS, () -> {
            List<String> chats = new ArrayList<>(toHeal);
            toHeal.clear();
            if (line == over) {
                company.syncs().incrementAndGet();
                join(over, chats, true);
            }
        });
    }

    private void resync(Line from, String chat, long headSeq) {
        Feed feed = feed(chat);
        feed.suspend(headSeq);
        Long head = feed.head();
        note(from.tier(), chat, "resync to " + headSeq + ", held up to " + head);
        if (loading.add(chat)) {
            company.resyncs().incrementAndGet();
            company.workers().execute(() -> load(from, chat, head == null ? 0 : head));
        }
    }

    private void load(Line line, String chat, long from) {
        long after = from;
        while (isCurrent(line)) {
            try {
                Tiers.Tier tier = company.tiers().anyBut(null);
                RestCalls.After page = company.rest().messagesAfter(tier, account.token(), chat, after);
                boolean whole = page.retryAfterMs() == null;
                synchronized (this) {
                    note(
                            tier.name(),
                            chat,
                            "%d messages after %d, more %s, whole %s"
                                    .formatted(page.messages().size(), after, page.more(), whole));
                    for (JsonNode message : page.messages()) {
                        remember("history", chat, message);
                        if (whole) {
                            after = Fields.number(message, "seq");
                        }
                    }
                    if (whole && !page.more()) {
                        if (this.line == line && loading.remove(chat)) {
                            feed(chat).skipTo(after);
                            if (feed(chat).hasGap()) {
                                heal(line, chat);
                            }
                        }
                        return;
                    }
                }
                if (!whole) {
                    pause();
                }
            } catch (IOException e) {
                pause();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private synchronized boolean isCurrent(Line over) {
        return line == over && !ended;
    }

    private static void pause() {
        try {
            Thread.sleep(300 + ThreadLocalRandom.current().nextInt(500));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Feed feed(String chat) {
        return feeds.computeIfAbsent(chat, c -> new Feed());
    }
}
