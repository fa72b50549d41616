package dev.parley.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import dev.parley.testing.Await;
import dev.parley.testing.TestRedis;
import dev.parley.wire.Json;
import dev.parley.wire.PresenceStatus;
import dev.parley.wire.RoomEvent;
import dev.parley.wire.ServerEvent;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is published of users who come, go and choose a status. Every test has a user of its own. */
class PresenceEventsIT {

    private static final int MOST = 5;
    private static final Duration FOR_EVER = Duration.ofHours(1);
    private static final Map<String, Backend> BACKENDS = new ConcurrentHashMap<>();

    private final UserId alice = new UserId(new ObjectId().toHexString());

    /** An instance's way to Redis, and everything that is published of presences. */
    private record Backend(
            ApplicationContext context, Presence presence, Channels channels, Map<String, List<RoomEvent>> heard) {

        static Backend start(Map<String, Object> server, Duration grace) {
            Map<String, Object> properties = new HashMap<>(server);
            properties.put("parley.presence.grace", grace.toMillis() + "ms");
            ApplicationContext context = RedisIT.start(properties);
            Map<String, List<RoomEvent>> heard = new ConcurrentHashMap<>();
            Channels channels = context.getBean(Channels.class);
            channels.listen(RedisKeys.PRESENCE_CHANNELS, new Channels.Listener() {
                @Override
                public void received(String channel, RoomEvent event) {
                    of(channel).add(event);
                }

                @Override
                public void interrupted(String channel) {
                    // Nothing is cut here.
                }

                @Override
                public void restored(String channel) {
                    var _ = of(channel);
                }

                private List<RoomEvent> of(String channel) {
                    return heard.computeIfAbsent(channel, name -> new CopyOnWriteArrayList<>());
                }
            });
            return new Backend(context, context.getBean(Presence.class), channels, heard);
        }

        List<RoomEvent> watch(UserId user) throws Exception {
            String channel = RedisKeys.presenceChannel(user);
            channels.subscribe(channel);
            Await.until("it is subscribed", () -> heard.containsKey(channel));
            return heard.getOrDefault(channel, List.of());
        }
    }

    /** Where Redis is. */
    Map<String, Object> server() {
        return Map.of("redis.uri", TestRedis.shared().uri());
    }

    private Backend backend(Duration grace) {
        return BACKENDS.computeIfAbsent(getClass() + " " + grace, name -> Backend.start(server(), grace));
    }

    @AfterAll
    static void stop() {
        BACKENDS.values().forEach(backend -> backend.context().close());
        BACKENDS.clear();
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static ServerEvent.Presence read(RoomEvent event) {
        try {
            return Json.standalone().read(event.json(), ServerEvent.Presence.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String shown(RoomEvent event) {
        ServerEvent.Presence presence = read(event);
        return presence.status() + (presence.message() == null ? "" : " " + presence.message());
    }

    private static List<String> shown(List<RoomEvent> events) {
        return events.stream().map(PresenceEventsIT::shown).toList();
    }

    private static void awaitShown(List<RoomEvent> events, String... expected) throws Exception {
        Await.until(
                "%s comes; there was %s".formatted(List.of(expected), shown(events)),
                () -> events.size() >= expected.length);
        assertThat(shown(events)).containsExactly(expected);
    }

    @Test
    void oneEventTellsOfEachChangeHoweverManyDevicesThereAre() throws Exception {
        Backend redis = backend(Duration.ofMillis(50));
        Presence presence = redis.presence();
        List<RoomEvent> heard = redis.watch(alice);
        get(presence.connect(alice, "phone", "one", MOST));
        get(presence.connect(alice, "desktop", "two", MOST));
        get(presence.choose(alice, PresenceStatus.AWAY, "Mittag \"außer Haus\""));
        get(presence.choose(alice, PresenceStatus.AWAY, "Mittag \"außer Haus\""));
        assertThat(get(presence.disconnect(alice, "phone"))).isZero();
        assertThat(get(presence.disconnect(alice, "desktop"))).isPositive();
        Await.until("the grace is over", () -> get(presence.settle(alice)).isZero());
        get(presence.settle(alice));
        get(presence.connect(alice, "phone", "one", MOST));

        awaitShown(heard, "online", "away Mittag \"außer Haus\"", "offline", "away Mittag \"außer Haus\"");
        for (RoomEvent event : heard) {
            assertThat(event.ephemeral()).isTrue();
            assertThat(new String(event.json(), StandardCharsets.UTF_8))
                    .as("written as the tier writes it")
                    .isEqualTo(new String(Json.standalone().bytes(read(event)), StandardCharsets.UTF_8));
        }
        assertThat(heard).extracting(RoomEvent::seq).isSorted().doesNotHaveDuplicates();
        assertThat(read(heard.get(2)).lastSeen()).isNotNull();
        assertThat(get(presence.published(List.of(alice))).events().get(alice))
                .usingRecursiveComparison()
                .isEqualTo(heard.getLast());
    }

    @Test
    void whoComesBackWithinTheGraceWasNeverAway() throws Exception {
        Backend redis = backend(FOR_EVER);
        Presence presence = redis.presence();
        List<RoomEvent> heard = redis.watch(alice);
        get(presence.connect(alice, "a", "one", MOST));
        assertThat(get(presence.disconnect(alice, "a"))).isPositive();
        assertThat(get(presence.settle(alice))).isPositive();
        get(presence.connect(alice, "b", "two", MOST));
        assertThat(get(presence.settle(alice))).isZero();
        get(presence.choose(alice, PresenceStatus.BUSY, null));

        awaitShown(heard, "online", "busy");
    }

    @Test
    void whoWentDownWithAnInstanceIsOfflineWhenItIsClearedUpAfter() throws Exception {
        Backend redis = backend(FOR_EVER);
        Presence presence = redis.presence();
        List<RoomEvent> heard = redis.watch(alice);
        get(presence.connect(alice, "a", "dead", MOST));
        get(presence.connect(alice, "b", "living", MOST));
        assertThat(get(presence.set(alice, "dead", List.of()))).isZero();
        awaitShown(heard, "online");

        assertThat(get(presence.set(alice, "living", List.of()))).isZero();
        assertThat(get(presence.set(alice, "living", List.of()))).isZero();
        awaitShown(heard, "online", "offline");
    }

    @Test
    void whoAppearsOfflineIsNotGivenAwayByComingAndGoing() throws Exception {
        Backend redis = backend(Duration.ZERO);
        Presence presence = redis.presence();
        List<RoomEvent> heard = redis.watch(alice);
        get(presence.connect(alice, "a", "one", MOST));
        get(presence.choose(alice, PresenceStatus.OFFLINE, null));
        get(presence.disconnect(alice, "a"));
        get(presence.connect(alice, "b", "one", MOST));
        get(presence.set(alice, "one", List.of("b")));
        get(presence.choose(alice, PresenceStatus.ONLINE, "back"));

        awaitShown(heard, "online", "offline", "online back");
    }

    @Test
    void nothingIsKnownOfWhoWasNeverHere() throws Exception {
        Presence presence = backend(Duration.ZERO).presence();
        get(presence.set(alice, "one", List.of()));
        get(presence.disconnect(alice, "none"));

        assertThat(get(presence.published(List.of(alice))).events()).isEmpty();
    }

    @Test
    void whoLeavesARedisThatHasForgottenHimIsOfflineAllTheSame() throws Exception {
        Backend redis = backend(Duration.ofMillis(50));
        Presence presence = redis.presence();
        List<RoomEvent> heard = redis.watch(alice);
        get(presence.connect(alice, "a", "one", MOST));
        get(redis.context().getBean(RedisLink.class).call(commands -> commands.del(RedisKeys.presence(alice))));
        assertThat(get(presence.disconnect(alice, "a"))).isPositive();
        Await.until("the grace is over", () -> get(presence.settle(alice)).isZero());

        awaitShown(heard, "online", "offline");
    }

    /** What a user shows, by the rules and without Redis. */
    private static final class Model {
        final boolean noGrace;
        final Map<String, String> sockets = new HashMap<>();
        final List<String> told = new ArrayList<>();
        String status = "online";

        @Nullable
        String message;

        boolean left;
        boolean graceIsOver;

        Model(boolean noGrace) {
            this.noGrace = noGrace;
        }

        String last() {
            return told.isEmpty() ? "offline" : told.getLast();
        }

        void settle(boolean wentDown) {
            String now = "offline";
            if (!sockets.isEmpty()) {
                left = false;
                now = status.equals("offline") || message == null ? status : status + " " + message;
            } else {
                boolean chosen = !status.equals("online") || message != null;
                if (!left && (chosen || !last().equals("offline"))) {
                    left = true;
                    graceIsOver = noGrace || wentDown;
                }
                if (left && !graceIsOver) {
                    now = last();
                }
            }
            if (!now.equals(last())) {
                told.add(now);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1,true", "2,true", "3,true", "4,false", "5,false", "6,false"})
    void whateverHappensInWhateverOrderExactlyTheChangesAreTold(long seed, boolean noGrace) throws Exception {
        System.out.println("presence events with seed " + seed);
        Backend redis = backend(noGrace ? Duration.ZERO : FOR_EVER);
        Presence presence = redis.presence();
        List<RoomEvent> heard = redis.watch(alice);
        Random random = new Random(seed);
        Model model = new Model(noGrace);
        List<CompletableFuture<?>> done = new ArrayList<>();
        // A script that the server does not know yet is sent again, and others overtake it.
        get(presence.disconnect(alice, "none"));
        get(presence.set(alice, "none", List.of()));
        get(presence.settle(alice));
        get(presence.choose(alice, PresenceStatus.ONLINE, null));
        get(presence.connect(alice, "c0", "i0", MOST));
        model.sockets.put("c0", "i0");
        model.settle(false);
        for (int i = 0; i < 500; i++) {
            String connection = "c" + random.nextInt(4);
            String instance = "i" + random.nextInt(3);
            CompletionStage<?> step = switch (random.nextInt(6)) {
                case 0, 1 -> {
                    model.sockets.put(connection, instance);
                    model.settle(false);
                    yield presence.connect(alice, connection, instance, MOST);
                }
                case 2 -> {
                    model.sockets.remove(connection);
                    model.settle(false);
                    yield presence.disconnect(alice, connection);
                }
                case 3 -> {
                    model.sockets.values().removeIf(instance::equals);
                    model.settle(true);
                    yield presence.set(alice, instance, List.of());
                }
                case 4 -> {
                    PresenceStatus status = PresenceStatus.values()[random.nextInt(4)];
                    String message = status != PresenceStatus.OFFLINE && random.nextBoolean() ? "m" : null;
                    model.status = status.wireName();
                    model.message = message;
                    if (!model.sockets.isEmpty()) {
                        model.settle(false);
                    }
                    yield presence.choose(alice, status, message);
                }
                default -> {
                    model.settle(false);
                    yield presence.settle(alice);
                }
            };
            done.add(step.toCompletableFuture());
        }
        get(CompletableFuture.allOf(done.toArray(CompletableFuture[]::new)));

        awaitShown(heard, model.told.toArray(String[]::new));
    }
}
