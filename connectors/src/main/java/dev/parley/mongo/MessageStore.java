package dev.parley.mongo;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.gt;
import static com.mongodb.client.model.Filters.lt;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.ReadPreference;
import com.mongodb.bulk.BulkWriteError;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.wire.ChatMessage;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;

/** The messages of all chats, for good. Blocking; thread-safe. */
@Singleton
public final class MessageStore {

    static final String COLLECTION = "messages";
    private static final int DUPLICATE_KEY = 11000;

    private final MongoCollection<Document> messages;

    MessageStore(MongoDatabase database) {
        this.messages = database.getCollection(COLLECTION);
    }

    /**
     * Stores messages; those that are stored already stay as they are, so that doing it again changes nothing.
     *
     * @return those that are not stored because another message of the same sender, chat and clientMessageId is: they
     *     are resends that slipped past the dedupe key, and must have no effect
     */
    public Set<MessageId> store(List<ChatMessage> batch) {
        List<UpdateOneModel<Document>> writes = new ArrayList<>(batch.size());
        for (ChatMessage message : batch) {
            writes.add(new UpdateOneModel<>(
                    eq("_id", new ObjectId(message.messageId().value())),
                    Updates.combine(document(message).entrySet().stream()
                            .map(field -> Updates.setOnInsert(field.getKey(), field.getValue()))
                            .toList()),
                    new UpdateOptions().upsert(true)));
        }
        Set<MessageId> resends = new HashSet<>();
        try {
            Calls.run(() -> messages.bulkWrite(writes, new BulkWriteOptions().ordered(false)));
        } catch (MongoBulkWriteException e) {
            for (BulkWriteError error : e.getWriteErrors()) {
                if (error.getCode() != DUPLICATE_KEY) {
                    throw e;
                }
                resends.add(batch.get(error.getIndex()).messageId());
            }
        }
        return resends;
    }

    private static Document document(ChatMessage message) {
        return new Document("chatId", new ObjectId(message.chatId().value()))
                .append("seq", message.seq())
                .append("prevSeq", message.prevSeq())
                .append("senderId", new ObjectId(message.senderId().value()))
                .append("clientMessageId", message.clientMessageId())
                .append("type", message.type())
                .append("content", message.content())
                .append("timestamp", message.timestamp());
    }

    private static ChatMessage message(Document document) {
        return new ChatMessage(
                new MessageId(document.getObjectId("_id").toHexString()),
                new ChatId(document.getObjectId("chatId").toHexString()),
                document.getLong("seq"),
                document.getLong("prevSeq"),
                new UserId(document.getObjectId("senderId").toHexString()),
                document.getString("clientMessageId"),
                document.getString("type"),
                document.getString("content"),
                document.getString("timestamp"));
    }

    /** The newest {@code limit} messages with a seq below {@code seq}, in order. */
    public List<ChatMessage> before(ChatId chat, long seq, int limit) {
        List<ChatMessage> found = find(and(eq("chatId", new ObjectId(chat.value())), lt("seq", seq)), false, limit);
        Collections.reverse(found);
        return found;
    }

    /** The oldest {@code limit} messages with a seq above {@code seq}, in order. */
    public List<ChatMessage> after(ChatId chat, long seq, int limit) {
        return find(and(eq("chatId", new ObjectId(chat.value())), gt("seq", seq)), true, limit);
    }

    private List<ChatMessage> find(Bson filter, boolean rising, int limit) {
        Bson order = rising ? Sorts.ascending("seq", "_id") : Sorts.descending("seq", "_id");
        List<ChatMessage> found = new ArrayList<>();
        Calls.run(() -> messages.withReadPreference(ReadPreference.secondaryPreferred())
                .find(filter)
                .sort(order)
                .limit(limit)
                .map(MessageStore::message)
                .into(found));
        return found;
    }
}
