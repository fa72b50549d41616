package dev.parley.function;

import dev.parley.connect.ServerAwayException;
import dev.parley.queue.Address;
import dev.parley.queue.DeadLetters;
import dev.parley.queue.Delivery;
import dev.parley.queue.Publication;
import dev.parley.queue.QueueCodec;
import dev.parley.queue.QueueEvent;
import dev.parley.queue.QueueName;
import dev.parley.queue.QueuePublisher;
import dev.parley.queue.Topology;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a batch of deliveries through a function. Returns when every delivery has had its effect or lies safely in a
 * retry queue or among the dead letters, so that the caller may acknowledge them all; throws when it must not.
 */
public final class FunctionRunner<E extends QueueEvent> {

    /** How often the event has failed so far. */
    public static final String ATTEMPT = DeadLetters.ATTEMPT;

    public static final String REASON = DeadLetters.REASON;
    public static final String ORIGIN = DeadLetters.ORIGIN;
    public static final String FAILED_AT = DeadLetters.FAILED_AT;

    /** Says no more: the reason is logged, and what a parser complains of quotes the message. */
    static final String UNREADABLE = "unreadable";

    private static final Logger LOG = LoggerFactory.getLogger(FunctionRunner.class);
    private static final int ROUTING_TIMEOUT_SECONDS = 10;
    private static final double SHORTEST_SHARE = 0.5;

    private final BatchFunction<E> function;
    private final QueueCodec codec;
    private final QueuePublisher publisher;
    private final Topology topology;
    private final Clock clock;
    private final RandomGenerator random;

    FunctionRunner(
            BatchFunction<E> function,
            QueueCodec codec,
            QueuePublisher publisher,
            Topology topology,
            Clock clock,
            RandomGenerator random) {
        this.function = function;
        this.codec = codec;
        this.publisher = publisher;
        this.topology = topology;
        this.clock = clock;
        this.random = random;
    }

    public QueueName queue() {
        return QueueCodec.queueOf(function.eventType());
    }

    /** Works on the batch; see the class for what returning and throwing mean. */
    public void run(List<Delivery> batch) throws InterruptedException {
        List<Delivery> readable = new ArrayList<>(batch.size());
        List<E> events = new ArrayList<>(batch.size());
        List<Delivery> unreadable = new ArrayList<>();
        for (Delivery delivery : batch) {
            try {
                events.add(codec.decode(delivery.body(), function.eventType()));
                readable.add(delivery);
            } catch (IOException e) {
                unreadable.add(delivery);
            }
        }
        List<Outcome> outcomes = events.isEmpty() ? List.of() : outcomes(events);
        // Nothing is routed before the function has answered: where it throws, the whole batch comes again.
        List<CompletableFuture<Void>> routed = new ArrayList<>();
        for (Delivery delivery : unreadable) {
            routed.add(deadLetter(delivery, UNREADABLE));
        }
        PrimitiveIterator.OfDouble shares = shares(outcomes);
        for (int i = 0; i < outcomes.size(); i++) {
            switch (outcomes.get(i)) {
                case Outcome.Done done -> {}
                case Outcome.Retry retry -> routed.add(retry(readable.get(i), retry.reason(), shares.nextDouble()));
                case Outcome.Postponed postponed -> routed.add(postpone(readable.get(i), shares.nextDouble()));
                case Outcome.Poison poison -> routed.add(deadLetter(readable.get(i), poison.reason()));
            }
        }
        await(routed);
    }

    /**
     * How much of its delay each retry waits, from half to all of it: what failed together must not come back together and
     * fail together again. In rising order, because a message never leaves a queue before those that came before it.
     */
    private PrimitiveIterator.OfDouble shares(List<Outcome> outcomes) {
        long retries = outcomes.stream()
                .filter(outcome -> outcome instanceof Outcome.Retry || outcome instanceof Outcome.Postponed)
                .count();
        return random.doubles(retries, SHORTEST_SHARE, 1).sorted().iterator();
    }

    private List<Outcome> outcomes(List<E> events) {
        try {
            List<Outcome> outcomes = function.handle(events);
            if (outcomes.size() != events.size()) {
                throw new IllegalStateException("%d outcomes for %d events".formatted(outcomes.size(), events.size()));
            }
            return outcomes;
        } catch (ServerAwayException away) {
            throw away;
        } catch (RuntimeException unexpected) {
            if (events.size() == 1) {
                LOG.error("{} failed", function.eventType().getSimpleName(), unexpected);
                return List.of(new Outcome.Retry(unexpected.toString()));
            }
            // One event may have spoilt it for all: each has its own try, so that only that one pays.
            List<Outcome> each = new ArrayList<>(events.size());
            for (E event : events) {
                each.add(outcomes(List.of(event)).getFirst());
            }
            return each;
        }
    }

    private CompletableFuture<Void> retry(Delivery delivery, String reason, double share) {
        int attempt = attempt(delivery) + 1;
        if (attempt > topology.retryDelaysMs().size()) {
            return deadLetter(delivery, reason);
        }
        LOG.info("{} failed for the {}. time: {}", queue().brokerName(), attempt, reason);
        Map<String, Object> headers = new HashMap<>(delivery.headers());
        headers.put(ATTEMPT, (long) attempt);
        return publish(new Publication(
                new Address.Retry(queue(), attempt, share), delivery.body(), delivery.priority(), headers));
    }

    /** Through the first retry queue, with the count of its failures as it was. */
    private CompletableFuture<Void> postpone(Delivery delivery, double share) {
        return publish(new Publication(
                new Address.Retry(queue(), 1, share), delivery.body(), delivery.priority(), delivery.headers()));
    }

    private CompletableFuture<Void> deadLetter(Delivery delivery, String reason) {
        LOG.warn("{}: dead letter: {}", queue().brokerName(), reason);
        Map<String, Object> headers = new HashMap<>(delivery.headers());
        headers.put(ATTEMPT, (long) attempt(delivery) + 1);
        headers.put(REASON, reason.length() > 500 ? reason.substring(0, 500) : reason);
        headers.put(ORIGIN, queue().brokerName());
        headers.put(FAILED_AT, clock.instant().toString());
        return publish(new Publication(new Address.DeadLetter(queue()), delivery.body(), delivery.priority(), headers));
    }

    private static int attempt(Delivery delivery) {
        return delivery.headers().get(ATTEMPT) instanceof Number number ? number.intValue() : 0;
    }

    private CompletableFuture<Void> publish(Publication publication) {
        return publisher.publish(publication).toCompletableFuture();
    }

    private static void await(List<CompletableFuture<Void>> routed) throws InterruptedException {
        try {
            CompletableFuture.allOf(routed.toArray(CompletableFuture[]::new))
                    .get(ROUTING_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new ServerAwayException("RabbitMQ", e);
        }
    }
}
