package dev.parley.tier.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.MessageId;
import dev.parley.tier.room.Deliveries.Delivery;
import org.junit.jupiter.api.Test;

class DeliveriesTest {

    private static final MessageId A = new MessageId("a".repeat(24));
    private static final MessageId B = new MessageId("b".repeat(24));

    private final Deliveries deliveries = new Deliveries();

    @Test
    void aSecondDeliveryAtTheSamePlaceNamesTheFirst() {
        assertThat(deliveries.note(A, 10)).isEmpty();
        assertThat(deliveries.note(B, 11)).isEmpty();

        assertThat(deliveries.note(A, 10)).contains(new Delivery(0, 10));
        assertThat(deliveries.next()).isEqualTo(2);
    }

    @Test
    void aDeliveryAtAnotherPlaceNamesTheOldOneAndBeginsAnew() {
        deliveries.note(A, 10);

        assertThat(deliveries.note(A, 20)).contains(new Delivery(0, 10));
        assertThat(deliveries.note(A, 20)).contains(new Delivery(1, 20));
        assertThat(deliveries.placeOf(A)).hasValue(20);
        assertThat(deliveries.placeOf(B)).isEmpty();
    }

    @Test
    void aRetractionConcernsOnlyThePlaceThatItNames() {
        deliveries.note(A, 20);

        deliveries.forget(A, 10);
        assertThat(deliveries.note(A, 20)).isPresent();

        deliveries.forget(A, 20);
        assertThat(deliveries.note(A, 20)).isEmpty();
    }
}
