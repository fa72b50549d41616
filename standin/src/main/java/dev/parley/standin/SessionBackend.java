package dev.parley.standin;

import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.bson.Document;
import io.netty.channel.Channel;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.h2.mvstore.MVStore;

/**
 * The H2 backend with what drivers expect beyond it: it says that it has sessions (and ignores them, since it has no
 * transactions either), answers {@code hello}, and writes to the file before it answers.
 */
final class SessionBackend extends H2Backend {

    private static final int SESSION_TIMEOUT_MINUTES = 30;

    /**
     * Commands share it, a commit has it alone: the file never holds half a command, and one commit serves all the
     * commands that ended before it.
     */
    private final ReadWriteLock commands = new ReentrantReadWriteLock(true);

    private final boolean durable;

    SessionBackend(MVStore store) {
        super(store);
        this.durable = store.getFileStore() != null;
    }

    @Override
    protected MongoDatabase openOrCreateDatabase(String name) {
        return new IndexedDatabase(name, getMvStore(), getCursorRegistry());
    }

    /** Has indexes that are not unique as well. */
    private static final class IndexedDatabase extends H2Database {

        IndexedDatabase(String name, MVStore store, CursorRegistry cursors) {
            super(name, store, cursors);
        }

        @Override
        protected Index<Object> openOrCreateSecondaryIndex(
                String collection, String index, List<IndexKey> keys, boolean sparse) {
            return new RangeIndex(index, keys, sparse);
        }
    }

    @Override
    public Document handleCommand(Channel channel, String database, String command, Document query) {
        query.remove("lsid");
        query.remove("txnNumber");
        Document answer;
        commands.readLock().lock();
        try {
            answer = switch (command) {
                case "hello", "isMaster", "ismaster" -> hello(channel, database, query);
                case "endSessions" -> new Document("ok", 1.0);
                default -> super.handleCommand(channel, database, command, query);
            };
        } finally {
            commands.readLock().unlock();
        }
        commitIfDurable();
        return answer;
    }

    private Document hello(Channel channel, String database, Document query) {
        Document answer = super.handleCommand(channel, database, "ismaster", query);
        answer.put("isWritablePrimary", true);
        answer.put("logicalSessionTimeoutMinutes", SESSION_TIMEOUT_MINUTES);
        return answer;
    }

    /** After reads too: nobody sees what a kill could still undo. Costs nothing where nothing has changed. */
    private void commitIfDurable() {
        if (!durable || !getMvStore().hasUnsavedChanges()) {
            return;
        }
        commands.writeLock().lock();
        try {
            commit();
        } finally {
            commands.writeLock().unlock();
        }
    }
}
