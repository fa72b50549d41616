package dev.parley.mongo;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoException;
import com.mongodb.MongoExecutionTimeoutException;
import com.mongodb.MongoNodeIsRecoveringException;
import com.mongodb.MongoNotPrimaryException;
import com.mongodb.MongoSocketException;
import com.mongodb.MongoTimeoutException;
import com.mongodb.MongoWriteConcernException;
import dev.parley.connect.ServerAwayException;
import io.micronaut.data.exceptions.DataAccessException;
import java.util.function.Supplier;

/** Tells "MongoDB is away" from "this call is wrong". */
final class Calls {

    private Calls() {}

    /** Runs the call; {@link ServerAwayException} where the database could not be reached or could not commit. */
    static <T> T call(Supplier<T> call) {
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
                return call(() -> {
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

    static void run(Runnable call) {
        var _ = call(() -> {
            call.run();
            return true;
        });
    }
}
