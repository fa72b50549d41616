package dev.parley.bench.load.crowd;

import dev.parley.bench.load.ledger.Changes;
import dev.parley.bench.load.ledger.Chat;
import dev.parley.bench.load.ledger.Ledger;
import dev.parley.bench.load.net.Connection;
import dev.parley.bench.load.net.Dialer;
import dev.parley.bench.load.wire.Codec;
import dev.parley.bench.load.wire.PlainCodec;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * All clients. What is public may be called from any thread and happens on the event loop, which owns everything in
 * here; the package's own methods are the event loop's.
 */
public final class Crowd {

    private static final int MOST_KINDS_OF_NOTES = 50;
    private static final int RETRY_MS = 500;

    private final Dialer dialer;
    private final Codec codec;
    private final Ledger ledger;
    private final Random random;
    private final EventLoop loop;
    private final List<Client> clients = new ArrayList<>();
    private final List<List<Client>> members = new ArrayList<>();
    private final Map<String, Long> events = new TreeMap<>();
    private final Map<String, Long> notes = new TreeMap<>();
    private final Changes changes = new Changes();
    private int watching;
    private @Nullable Arrivals arrivals;
    private boolean ended;

    public Crowd(Dialer dialer, Codec codec, Ledger ledger, long seed) {
        this.dialer = dialer;
        this.codec = codec;
        this.ledger = ledger;
        this.random = new Random(seed);
        this.loop = dialer.loop();
    }

    /**
     * Who is in it, and what they talk in.
     *
     * @param senders how many members of each chat send
     */
    public void populate(List<Person> people, List<Room> rooms, int senders) throws Exception {
        ask(() -> {
            for (Person person : people) {
                clients.add(new Client(this, clients.size(), person));
            }
            for (Room room : rooms) {
                Chat chat = ledger.addChat(room.chatId(), Math.min(senders, room.members().length));
                List<Client> there = new ArrayList<>();
                for (int member : room.members()) {
                    Client client = clients.get(member);
                    client.reader().add(chat.addMember());
                    there.add(client);
                }
                members.add(there);
            }
            return true;
        });
    }

    /** Lets clients {@code from} until {@code until} come at a rate; completes when all of them are in. */
    public Arrivals arrive(int from, int until, double perSecond) {
        Arrivals coming = new Arrivals(System.nanoTime(), until - from);
        loop.execute(() -> arrivals = coming);
        coming.follow(Pacer.start(
                loop,
                coming.start(),
                perSecond,
                until - from,
                (i, due) -> clients.get(from + i).arrive(due)));
        return coming;
    }

    /** All connections break at the same moment, and all clients want back at once. */
    public Arrivals cutAll() {
        long now = System.nanoTime();
        Arrivals coming = new Arrivals(now, clients.size());
        loop.execute(() -> {
            arrivals = coming;
            clients.forEach(Client::cut);
            clients.forEach(client -> client.arrive(now));
        });
        return coming;
    }

    /** Clients from {@code first} on lose their connections, and do not come back by themselves. */
    public void leave(int first) throws Exception {
        ask(() -> {
            clients.subList(first, clients.size()).forEach(Client::cut);
            return true;
        });
    }

    /** Sends {@code count} messages at a rate, chat by chat and sender by sender; completes when the last was sent. */
    public CompletableFuture<Void> send(long start, double perSecond, int count) {
        return Pacer.start(loop, start, perSecond, count, this::sendNext);
    }

    private void sendNext(int number, long due) {
        List<Chat> chats = ledger.chats();
        Chat chat = chats.get(number % chats.size());
        int sender = number / chats.size() % chat.senders();
        members.get(chat.number()).get(sender).post(ledger.post(chat, sender, due));
    }

    /** Begins to type somewhere, at a rate. */
    public CompletableFuture<Void> type(long start, double perSecond, int count) {
        return Pacer.start(loop, start, perSecond, count, (number, due) -> {
            Chat chat = anyChat();
            List<Client> there = members.get(chat.number());
            there.get(random.nextInt(there.size())).typing(chat);
        });
    }

    /** The first {@code count} watch the {@code others} that come behind them in their first chat, at a rate. */
    public CompletableFuture<Void> watch(int count, int others, double perSecond) {
        return Pacer.start(loop, System.nanoTime(), perSecond, count, (number, due) -> {
            Client client = clients.get(number);
            List<Client> there =
                    members.get(client.reader().books().getFirst().chat().number());
            int own = there.indexOf(client);
            client.watch(IntStream.rangeClosed(1, others)
                    .mapToObj(i -> there.get((own + i) % there.size()).person().userId())
                    .collect(Collectors.joining("\",\"", "\"", "\"")));
        });
    }

    /** How many have been told whom they watch. */
    public int watching() throws Exception {
        return ask(() -> watching);
    }

    /** One of those who are watched after the other changes his status, at a rate. */
    public CompletableFuture<Void> change(long start, double perSecond, int count) {
        return Pacer.start(
                loop,
                start,
                perSecond,
                count,
                (number, due) -> clients.get(number % watching).choose(changes.next(due)));
    }

    /** What became of changes of status; the event loop's. */
    public Changes changes() {
        return changes;
    }

    /** One client sends to the chat that it is in, at a rate, and does not care for the answers. */
    public CompletableFuture<Void> flood(long start, double perSecond, int count) {
        Chat chat = ledger.chats().getFirst();
        Client greedy = members.get(chat.number()).getFirst();
        return Pacer.start(loop, start, perSecond, count, (number, due) -> greedy.flood(chat, number));
    }

    /** Somebody loses the connection and comes back, at a rate. */
    public CompletableFuture<Void> hop(long start, double perSecond, int count) {
        return Pacer.start(loop, start, perSecond, count, (number, due) -> {
            Client client = clients.get(random.nextInt(clients.size()));
            if (client.isReady()) {
                client.cut();
                client.arrive(due);
            }
        });
    }

    /** Asks for a page of history. */
    public interface PageReader {
        void read(Person reader, String chatId, long due);
    }

    /** Has members of chats read pages, at a rate; the reader is called on the event loop and must not block it. */
    public CompletableFuture<Void> read(long start, double perSecond, int count, PageReader pages) {
        return Pacer.start(loop, start, perSecond, count, (number, due) -> {
            Chat chat = anyChat();
            List<Client> there = members.get(chat.number());
            pages.read(there.get(random.nextInt(there.size())).person(), chat.id(), due);
        });
    }

    private Chat anyChat() {
        return ledger.chats().get(random.nextInt(ledger.chats().size()));
    }

    /** Runs a question on the event loop. */
    public <T> T ask(Callable<T> question) throws Exception {
        return loop.submit(question).get(5, TimeUnit.MINUTES);
    }

    /** Other events that were heard, by name. */
    public Map<String, Long> events() throws Exception {
        return ask(() -> Map.copyOf(events));
    }

    /** What went wrong, by kind. */
    public Map<String, Long> notes() throws Exception {
        return ask(() -> new TreeMap<>(notes));
    }

    /** Everybody leaves for good. */
    public void end() throws Exception {
        ask(() -> {
            ended = true;
            clients.forEach(Client::cut);
            return true;
        });
    }

    Connection dial(Client client) {
        String bearer = codec instanceof PlainCodec ? client.person().token() : null;
        return dialer.dial(client.number(), client.number() % dialer.targets(), bearer, client);
    }

    Codec codec() {
        return codec;
    }

    Ledger ledger() {
        return ledger;
    }

    void arrived(Client client) {
        Arrivals open = arrivals;
        if (open != null) {
            open.arrived(client.dueIn(), System.nanoTime(), client.wasRefused());
        }
    }

    void turnedAway() {
        Arrivals open = arrivals;
        if (open != null) {
            open.turnedAway();
        }
    }

    /** A client has no connection and wants one; it waits as long as the server said, or else a moment. */
    void away(Client client, int retryAfterSeconds) {
        if (!ended) {
            long wait = retryAfterSeconds > 0 ? retryAfterSeconds * 1000L : RETRY_MS + random.nextInt(RETRY_MS);
            var _ = loop.schedule(
                    () -> {
                        if (!ended && !client.hasConnection()) {
                            client.connect();
                        }
                    },
                    wait,
                    TimeUnit.MILLISECONDS);
        }
    }

    void watches(Client client, boolean ok) {
        if (ok) {
            watching++;
        } else {
            note("not watching: client " + client.number());
        }
    }

    void heard(String event) {
        events.merge(event, 1L, Long::sum);
    }

    void note(String what) {
        String kind = what.replaceAll("[0-9a-f]{24}", "…").replaceAll("\\d{4,}", "…");
        if (notes.size() < MOST_KINDS_OF_NOTES || notes.containsKey(kind)) {
            notes.merge(kind, 1L, Long::sum);
        }
    }
}
