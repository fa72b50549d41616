package dev.parley.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoException;
import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.Indexes;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;
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

    /** The same questions with an index and without one, while documents come, change and go. */
    @Test
    void anIndexChangesNoAnswer(@TempDir Path directory) {
        long seed = System.nanoTime();
        System.out.println("index of the stand-in with seed " + seed);
        Random random = new Random(seed);
        List<ObjectId> chats = List.of(new ObjectId(), new ObjectId(), new ObjectId());
        for (int start = 0; start < 2; start++) {
            try (MongoStandIn server = MongoStandIn.start(directory, 0);
                    MongoClient client = MongoClients.create(server.connectionString())) {
                MongoCollection<Document> indexed = client.getDatabase("test").getCollection("indexed");
                MongoCollection<Document> plain = client.getDatabase("test").getCollection("plain");
                indexed.createIndex(Indexes.ascending("chat", "seq"));
                indexed.createIndex(Indexes.ascending("chat", "late"));
                for (int i = 0; i < 300; i++) {
                    Bson one = Filters.eq("_id", random.nextInt(100));
                    ObjectId chat = chats.get(random.nextInt(chats.size()));
                    switch (random.nextInt(4)) {
                        case 0 -> both(indexed, plain, things -> things.deleteOne(one));
                        case 1 -> both(indexed, plain, things -> things.updateOne(one, Updates.unset("seq")));
                        default -> {
                            Object seq = random.nextInt(8) == 0 ? (Object) random.nextDouble() : random.nextLong(20);
                            Document set = new Document("chat", chat).append("seq", seq);
                            if (random.nextInt(4) == 0) {
                                set.append("late", random.nextInt(20));
                            }
                            both(
                                    indexed,
                                    plain,
                                    things -> things.updateOne(
                                            one, new Document("$set", set), new UpdateOptions().upsert(true)));
                        }
                    }
                    long from = random.nextLong(20);
                    Bson range = random.nextBoolean()
                            ? Filters.gt("seq", from)
                            : Filters.and(Filters.gte("seq", from), Filters.lt("seq", from - 2 + random.nextInt(8)));
                    for (Bson query : List.of(
                            Filters.eq("chat", chat),
                            Filters.and(Filters.eq("chat", chat), range),
                            Filters.and(Filters.eq("chat", chat), Filters.gte("late", 5)),
                            Filters.and(Filters.eq("chat", chat), Filters.exists("late", false)),
                            Filters.and(Filters.eq("chat", chat), Filters.in("seq", 1L, 2L)),
                            Filters.in("chat", chat, chats.getFirst(), new ObjectId()),
                            Filters.and(Filters.in("chat", chats.subList(0, 2)), range),
                            Filters.and(Filters.in("chat", chats), Filters.in("seq", 3L, 4L)),
                            Filters.and(Filters.in("chat", chats), Filters.ne("seq", 3L)),
                            Filters.in("chat", List.of()),
                            Filters.or(Filters.eq("chat", chat), range))) {
                        assertThat(ids(indexed, query)).as(query.toString()).isEqualTo(ids(plain, query));
                    }
                }
            }
        }
    }

    private static void both(
            MongoCollection<Document> one,
            MongoCollection<Document> other,
            Function<MongoCollection<Document>, Object> change) {
        assertThat(change.apply(one)).isNotNull();
        assertThat(change.apply(other)).isNotNull();
    }

    private static List<Integer> ids(MongoCollection<Document> things, Bson query) {
        return things.find(query).map(thing -> thing.getInteger("_id")).into(new ArrayList<>()).stream()
                .sorted()
                .toList();
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
