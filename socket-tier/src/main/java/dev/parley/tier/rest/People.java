package dev.parley.tier.rest;

import dev.parley.id.UserId;
import dev.parley.mongo.Account;
import dev.parley.mongo.Accounts;
import io.micronaut.serde.annotation.Serdeable;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** Users as other users see them. Blocking; thread-safe. */
@Singleton
final class People {

    @Serdeable
    record Person(UserId userId, String username, String displayName) {}

    private final Accounts accounts;

    People(Accounts accounts) {
        this.accounts = accounts;
    }

    static Person person(Account account) {
        return new Person(account.userId(), account.username(), account.displayName());
    }

    /** The users that exist among the ids. */
    Map<UserId, Person> byId(Collection<UserId> ids) {
        Map<UserId, Person> people = new LinkedHashMap<>();
        accounts.find(ids).values().forEach(account -> people.put(account.userId(), person(account)));
        return people;
    }
}
