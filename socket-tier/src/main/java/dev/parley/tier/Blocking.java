package dev.parley.tier;

import io.micronaut.scheduling.TaskExecutors;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;

/** Runs calls that block on virtual threads, so that event loops never wait. */
@Singleton
public final class Blocking {

    private final ExecutorService executor;

    Blocking(@Named(TaskExecutors.BLOCKING) ExecutorService executor) {
        this.executor = executor;
    }

    public <T> CompletionStage<T> call(Supplier<T> call) {
        return CompletableFuture.supplyAsync(call, executor);
    }
}
