package dev.parley.rabbit;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import dev.parley.queue.Delivery;
import dev.parley.queue.QueueConsumer;
import dev.parley.queue.QueueName;
import dev.parley.queue.Topology;
import dev.parley.testing.Await;
import dev.parley.testing.QuickTopology;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** The queue port on quorum queues, which a single node offers too. */
class QuorumQueuesIT extends RabbitContract {

    @Override
    Map<String, Object> properties() {
        return Map.of("parley.rabbit.quorum-queues", true);
    }

    @Override
    protected boolean hasPriorities() {
        return false;
    }

    @Override
    protected boolean refusesAtOnceWhenFull() {
        return false;
    }

    @Test
    void everyQueueOfTheTopologyIsOne() throws Exception {
        rabbit.control(
                "eval",
                "true = lists:all(fun(Q) -> amqqueue:get_type(Q) =:= rabbit_quorum_queue end, "
                        + "rabbit_amqqueue:list(<<\"/\">>)).");
        try (Connection connection = rabbit.connect();
                Channel channel = connection.createChannel()) {
            for (Topology.Queue queue : QuickTopology.create().queues()) {
                assertThat(channel.queueDeclarePassive(queue.deadLetterQueue()).getMessageCount())
                        .isZero();
            }
        }
    }

    @Test
    void aNodeThatStartsAgainKeepsWhatItConfirmed() throws Exception {
        publishAll(QueueName.NOTIFICATION_SEND, 0, List.of("1", "2", "3"));
        // Not killed: so soon after their declaration a node alone may forget its quorum queues that way.
        rabbit.control("stop_app");
        rabbit.control("start_app");

        List<Delivery> handled = new CopyOnWriteArrayList<>();
        start(QueueName.NOTIFICATION_SEND, new QueueConsumer.Options(10, Duration.ofMillis(5)), handled::addAll);
        Await.until("they come", Duration.ofSeconds(60), () -> handled.size() >= 3);
        assertThat(texts(handled)).containsExactly("1", "2", "3");
        Await.until("publishing goes on", Duration.ofSeconds(30), publisher::isOpen);
    }
}
