package dev.parley.tier.presence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import dev.parley.redis.Instances;
import dev.parley.redis.Presence;
import dev.parley.testing.Await;
import dev.parley.testing.TestRedis;
import dev.parley.tier.TestInstance;
import io.micronaut.context.ApplicationContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an instance tells Redis of its users, on a Redis of its own. */
class RegistrationIT {

    private static final int MANY = 10_000;
    private static final int HEARTBEATS = 6;

    private final TestRedis redis = TestRedis.own();
    private final List<ApplicationContext> contexts = new ArrayList<>();

    @AfterEach
    void stop() {
        contexts.forEach(ApplicationContext::close);
        redis.kill();
    }

    private ApplicationContext instance(String serverId, Map<String, Object> more) throws Exception {
        Map<String, Object> properties = new HashMap<>(more);
        properties.put("parley.tier.server-id", serverId);
        properties.put("parley.limits.connects-per-user", "1000");
        ApplicationContext context = TestInstance.start(redis, properties);
        contexts.add(context);
        return context;
    }

    private static UserId user() {
        return new UserId(new ObjectId().toHexString());
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static boolean isRegistered(ApplicationContext context) throws Exception {
        return get(context.getBean(Instances.class).silences())
                .containsKey(context.getBean(OnlineUsers.class).instance());
    }

    private static void awaitRegistered(ApplicationContext context) throws Exception {
        Await.until("it is registered", Duration.ofSeconds(30), () -> isRegistered(context));
    }

    @Test
    void oneHeartbeatSpeaksForAllUsers() throws Exception {
        ApplicationContext context =
                instance("one", Map.of("parley.redis.heartbeat", "1h", "parley.redis.heartbeat-lapse", "3h"));
        awaitRegistered(context);
        OnlineUsers online = context.getBean(OnlineUsers.class);
        List<UserId> users = IntStream.range(0, MANY).mapToObj(i -> user()).toList();
        for (int i = 0; i < MANY; i += 1_000) {
            CompletableFuture<?>[] connected = users.subList(i, i + 1_000).stream()
                    .map(user -> online.connected(user, "c-" + user).toCompletableFuture())
                    .toArray(CompletableFuture[]::new);
            get(CompletableFuture.allOf(connected));
        }
        assertThat(get(context.getBean(Presence.class).offline(users))).isEmpty();

        redis.resetCommandStats();
        Instances instances = context.getBean(Instances.class);
        for (int i = 0; i < HEARTBEATS; i++) {
            assertThat(get(instances.heartbeat(online.instance(), Map.of("users", "" + MANY))))
                    .isTrue();
            get(online.repeat(Math.ceilDiv(MANY * 5, 3_600)));
        }
        Map<String, TestRedis.CommandStat> stats = redis.commandStats();
        // What scripts call counts by itself and inside evalsha.
        long sent = stats.entrySet().stream()
                .filter(stat -> List.of("evalsha", "eval", "sadd", "srem", "hset", "setex")
                        .contains(stat.getKey()))
                .mapToLong(stat -> stat.getValue().calls())
                .sum();
        long micros = stats.entrySet().stream()
                .filter(stat -> List.of("evalsha", "eval", "sadd", "expire").contains(stat.getKey()))
                .mapToLong(stat -> stat.getValue().micros())
                .sum();
        System.out.printf("presence of %,d users for 30 s: %d calls, %d us of Redis: %s%n", MANY, sent, micros, stats);
        assertThat(sent).as("commands in 30 s: %s", stats).isLessThan(MANY / 20);
    }

    @Test
    void aRedisThatHasLostItsMemoryIsToldOfEverybodyAgain() throws Exception {
        ApplicationContext context = instance("one", Map.of("parley.redis.heartbeat", "200ms"));
        awaitRegistered(context);
        OnlineUsers online = context.getBean(OnlineUsers.class);
        List<UserId> users = IntStream.range(0, 1_200).mapToObj(i -> user()).toList();
        for (UserId user : users) {
            assertThat(get(online.connected(user, "c-" + user))).isInstanceOf(OnlineUsers.Entry.In.class);
        }
        String before = online.instance();

        redis.clear();
        Await.until(
                "everybody is online again",
                Duration.ofSeconds(30),
                () -> get(context.getBean(Presence.class).offline(users)).isEmpty());
        assertThat(online.instance()).isNotEqualTo(before);

        redis.restart();
        Await.until("and once more", Duration.ofSeconds(30), () -> knowsAll(context, users));
    }

    private static boolean knowsAll(ApplicationContext context, List<UserId> users) throws Exception {
        try {
            return get(context.getBean(Presence.class).offline(users)).isEmpty();
        } catch (ExecutionException away) {
            return false;
        }
    }

    @Test
    void whatRedisWasNotToldIsMadeGood() throws Exception {
        ApplicationContext context =
                instance("one", Map.of("parley.redis.heartbeat", "200ms", "parley.redis.heartbeat-lapse", "600ms"));
        awaitRegistered(context);
        OnlineUsers online = context.getBean(OnlineUsers.class);
        UserId comes = user();
        UserId goes = user();
        assertThat(get(online.connected(goes, "goes"))).isInstanceOf(OnlineUsers.Entry.In.class);

        redis.pause();
        assertThat(get(online.connected(comes, "comes")))
                .as("without Redis the instance decides alone")
                .isInstanceOf(OnlineUsers.Entry.In.class);
        CompletionStage<?> told = online.disconnected(goes, "goes");
        Await.until("it was not told", () -> told.toCompletableFuture().isDone());
        redis.resume();

        Presence presence = context.getBean(Presence.class);
        Await.until("Redis knows", Duration.ofSeconds(30), () -> {
            try {
                return get(presence.offline(List.of(comes, goes))).equals(List.of(goes));
            } catch (ExecutionException away) {
                return false;
            }
        });
    }

    @Test
    void anInstanceThatEndsIsClearedUpAfterByAnother() throws Exception {
        Map<String, Object> quick = Map.of("parley.redis.heartbeat", "200ms");
        ApplicationContext one = instance("one", quick);
        ApplicationContext two = instance("two", quick);
        awaitRegistered(one);
        awaitRegistered(two);
        UserId alice = user();
        assertThat(get(one.getBean(OnlineUsers.class).connected(alice, "a"))).isInstanceOf(OnlineUsers.Entry.In.class);
        assertThat(redis.exists(RedisKeys.sockets(alice))).isTrue();

        one.close();
        assertThat(get(two.getBean(Presence.class).offline(List.of(alice)))).containsExactly(alice);
        Await.until(
                "its connections are removed", Duration.ofSeconds(40), () -> !redis.exists(RedisKeys.sockets(alice)));
        Await.until("nothing is left of it", () -> !redis.exists(RedisKeys.DEAD_SERVERS));
    }

    @Test
    void fiveConnectionsOfAUserComeInOverAllInstances() throws Exception {
        ApplicationContext one = instance("one", Map.of());
        ApplicationContext two = instance("two", Map.of());
        awaitRegistered(one);
        awaitRegistered(two);
        UserId alice = user();
        List<CompletionStage<OnlineUsers.Entry>> entries = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            entries.add((i % 2 == 0 ? one : two).getBean(OnlineUsers.class).connected(alice, "c" + i));
        }
        int in = 0;
        for (CompletionStage<OnlineUsers.Entry> entry : entries) {
            in += get(entry) instanceof OnlineUsers.Entry.In ? 1 : 0;
        }
        assertThat(in).isEqualTo(5);
        assertThat(one.getBean(OnlineUsers.class).connections()
                        + two.getBean(OnlineUsers.class).connections())
                .isEqualTo(5);
    }
}
