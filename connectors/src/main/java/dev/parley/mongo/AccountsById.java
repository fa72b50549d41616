package dev.parley.mongo;

import dev.parley.id.UserId;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.bson.types.ObjectId;

/** Many accounts at once, in one query. Blocking; thread-safe. */
@Singleton
public final class AccountsById {

    private final Accounts accounts;

    AccountsById(Accounts accounts) {
        this.accounts = accounts;
    }

    /** Those of the accounts that there are. */
    public Map<UserId, Account> find(Collection<UserId> ids) {
        Map<UserId, Account> found = new HashMap<>();
        if (!ids.isEmpty()) {
            var objectIds = ids.stream().map(id -> new ObjectId(id.value())).toList();
            for (Account account : Calls.call(() -> accounts.findByIdIn(objectIds))) {
                found.put(new UserId(account.id().toHexString()), account);
            }
        }
        return found;
    }
}
