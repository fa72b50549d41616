package dev.parley.mongo;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoWriteException;
import dev.parley.id.UserId;
import io.micronaut.data.model.Pageable;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bson.types.ObjectId;

/** The user accounts. Blocking; thread-safe. */
@Singleton
public final class Accounts {

    private final AccountRepository accounts;
    private final Calls calls;

    Accounts(AccountRepository accounts, Calls calls) {
        this.calls = calls;
        this.accounts = accounts;
    }

    public Optional<Account> find(UserId id) {
        return calls.call(() -> accounts.findById(objectId(id)));
    }

    public boolean exists(UserId id) {
        return calls.call(() -> accounts.existsById(objectId(id)));
    }

    public Optional<Account> findByUsername(String username) {
        return calls.call(() -> accounts.findByUsername(username));
    }

    /** Those of the accounts that there are. */
    public Map<UserId, Account> find(Collection<UserId> ids) {
        Map<UserId, Account> found = new HashMap<>();
        if (!ids.isEmpty()) {
            List<ObjectId> objectIds =
                    ids.stream().distinct().map(Accounts::objectId).toList();
            for (Account account : calls.call(() -> accounts.findByIdIn(objectIds))) {
                found.put(account.userId(), account);
            }
        }
        return found;
    }

    /** The first {@code limit} accounts whose name begins with {@code prefix}, by name. */
    public List<Account> startingWith(String prefix, int limit) {
        // The query is a regular expression, in which a dot, the only special character of names, means any character.
        String literal = prefix.replace(".", "\\.");
        return calls.call(() -> accounts.findByUsernameStartsWithOrderByUsername(literal, Pageable.from(0, limit)));
    }

    /** Adds an account; false where its name is taken. */
    public boolean add(Account account) {
        try {
            calls.run(() -> accounts.save(account));
            return true;
        } catch (RuntimeException e) {
            if (isDuplicate(e)) {
                return false;
            }
            throw e;
        }
    }

    private static boolean isDuplicate(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof MongoWriteException write
                    && write.getError().getCategory() == ErrorCategory.DUPLICATE_KEY) {
                return true;
            }
        }
        return false;
    }

    public Account update(Account account) {
        return calls.call(() -> accounts.update(account));
    }

    private static ObjectId objectId(UserId id) {
        return new ObjectId(id.value());
    }
}
