package dev.parley.mongo;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.lt;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Updates;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bson.Document;

/**
 * Which notifications were sent, so that each is sent once. Entries are {@code {_id, state: sending | sent, at}} and
 * expire after {@link #KEPT}, long after the last redelivery. Blocking; thread-safe.
 */
@Singleton
public final class NotificationLog {

    static final String COLLECTION = "notifications";
    static final Duration KEPT = Duration.ofDays(30);

    private static final String SENDING = "sending";
    private static final String SENT = "sent";

    /** Whether to send. */
    public enum Claim {
        /** Send it, then say {@link #sent} or {@link #release}. */
        GRANTED,
        /** Somebody else is at it, or was when he died less than a lease ago. */
        TAKEN,
        /** It was sent. */
        SENT
    }

    private final MongoCollection<Document> notifications;
    private final Calls calls;

    NotificationLog(MongoDatabase database, Calls calls) {
        this.calls = calls;
        this.notifications = database.getCollection(COLLECTION);
    }

    /** Claims a notification; of any number who try at once one is granted it. A claim older than the lease is void. */
    public Claim claim(String notificationId, Instant now, Duration lease) {
        Document claim =
                new Document("_id", notificationId).append("state", SENDING).append("at", Date.from(now));
        try {
            calls.run(() -> notifications.insertOne(claim));
            return Claim.GRANTED;
        } catch (MongoWriteException e) {
            if (ErrorCategory.fromErrorCode(e.getCode()) != ErrorCategory.DUPLICATE_KEY) {
                throw e;
            }
        }
        long retaken = calls.call(() -> notifications
                .updateOne(
                        and(eq("_id", notificationId), eq("state", SENDING), lt("at", Date.from(now.minus(lease)))),
                        Updates.set("at", Date.from(now)))
                .getModifiedCount());
        if (retaken == 1) {
            return Claim.GRANTED;
        }
        Document found =
                calls.call(() -> notifications.find(eq("_id", notificationId)).first());
        return found != null && SENT.equals(found.getString("state")) ? Claim.SENT : Claim.TAKEN;
    }

    /** It was sent; it will not be granted again. */
    public void sent(String notificationId, Instant now) {
        calls.run(() -> notifications.updateOne(
                eq("_id", notificationId),
                Updates.combine(Updates.set("state", SENT), Updates.set("at", Date.from(now)))));
    }

    /** It was not sent, and the next may claim it at once. */
    public void release(String notificationId) {
        calls.run(() -> notifications.deleteOne(and(eq("_id", notificationId), eq("state", SENDING))));
    }
}
