package dev.parley.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TopologyTest {

    @Test
    void theFileAndTheCodeNameTheSameQueues() {
        Topology topology = Topology.load();

        assertThat(topology.queues().stream().map(Topology.Queue::name))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(QueueName.values())
                        .map(QueueName::brokerName)
                        .toList());
    }

    @Test
    void everyEventHasAQueue() {
        for (Class<?> type : QueueEvent.class.getPermittedSubclasses()) {
            assertThat(QueueCodec.queueOf(type.asSubclass(QueueEvent.class))).isNotNull();
        }
    }

    @Test
    void retryDelaysGrow() {
        assertThat(Topology.load().retryDelaysMs()).hasSize(3).isSorted();
    }
}
