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

    @Test
    void channelsSpreadEvenlyOverTheBuckets() {
        Topology.Live live = Topology.load().live();
        int[] channels = new int[live.buckets()];
        for (int i = 0; i < 100 * live.buckets(); i++) {
            // As ids are made: one after the other.
            channels[live.bucket("chat:{65f0c0de%016x}".formatted(i))]++;
        }
        assertThat(Arrays.stream(channels).boxed()).allMatch(count -> count > 50 && count < 160);
    }
}
