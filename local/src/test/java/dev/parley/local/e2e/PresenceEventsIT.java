package dev.parley.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.ConnectionString;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.model.Filters;
import dev.parley.testing.Await;
import dev.parley.testing.Poller;
import dev.parley.testing.TestRedis;
import io.micronaut.json.tree.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who is told of whose presence, with two instances as processes and a Redis of their own: Alice comes and goes on the
 * first, Bob watches her on the second.
 */
class PresenceEventsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Both instances and their servers; shared by the tests that leave them as they are. */
    private static final class World implements AutoCloseable {

        final TestRedis redis = TestRedis.own();
        final Map<String, String> servers = Processes.servers(
                redis,
                Map.of(
                        "PARLEY_PRESENCE_GRACE",
                        "3s",
                        "PARLEY_PRESENCE_RECHECK",
                        "0s",
                        "PARLEY_REDIS_HEARTBEAT",
                        "500ms",
                        "PARLEY_REDIS_HEARTBEAT_LAPSE",
                        "3s",
                        "PARLEY_LIMITS_CONNECTS_PER_USER",
                        "1000"));
        private final Processes processes;
        final Processes.Running one;
        final Processes.Running two;

        World() throws Exception {
            processes = new Processes(Files.createTempDirectory(directory, "world"), servers);
            one = processes.start("tier-1", dev.parley.tier.Main.class, Map.of("SERVER_ID", "tier-1"));
            two = processes.start("tier-2", dev.parley.tier.Main.class, Map.of("SERVER_ID", "tier-2"));
        }

        void awaitReady() throws Exception {
            Processes.awaitReady(one);
            Processes.awaitReady(two);
        }

        @Override
        public void close() {
            processes.close();
            redis.kill();
        }
    }

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private static Path directory;

    private static @Nullable World shared;

    private World world;
    private Processes.Running one;
    private Processes.Running two;
    private Person alice;
    private Person bob;
    private final List<Person> people = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        world = shared == null ? new World() : shared;
        shared = world;
        world.awaitReady();
        one = world.one;
        two = world.two;
        alice = somebody("Alice", one);
        bob = somebody("Bob").connects();
        String chat = bob.chatWith(alice);
        assertThat(chat).isNotEmpty();
    }

    @AfterEach
    void leave() {
        people.forEach(Person::close);
        if (shared != world) {
            world.close();
        }
    }

    @AfterAll
    static void end() {
        if (shared != null) {
            shared.close();
            shared = null;
        }
    }

    /** This test's world will not be as it was: it is for nobody else. */
    private static void spoils() {
        shared = null;
    }

    private Person somebody(String name) {
        return somebody(name, two);
    }

    private Person somebody(String name, Processes.Running at) {
        Person person = Person.registered(at.address(), name);
        people.add(person);
        return person;
    }

    private static String users(Person... people) {
        return "{\"userIds\":[%s]}"
                .formatted(Stream.of(people)
                        .map(person -> "\"" + person.userId() + "\"")
                        .collect(Collectors.joining(",")));
    }

    private static JsonNode watches(Person watcher, Person... people) {
        return Nodes.field(watcher.client().ask("watch-presence", users(people)), "data");
    }

    private static void shows(Person person, String status) {
        var _ = person.client().ask("set-presence", "{\"status\":\"" + status + "\"}");
    }

    private static String told(Person watcher, Person of) {
        JsonNode event = watcher.client().awaitEvent("presence");
        assertThat(Nodes.text(event, "userId")).isEqualTo(of.userId());
        return Nodes.text(event, "status");
    }

    /** The same for what takes as long as it takes to notice that an instance or a server is gone. */
    private static String toldInTheEnd(Person watcher, Person of) throws Exception {
        List<JsonNode> told = new ArrayList<>();
        Await.until("somebody's presence changes", PATIENCE, () -> {
            watcher.client().pending().stream()
                    .filter(event -> event.name().equals("presence"))
                    .forEach(event -> told.add(event.data()));
            return !told.isEmpty();
        });
        assertThat(told).hasSize(1);
        assertThat(Nodes.text(told.getFirst(), "userId")).isEqualTo(of.userId());
        return Nodes.text(told.getFirst(), "status");
    }

    /** The presences that have come and were not asked for, behind an answer to a later request. */
    private static List<String> moreTold(Person watcher) {
        var _ = watcher.client().ask("ping", "{}");
        return watcher.client().pending().stream()
                .filter(event -> event.name().equals("presence"))
                .map(event -> Nodes.text(event.data(), "status"))
                .toList();
    }

    /** Begins to watch; on a machine that is slow to read, what is seen comes as an event behind the answer. */
    private static String seen(Person watcher, Person of) {
        String status = answered(watches(watcher, of), of);
        return status.equals("nothing") ? told(watcher, of) : status;
    }

    /** The same of several who are all in one status. */
    private static void seesAll(Person watcher, String status, Person... people) {
        JsonNode answer = watches(watcher, people);
        Set<String> unseen = new HashSet<>();
        for (Person person : people) {
            String seen = answered(answer, person);
            if (seen.equals("nothing")) {
                unseen.add(person.userId());
            } else {
                assertThat(seen).isEqualTo(status);
            }
        }
        while (!unseen.isEmpty()) {
            JsonNode event = watcher.client().awaitEvent("presence");
            assertThat(Nodes.text(event, "status")).isEqualTo(status);
            assertThat(unseen.remove(Nodes.text(event, "userId"))).isTrue();
        }
    }

    private static String answered(JsonNode answer, Person of) {
        return Nodes.list(answer, "presences").stream()
                .filter(presence -> Nodes.text(presence, "userId").equals(of.userId()))
                .map(presence -> Nodes.text(presence, "status"))
                .findFirst()
                .orElse("nothing");
    }

    @Test
    void watchersOnTheOtherInstanceAreToldOfEachChangeOnce() throws Exception {
        Person carol = somebody("Carol");
        String group = bob.groupWith("Team", List.of(alice, carol));
        assertThat(group).isNotEmpty();
        carol.connects();
        Person eve = somebody("Eve").connects();
        JsonNode stranger = watches(eve, alice);
        assertThat(Nodes.list(stranger, "presences")).isEmpty();
        assertThat(Nodes.text(Nodes.list(stranger, "refused").getFirst(), "code"))
                .isEqualTo("NOT_A_CONTACT");
        try (Poller socketIo = new Poller(two.address() + "/socket.io/")) {
            socketIo.open("&token=" + bob.token());
            socketIo.post("40");
            socketIo.post("421[\"watch-presence\"," + users(alice) + "]");
            String opened = socketIo.await("431[");
            assertThat(opened).contains("\"ok\":true").contains("\"status\":\"offline\"");
            assertThat(answered(watches(bob, alice, bob), alice)).isEqualTo("offline");

            alice.connects();
            assertThat(told(bob, alice)).isEqualTo("online");
            socketIo.await("\"online\"}]");
            PlainClient laptop = PlainClient.connect(one.address() + "/ws?token=" + alice.token());
            laptop.awaitEvent("connected");
            JsonNode set =
                    alice.client().ask("set-presence", "{\"status\":\"away\",\"message\":\"back at \\\"two\\\"\"}");
            assertThat(set).isNotNull();
            JsonNode away = bob.client().awaitEvent("presence");
            assertThat(Nodes.text(away, "status")).isEqualTo("away");
            assertThat(Nodes.text(away, "message")).isEqualTo("back at \"two\"");
            socketIo.await("\"away\",");
            laptop.close();
            alice.leaves();
            alice.connects();
            shows(alice, "busy");
            assertThat(told(bob, alice))
                    .as("neither device left for longer than the grace")
                    .isEqualTo("busy");
            alice.leaves();
            JsonNode offline = bob.client().awaitEvent("presence");
            assertThat(Nodes.text(offline, "status")).isEqualTo("offline");
            assertThat(Nodes.text(offline, "lastSeen")).startsWith("20");
            assertThat(socketIo.await("\"offline\",")).contains("\"busy\"}]");

            alice.connects();
            assertThat(told(bob, alice)).as("the status that she chose").isEqualTo("busy");
            assertThat(moreTold(bob)).isEmpty();
            assertThat(moreTold(carol)).as("a contact who watches nobody").isEmpty();
            assertThat(moreTold(eve)).as("a stranger").isEmpty();
            socketIo.await("\"busy\"}]");
        }
    }

    @Test
    void whoSharesNoChatAnyMoreIsToldNothing() {
        Person carol = somebody("Carol").connects();
        assertThat(carol.chatWith(alice)).isNotEmpty();
        alice.connects();
        assertThat(seen(bob, alice)).isEqualTo("online");
        assertThat(seen(carol, alice)).isEqualTo("online");

        ConnectionString mongo = new ConnectionString(world.servers.getOrDefault("MONGODB_URI", ""));
        try (MongoClient client = MongoClients.create(mongo)) {
            client.getDatabase(Objects.requireNonNull(mongo.getDatabase()))
                    .getCollection("chat_members")
                    .deleteMany(Filters.eq("userId", new ObjectId(bob.userId())));
        }
        shows(alice, "away");
        assertThat(told(carol, alice)).isEqualTo("away");
        shows(alice, "busy");
        assertThat(told(carol, alice)).isEqualTo("busy");
        assertThat(moreTold(bob)).isEmpty();
        assertThat(Nodes.text(Nodes.list(watches(bob, alice), "refused").getFirst(), "code"))
                .isEqualTo("NOT_A_CONTACT");
    }

    @Test
    void theNewestSetIsTheOneThatIsWatched() {
        Person carol = somebody("Carol").connects();
        assertThat(bob.chatWith(carol)).isNotEmpty();
        assertThat(seen(bob, alice)).isEqualTo("offline");
        alice.connects();
        assertThat(told(bob, alice)).isEqualTo("online");

        assertThat(seen(bob, carol)).isEqualTo("online");
        shows(alice, "away");
        shows(carol, "busy");
        assertThat(told(bob, carol)).isEqualTo("busy");
        assertThat(seen(bob, alice)).as("asked anew").isEqualTo("away");
        assertThat(Nodes.list(watches(bob), "presences")).isEmpty();
        shows(alice, "online");
        assertThat(moreTold(bob)).isEmpty();
    }

    @Test
    void restAnswersTheSameToTheSamePeopleAndAStatusIsNotChosenTooOften() {
        alice.connects();
        shows(alice, "away");
        Person eve = somebody("Eve");
        String path = "/api/presence?userIds=" + alice.userId() + "," + eve.userId();
        JsonNode toBob = Rest.get(two.address(), path, bob.token()).body();
        assertThat(answered(toBob, alice)).isEqualTo("away");
        assertThat(Nodes.text(Nodes.list(toBob, "refused").getFirst(), "userId"))
                .isEqualTo(eve.userId());
        JsonNode toEve = Rest.get(two.address(), path, eve.token()).body();
        assertThat(answered(toEve, alice)).isEqualTo("nothing");
        assertThat(answered(toEve, eve)).as("herself").isEqualTo("offline");
        Rest.Answer bad = Rest.get(two.address(), "/api/presence?userIds=x", bob.token());
        assertThat(bad.status()).isEqualTo(400);
        assertThat(bad.text("code")).isEqualTo("INVALID_ID");
        assertThat(IntStream.range(0, 20)
                        .mapToObj(i -> bob.client().request("set-presence", "{\"status\":\"away\"}"))
                        .filter(answer -> !Nodes.field(answer, "ok").getBooleanValue())
                        .map(answer -> Nodes.text(answer, "error", "code"))
                        .distinct())
                .containsExactly("RATE_LIMITED");
    }

    @Test
    void whoWentDownWithAnInstanceIsCalledOffline() throws Exception {
        Person carol = somebody("Carol");
        assertThat(bob.chatWith(carol)).isNotEmpty();
        alice.connects();
        carol.connectsTo(one.address());
        seesAll(bob, "online", alice, carol);

        spoils();
        one.kill();
        carol.connectsTo(two.address());
        assertThat(toldInTheEnd(bob, alice)).isEqualTo("offline");
        assertThat(moreTold(bob)).as("Carol went on elsewhere").isEmpty();
    }

    @Test
    void afterRedisWasAwayWatchersKnowWhatIs() throws Exception {
        Person carol = somebody("Carol");
        assertThat(bob.chatWith(carol)).isNotEmpty();
        alice.connects();
        carol.connectsTo(one.address());
        seesAll(bob, "online", alice, carol);

        spoils();
        world.redis.kill();
        Await.until(
                "it is noticed",
                PATIENCE,
                () -> !Nodes.field(alice.client().request("set-presence", "{\"status\":\"away\"}"), "ok")
                        .getBooleanValue());
        alice.leaves();
        world.redis.restart();

        assertThat(toldInTheEnd(bob, alice)).as("she left while Redis was away").isEqualTo("offline");
        Await.until(
                "Carol is known to be there",
                PATIENCE,
                () -> answered(
                                Rest.get(two.address(), "/api/presence?userIds=" + carol.userId(), bob.token())
                                        .body(),
                                carol)
                        .equals("online"));
        shows(carol, "busy");
        assertThat(told(bob, carol)).as("all the time she was online").isEqualTo("busy");
        assertThat(answered(watches(bob, alice, carol), alice)).isEqualTo("offline");
    }
}
