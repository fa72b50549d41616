package dev.parley.mongo;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.gt;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import dev.parley.id.UserId;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import java.util.HexFormat;
import java.util.Optional;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/** Refresh tokens, kept only as SHA-256, each good for one use. Blocking; thread-safe. */
@Singleton
public final class RefreshTokens {

    static final String COLLECTION = "refresh_tokens";
    static final String EXPIRES_AT = "expiresAt";

    private final MongoCollection<Document> tokens;
    private final Calls calls;
    private final Clock clock;

    RefreshTokens(MongoDatabase database, Calls calls, Clock clock) {
        this.tokens = database.getCollection(COLLECTION);
        this.calls = calls;
        this.clock = clock;
    }

    public void remember(String token, UserId user, Duration lifetime) {
        Document entry = new Document("_id", hash(token))
                .append("userId", new ObjectId(user.value()))
                .append(EXPIRES_AT, Date.from(clock.instant().plus(lifetime)));
        calls.run(() -> tokens.insertOne(entry));
    }

    /** Whose token it is; empty where it is unknown, expired or used up. */
    public Optional<UserId> whose(String token) {
        return user(calls.call(() -> tokens.find(good(token)).first()));
    }

    /**
     * Whose token it is; it is used up. Empty where it is unknown, expired or was used before. Of any number who use it at
     * once, one is answered.
     */
    public Optional<UserId> use(String token) {
        return user(calls.call(() -> tokens.findOneAndDelete(good(token))));
    }

    private Bson good(String token) {
        // The server removes what has expired only now and then.
        return and(eq("_id", hash(token)), gt(EXPIRES_AT, Date.from(clock.instant())));
    }

    private static Optional<UserId> user(@Nullable Document entry) {
        return entry == null
                ? Optional.empty()
                : Optional.of(new UserId(entry.getObjectId("userId").toHexString()));
    }

    private static String hash(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
