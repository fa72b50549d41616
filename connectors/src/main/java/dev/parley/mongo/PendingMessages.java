package dev.parley.mongo;

import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.in;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import dev.parley.id.MessageId;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;

/**
 * What still has to be done for messages that were stored while another server was away: the transactional outbox. An
 * entry is written before its message, so that none can be forgotten; one whose message never came is dropped later.
 * Normally empty. Blocking; thread-safe.
 */
@Singleton
public final class PendingMessages {

    static final String COLLECTION = "pending_messages";

    /**
     * An entry.
     *
     * @param chatType wire name of the chat's type
     * @param queue whether it has yet to be published to {@code message-persist}, for what follows from it
     * @param announce whether it has yet to be announced through Redis
     * @param since when it was written last
     */
    public record Entry(MessageId messageId, String chatType, boolean queue, boolean announce, Instant since) {}

    private final MongoCollection<Document> pending;
    private final Calls calls;

    PendingMessages(MongoDatabase database, Calls calls) {
        this.pending = database.getCollection(COLLECTION);
        this.calls = calls;
    }

    /** Adds entries; what has to be done for a message that has one already only grows, and its time begins anew. */
    public void add(Collection<Entry> entries) {
        List<UpdateOneModel<Document>> writes = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            Bson update = Updates.combine(
                    Updates.setOnInsert("chatType", entry.chatType()),
                    Updates.max("since", Date.from(entry.since())),
                    entry.queue() ? Updates.set("queue", true) : Updates.setOnInsert("queue", false),
                    entry.announce() ? Updates.set("announce", true) : Updates.setOnInsert("announce", false));
            writes.add(new UpdateOneModel<>(
                    eq("_id", new ObjectId(entry.messageId().value())), update, new UpdateOptions().upsert(true)));
        }
        if (!writes.isEmpty()) {
            calls.run(() -> pending.bulkWrite(writes, new BulkWriteOptions().ordered(false)));
        }
    }

    /** The oldest entries of messages that have yet to be announced. */
    public List<Entry> toAnnounce(int limit) {
        return oldest("announce", limit);
    }

    /** The oldest entries of messages that have yet to be queued. */
    public List<Entry> toQueue(int limit) {
        return oldest("queue", limit);
    }

    private List<Entry> oldest(String what, int limit) {
        List<Entry> found = new ArrayList<>();
        calls.run(() -> {
            found.clear();
            pending.find(eq(what, true))
                    .sort(Sorts.ascending("since"))
                    .limit(limit)
                    .map(PendingMessages::entry)
                    .into(found);
        });
        return found;
    }

    private static Entry entry(Document document) {
        return new Entry(
                new MessageId(document.getObjectId("_id").toHexString()),
                document.getString("chatType"),
                document.getBoolean("queue", false),
                document.getBoolean("announce", false),
                document.getDate("since").toInstant());
    }

    /** They were published to the queue. */
    public void queued(Collection<MessageId> ids) {
        done(ids, "queue");
    }

    /** They were announced. */
    public void announced(Collection<MessageId> ids) {
        done(ids, "announce");
    }

    private void done(Collection<MessageId> ids, String what) {
        if (!ids.isEmpty()) {
            List<ObjectId> objectIds =
                    ids.stream().map(id -> new ObjectId(id.value())).toList();
            calls.run(() -> pending.updateMany(in("_id", objectIds), Updates.set(what, false)));
            calls.run(() -> pending.deleteMany(new Document("_id", new Document("$in", objectIds))
                    .append("queue", false)
                    .append("announce", false)));
        }
    }

    /** Their messages were never stored. */
    public void drop(Collection<MessageId> ids) {
        if (!ids.isEmpty()) {
            List<ObjectId> objectIds =
                    ids.stream().map(id -> new ObjectId(id.value())).toList();
            calls.run(() -> pending.deleteMany(in("_id", objectIds)));
        }
    }
}
