package dev.parley.redis;

import dev.parley.testing.TestRedisCluster;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The same on a cluster. */
class PresenceEventsOnClusterIT extends PresenceEventsIT {

    @SuppressWarnings("NullAway.Init") // JUnit starts it first
    private static TestRedisCluster cluster;

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = TestRedisCluster.start();
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    @Override
    Map<String, Object> server() {
        return Map.of("redis.uris", cluster.uris());
    }
}
