package dev.parley.persist;

import dev.parley.function.ProcessContract;
import dev.parley.testing.TestMongo;
import dev.parley.testing.TestRedis;
import java.util.Map;

class MainIT extends ProcessContract {

    MainIT() {
        super(Main.class);
    }

    @Override
    protected Map<String, String> environment() {
        return Map.of(
                "REDIS_URI",
                TestRedis.shared().uri(),
                "MONGODB_URI",
                TestMongo.shared().newDatabase());
    }
}
