package dev.parley.connect;

import dev.parley.queue.QueueCodec;
import dev.parley.queue.Topology;
import dev.parley.wire.Json;
import io.micronaut.context.annotation.Factory;
import io.micronaut.serde.ObjectMapper;
import jakarta.inject.Singleton;
import java.time.Clock;

@Factory
final class Contracts {

    @Singleton
    Json json(ObjectMapper mapper) {
        return new Json(mapper);
    }

    @Singleton
    QueueCodec queueCodec(Json json) {
        return new QueueCodec(json);
    }

    @Singleton
    Topology topology() {
        return Topology.load();
    }

    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }
}
