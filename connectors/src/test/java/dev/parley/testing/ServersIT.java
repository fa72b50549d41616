package dev.parley.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.queue.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

/** The servers of the tests themselves. */
class ServersIT {

    @Test
    void redisIsKilledAndComesBackOnItsPort() {
        TestRedis redis = TestRedis.own();
        redis.clear();
        redis.kill();
        assertThatThrownBy(redis::clear).isInstanceOf(UncheckedIOException.class);
        redis.restart();
        redis.clear();
        redis.kill();
    }

    @Test
    void rabbitIsKilledAndComesBackOnItsPort() throws Exception {
        TestRabbit rabbit = TestRabbit.shared();
        rabbit.clear(Topology.load());
        try (var before = rabbit.connect()) {
            assertThat(before.isOpen()).isTrue();
            rabbit.kill();
            Await.until("the connection breaks", () -> !before.isOpen());
            assertThatThrownBy(rabbit::connect).isInstanceOf(IOException.class);
        } catch (com.rabbitmq.client.AlreadyClosedException expected) {
            // Closing what the kill has closed.
        } finally {
            rabbit.restart();
        }
        try (var after = rabbit.connect()) {
            assertThat(after.isOpen()).isTrue();
        }
    }
}
