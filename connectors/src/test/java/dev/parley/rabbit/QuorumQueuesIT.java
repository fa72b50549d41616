package dev.parley.rabbit;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import dev.parley.queue.QueueName;
import dev.parley.queue.Topology;
import dev.parley.testing.Await;
import dev.parley.testing.QuickTopology;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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

    @Test
    void everyQueueOfTheTopologyIsOne() throws Exception {
        rabbit.control("eval", "true = lists:all(fun(Q) -> amqqueue:get_type(Q) =:= rabbit_quorum_queue end, "
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
    void aKilledNodeKeepsWhatItConfirmed() throws Exception {
        publishAll(QueueName.NOTIFICATION_SEND, 0, List.of("1", "2", "3"));
        rabbit.kill();
        rabbit.restart();
        Await.until("publishing goes on", Duration.ofSeconds(30), publisher::isOpen);

        assertThat(texts(consume(QueueName.NOTIFICATION_SEND, 3))).containsExactly("1", "2", "3");
    }
}
