package dev.parley.tier.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Scheduler;
import dev.parley.connect.ServerAwayException;
import dev.parley.id.UserId;
import dev.parley.mongo.Accounts;
import dev.parley.tier.Blocking;
import dev.parley.tier.Caches;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Whether the user that a token names exists. MongoDB is asked one question at a time, for all who wait: a storm of
 * connections costs it a few. Thread-safe; never blocks.
 */
@Singleton
public final class KnownUsers {

    private static final int MOST_AT_ONCE = 1_000;
    private static final CompletionStage<Boolean> YES = CompletableFuture.completedStage(true);

    private record Question(UserId user, CompletableFuture<Boolean> answer) {}

    private final Accounts accounts;
    private final Blocking blocking;
    private final Queue<Question> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean asking = new AtomicBoolean();
    private final Cache<UserId, Boolean> known = Caches.newBuilder()
            .maximumSize(100_000)
            .expireAfterWrite(Duration.ofMinutes(1))
            // Else those of idle connections stay.
            .scheduler(Scheduler.systemScheduler())
            .build();

    KnownUsers(Accounts accounts, Blocking blocking) {
        this.accounts = accounts;
        this.blocking = blocking;
    }

    /**
     * True where the user exists, or where nobody can say because MongoDB is away: the token's signature vouches for the
     * user, and what the user may do is asked again at every use.
     */
    public CompletionStage<Boolean> exists(UserId user) {
        if (known.getIfPresent(user) != null) {
            return YES;
        }
        Question question = new Question(user, new CompletableFuture<>());
        waiting.add(question);
        askNext();
        return question.answer();
    }

    private void askNext() {
        if (waiting.isEmpty() || !asking.compareAndSet(false, true)) {
            return;
        }
        List<Question> questions = new ArrayList<>();
        for (Question next = waiting.poll(); next != null; next = waiting.poll()) {
            questions.add(next);
            if (questions.size() == MOST_AT_ONCE) {
                break;
            }
        }
        var _ = blocking.call(() -> accounts.find(
                                questions.stream().map(Question::user).toList())
                        .keySet())
                .whenComplete((found, failure) -> {
                    asking.set(false);
                    askNext();
                    questions.forEach(question -> answer(question, found, failure));
                });
    }

    private void answer(Question question, @Nullable Set<UserId> found, @Nullable Throwable failure) {
        if (found != null) {
            boolean exists = found.contains(question.user());
            if (exists) {
                known.put(question.user(), true);
            }
            question.answer().complete(exists);
        } else if (ServerAwayException.isCauseOf(failure)) {
            question.answer().complete(true);
        } else {
            question.answer().completeExceptionally(Objects.requireNonNull(failure));
        }
    }
}
