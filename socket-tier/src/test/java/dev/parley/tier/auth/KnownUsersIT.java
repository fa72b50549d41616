package dev.parley.tier.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.UserId;
import dev.parley.mongo.Account;
import dev.parley.mongo.Accounts;
import dev.parley.testing.TestRedis;
import dev.parley.tier.TestInstance;
import io.micronaut.context.ApplicationContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KnownUsersIT {

    private final ApplicationContext context = TestInstance.start(TestRedis.shared(), Map.of());
    private final KnownUsers users = context.getBean(KnownUsers.class);

    @AfterEach
    void stop() {
        context.close();
    }

    private UserId registered(int number) {
        Account account =
                new Account(new ObjectId(), "user-" + number, "User", "hash", null, true, Instant.ofEpochSecond(1));
        assertThat(context.getBean(Accounts.class).add(account)).isTrue();
        return account.userId();
    }

    @Test
    void manyWhoAskAtOnceGetAnAnswerEach() throws Exception {
        List<UserId> registered = new ArrayList<>();
        List<CompletionStage<Boolean>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            registered.add(registered(i));
        }
        // More than one question has room for, most of them for somebody who does not exist.
        for (int i = 0; i < 3_000; i++) {
            answers.add(
                    users.exists(i % 150 == 0 ? registered.get(i / 150) : new UserId(new ObjectId().toHexString())));
        }

        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i).toCompletableFuture().get(30, TimeUnit.SECONDS))
                    .as("number %d", i)
                    .isEqualTo(i % 150 == 0);
        }
    }

    @Test
    void whoIsRegisteredAfterSomebodyAskedIsKnownAtOnce() throws Exception {
        UserId nobody = new UserId(new ObjectId().toHexString());
        assertThat(users.exists(nobody).toCompletableFuture().get(30, TimeUnit.SECONDS))
                .isFalse();
        Account account =
                new Account(new ObjectId(nobody.value()), "late", "Late", "hash", null, true, Instant.ofEpochSecond(1));
        assertThat(context.getBean(Accounts.class).add(account)).isTrue();

        assertThat(users.exists(nobody).toCompletableFuture().get(30, TimeUnit.SECONDS))
                .isTrue();
    }
}
