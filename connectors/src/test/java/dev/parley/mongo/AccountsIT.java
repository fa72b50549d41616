package dev.parley.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoWriteException;
import dev.parley.testing.TestMongo;
import io.micronaut.context.ApplicationContext;
import io.micronaut.data.model.Pageable;
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
    void savedAccountsAreFoundByNameAndById() {
        Account ada = accounts.save(account("ada", "ada@example.org"));
        Account bob = accounts.save(account("bob", null));

        assertThat(accounts.findByUsername("ada")).contains(ada);
        assertThat(accounts.findByUsername("eve")).isEmpty();
        assertThat(accounts.findByIdIn(List.of(ada.id(), bob.id(), new ObjectId())))
                .containsExactlyInAnyOrder(ada, bob);
        assertThat(accounts.findByIdIn(List.of(bob.id()))).containsExactly(bob);
    }

    @Test
    void aNameIsTakenOnce() {
        accounts.save(account("ada", null));
        assertThatThrownBy(() -> accounts.save(account("ada", null)))
                .hasRootCauseInstanceOf(MongoWriteException.class)
                .rootCause()
                .isInstanceOfSatisfying(
                        MongoWriteException.class,
                        e -> assertThat(ErrorCategory.fromErrorCode(e.getCode()))
                                .isEqualTo(ErrorCategory.DUPLICATE_KEY));
    }

    @Test
    void namesAreFoundByTheirBeginningInOrder() {
        for (String name : List.of("anna", "adam", "ada", "bob")) {
            accounts.save(account(name, null));
        }
        assertThat(accounts.findByUsernameStartsWithOrderByUsername("a", Pageable.from(0, 2)))
                .extracting(Account::username)
                .containsExactly("ada", "adam");
    }

    private static Account account(String name, @Nullable String email) {
        return new Account(new ObjectId(), name, name, "hash", email, true, Instant.ofEpochMilli(1_700_000_000_000L));
    }
}
