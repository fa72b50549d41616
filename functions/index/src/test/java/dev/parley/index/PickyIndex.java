package dev.parley.index;

import dev.parley.id.ChatId;
import dev.parley.search.LuceneIndex;
import dev.parley.search.SearchIndex;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.Json;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.List;

/** The index in memory, which refuses one text as OpenSearch refuses a document it cannot take. */
@Singleton
final class PickyIndex implements SearchIndex {

    static final String REFUSED = "refuse me";

    private final LuceneIndex index;

    PickyIndex(Json json) {
        this.index = LuceneIndex.inMemory(json);
    }

    @Override
    public void index(List<ChatMessage> messages) {
        if (messages.stream().anyMatch(message -> message.content().equals(REFUSED))) {
            throw new IllegalStateException("refused");
        }
        index.index(messages);
    }

    @Override
    public List<ChatMessage> search(String query, Collection<ChatId> among, int limit) {
        return index.search(query, among, limit);
    }

    @Override
    public void close() {
        index.close();
    }
}
