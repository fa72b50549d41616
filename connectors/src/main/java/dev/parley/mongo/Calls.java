package dev.parley.mongo;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoException;
import com.mongodb.MongoExecutionTimeoutException;
import com.mongodb.MongoNodeIsRecoveringException;
import com.mongodb.MongoNotPrimaryException;
import com.mongodb.MongoSocketException;
import com.mongodb.MongoTimeoutException;
import com.mongodb.MongoWriteConcernException;
import com.mongodb.client.MongoDatabase;
import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.connect.ServerAwayException;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.micronaut.data.exceptions.DataAccessException;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.function.Supplier;
import org.bson.Document;

/**
 * Every call to MongoDB: tells "MongoDB is away" from "this call is wrong", fails at once while it is known to be away,
 * and bounds how many are under way, so that a slow database does not gather all of the process's threads. Thread-safe.
 */
@Singleton
public final class Calls {

    /** As many as the driver has connections; who waits longer than the driver would gives up. */
    private static final BulkheadConfig BULKHEAD = BulkheadConfig.custom()
            .maxConcurrentCalls(100)
            .maxWaitDuration(Duration.ofSeconds(2))
            .build();

    private final Breakers breakers;
    private final Bulkhead bulkhead = Bulkhead.of("MongoDB", BULKHEAD);

    Calls(Breakers breakers, MongoDatabase database) {
        this.breakers = breakers;
        Document ping = new Document("ping", 1);
        breakers.probeBlocking(Server.MONGODB, () -> translated(() -> database.runCommand(ping)));
    }

    /** Runs the call; {@link ServerAwayException} where the database could not be reached or could not commit. */
    <T> T call(Supplier<T> call) {
        if (!bulkhead.tryAcquirePermission()) {
            throw new ServerAwayException("MongoDB", "too many calls are under way");
        }
        try {
            return breakers.run(Server.MONGODB, () -> translated(call));
        } finally {
            bulkhead.onComplete();
        }
    }

    private static <T> T translated(Supplier<T> call) {
        try {
            return call.get();
        } catch (MongoTimeoutException
                | MongoSocketException
                | MongoNotPrimaryException
                | MongoNodeIsRecoveringException
                | MongoExecutionTimeoutException
                | MongoWriteConcernException e) {
            throw new ServerAwayException("MongoDB", e);
        } catch (MongoBulkWriteException e) {
            if (e.getWriteConcernError() != null) {
                throw new ServerAwayException("MongoDB", e);
            }
            throw e;
        } catch (DataAccessException e) {
            // Repositories wrap what the driver throws.
            if (e.getCause() instanceof MongoException cause) {
                return translated(() -> {
                    throw cause;
                });
            }
            throw e;
        } catch (MongoException e) {
            if (e.hasErrorLabel(MongoException.TRANSIENT_TRANSACTION_ERROR_LABEL)
                    || e.hasErrorLabel("RetryableWriteError")) {
                throw new ServerAwayException("MongoDB", e);
            }
            throw e;
        }
    }

    void run(Runnable call) {
        var _ = call(() -> {
            call.run();
            return true;
        });
    }
}
