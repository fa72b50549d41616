package dev.parley.mongo;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.gt;
import static com.mongodb.client.model.Filters.gte;
import static com.mongodb.client.model.Filters.in;
import static com.mongodb.client.model.Filters.lt;
import static com.mongodb.client.model.Filters.lte;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.ReadPreference;
import com.mongodb.bulk.BulkWriteError;
import com.mongodb.bulk.BulkWriteResult;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import dev.parley.connect.ServerAwayException;
import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.wire.ChatMessage;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/** The messages of all chats, for good. Blocking; thread-safe. */
@Singleton
public final class MessageStore {

    static final String COLLECTION = "messages";
    private static final int DUPLICATE_KEY = 11000;

    /** Field of a message that readers may have gone past: until when, in microseconds. */
    static final String LATE = "late";

    private final MongoCollection<Document> messages;
    private final Calls calls;

    MessageStore(MongoDatabase database, Calls calls) {
        this.calls = calls;
        this.messages = database.getCollection(COLLECTION);
    }

    /**
     * What became of a batch.
     *
     * @param instead for each message that is not stored as given, the one that is stored instead: the same message at
     *     another place. Those given must have no effect
     * @param again those that were stored before
     */
    public record Stored(Map<MessageId, ChatMessage> instead, Set<MessageId> again) {}

    /**
     * Stores messages; what is stored already stays as it is, so that doing it again changes nothing.
     *
     * @param lateMicros null for messages that take their place at the end of the chat, in the order in which they are
     *     shown; otherwise the time since 1970 from which readers may have gone past them, see {@link #late}
     */
    public Stored store(List<ChatMessage> batch, @Nullable Long lateMicros) {
        List<UpdateOneModel<Document>> writes = new ArrayList<>(batch.size());
        for (ChatMessage message : batch) {
            Document document = document(message);
            if (lateMicros != null) {
                document.append(LATE, lateMicros);
            }
            writes.add(new UpdateOneModel<>(
                    eq("_id", new ObjectId(message.messageId().value())),
                    new Document("$setOnInsert", document),
                    new UpdateOptions().upsert(true)));
        }
        Set<Integer> known = new LinkedHashSet<>();
        for (int i = 0; i < batch.size(); i++) {
            known.add(i);
        }
        try {
            BulkWriteResult result =
                    calls.call(() -> messages.bulkWrite(writes, new BulkWriteOptions().ordered(false)));
            result.getUpserts().forEach(upsert -> known.remove(upsert.getIndex()));
        } catch (MongoBulkWriteException e) {
            for (BulkWriteError error : e.getWriteErrors()) {
                if (error.getCode() != DUPLICATE_KEY) {
                    throw e;
                }
            }
            e.getWriteResult().getUpserts().forEach(upsert -> known.remove(upsert.getIndex()));
        }
        List<ChatMessage> again = known.stream().map(batch::get).toList();
        return new Stored(
                again.isEmpty() ? Map.of() : keptInstead(again),
                again.stream().map(ChatMessage::messageId).collect(Collectors.toUnmodifiableSet()));
    }

    private Map<MessageId, ChatMessage> keptInstead(List<ChatMessage> known) {
        Map<MessageId, ChatMessage> stored =
                find(known.stream().map(ChatMessage::messageId).toList());
        Map<MessageId, ChatMessage> instead = new HashMap<>();
        for (ChatMessage message : known) {
            ChatMessage kept = stored.get(message.messageId());
            if (kept == null) {
                kept = bySendersName(message);
            }
            if (kept.seq() != message.seq() || !kept.messageId().equals(message.messageId())) {
                instead.put(message.messageId(), kept);
            }
        }
        return instead;
    }

    /** A message with another id, from before ids followed from the sender's name for it. */
    private ChatMessage bySendersName(ChatMessage message) {
        Document found = calls.call(() -> messages.find(and(
                        eq("chatId", new ObjectId(message.chatId().value())),
                        eq("senderId", new ObjectId(message.senderId().value())),
                        eq("clientMessageId", message.clientMessageId())))
                .first());
        if (found == null) {
            throw new ServerAwayException("MongoDB", "message " + message.messageId() + " is neither new nor there");
        }
        return message(found);
    }

    /** Those of the messages that are stored. */
    public Map<MessageId, ChatMessage> find(Collection<MessageId> ids) {
        Map<MessageId, ChatMessage> found = new HashMap<>();
        if (!ids.isEmpty()) {
            calls.run(() -> messages.find(in("_id", objectIds(ids)))
                    .map(MessageStore::message)
                    .forEach(message -> {
                        found.put(message.messageId(), message);
                    }));
        }
        return found;
    }

    /** Says that readers may have gone past these messages until {@code micros} since 1970. */
    public void markLate(Collection<MessageId> ids, long micros) {
        if (!ids.isEmpty()) {
            calls.run(() -> messages.updateMany(in("_id", objectIds(ids)), Updates.max(LATE, micros)));
        }
    }

    private static List<ObjectId> objectIds(Collection<MessageId> ids) {
        return ids.stream().map(id -> new ObjectId(id.value())).toList();
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

    /** The newest {@code limit} messages with a seq below {@code seq}, in order; may lag a little behind. */
    public List<ChatMessage> before(ChatId chat, long seq, int limit) {
        List<ChatMessage> found = find(
                ReadPreference.secondaryPreferred(),
                and(eq("chatId", new ObjectId(chat.value())), lt("seq", seq)),
                Sorts.descending("seq", "_id"),
                limit);
        Collections.reverse(found);
        return found;
    }

    /** The oldest {@code limit} messages with a seq above {@code seq}, in order; all that is stored. */
    public List<ChatMessage> after(ChatId chat, long seq, int limit) {
        return find(
                ReadPreference.primary(),
                and(eq("chatId", new ObjectId(chat.value())), gt("seq", seq)),
                Sorts.ascending("seq", "_id"),
                limit);
    }

    /**
     * The messages with a seq up to {@code seq} that became visible only at {@code micros} since 1970 or later: who had
     * read up to {@code seq} before may lack them. In order; all that is stored.
     */
    public List<ChatMessage> late(ChatId chat, long micros, long seq, int limit) {
        return find(
                ReadPreference.primary(),
                and(eq("chatId", new ObjectId(chat.value())), gte(LATE, micros), lte("seq", seq)),
                Sorts.ascending("seq", "_id"),
                limit);
    }

    private List<ChatMessage> find(ReadPreference from, Bson filter, Bson order, int limit) {
        List<ChatMessage> found = new ArrayList<>();
        calls.run(() -> {
            // A retried read must not add to what the first try found.
            found.clear();
            messages.withReadPreference(from)
                    .find(filter)
                    .sort(order)
                    .limit(limit)
                    .map(MessageStore::message)
                    .into(found);
        });
        return found;
    }
}
