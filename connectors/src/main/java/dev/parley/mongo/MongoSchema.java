package dev.parley.mongo;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.Indexes;
import dev.parley.connect.ServerAwayException;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Requires;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.bson.BsonType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the indexes at start; each is named with the query that it serves. Creating one that exists does nothing. */
@Context
@Requires(property = "mongodb.uri")
final class MongoSchema {

    private static final Logger LOG = LoggerFactory.getLogger(MongoSchema.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Calls calls;
    private final MongoDatabase database;
    private volatile boolean running = true;

    MongoSchema(MongoDatabase database, Calls calls) {
        this.database = database;
        this.calls = calls;
        if (!tryToCreate()) {
            // A process must be able to start while the database is away.
            Thread.ofVirtual().name("mongo-schema").start(this::createWhenBack);
        }
    }

    private boolean tryToCreate() {
        try {
            calls.run(() -> create(database));
            return true;
        } catch (ServerAwayException away) {
            LOG.warn("indexes are created when MongoDB is back: {}", away.getMessage());
            return false;
        }
    }

    private void createWhenBack() {
        try {
            do {
                Thread.sleep(PAUSE);
            } while (running && !tryToCreate());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @PreDestroy
    void close() {
        running = false;
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
        messages.createIndex(
                Indexes.ascending("chatId", MessageStore.LATE),
                new IndexOptions()
                        .name("late-messages-of-a-chat")
                        .partialFilterExpression(Filters.exists(MessageStore.LATE)));
        var members = database.getCollection(ChatStore.MEMBERS);
        members.createIndex(
                Indexes.ascending("chatId", "userId"),
                new IndexOptions().name("role-of-a-member").unique(true));
        members.createIndex(Indexes.ascending("userId"), new IndexOptions().name("chats-of-a-user"));
        var chats = database.getCollection(ChatStore.CHATS);
        chats.createIndex(Indexes.ascending("createdAt"), new IndexOptions().name("chats-created-since"));
        chats.createIndex(
                Indexes.ascending("directPair"),
                new IndexOptions().name("one-direct-chat-per-pair").unique(true).sparse(true));
        database.getCollection("users")
                .createIndex(
                        Indexes.ascending("username"),
                        new IndexOptions().name("login-by-username").unique(true));
        database.getCollection(RefreshTokens.COLLECTION)
                .createIndex(
                        Indexes.ascending(RefreshTokens.EXPIRES_AT),
                        new IndexOptions().name("expiry-of-refresh-tokens").expireAfter(0L, TimeUnit.SECONDS));
        database.getCollection(NotificationLog.COLLECTION)
                .createIndex(
                        Indexes.ascending("at"),
                        new IndexOptions()
                                .name("expiry-of-the-notification-log")
                                .expireAfter(NotificationLog.KEPT.toDays(), TimeUnit.DAYS));
    }
}
