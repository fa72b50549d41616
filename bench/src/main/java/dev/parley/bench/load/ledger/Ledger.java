package dev.parley.bench.load.ledger;

import dev.parley.bench.load.wire.Scan;
import java.util.ArrayList;
import java.util.List;

/**
 * Who sent what, and who received it. A message carries its number in its content, {@code ~run.number~}, so that a
 * receiver finds in some bytes of a frame whose it is and when it was due. Owned by the event loop.
 */
public final class Ledger {

    private static final byte[] SEQ = Scan.ascii("\"seq\":");
    private static final String PADDING = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod ";

    private final String run;
    private final byte[] stamp;
    private final int contentBytes;
    private final List<Chat> chats = new ArrayList<>();
    private final Sends sends = new Sends();
    private final Timings timings = new Timings();
    private long acknowledged;
    private long refused;
    private long expected;
    private long delivered;
    private long duplicated;
    private long disordered;
    private long strays;

    /**
     * Begins one.
     *
     * @param run distinguishes its messages from those of others
     * @param contentBytes length of a message's content
     */
    public Ledger(String run, int contentBytes) {
        this.run = run;
        this.stamp = Scan.ascii("~" + run + ".");
        this.contentBytes = contentBytes;
    }

    public Chat addChat(String id, int senders) {
        Chat chat = new Chat(chats.size(), id, senders);
        chats.add(chat);
        return chat;
    }

    public List<Chat> chats() {
        return chats;
    }

    /** Notes that a message is due; answers its number. */
    public int post(Chat chat, int sender, long due) {
        return sends.add(chat, sender, due);
    }

    /** The data of {@code send-message} for a message. */
    public String data(int number) {
        StringBuilder json = new StringBuilder(contentBytes + 128)
                .append("{\"chatId\":\"")
                .append(chats.get(sends.chat(number)).id())
                .append("\",\"clientMessageId\":\"")
                .append(run)
                .append('-')
                .append(number)
                .append("\",\"content\":\"");
        int begin = json.length();
        json.append('~').append(run).append('.').append(number).append('~');
        while (json.length() - begin < contentBytes) {
            int missing = contentBytes - (json.length() - begin);
            json.append(PADDING, 0, Math.min(missing, PADDING.length()));
        }
        return json.append("\"}").toString();
    }

    /** Measures what is due from {@code from} until {@code until}, and forgets what was measured before. */
    public void measure(long from, long until) {
        timings.open(from, until);
    }

    /** A message is on its way to the server. */
    public void sent(int number, long now) {
        timings.sent(sends.due(number), now);
    }

    public void answered(int number, boolean ok, long now) {
        if (number < 0 || number >= sends.count() || sends.state(number) != Sends.PENDING) {
            return;
        }
        if (ok) {
            sends.state(number, Sends.ACKNOWLEDGED);
            acknowledged++;
            expected += chats.get(sends.chat(number)).books().size();
            timings.acknowledged(sends.due(number), now);
        } else {
            sends.state(number, Sends.REFUSED);
            refused++;
        }
    }

    /** A message has come; its bytes are searched for seq and stamp. */
    public void received(Reader reader, byte[] frame, int from, int length, long now) {
        int seqAt = Scan.find(frame, from, length, SEQ);
        int stampAt = seqAt < 0 ? -1 : Scan.find(frame, seqAt, length, stamp);
        long number = stampAt < 0 ? -1 : Scan.number(frame, stampAt + stamp.length, length);
        Book book = number < 0 || number >= sends.count() ? null : reader.book(sends.chat((int) number));
        if (book == null) {
            strays++;
            return;
        }
        int n = (int) number;
        if (!book.mark(sends.index(n))) {
            duplicated++;
            return;
        }
        long seq = Scan.number(frame, seqAt + SEQ.length, length);
        if (!book.advances(seq, sends.sender(n), sends.indexOfSender(n))) {
            disordered++;
        }
        delivered++;
        timings.delivered(sends.due(n), now);
    }

    /** How many first receptions there have been. */
    public long delivered() {
        return delivered;
    }

    /** Everything so far; what is lost is searched for, which takes time in proportion to sends and receivers. */
    public Tally tally() {
        return new Tally(
                sends.count(),
                acknowledged,
                refused,
                unanswered(),
                delivered,
                missing(),
                duplicated,
                disordered,
                strays);
    }

    private long missing() {
        long missing = 0;
        for (int n = 0; n < sends.count(); n++) {
            if (sends.state(n) == Sends.ACKNOWLEDGED) {
                for (Book book : chats.get(sends.chat(n)).books()) {
                    if (!book.has(sends.index(n))) {
                        missing++;
                    }
                }
            }
        }
        return missing;
    }

    /** Messages that were neither acknowledged nor refused yet. */
    public long unanswered() {
        return sends.count() - acknowledged - refused;
    }

    /** Whether as much has come as was acknowledged for; where something was lost it never is. */
    public boolean isComplete() {
        return unanswered() == 0 && delivered >= expected;
    }

    public Timings timings() {
        return timings;
    }
}
