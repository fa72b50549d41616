package dev.parley.local.faults;

import java.time.Duration;
import java.util.Locale;

/**
 * What to run.
 *
 * @param seed decides the schedule, the chats and who says what
 * @param leastRounds so many at least
 * @param duration rounds are begun until this is over
 * @param faultsPerRound after so many faults a round heals, settles and is checked
 * @param perSecond messages that users want to send
 * @param redis whether Redis keeps its data over a restart
 */
record Plan(
        long seed,
        int leastRounds,
        Duration duration,
        int faultsPerRound,
        int perSecond,
        int users,
        int observers,
        int chats,
        RedisMode redis) {

    enum RedisMode {
        MEMORY,
        APPEND_ONLY,
        /** One round so, the next one so. */
        BOTH;

        boolean keepsData(int round) {
            return this == APPEND_ONLY || (this == BOTH && round % 2 == 0);
        }
    }

    /** One pass over all kinds of faults in a few minutes, half of it with a Redis that forgets. */
    static Plan brief(long seed) {
        return new Plan(seed, 2, Duration.ZERO, 10, 100, 40, 6, 12, RedisMode.BOTH);
    }

    /** Reads {@code --seed 42 --minutes 30 --rate 150 --users 40 --chats 12 --faults-per-round 20 --redis both}. */
    static Plan parse(String... arguments) {
        Plan plan = new Plan(System.nanoTime() & 0xffffff, 1, Duration.ZERO, 20, 150, 40, 6, 12, RedisMode.BOTH);
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            String value = arguments[i + 1];
            plan = switch (arguments[i]) {
                case "--seed" -> plan.with(Long.parseLong(value), plan.duration);
                case "--minutes" -> plan.with(plan.seed, Duration.ofMinutes(Long.parseLong(value)));
                case "--rate" -> plan.with(Integer.parseInt(value), plan.users, plan.chats);
                case "--users" -> plan.with(plan.perSecond, Integer.parseInt(value), plan.chats);
                case "--chats" -> plan.with(plan.perSecond, plan.users, Integer.parseInt(value));
                case "--faults-per-round" -> plan.with(Integer.parseInt(value), plan.redis);
                case "--redis" ->
                    plan.with(
                            plan.faultsPerRound,
                            RedisMode.valueOf(value.toUpperCase(Locale.ROOT).replace('-', '_')));
                default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
            };
        }
        if (arguments.length % 2 != 0) {
            throw new IllegalArgumentException("each option has a value: " + String.join(" ", arguments));
        }
        return plan;
    }

    private Plan with(long newSeed, Duration newDuration) {
        return new Plan(newSeed, leastRounds, newDuration, faultsPerRound, perSecond, users, observers, chats, redis);
    }

    private Plan with(int newPerSecond, int newUsers, int newChats) {
        return new Plan(
                seed, leastRounds, duration, faultsPerRound, newPerSecond, newUsers, observers, newChats, redis);
    }

    private Plan with(int newFaultsPerRound, RedisMode newRedis) {
        return new Plan(seed, leastRounds, duration, newFaultsPerRound, perSecond, users, observers, chats, newRedis);
    }
}
