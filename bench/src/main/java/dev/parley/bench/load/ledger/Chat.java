package dev.parley.bench.load.ledger;

import java.util.ArrayList;
import java.util.List;

/** A chat of the load with one book per member. */
public final class Chat {

    private final int number;
    private final String id;
    private final List<Book> books = new ArrayList<>();
    private int sent;
    private final int[] sentBy;

    Chat(int number, String id, int senders) {
        this.number = number;
        this.id = id;
        this.sentBy = new int[senders];
    }

    public int number() {
        return number;
    }

    public String id() {
        return id;
    }

    /** How many of its members send. */
    public int senders() {
        return sentBy.length;
    }

    /** A further member's book. */
    public Book addMember() {
        Book book = new Book(this);
        books.add(book);
        return book;
    }

    List<Book> books() {
        return books;
    }

    int sent() {
        return sent;
    }

    int nextIndex() {
        return sent++;
    }

    int nextIndexOf(int sender) {
        return sentBy[sender]++;
    }
}
