package dev.parley.bench.load.ledger;

import java.util.Arrays;

/** What one member has received of one chat: a bit per message, the highest seq, and how far each sender has come. */
public final class Book {

    private final Chat chat;
    private long[] seen = {};
    private final int[] lastOf;
    private long lastSeq;
    private boolean joined;

    Book(Chat chat) {
        this.chat = chat;
        this.lastOf = new int[chat.senders()];
        Arrays.fill(lastOf, -1);
    }

    public Chat chat() {
        return chat;
    }

    /** Where to resume: the highest seq that was received, or that the server named when the chat was joined. */
    public long lastSeq() {
        return lastSeq;
    }

    /** Whether the chat has been joined once, so that everything from then on is expected. */
    public boolean joined() {
        return joined;
    }

    public void joinedAt(long headSeq) {
        if (!joined) {
            joined = true;
            lastSeq = Math.max(lastSeq, headSeq);
        }
    }

    /** Notes a message; false where it was received before. */
    boolean mark(int index) {
        int word = index >> 6;
        if (word >= seen.length) {
            seen = Arrays.copyOf(seen, Math.max(word + 1, seen.length * 2));
        }
        long bit = 1L << index;
        boolean isNew = (seen[word] & bit) == 0;
        seen[word] |= bit;
        return isNew;
    }

    boolean has(int index) {
        int word = index >> 6;
        return word < seen.length && (seen[word] & 1L << index) != 0;
    }

    /** Whether the message comes behind all that were received, by seq and among those of its sender. */
    boolean advances(long seq, int sender, int indexOfSender) {
        boolean inOrder = seq > lastSeq && indexOfSender > lastOf[sender];
        lastSeq = Math.max(lastSeq, seq);
        lastOf[sender] = Math.max(lastOf[sender], indexOfSender);
        return inOrder;
    }
}
