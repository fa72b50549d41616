package dev.parley.mongo;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.Indexes;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Requires;
import java.util.concurrent.TimeUnit;
import org.bson.BsonType;

/** Creates the indexes at start; each is named with the query that it serves. Creating one that exists does nothing. */
@Context
@Requires(property = "mongodb.uri")
final class MongoSchema {

    MongoSchema(MongoDatabase database) {
        Calls.run(() -> create(database));
    }

    private static void create(MongoDatabase database) {
        var messages = database.getCollection(MessageStore.COLLECTION);
        messages.createIndex(Indexes.ascending("chatId", "seq"), new IndexOptions().name("history-of-a-chat"));
        messages.createIndex(
                Indexes.ascending("chatId", "senderId", "clientMessageId"),
                new IndexOptions()
                        .name("one-message-per-client-message-id")
                        .unique(true)
                        .partialFilterExpression(Filters.type("clientMessageId", BsonType.STRING)));
        var members = database.getCollection(ChatStore.MEMBERS);
        members.createIndex(
                Indexes.ascending("chatId", "userId"),
                new IndexOptions().name("role-of-a-member").unique(true));
        members.createIndex(Indexes.ascending("userId"), new IndexOptions().name("chats-of-a-user"));
        var chats = database.getCollection(ChatStore.CHATS);
        chats.createIndex(
                Indexes.ascending("directPair"),
                new IndexOptions().name("one-direct-chat-per-pair").unique(true).sparse(true));
        database.getCollection("users")
                .createIndex(
                        Indexes.ascending("username"),
                        new IndexOptions().name("login-by-username").unique(true));
        database.getCollection(NotificationLog.COLLECTION)
                .createIndex(
                        Indexes.ascending("at"),
                        new IndexOptions()
                                .name("expiry-of-the-notification-log")
                                .expireAfter(NotificationLog.KEPT.toDays(), TimeUnit.DAYS));
    }
}
