package dev.parley.tier.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.parley.queue.DeadLetters;
import dev.parley.queue.QueueName;
import dev.parley.wire.ErrorCode;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.micronaut.serde.annotation.Serdeable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What administrators do with dead letters. */
@Controller("/api/admin/dead-letters")
@Secured(SecurityRule.IS_AUTHENTICATED)
@ExecuteOn(TaskExecutors.BLOCKING)
final class DeadLettersController {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLettersController.class);

    @Serdeable
    record Count(String queue, long count) {}

    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Counts(List<Count> queues) {}

    /** A letter; {@code body} is cut where it is shorter than {@code bodyBytes} says. */
    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record LetterView(
            String id,
            String queue,
            String reason,
            long attempts,
            String origin,
            @Nullable String failedAt,
            int priority,
            String body,
            int bodyBytes) {

        static LetterView of(DeadLetters.Letter letter) {
            return new LetterView(
                    letter.id(),
                    letter.queue().brokerName(),
                    letter.reason(),
                    letter.attempts(),
                    letter.origin(),
                    letter.failedAt(),
                    letter.priority(),
                    letter.body(),
                    letter.bodyBytes());
        }
    }

    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Letters(List<LetterView> letters) {}

    @Serdeable
    record Replayed(long replayed) {}

    @Serdeable
    record Dropped(long dropped) {}

    private final DeadLetters deadLetters;
    private final Administrators administrators;

    DeadLettersController(DeadLetters deadLetters, Administrators administrators) {
        this.deadLetters = deadLetters;
        this.administrators = administrators;
    }

    @Get
    Counts counts(Caller caller) {
        var _ = administrators.require(caller);
        Map<QueueName, Long> counts = deadLetters.counts();
        return new Counts(Arrays.stream(QueueName.values())
                .map(queue -> new Count(queue.brokerName(), counts.getOrDefault(queue, 0L)))
                .toList());
    }

    /** The oldest ones. */
    @Get("/{queue}")
    Letters list(Caller caller, String queue, @QueryValue(defaultValue = "50") int limit) {
        var _ = administrators.require(caller);
        int most = Calls.limit(limit, DeadLetters.MAX_LIMIT);
        return new Letters(deadLetters.list(queue(queue), most).stream()
                .map(LetterView::of)
                .toList());
    }

    @Get("/{queue}/{id}")
    LetterView show(Caller caller, String queue, String id) {
        var _ = administrators.require(caller);
        return deadLetters.find(queue(queue), id).map(LetterView::of).orElseThrow(DeadLettersController::notFound);
    }

    @Post("/{queue}/{id}/replay")
    Replayed replay(Caller caller, String queue, String id) {
        String who = administrators.require(caller);
        if (!deadLetters.replay(queue(queue), id)) {
            throw notFound();
        }
        LOG.info("{} replayed dead letter {} of {}", who, id, queue);
        return new Replayed(1);
    }

    @Post("/{queue}/replay")
    Replayed replayAll(Caller caller, String queue) {
        String who = administrators.require(caller);
        QueueName name = queue(queue);
        LOG.info("{} replays all dead letters of {}", who, queue);
        return new Replayed(deadLetters.replayAll(name));
    }

    @Delete("/{queue}/{id}")
    Dropped drop(Caller caller, String queue, String id) {
        String who = administrators.require(caller);
        if (!deadLetters.drop(queue(queue), id)) {
            throw notFound();
        }
        LOG.info("{} dropped dead letter {} of {}", who, id, queue);
        return new Dropped(1);
    }

    @Delete("/{queue}")
    Dropped dropAll(Caller caller, String queue) {
        String who = administrators.require(caller);
        QueueName name = queue(queue);
        LOG.info("{} drops all dead letters of {}", who, queue);
        return new Dropped(deadLetters.dropAll(name));
    }

    private static QueueName queue(String brokerName) {
        return Arrays.stream(QueueName.values())
                .filter(queue -> queue.brokerName().equals(brokerName))
                .findFirst()
                .orElseThrow(DeadLettersController::notFound);
    }

    private static RefusedException notFound() {
        return new RefusedException(ErrorCode.NOT_FOUND);
    }
}
