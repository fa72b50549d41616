package dev.parley.bench.load.ledger;

import java.util.Arrays;

/** All sends by number, in arrays: a send costs 25 bytes and no object. */
final class Sends {

    static final byte PENDING = 0;
    static final byte ACKNOWLEDGED = 1;
    static final byte REFUSED = 2;

    private int count;
    private long[] due = new long[1024];
    private int[] chat = new int[1024];
    private int[] index = new int[1024];
    private int[] sender = new int[1024];
    private int[] indexOfSender = new int[1024];
    private byte[] state = new byte[1024];

    int add(Chat of, int by, long at) {
        if (count == due.length) {
            int capacity = count * 2;
            due = Arrays.copyOf(due, capacity);
            chat = Arrays.copyOf(chat, capacity);
            index = Arrays.copyOf(index, capacity);
            sender = Arrays.copyOf(sender, capacity);
            indexOfSender = Arrays.copyOf(indexOfSender, capacity);
            state = Arrays.copyOf(state, capacity);
        }
        due[count] = at;
        chat[count] = of.number();
        index[count] = of.nextIndex();
        sender[count] = by;
        indexOfSender[count] = of.nextIndexOf(by);
        return count++;
    }

    int count() {
        return count;
    }

    long due(int n) {
        return due[n];
    }

    int chat(int n) {
        return chat[n];
    }

    int index(int n) {
        return index[n];
    }

    int sender(int n) {
        return sender[n];
    }

    int indexOfSender(int n) {
        return indexOfSender[n];
    }

    byte state(int n) {
        return state[n];
    }

    void state(int n, byte now) {
        state[n] = now;
    }
}
