package dev.parley.mongo;

import dev.parley.id.UserId;
import io.micronaut.data.annotation.Id;
import io.micronaut.data.annotation.MappedEntity;
import io.micronaut.data.annotation.MappedProperty;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import org.bson.codecs.pojo.annotations.BsonId;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * A user account, in {@code users}. Both codecs that may be asked for it, the framework's and the driver's for records,
 * know its id by an annotation of their own.
 *
 * @param username unique, in lower case
 * @param passwordHash Argon2id in its encoded form, which carries parameters and salt
 * @param email where to write to; null for nowhere
 * @param emailNotifications whether to write when a message comes while the user is offline
 */
@Serdeable
@MappedEntity("users")
public record Account(
        @Id @BsonId ObjectId id,
        @MappedProperty("username") String username,
        @MappedProperty("displayName") String displayName,
        @MappedProperty("passwordHash") String passwordHash,
        @MappedProperty("email") @Nullable String email,
        @MappedProperty("emailNotifications") boolean emailNotifications,
        @MappedProperty("createdAt") Instant createdAt) {

    public UserId userId() {
        return new UserId(id.toHexString());
    }
}
