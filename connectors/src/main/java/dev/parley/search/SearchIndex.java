package dev.parley.search;

import dev.parley.id.ChatId;
import dev.parley.wire.ChatMessage;
import java.util.Collection;
import java.util.List;

/**
 * Messages by their words. Twins: {@link LuceneIndex} and {@link OpenSearchIndex}; both pass {@code SearchContract}.
 * Blocking; thread-safe. Both methods throw {@link dev.parley.connect.ServerAwayException} where the index does not
 * answer for now.
 */
public interface SearchIndex extends AutoCloseable {

    /** Most chats that one search may be among. */
    int MAX_CHATS = 10_000;

    /** Most messages in one answer; a larger limit means this one. */
    int MAX_LIMIT = 100;

    /** A query is cut to this many characters. */
    int MAX_QUERY_LENGTH = 256;

    /**
     * Makes messages findable, within two seconds of the return. When it returns they are as safe as the index is:
     * on disk where it has a disk. A message that is there already, by its messageId, is replaced, so that doing it
     * again changes nothing.
     */
    void index(List<ChatMessage> messages);

    /**
     * The messages in which every word of the query occurs, the last one also as the beginning of a word; letters match
     * without regard to case and accents. The most relevant come first, among equals the newest. The query is a user's
     * text and never syntax: there is no text that fails or that means anything but its words, and one without words
     * finds nothing.
     *
     * @param among where to look, at most {@link #MAX_CHATS}
     */
    List<ChatMessage> search(String query, Collection<ChatId> among, int limit);

    @Override
    void close();
}
