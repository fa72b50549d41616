package dev.parley.bench.load.ledger;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One client's books, few enough to be searched one by one. */
public final class Reader {

    private final List<Book> books = new ArrayList<>(1);

    public void add(Book book) {
        books.add(book);
    }

    public List<Book> books() {
        return books;
    }

    @Nullable
    Book book(int chat) {
        for (int i = 0; i < books.size(); i++) {
            Book book = books.get(i);
            if (book.chat().number() == chat) {
                return book;
            }
        }
        return null;
    }
}
