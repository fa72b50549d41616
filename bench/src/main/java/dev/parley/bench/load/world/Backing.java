package dev.parley.bench.load.world;

import dev.parley.testing.TestRabbit;
import dev.parley.testing.TestRedis;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Redis and RabbitMQ of one world, both without anything in them: Redis is started anew, RabbitMQ, which takes long to
 * start, serves all worlds of this process, each with a virtual host of its own.
 */
final class Backing implements AutoCloseable {

    private final TestRabbit rabbit = TestRabbit.shared();
    private final String rabbitUri = rabbit.newVirtualHost();
    private final TestRedis redis = TestRedis.own();
    private final @Nullable QueueSink sink;

    /** @param stored whether messages are taken out of their queue and stored; else they are thrown away */
    Backing(boolean stored) {
        this.sink = stored ? null : new QueueSink(rabbitUri);
    }

    String redisUri() {
        return redis.uri();
    }

    String rabbitUri() {
        return rabbitUri;
    }

    Map<String, TestRedis.CommandStat> redisCommands() {
        return redis.commandStats();
    }

    /** Both with their process ids. */
    Map<String, Long> processes() {
        Map<String, Long> found = new LinkedHashMap<>();
        ProcessHandle.current().descendants().forEach(process -> {
            String command = process.info().command().orElse("");
            // On Debian redis-server is a link to a binary of another name.
            if (command.contains("redis")) {
                found.put("redis", process.pid());
            } else if (command.endsWith("beam.smp")) {
                found.put("rabbitmq", process.pid());
            }
        });
        return found;
    }

    @Override
    public void close() {
        if (sink != null) {
            sink.close();
        }
        redis.kill();
        rabbit.control("delete_vhost", rabbitUri.substring(rabbitUri.lastIndexOf('/') + 1));
    }
}
