package dev.parley.tier.rest;

import dev.parley.mongo.Account;
import dev.parley.mongo.Accounts;
import dev.parley.wire.ErrorCode;
import jakarta.inject.Singleton;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Who may do what only administrators may. Blocking; thread-safe. */
@Singleton
final class Administrators {

    private final Accounts accounts;
    private final Set<String> usernames;

    Administrators(Accounts accounts, AdminSettings settings) {
        this.accounts = accounts;
        this.usernames = settings.users().stream()
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The caller's user name, asked of the account at this moment and not of the token; refused for everybody else. */
    String require(Caller caller) {
        return accounts.find(caller.id())
                .map(Account::username)
                .filter(usernames::contains)
                .orElseThrow(() -> new RefusedException(ErrorCode.FORBIDDEN));
    }
}
