package dev.parley.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import dev.parley.redis.Presence.Connected;
import dev.parley.testing.Await;
import dev.parley.testing.TestRedis;
import io.micronaut.context.ApplicationContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Instances that live and die, and what their users' connections count. Every test has users and instances of its own. */
class PresenceIT {

    private static final int MOST = 5;
    private static final Map<Class<?>, ApplicationContext> CONTEXTS = new ConcurrentHashMap<>();

    private final ApplicationContext context = CONTEXTS.computeIfAbsent(getClass(), test -> {
        Map<String, Object> properties = new HashMap<>(server());
        properties.put("parley.redis.heartbeat", "500ms");
        properties.put("parley.redis.heartbeat-lapse", "3s");
        return RedisIT.start(properties);
    });
    private final Presence presence = context.getBean(Presence.class);
    private final Instances instances = context.getBean(Instances.class);
    private final LeaderLock lock = context.getBean(LeaderLock.class);
    private final RedisLink redis = context.getBean(RedisLink.class);
    private final UserId alice = user();
    private final UserId bob = user();

    /** Where Redis is. */
    Map<String, Object> server() {
        return Map.of("redis.uri", TestRedis.shared().uri());
    }

    @AfterAll
    static void stop() {
        CONTEXTS.values().forEach(ApplicationContext::close);
        CONTEXTS.clear();
    }

    private static UserId user() {
        return new UserId(new ObjectId().toHexString());
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private String alive(String serverId) throws Exception {
        String instance = serverId + "/" + new ObjectId().toHexString();
        assertThat(get(instances.register(instance, Map.of("address", "here:1"))))
                .isTrue();
        return instance;
    }

    private Connected connect(UserId user, String connection, String instance) throws Exception {
        return get(presence.connect(user, connection, instance, MOST));
    }

    private List<String> socketsOf(UserId user) throws Exception {
        CompletionStage<List<String>> sockets = redis.call(commands -> commands.hkeys(RedisKeys.sockets(user)));
        return get(sockets);
    }

    private void awaitDead(String instance, String survivor) throws Exception {
        Await.until("its heartbeat has lapsed", () -> {
            assertThat(get(instances.heartbeat(survivor, Map.of()))).isTrue();
            Duration silence = get(instances.silences()).get(instance);
            return silence == null || !instances.isAlive(silence);
        });
    }

    @Test
    void aUserIsOnlineAsLongAsOneConnectionIsOpen() throws Exception {
        String one = alive("one");
        String two = alive("two");
        assertThat(connect(alice, "a", one)).isInstanceOf(Connected.In.class);
        assertThat(connect(alice, "b", two)).isInstanceOf(Connected.In.class);
        assertThat(get(presence.offline(List.of(alice, bob)))).containsExactly(bob);

        get(presence.disconnect(alice, "a"));
        assertThat(get(presence.offline(List.of(alice, bob)))).containsExactly(bob);
        get(presence.disconnect(alice, "b"));
        assertThat(get(presence.offline(List.of(alice, bob)))).containsExactly(alice, bob);
    }

    @Test
    void exactlySoManyConnectionsComeInOverAllInstances() throws Exception {
        List<String> all = List.of(alive("one"), alive("two"), alive("three"));
        List<CompletionStage<Connected>> tries = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            tries.add(presence.connect(alice, "c" + i, all.get(i % 3), MOST));
        }
        int in = 0;
        for (CompletionStage<Connected> one : tries) {
            switch (get(one)) {
                case Connected.In yes -> in++;
                case Connected.Full full ->
                    assertThat(all).containsAll(full.silences().keySet());
            }
        }
        assertThat(in).isEqualTo(MOST);
    }

    @Test
    void whatADeadInstanceLeftNeitherCountsNorStandsInTheWay() throws Exception {
        String dead = alive("dead");
        String survivor = alive("survivor");
        for (int i = 0; i < MOST; i++) {
            assertThat(connect(alice, "c" + i, dead)).isInstanceOf(Connected.In.class);
        }
        assertThat(connect(alice, "new", survivor)).isInstanceOf(Connected.Full.class);
        awaitDead(dead, survivor);

        assertThat(get(presence.offline(List.of(alice)))).containsExactly(alice);
        assertThat(connect(alice, "new", survivor)).isInstanceOf(Connected.In.class);
        assertThat(socketsOf(alice)).containsExactly("new");
        assertThat(get(presence.offline(List.of(alice)))).isEmpty();
    }

    @Test
    void anInstanceThatWasDeadIsToldSoAndComesBackUnderAnotherName() throws Exception {
        String paused = alive("paused");
        String survivor = alive("survivor");
        assertThat(connect(alice, "a", paused)).isInstanceOf(Connected.In.class);
        awaitDead(paused, survivor);
        assertThat(get(instances.heartbeat(paused, Map.of()))).as("lapsed").isFalse();

        String again = alive("paused");
        get(presence.set(alice, again, List.of("a")));
        get(instances.retire(paused));
        assertThat(get(instances.heartbeat(paused, Map.of()))).as("retired").isFalse();
        // The leader clears up after the old name.
        get(presence.set(alice, paused, List.of()));
        assertThat(get(presence.offline(List.of(alice)))).isEmpty();
    }

    @Test
    void aRedisThatHasLostItsMemoryKnowsNobody() throws Exception {
        assertThat(get(instances.heartbeat("unknown/" + new ObjectId(), Map.of())))
                .isFalse();
    }

    @Test
    void theInstanceKnowsBestWhichConnectionsItHas() throws Exception {
        String one = alive("one");
        String two = alive("two");
        for (String connection : List.of("a", "b", "c")) {
            var _ = connect(alice, connection, one);
        }
        var _ = connect(alice, "elsewhere", two);
        get(presence.set(alice, one, List.of("b", "d")));

        assertThat(socketsOf(alice)).containsExactlyInAnyOrder("b", "d", "elsewhere");
    }

    @Test
    void onlyWhoHoldsTheLockBuries() throws Exception {
        String owner = new ObjectId().toHexString();
        String other = new ObjectId().toHexString();
        Duration brief = Duration.ofMillis(200);
        Await.until(
                "the lock is free",
                () -> get(lock.acquire("servers", owner, brief)).isPresent());
        String token = get(lock.acquire("servers", owner, brief)).orElseThrow();
        Optional<String> next = Optional.empty();
        while (next.isEmpty()) {
            // The first holder says nothing for a while, as if it had been stopped.
            next = get(lock.acquire("servers", other, Duration.ofSeconds(30)));
        }
        assertThat(number(next.get())).isGreaterThan(number(token));

        String dead = alive("dead");
        String survivor = alive("survivor");
        get(instances.host(dead, List.of(alice, bob)));
        awaitDead(dead, survivor);
        assertThat(get(instances.findDead(token)))
                .as("by who has lost the lock")
                .isEmpty();
        assertThat(get(instances.silences())).containsKey(dead);
        assertThat(get(lock.release("servers", token))).isFalse();

        assertThat(get(instances.findDead(next.get()))).contains(dead).doesNotContain(survivor);
        assertThat(get(instances.silences())).doesNotContainKey(dead).containsKey(survivor);
        assertThat(get(instances.findDead(next.get())))
                .as("until it has been cleared up after")
                .contains(dead);
        assertThat(get(instances.someUsers(dead, 10))).containsExactlyInAnyOrder(alice, bob);
        get(instances.unhost(dead, List.of(alice, bob)));
        assertThat(get(instances.someUsers(dead, 10))).isEmpty();
        get(instances.forget(dead));
        assertThat(get(instances.findDead(next.get()))).doesNotContain(dead);
        assertThat(get(lock.release("servers", next.get()))).isTrue();
    }

    private static long number(String token) {
        return Long.parseLong(token.substring(token.indexOf(':') + 1));
    }

    @Test
    void whatInstancesSayOfThemselvesCanBeRead() throws Exception {
        String one = alive("one");
        get(instances.heartbeat(one, Map.of("connections", "7")));

        assertThat(get(instances.all()))
                .filteredOn(registered -> registered.instance().equals(one))
                .singleElement()
                .satisfies(registered -> {
                    assertThat(registered.alive()).isTrue();
                    assertThat(registered.figures())
                            .containsEntry("address", "here:1")
                            .containsEntry("connections", "7");
                });
    }
}
