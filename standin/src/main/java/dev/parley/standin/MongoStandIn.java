package dev.parley.standin;

import de.bwaldvogel.mongo.MongoServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;

/** A MongoDB stand-in that listens on the loopback address. Thread-safe. */
public final class MongoStandIn implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    private static final String FILE = "mongo.mv.db";

    /** What is no longer referenced is kept this long, in case the machine (not only the process) dies. */
    private static final int RETENTION_MS = 5_000;

    private static final int COMPACT_AT_START_MS = 500;

    private final MongoServer server;
    private final String connectionString;

    private MongoStandIn(MongoServer server, int port) {
        this.server = server;
        this.connectionString = "mongodb://" + HOST + ":" + port;
    }

    /**
     * Starts a server.
     *
     * @param dataDirectory where the data is kept, created where it is missing; every write is in the file before it is
     *     answered, so that a killed process loses no acknowledged write. Null keeps everything in memory
     * @param port to listen on; 0 for any free one
     */
    public static MongoStandIn start(@Nullable Path dataDirectory, int port) {
        SessionBackend backend = new SessionBackend(open(dataDirectory));
        MongoServer server = new MongoServer(backend);
        server.bind(HOST, port);
        return new MongoStandIn(server, server.getLocalAddress().getPort());
    }

    private static MVStore open(@Nullable Path dataDirectory) {
        if (dataDirectory == null) {
            return MVStore.open(null);
        }
        try {
            Files.createDirectories(dataDirectory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create " + dataDirectory, e);
        }
        // Commits come from the backend alone: one by a timer could write half a command to the file.
        MVStore store = new MVStore.Builder()
                .fileName(dataDirectory.resolve(FILE).toString())
                .autoCommitDisabled()
                .open();
        store.setRetentionTime(RETENTION_MS);
        store.compactFile(COMPACT_AT_START_MS);
        return store;
    }

    /** {@code mongodb://host:port}, without a database. */
    public String connectionString() {
        return connectionString;
    }

    /** Ends all connections and closes the file. */
    @Override
    public void close() {
        server.shutdownNow();
    }
}
