package dev.parley.tier;

import dev.parley.connect.ServerAwayException;
import io.micronaut.scheduling.TaskExecutors;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Runs calls that block on virtual threads, so that event loops never wait. So many may be under way or waiting for the
 * database; one more is refused, which is told to the client as "unavailable, try again later".
 */
@Singleton
public final class Blocking {

    private static final int MOST = 10_000;

    private final ExecutorService executor;
    private final Semaphore free = new Semaphore(MOST);

    public Blocking(@Named(TaskExecutors.BLOCKING) ExecutorService executor) {
        this.executor = executor;
    }

    public <T> CompletionStage<T> call(Supplier<T> call) {
        if (!free.tryAcquire()) {
            return CompletableFuture.failedStage(
                    new ServerAwayException("MongoDB", "too many calls wait for it in this process"));
        }
        return CompletableFuture.supplyAsync(call, executor).whenComplete((done, failure) -> free.release());
    }
}
