package dev.parley.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import dev.parley.queue.LiveExchange;
import dev.parley.queue.PublishException;
import dev.parley.queue.Topology;
import dev.parley.testing.Await;
import dev.parley.testing.LiveExchangeContract;
import dev.parley.testing.QuickTopology;
import dev.parley.testing.TestRabbit;
import io.micronaut.context.ApplicationContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The live exchange on a real broker, with what only a broker can suffer. */
class RabbitLiveExchangeIT extends LiveExchangeContract {

    private final TestRabbit rabbit = TestRabbit.shared();
    private ApplicationContext context;

    @BeforeEach
    void start() {
        rabbit.clear(QuickTopology.create());
        context = ApplicationContext.run(Map.of("rabbitmq.uri", rabbit.uri(), QuickTopology.PROPERTY, true));
    }

    @AfterEach
    void stop() {
        context.close();
    }

    @Override
    protected LiveExchange exchange() {
        return context.getBean(LiveExchange.class);
    }

    @Test
    void aKilledBrokerIsAnInterruptionAndItGoesOnAfterwards() throws Exception {
        Heard one = listen("chat:a", "chat:b");
        Heard other = listen("chat:a");
        publish("chat:a", "before");
        one.awaitEvents("chat:a before");
        other.awaitEvents("chat:a before");

        rabbit.kill();
        try {
            Await.until("both are told", () -> one.interrupted.get() == 1 && other.interrupted.get() == 1);
            ConfirmingPublisher publisher = context.getBean(ConfirmingPublisher.class);
            Await.until("publishing is refused", () -> !publisher.isOpen());
            assertThatThrownBy(() -> publish("chat:a", "refused")).hasCauseInstanceOf(PublishException.class);
            // Meanwhile rooms come and go.
            one.listening().remove("chat:b");
            one.listening().add("chat:c");
        } finally {
            rabbit.restart();
        }

        Await.until(
                "both are told that it goes on",
                Duration.ofSeconds(30),
                () -> one.restored.get() == 2 && other.restored.get() == 2);
        ConfirmingPublisher publisher = context.getBean(ConfirmingPublisher.class);
        Await.until("publishing goes on", Duration.ofSeconds(30), publisher::isOpen);
        publish("chat:b", "not wanted");
        publish("chat:c", "new");
        publish("chat:a", "after");
        one.awaitEvents("chat:a before", "chat:c new", "chat:a after");
        other.awaitEvents("chat:a before", "chat:a after");
        assertThat(one.interrupted.get()).isEqualTo(1);
    }

    @Test
    void aQueueThatIsDeletedIsAnInterruption() throws Exception {
        Heard heard = listen("chat:a");
        rabbit.control(
                "eval",
                "[rabbit_amqqueue:delete(Q, false, false, <<\"test\">>) || Q <- rabbit_amqqueue:list(), "
                        + "rabbit_amqqueue:is_exclusive(Q)].");

        Await.until("it is told twice", () -> heard.interrupted.get() >= 1 && heard.restored.get() >= 2);
        publish("chat:a", "after");
        heard.awaitEvents("chat:a after");
    }

    @Test
    void itListensAsSoonAsABrokerThatWasAwayAtTheStartIsThere() throws Exception {
        context.close();
        rabbit.kill();
        try {
            context = ApplicationContext.run(Map.of("rabbitmq.uri", rabbit.uri(), QuickTopology.PROPERTY, true));
            Heard heard = start("chat:a");
            rabbit.restart();
            Await.until("it is connected", Duration.ofSeconds(30), () -> heard.restored.get() == 1);
            ConfirmingPublisher publisher = context.getBean(ConfirmingPublisher.class);
            Await.until("publishing goes on", Duration.ofSeconds(30), publisher::isOpen);
            publish("chat:a", "first");
            heard.awaitEvents("chat:a first");
            assertThat(heard.interrupted.get()).isZero();
        } finally {
            rabbit.restart();
        }
    }

    @Test
    void whatIsNoEventIsLeftAlone() throws Exception {
        Heard heard = listen("chat:a");
        Topology.Live live = QuickTopology.create().live();
        try (Connection connection = rabbit.connect();
                Channel channel = connection.createChannel()) {
            channel.basicPublish(
                    live.exchange(),
                    live.routingKey(live.bucket("chat:a")),
                    null,
                    "chat:a".getBytes(StandardCharsets.UTF_8));
        }
        publish("chat:a", "real");

        heard.awaitEvents("chat:a real");
    }
}
