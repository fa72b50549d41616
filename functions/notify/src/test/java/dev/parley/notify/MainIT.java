package dev.parley.notify;

import dev.parley.function.ProcessContract;
import dev.parley.testing.TestMongo;
import java.util.Map;

class MainIT extends ProcessContract {

    MainIT() {
        super(Main.class);
    }

    @Override
    protected Map<String, String> environment() {
        return Map.of("MONGODB_URI", TestMongo.shared().newDatabase(), "SMTP_HOST", "127.0.0.1");
    }
}
