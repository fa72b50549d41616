package dev.parley.bench.load.crowd;

import dev.parley.bench.load.ledger.Book;
import dev.parley.bench.load.ledger.Chat;
import dev.parley.bench.load.ledger.Reader;
import dev.parley.bench.load.net.Connection;
import dev.parley.bench.load.wire.Inbound;
import dev.parley.wire.Json;
import io.micronaut.json.tree.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One user with one connection. It behaves as a good client does: joins with the seqs that it holds, keeps what is not
 * answered and sends it again after coming back, and comes back when the server says that it may.
 */
public final class Client implements Connection.Listener, Inbound {

    /** Numbers of requests from here on are joins; below they are messages. */
    private static final long JOIN = 1L << 40;

    /** And from here on they name those who are watched. */
    private static final long WATCH = 1L << 41;

    private final Crowd crowd;
    private final int number;
    private final Person person;
    private final Reader reader = new Reader();
    private final ArrayDeque<Integer> unanswered = new ArrayDeque<>();
    private @Nullable Connection connection;
    private boolean ready;
    private int retryAfterSeconds;
    private long dueIn;
    private boolean wasRefused;

    Client(Crowd crowd, int number, Person person) {
        this.crowd = crowd;
        this.number = number;
        this.person = person;
    }

    int number() {
        return number;
    }

    public Person person() {
        return person;
    }

    Reader reader() {
        return reader;
    }

    boolean isReady() {
        return ready;
    }

    boolean hasConnection() {
        return connection != null;
    }

    long dueIn() {
        return dueIn;
    }

    /** Whether it was turned away before it got in. */
    boolean wasRefused() {
        return wasRefused;
    }

    /** Wants to be in from {@code due} on. */
    void arrive(long due) {
        dueIn = due;
        wasRefused = false;
        connect();
    }

    void connect() {
        retryAfterSeconds = 0;
        connection = crowd.dial(this);
    }

    /** Loses its connection without a word. */
    void cut() {
        Connection open = connection;
        connection = null;
        ready = false;
        if (open != null) {
            open.cut();
        }
    }

    /** Sends message {@code n}, at once or as soon as it is back. */
    void post(int n) {
        unanswered.add(n);
        if (ready) {
            crowd.ledger().sent(n, System.nanoTime());
            send(n);
        }
    }

    void typing(Chat chat) {
        write(crowd.codec().request("typing", "{\"chatId\":\"" + chat.id() + "\",\"isTyping\":true}"));
    }

    /** Asks to be told of the presence of others. */
    void watch(String userIds) {
        write(crowd.codec().request(WATCH + number, "watch-presence", "{\"userIds\":[" + userIds + "]}"));
    }

    void choose(String status) {
        write(crowd.codec().request("set-presence", status));
    }

    /** Sends something that is not counted. */
    void flood(Chat chat, int n) {
        String data = "{\"chatId\":\"" + chat.id() + "\",\"clientMessageId\":\"flood-" + System.nanoTime() + "-" + n
                + "\",\"content\":\"flood\"}";
        write(crowd.codec().request("send-message", data));
    }

    private void send(int n) {
        write(crowd.codec().request(n, "send-message", crowd.ledger().data(n)));
    }

    private void write(byte[] frame) {
        Connection open = connection;
        if (open != null) {
            open.send(frame);
        }
    }

    @Override
    public void text(byte[] frame, int length) {
        crowd.codec().read(frame, length, person.token(), this);
    }

    @Override
    public void reply(byte[] frame) {
        write(frame);
    }

    @Override
    public void authenticated() {
        if (reader.books().isEmpty()) {
            becomeReady();
        } else {
            write(crowd.codec().request(JOIN + number, "join-chats", joinData()));
        }
    }

    private String joinData() {
        StringBuilder ids = new StringBuilder();
        StringBuilder seqs = new StringBuilder();
        for (Book book : reader.books()) {
            ids.append(ids.isEmpty() ? "\"" : ",\"").append(book.chat().id()).append('"');
            if (book.joined()) {
                seqs.append(seqs.isEmpty() ? "\"" : ",\"")
                        .append(book.chat().id())
                        .append("\":")
                        .append(book.lastSeq());
            }
        }
        return "{\"chatIds\":[" + ids + "],\"lastSeqs\":{" + seqs + "}}";
    }

    @Override
    public void answered(long id, boolean ok, byte[] frame, int length) {
        if (id >= WATCH) {
            crowd.watches(this, ok);
        } else if (id >= JOIN) {
            joined(new String(frame, 0, length, StandardCharsets.UTF_8));
        } else {
            int n = (int) id;
            crowd.ledger().answered(n, ok, System.nanoTime());
            unanswered.removeFirstOccurrence(n);
            if (!ok) {
                crowd.note("refused: " + new String(frame, 0, Math.min(length, 160), StandardCharsets.UTF_8));
            }
        }
    }

    /** Join answers are rare, so they may be parsed. */
    private void joined(String answer) {
        Optional<JsonNode> parsed =
                Json.parse(answer.substring(answer.indexOf('{')).replaceFirst("\\]$", ""));
        JsonNode data = parsed.map(root -> root.get("data")).orElse(null);
        JsonNode joined = data == null ? null : data.get("joined");
        if (joined == null || joined.size() < reader.books().size()) {
            crowd.note("not joined: " + answer.substring(0, Math.min(answer.length(), 160)));
            cut();
            crowd.away(this, 0);
            return;
        }
        for (JsonNode one : joined.values()) {
            JsonNode chat = one.get("chatId");
            JsonNode head = one.get("headSeq");
            for (Book book : reader.books()) {
                if (chat != null && head != null && book.chat().id().equals(chat.getStringValue())) {
                    book.joinedAt(head.getLongValue());
                }
            }
        }
        becomeReady();
    }

    private void becomeReady() {
        ready = true;
        unanswered.forEach(this::send);
        crowd.arrived(this);
    }

    @Override
    public void message(byte[] frame, int from, int length) {
        crowd.ledger().received(reader, frame, from, length, System.nanoTime());
    }

    @Override
    public void presence(byte[] frame, int from, int length) {
        crowd.changes().told(frame, from, length, System.nanoTime());
        crowd.heard("presence");
    }

    @Override
    public void event(String name) {
        crowd.heard(name);
    }

    @Override
    public void refused(byte[] frame, int length) {
        crowd.note("error: " + new String(frame, 0, Math.min(length, 160), StandardCharsets.UTF_8));
        if (!ready) {
            cut();
            wasRefused = true;
            crowd.turnedAway();
            crowd.away(this, 0);
        }
    }

    @Override
    public void refused(int status, int retryAfter) {
        crowd.note("handshake refused with " + status);
        wasRefused = true;
        retryAfterSeconds = retryAfter;
        crowd.turnedAway();
    }

    @Override
    public void lost(String why) {
        if (ready || retryAfterSeconds == 0) {
            crowd.note((ready ? "connection lost: " : "not let in: ") + why);
        }
        ready = false;
        connection = null;
        crowd.away(this, retryAfterSeconds);
    }
}
