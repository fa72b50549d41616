package dev.parley.index;

import dev.parley.function.ProcessContract;
import java.util.Map;

class MainIT extends ProcessContract {

    MainIT() {
        super(Main.class);
    }

    @Override
    protected Map<String, String> environment() {
        return Map.of();
    }
}
