package dev.parley.tier.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.redis.RedisLink;
import dev.parley.redis.TokenBuckets;
import dev.parley.testing.Await;
import dev.parley.testing.TestRedis;
import dev.parley.tier.limit.RateLimits.Decision;
import dev.parley.tier.limit.RateLimits.Limit;
import dev.parley.tier.limit.RateLimits.Subject;
import io.micronaut.context.ApplicationContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several instances that share buckets in one Redis. In the hour of these windows hardly anything is refilled. */
class RateLimitsIT {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final int PER_USER = 30;
    private static final int PER_CHAT = 100;

    private static ApplicationContext context;
    private static TokenBuckets buckets;

    private final String subject = UUID.randomUUID().toString();

    @BeforeAll
    static void start() throws Exception {
        context = ApplicationContext.run(
                Map.of("redis.uri", TestRedis.shared().uri(), "parley.redis.command-timeout", "10s"));
        assertThat(context.getBean(RedisLink.class).awaitConnection(Duration.ofSeconds(20)))
                .isTrue();
        buckets = context.getBean(TokenBuckets.class);
    }

    @AfterAll
    static void stop() {
        context.close();
    }

    private static LimitSettings settings() {
        return new LimitSettings(true, PER_USER, PER_CHAT, 10_000, 120, 10, 60, 30, 60, 30, 10, 60, 10, 5, 10_000);
    }

    private static RateLimits instance(double factor) {
        return new RateLimits(settings(), buckets, () -> factor, HOUR);
    }

    private static Decision get(CompletionStage<Decision> decision) throws Exception {
        return decision.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    /** Some ask one by one, some many at once, some leave in between; whatever the order, all tokens are used, and no more. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void exactlySoManyAreGrantedOverAllInstances(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        List<RateLimits> instances = new ArrayList<>(IntStream.range(0, 2 + random.nextInt(4))
                .mapToObj(i -> instance(1))
                .toList());
        int granted = 0;
        while (granted < PER_CHAT * 2 / 3) {
            int which = random.nextInt(instances.size());
            if (random.nextInt(20) == 0) {
                instances.get(which).close();
                instances.set(which, instance(1));
            }
            List<CompletionStage<Decision>> asked = new ArrayList<>();
            for (int i = 1 + random.nextInt(8); i > 0; i--) {
                asked.add(instances.get(which).take(Limit.MESSAGES_PER_CHAT, subject));
            }
            for (CompletionStage<Decision> one : asked) {
                Decision decision = get(one);
                assertThat(decision.allowed())
                        .as("the first two thirds are never short: seed %d", seed)
                        .isTrue();
                granted++;
            }
        }
        int soFar = granted;
        int[] total = {soFar};
        Await.until("all are granted: seed " + seed, Duration.ofSeconds(30), () -> {
            RateLimits one = instances.get(random.nextInt(instances.size()));
            instances.forEach(RateLimits::giveBack);
            total[0] += get(one.take(Limit.MESSAGES_PER_CHAT, subject)).allowed() ? 1 : 0;
            return total[0] == PER_CHAT;
        });
        for (RateLimits one : instances) {
            one.close();
        }
        for (RateLimits one : List.of(instance(1), instance(1))) {
            Decision decision = get(one.take(Limit.MESSAGES_PER_CHAT, subject));
            assertThat(decision.allowed()).as("one more: seed %d", seed).isFalse();
            assertThat(decision.retryAfterMs()).isBetween(1L, HOUR.toMillis() / PER_CHAT);
        }
    }

    @Test
    void manyAtOnceAreAnsweredByTheirNumber() throws Exception {
        RateLimits one = instance(1);
        RateLimits two = instance(1);
        List<CompletionStage<Decision>> asked = new ArrayList<>();
        for (int i = 0; i < PER_USER * 2; i++) {
            asked.add((i % 2 == 0 ? one : two).take(Limit.MESSAGES_PER_USER, subject));
        }
        int granted = 0;
        for (CompletionStage<Decision> decision : asked) {
            granted += get(decision).allowed() ? 1 : 0;
        }
        assertThat(granted).isEqualTo(PER_USER);
    }

    @Test
    void whatOneLimitRefusesCostsTheOthersNothing() throws Exception {
        RateLimits limits = instance(1);
        Subject user = new Subject(Limit.MESSAGES_PER_USER, subject);
        Subject chat = new Subject(Limit.MESSAGES_PER_CHAT, subject);
        for (int i = 0; i < PER_CHAT; i++) {
            assertThat(get(limits.take(Limit.MESSAGES_PER_CHAT, subject)).allowed())
                    .isTrue();
        }
        for (int i = 0; i < PER_USER * 2; i++) {
            assertThat(get(limits.takeEach(user, chat)).allowed()).isFalse();
        }
        int granted = 0;
        while (get(limits.take(Limit.MESSAGES_PER_USER, subject)).allowed()) {
            granted++;
        }
        assertThat(granted).isEqualTo(PER_USER);
    }

    @Test
    void underLoadMessagesAreFewerAndLoginsAreNot() throws Exception {
        RateLimits limits = instance(0.5);
        int messages = 0;
        while (get(limits.take(Limit.MESSAGES_PER_USER, subject)).allowed()) {
            messages++;
        }
        int logins = 0;
        while (get(limits.take(Limit.LOGINS_PER_NAME, subject)).allowed()) {
            logins++;
        }
        assertThat(messages).isEqualTo(PER_USER / 2);
        assertThat(logins).isEqualTo(10);
    }
}
