package dev.parley.local.faults.people;

import dev.parley.local.faults.check.Entry;
import dev.parley.local.faults.check.Evidence.Held;
import dev.parley.local.faults.check.Ledger;
import dev.parley.local.faults.people.RestCalls.Account;
import java.io.IOException;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;

/** The participants of one round and their chats, which are new in each round. */
public final class Crowd implements AutoCloseable {

    private static final int LARGEST_GROUP = 10;
    private static final int SMALLEST_GROUP = 3;

    /** A chat with its members. */
    record Chat(String id, List<Participant> members) {}

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("clients-timer").factory());
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final Company company;
    private final List<Participant> participants = new ArrayList<>();
    private final List<Chat> chats = new ArrayList<>();

    /** Creates the chats over REST; every third one is direct. Observers are the last of the accounts. */
    public Crowd(
            HttpClient http,
            Tiers tiers,
            Ledger ledger,
            List<Account> accounts,
            int observers,
            int chatCount,
            Random random)
            throws IOException, InterruptedException {
        RestCalls rest = new RestCalls(http);
        this.company = new Company(
                http,
                rest,
                tiers,
                ledger,
                timer,
                workers,
                new Outbox.Counts(),
                new AtomicLong(),
                new AtomicLong(),
                new AtomicLong());
        Map<Integer, Set<String>> chatsOf = new LinkedHashMap<>();
        List<List<Integer>> members = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < chatCount; i++) {
            List<Integer> chosen = choose(accounts.size(), observers, i % 3 == 2, random);
            Account creator = accounts.get(chosen.getFirst());
            List<String> others = chosen.stream()
                    .skip(1)
                    .map(member -> accounts.get(member).userId())
                    .toList();
            String id = rest.createChat(tiers.anyBut(null), creator, "chat " + i, others);
            if (ids.contains(id)) {
                continue; // two direct chats of the same two are one
            }
            ids.add(id);
            members.add(chosen);
            chosen.forEach(member ->
                    chatsOf.computeIfAbsent(member, m -> new LinkedHashSet<>()).add(id));
        }
        Map<Integer, Participant> byIndex = new LinkedHashMap<>();
        chatsOf.forEach((index, own) -> {
            boolean observer = index >= accounts.size() - observers;
            Participant participant = new Participant(
                    (observer ? "observer-" : "user-") + index, accounts.get(index), own, observer, company);
            byIndex.put(index, participant);
            participants.add(participant);
        });
        for (int i = 0; i < ids.size(); i++) {
            chats.add(new Chat(
                    ids.get(i), members.get(i).stream().map(byIndex::get).toList()));
        }
    }

    /** The first of the chosen is never an observer. */
    private static List<Integer> choose(int accounts, int observers, boolean direct, Random random) {
        int size = direct ? 2 : SMALLEST_GROUP + random.nextInt(LARGEST_GROUP - SMALLEST_GROUP + 1);
        List<Integer> speakers = new ArrayList<>();
        List<Integer> silent = new ArrayList<>();
        for (int i = 0; i < accounts; i++) {
            (i < accounts - observers ? speakers : silent).add(i);
        }
        Collections.shuffle(speakers, random);
        Collections.shuffle(silent, random);
        if (direct) {
            return List.copyOf(speakers.subList(0, 2));
        }
        // Two observers in each group, so that what reaches those who never leave is seen for every chat.
        List<Integer> chosen = new ArrayList<>(speakers.subList(0, Math.max(1, size - 2)));
        chosen.addAll(silent.subList(0, Math.min(2, silent.size())));
        return chosen;
    }

    public void connect() {
        participants.forEach(Participant::connect);
    }

    public Traffic traffic(int perSecond, Random random) {
        return new Traffic(company, chats, perSecond, random);
    }

    public List<Participant> participants() {
        return participants;
    }

    public List<String> chatIds() {
        return chats.stream().map(Chat::id).toList();
    }

    /** Somebody who may read the chat. */
    public Account memberOf(String chatId) {
        return chats.stream()
                .filter(chat -> chat.id().equals(chatId))
                .findFirst()
                .orElseThrow()
                .members()
                .getFirst()
                .account();
    }

    public boolean areWhole() {
        return participants.stream().allMatch(Participant::isWhole);
    }

    public boolean haveUnanswered() {
        return participants.stream().anyMatch(Participant::hasUnanswered);
    }

    public List<Entry.Sent> unanswered() {
        return participants.stream()
                .flatMap(participant -> participant.unanswered().stream())
                .toList();
    }

    public List<Held> held() {
        return participants.stream()
                .flatMap(participant -> participant.held().stream())
                .toList();
    }

    /** What only the clients can count. */
    public record Counts(
            long resends, long dropped, long reconnects, long resyncs, long syncs, double ackP50Ms, double ackP99Ms) {}

    public Counts counts() {
        Outbox.Counts sends = company.sends();
        return new Counts(
                sends.resends().get(),
                sends.dropped().get(),
                company.reconnects().get(),
                company.resyncs().get(),
                company.syncs().get(),
                sends.latencies().percentileMs(50),
                sends.latencies().percentileMs(99));
    }

    @Override
    public void close() {
        participants.forEach(Participant::end);
        timer.shutdownNow();
        workers.shutdownNow();
    }
}
