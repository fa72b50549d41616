package dev.parley.mongo;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.exists;
import static com.mongodb.client.model.Filters.gte;
import static com.mongodb.client.model.Filters.in;
import static com.mongodb.client.model.Filters.lt;
import static com.mongodb.client.model.Filters.or;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoWriteException;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/** Chats and their members. Blocking; thread-safe. */
@Singleton
public final class ChatStore {

    static final String CHATS = "chats";
    static final String MEMBERS = "chat_members";

    /** How much of the latest message a chat keeps to be shown in lists. */
    private static final int PREVIEW_LENGTH = 200;

    /** What a chat is. */
    public enum Type {
        DIRECT,
        GROUP;

        public String wireName() {
            return this == DIRECT ? "direct" : "group";
        }
    }

    /** What a member may do. */
    public enum Role {
        OWNER,
        ADMIN,
        MEMBER;

        public String wireName() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** The newest message of a chat, for lists. */
    public record LatestMessage(
            MessageId messageId, long seq, UserId senderId, String type, String content, String timestamp) {}

    /**
     * A chat.
     *
     * @param name of a group; null for a direct chat
     */
    public record Chat(
            ChatId chatId,
            Type type,
            @Nullable String name,
            int memberCount,
            Instant createdAt,
            Instant updatedAt,
            @Nullable LatestMessage latestMessage) {}

    /** Where a page of the chat list ends. */
    public record Position(Instant updatedAt, ChatId chatId) {}

    private final MongoCollection<Document> chats;
    private final MongoCollection<Document> members;
    private final Calls calls;

    ChatStore(MongoDatabase database, Calls calls) {
        this.calls = calls;
        this.chats = database.getCollection(CHATS);
        this.members = database.getCollection(MEMBERS);
    }

    /** What {@link #createDirect} did. */
    public record Created(Chat chat, boolean isNew) {}

    /**
     * The direct chat of two users, created where there is none. Two callers at once get the same chat, because the pair
     * is unique; members are written even when the chat is found, in case its creator died in between.
     */
    public Created createDirect(ChatId candidate, UserId creator, UserId other, Instant now) {
        String pair = creator.compareTo(other) < 0 ? creator + ":" + other : other + ":" + creator;
        Document document = chat(candidate, Type.DIRECT, null, creator, 2, now).append("directPair", pair);
        Document stored = document;
        boolean isNew = true;
        try {
            calls.run(() -> chats.insertOne(document));
        } catch (MongoWriteException e) {
            if (ErrorCategory.fromErrorCode(e.getCode()) != ErrorCategory.DUPLICATE_KEY) {
                throw e;
            }
            isNew = false;
            Document existing =
                    calls.call(() -> chats.find(eq("directPair", pair)).first());
            if (existing == null) {
                throw e;
            }
            stored = existing;
        }
        ChatId chatId = new ChatId(stored.getObjectId("_id").toHexString());
        addMembers(chatId, Map.of(creator, Role.MEMBER, other, Role.MEMBER), now);
        return new Created(read(stored), isNew);
    }

    /** Creates a group whose owner is {@code creator}. */
    public Chat createGroup(ChatId chatId, UserId creator, String name, Collection<UserId> others, Instant now) {
        Map<UserId, Role> roles = new LinkedHashMap<>();
        others.forEach(user -> roles.put(user, Role.MEMBER));
        roles.put(creator, Role.OWNER);
        Document document = chat(chatId, Type.GROUP, name, creator, roles.size(), now);
        // Members first: a chat that exists has its members.
        addMembers(chatId, roles, now);
        calls.run(() -> chats.insertOne(document));
        return read(document);
    }

    private static Document chat(
            ChatId chatId, Type type, @Nullable String name, UserId creator, int memberCount, Instant now) {
        return new Document("_id", new ObjectId(chatId.value()))
                .append("type", type.wireName())
                .append("name", name)
                .append("createdBy", new ObjectId(creator.value()))
                .append("memberCount", memberCount)
                .append("createdAt", Date.from(now))
                .append("updatedAt", Date.from(now));
    }

    private void addMembers(ChatId chatId, Map<UserId, Role> roles, Instant now) {
        List<UpdateOneModel<Document>> writes = new ArrayList<>(roles.size());
        roles.forEach((user, role) -> writes.add(new UpdateOneModel<>(
                and(eq("chatId", new ObjectId(chatId.value())), eq("userId", new ObjectId(user.value()))),
                Updates.combine(
                        Updates.setOnInsert("role", role.wireName()), Updates.setOnInsert("joinedAt", Date.from(now))),
                new UpdateOptions().upsert(true))));
        calls.run(() -> members.bulkWrite(writes, new BulkWriteOptions().ordered(false)));
    }

    public Optional<Chat> find(ChatId chatId) {
        return Optional.ofNullable(calls.call(() ->
                        chats.find(eq("_id", new ObjectId(chatId.value()))).first()))
                .map(ChatStore::read);
    }

    /** The user's role, or empty for somebody who is not a member. */
    public Optional<String> role(ChatId chatId, UserId userId) {
        Bson member = and(eq("chatId", new ObjectId(chatId.value())), eq("userId", new ObjectId(userId.value())));
        return Optional.ofNullable(calls.call(() -> members.find(member).first()))
                .map(document -> document.getString("role"));
    }

    /** The members of a chat with their roles, in no order. */
    public Map<UserId, String> roles(ChatId chatId) {
        Map<UserId, String> found = new LinkedHashMap<>();
        calls.run(() -> members.find(eq("chatId", new ObjectId(chatId.value())))
                .forEach(document -> found.put(
                        new UserId(document.getObjectId("userId").toHexString()), document.getString("role"))));
        return found;
    }

    /** The members of several chats; a chat without members is not in the answer. */
    public Map<ChatId, List<UserId>> members(Collection<ChatId> chatIds) {
        Map<ChatId, List<UserId>> found = new HashMap<>();
        calls.run(() -> members.find(in("chatId", objectIds(chatIds)))
                .forEach(document -> found.computeIfAbsent(
                                new ChatId(document.getObjectId("chatId").toHexString()), id -> new ArrayList<>())
                        .add(new UserId(document.getObjectId("userId").toHexString()))));
        return found;
    }

    /** The chats that a user is a member of, in no order, at most {@code limit}. */
    public List<ChatId> chatsOf(UserId userId, int limit) {
        List<ChatId> found = new ArrayList<>();
        calls.run(() -> members.find(eq("userId", new ObjectId(userId.value())))
                .projection(new Document("chatId", 1))
                .limit(limit)
                .map(document -> new ChatId(document.getObjectId("chatId").toHexString()))
                .into(found));
        return found;
    }

    /** Those of {@code others} who are members of a chat of the user; looks at {@code chatLimit} of his chats. */
    public Set<UserId> sharing(UserId user, Collection<UserId> others, int chatLimit) {
        List<ChatId> chatIds = chatsOf(user, chatLimit);
        Set<UserId> found = new HashSet<>();
        if (!chatIds.isEmpty()) {
            Bson shared = and(
                    in("chatId", objectIds(chatIds)),
                    in(
                            "userId",
                            others.stream()
                                    .map(other -> new ObjectId(other.value()))
                                    .toList()));
            calls.run(() -> members.distinct("userId", shared, ObjectId.class)
                    .forEach(id -> found.add(new UserId(id.toHexString()))));
        }
        return found;
    }

    /** Those of the chats that come after {@code from} when the most recently changed come first. */
    public List<Chat> newest(Collection<ChatId> among, @Nullable Position from, int limit) {
        Bson inList = in("_id", objectIds(among));
        Bson filter = inList;
        if (from != null) {
            Date at = Date.from(from.updatedAt());
            filter = and(
                    inList,
                    or(
                            lt("updatedAt", at),
                            and(
                                    eq("updatedAt", at),
                                    lt("_id", new ObjectId(from.chatId().value())))));
        }
        Bson query = filter;
        List<Chat> found = new ArrayList<>();
        calls.run(() -> chats.find(query)
                .sort(Sorts.descending("updatedAt", "_id"))
                .limit(limit)
                .map(ChatStore::read)
                .into(found));
        return found;
    }

    /** A chat with all that its members are told of when it is created. */
    public record CreatedChat(Chat chat, UserId createdBy, List<UserId> members) {}

    /** The chats that were created at {@code since} or later, the oldest first, at most {@code limit}. */
    public List<CreatedChat> createdSince(Instant since, int limit) {
        Map<Chat, UserId> creators = new LinkedHashMap<>();
        calls.run(() -> {
            creators.clear();
            chats.find(gte("createdAt", Date.from(since)))
                    .sort(Sorts.ascending("createdAt"))
                    .limit(limit)
                    .forEach(document -> creators.put(
                            read(document),
                            new UserId(document.getObjectId("createdBy").toHexString())));
        });
        Map<ChatId, List<UserId>> membersOf =
                members(creators.keySet().stream().map(Chat::chatId).toList());
        List<CreatedChat> created = new ArrayList<>();
        creators.forEach((chat, creator) ->
                created.add(new CreatedChat(chat, creator, membersOf.getOrDefault(chat.chatId(), List.of()))));
        return created;
    }

    /** The seq of the latest message of each of the chats that have one. */
    public Map<ChatId, Long> latestSeqs(Collection<ChatId> chatIds) {
        Map<ChatId, Long> found = new HashMap<>();
        calls.run(() -> chats.find(and(in("_id", objectIds(chatIds)), exists("latestMessage")))
                .projection(new Document("latestMessage.seq", 1))
                .forEach(document -> found.put(
                        new ChatId(document.getObjectId("_id").toHexString()),
                        document.get("latestMessage", Document.class).getLong("seq"))));
        return found;
    }

    /** Moves the latest message of chats forward, never backward; doing it again changes nothing. */
    public void advanceLatest(Collection<ChatMessage> newestPerChat) {
        List<UpdateOneModel<Document>> writes = new ArrayList<>();
        for (ChatMessage message : newestPerChat) {
            Document latest = new Document(
                            "messageId", new ObjectId(message.messageId().value()))
                    .append("seq", message.seq())
                    .append("senderId", new ObjectId(message.senderId().value()))
                    .append("type", message.type())
                    .append("content", abbreviate(message.content()))
                    .append("timestamp", message.timestamp());
            writes.add(new UpdateOneModel<>(
                    and(
                            eq("_id", new ObjectId(message.chatId().value())),
                            or(
                                    exists("latestMessage", false),
                                    lt("latestMessage.seq", message.seq()),
                                    and(
                                            eq("latestMessage.seq", message.seq()),
                                            lt(
                                                    "latestMessage.messageId",
                                                    new ObjectId(
                                                            message.messageId().value()))))),
                    Updates.combine(
                            Updates.set("latestMessage", latest),
                            Updates.set("updatedAt", Date.from(Instant.parse(message.timestamp()))))));
        }
        if (!writes.isEmpty()) {
            calls.run(() -> chats.bulkWrite(writes, new BulkWriteOptions().ordered(false)));
        }
    }

    private static String abbreviate(String content) {
        if (content.length() <= PREVIEW_LENGTH) {
            return content;
        }
        boolean cutsPair = Character.isHighSurrogate(content.charAt(PREVIEW_LENGTH - 1));
        return content.substring(0, cutsPair ? PREVIEW_LENGTH - 1 : PREVIEW_LENGTH);
    }

    private static List<ObjectId> objectIds(Collection<ChatId> ids) {
        return ids.stream().map(id -> new ObjectId(id.value())).toList();
    }

    private static Chat read(Document document) {
        Document latest = document.get("latestMessage", Document.class);
        return new Chat(
                new ChatId(document.getObjectId("_id").toHexString()),
                document.getString("type").equals("direct") ? Type.DIRECT : Type.GROUP,
                document.getString("name"),
                document.getInteger("memberCount"),
                document.getDate("createdAt").toInstant(),
                document.getDate("updatedAt").toInstant(),
                latest == null
                        ? null
                        : new LatestMessage(
                                new MessageId(latest.getObjectId("messageId").toHexString()),
                                latest.getLong("seq"),
                                new UserId(latest.getObjectId("senderId").toHexString()),
                                latest.getString("type"),
                                latest.getString("content"),
                                latest.getString("timestamp")));
    }
}
