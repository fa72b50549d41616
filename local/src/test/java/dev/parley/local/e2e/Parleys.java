package dev.parley.local.e2e;

import dev.parley.local.LocalParley;
import dev.parley.local.Options;
import dev.parley.testing.TestMongo;
import dev.parley.testing.TestRabbit;
import dev.parley.testing.TestRedis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** One Parley for all end-to-end tests of this JVM: two tier instances on real servers. Tests use people of their own. */
final class Parleys {

    private static final class Shared {
        static final LocalParley PARLEY = start(false, TestRedis.shared());
    }

    private Parleys() {}

    /** Without rate limits. */
    static LocalParley shared() {
        return Shared.PARLEY;
    }

    /** One with limits as shipped, for one test. */
    static LocalParley limited() {
        return limited(TestRedis.shared());
    }

    static LocalParley limited(TestRedis redis) {
        return start(true, redis);
    }

    private static LocalParley start(boolean limits, TestRedis redis) {
        try {
            return LocalParley.start(new Options(
                    null,
                    List.of(0, 0),
                    limits,
                    redis.uri(),
                    TestRabbit.shared().newVirtualHost(),
                    TestMongo.shared().newDatabase()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
