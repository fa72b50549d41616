package dev.parley.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoException;
import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.Indexes;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MongoStandInTest {

    @Test
    void aSessionIsAcceptedAndAUniqueIndexHolds() {
        try (MongoStandIn server = MongoStandIn.start(null, 0);
                MongoClient client = MongoClients.create(server.connectionString());
                var session = client.startSession()) {
            MongoCollection<Document> users = client.getDatabase("test").getCollection("users");
            users.createIndex(Indexes.ascending("name"), new IndexOptions().unique(true));
            users.insertOne(session, new Document("_id", 1).append("name", "ada"));

            assertThat(users.find(session, new Document("name", "ada")).first()).isNotNull();
            assertThatThrownBy(() -> users.insertOne(session, new Document("_id", 2).append("name", "ada")))
                    .isInstanceOfSatisfying(
                            MongoWriteException.class,
                            e -> assertThat(ErrorCategory.fromErrorCode(e.getCode()))
                                    .isEqualTo(ErrorCategory.DUPLICATE_KEY));
        }
    }

    @Test
    void whatWasClosedIsThereAgain(@TempDir Path directory) {
        try (MongoStandIn server = MongoStandIn.start(directory, 0);
                MongoClient client = MongoClients.create(server.connectionString())) {
            client.getDatabase("test").getCollection("things").insertOne(new Document("_id", 1));
        }
        assertThat(idsIn(directory)).isEqualTo(1);
    }

    /** The server runs in a JVM of its own, which is killed while writes are under way. */
    @Test
    void aKilledProcessLosesNoAcknowledgedWrite(@TempDir Path directory) throws Exception {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        MongoStandInTest.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        int acknowledged = 0;
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
                MongoClient client = MongoClients.create(
                        out.readLine() + "/?serverSelectionTimeoutMS=1000&socketTimeoutMS=2000&retryWrites=false")) {
            MongoCollection<Document> things = client.getDatabase("test").getCollection("things");
            things.createIndex(Indexes.ascending("name"), new IndexOptions().unique(true));
            while (true) {
                things.insertOne(new Document("_id", acknowledged).append("name", "n" + acknowledged));
                acknowledged++;
                if (acknowledged == 200) {
                    // From another thread, so that it strikes in the middle of some later write.
                    Thread.ofVirtual().start(process::destroyForcibly);
                }
            }
        } catch (MongoException expected) {
            process.waitFor(10, TimeUnit.SECONDS);
        }
        assertThat(acknowledged).isGreaterThanOrEqualTo(200);
        // One more may have been stored without its answer coming through.
        assertThat(idsIn(directory)).isBetween((long) acknowledged, acknowledged + 1L);
    }

    private static long idsIn(Path directory) {
        try (MongoStandIn server = MongoStandIn.start(directory, 0);
                MongoClient client = MongoClients.create(server.connectionString())) {
            return client.getDatabase("test").getCollection("things").countDocuments();
        }
    }

    /** The process that the test kills; what it prints first is where it listens. */
    public static void main(String[] args) {
        System.out.println(MongoStandIn.start(Path.of(args[0]), 0).connectionString());
    }
}
