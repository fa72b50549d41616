package dev.parley.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.UserId;
import dev.parley.testing.TestMongo;
import io.micronaut.context.ApplicationContext;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AccountsIT {

    private ApplicationContext context;
    private Accounts accounts;

    @BeforeEach
    void start() {
        context =
                ApplicationContext.run(Map.of("mongodb.uri", TestMongo.shared().newDatabase()));
        accounts = context.getBean(Accounts.class);
    }

    @AfterEach
    void stop() {
        context.close();
    }

    @Test
    void accountsAreFoundByNameAndById() {
        Account ada = account("ada", "ada@example.org");
        Account bob = account("bob", null);
        assertThat(accounts.add(ada)).isTrue();
        assertThat(accounts.add(bob)).isTrue();
        UserId nobody = new UserId(new ObjectId().toHexString());

        assertThat(accounts.findByUsername("ada")).contains(ada);
        assertThat(accounts.findByUsername("eve")).isEmpty();
        assertThat(accounts.find(ada.userId())).contains(ada);
        assertThat(accounts.exists(ada.userId())).isTrue();
        assertThat(accounts.exists(nobody)).isFalse();
        assertThat(accounts.find(List.of(ada.userId(), bob.userId(), nobody)))
                .isEqualTo(Map.of(ada.userId(), ada, bob.userId(), bob));
        assertThat(accounts.find(List.of(bob.userId()))).containsOnlyKeys(bob.userId());
    }

    @Test
    void aNameIsTakenOnce() {
        assertThat(accounts.add(account("ada", null))).isTrue();
        assertThat(accounts.add(account("ada", null))).isFalse();
    }

    @Test
    void namesAreFoundByTheirBeginningInOrderAndADotIsADot() {
        for (String name : List.of("anna", "adam", "ada", "bob", "a.b")) {
            accounts.add(account(name, null));
        }
        assertThat(accounts.startingWith("ad", 1)).extracting(Account::username).containsExactly("ada");
        assertThat(accounts.startingWith("ad", 9)).extracting(Account::username).containsExactly("ada", "adam");
        assertThat(accounts.startingWith("a.", 9)).extracting(Account::username).containsExactly("a.b");
        assertThat(accounts.startingWith("..", 9)).isEmpty();
    }

    private static Account account(String name, @Nullable String email) {
        return new Account(new ObjectId(), name, name, "hash", email, true, Instant.ofEpochMilli(1_700_000_000_000L));
    }
}
