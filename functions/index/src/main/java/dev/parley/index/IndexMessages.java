package dev.parley.index;

import dev.parley.function.BatchFunction;
import dev.parley.function.Outcome;
import dev.parley.queue.QueueEvent.MessageToIndex;
import dev.parley.search.SearchIndex;
import jakarta.inject.Singleton;
import java.util.Collections;
import java.util.List;

/** Makes a batch of messages findable. The index replaces what it has by messageId, so that doing it again is harmless. */
@Singleton
final class IndexMessages implements BatchFunction<MessageToIndex> {

    private final SearchIndex index;

    IndexMessages(SearchIndex index) {
        this.index = index;
    }

    @Override
    public Class<MessageToIndex> eventType() {
        return MessageToIndex.class;
    }

    @Override
    public List<Outcome> handle(List<MessageToIndex> batch) {
        index.index(batch.stream().map(MessageToIndex::message).toList());
        return Collections.nCopies(batch.size(), Outcome.DONE);
    }
}
