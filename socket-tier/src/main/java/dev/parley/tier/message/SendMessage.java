package dev.parley.tier.message;

import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.mongo.ChatStore;
import dev.parley.queue.Publication;
import dev.parley.queue.QueueCodec;
import dev.parley.queue.QueueEvent;
import dev.parley.queue.QueueName;
import dev.parley.queue.QueuePublisher;
import dev.parley.redis.RecentMessages;
import dev.parley.redis.RecentMessages.Placed;
import dev.parley.tier.limit.RateLimits;
import dev.parley.tier.limit.RateLimits.Decision;
import dev.parley.tier.limit.RateLimits.Limit;
import dev.parley.tier.member.Memberships;
import dev.parley.tier.member.Memberships.Membership;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.ClientEvent;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.Fault;
import dev.parley.wire.MessageDraft;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.bson.types.ObjectId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a message: authorises, limits, gives it its place and shows it (one step in Redis), puts it safely into the
 * queue, and only then reports success. Thread-safe; never blocks.
 */
@Singleton
public final class SendMessage {

    private static final Logger LOG = LoggerFactory.getLogger(SendMessage.class);
    private static final long RETRY_AFTER_MS = 2_000;
    private static final int PRIORITY_DIRECT = 10;
    private static final int PRIORITY_GROUP = 5;

    /** What became of it. */
    public sealed interface Result {

        /** It is safe and will be in the history of everybody. */
        record Accepted(ChatMessage message) implements Result {}

        /** It is not acknowledged. With a retry time, the same request may be tried again and does no harm. */
        record Refused(Fault fault) implements Result {}
    }

    /**
     * A send under way.
     *
     * @param placed completes when the message has its place: from then on, a later message of the same sender can no
     *     longer overtake it. Never fails.
     * @param result never fails
     */
    public record Sending(CompletionStage<?> placed, CompletionStage<Result> result) {}

    private final Memberships memberships;
    private final RateLimits limits;
    private final RecentMessages recent;
    private final QueuePublisher queue;
    private final QueueCodec codec;
    private final Clock clock;

    SendMessage(
            Memberships memberships,
            RateLimits limits,
            RecentMessages recent,
            QueuePublisher queue,
            QueueCodec codec,
            Clock clock) {
        this.memberships = memberships;
        this.limits = limits;
        this.recent = recent;
        this.queue = queue;
        this.codec = codec;
        this.clock = clock;
    }

    public Sending send(UserId sender, ClientEvent.SendMessage request) {
        CompletableFuture<Boolean> handedOver = new CompletableFuture<>();
        CompletionStage<Result> result = memberships
                .find(request.chatId(), sender)
                .thenCompose(membership -> allowed(sender, request, membership))
                .thenCompose(permit -> switch (permit) {
                    case Permit.Denied denied -> refused(denied.fault());
                    case Permit.Granted granted -> {
                        CompletionStage<Placed> placed = recent.append(draft(sender, request));
                        // Not before: a script that Redis has forgotten, or a slot that moves, is tried again later.
                        placed.whenComplete((p, failure) -> handedOver.complete(true));
                        yield placed.thenCompose(p -> makeSafe(p, granted.type()));
                    }
                })
                .exceptionally(failure -> {
                    LOG.warn("a message of chat {} was not accepted: {}", request.chatId(), failure.toString());
                    return new Result.Refused(Fault.retryAfter(ErrorCode.UNAVAILABLE, RETRY_AFTER_MS));
                });
        result.whenComplete((done, never) -> handedOver.complete(true));
        return new Sending(handedOver, result);
    }

    private sealed interface Permit {
        record Granted(ChatStore.Type type) implements Permit {}

        record Denied(Fault fault) implements Permit {}
    }

    private CompletionStage<Permit> allowed(
            UserId sender, ClientEvent.SendMessage request, Optional<Membership> membership) {
        if (membership.isEmpty()) {
            return CompletableFuture.completedStage(new Permit.Denied(Fault.of(ErrorCode.NOT_A_MEMBER)));
        }
        Permit granted = new Permit.Granted(membership.get().type());
        return limits.take(Limit.MESSAGES_PER_USER, sender.value())
                .thenCompose(user -> !user.allowed()
                        ? CompletableFuture.completedStage(limited(user))
                        : limits.take(Limit.MESSAGES_PER_CHAT, request.chatId().value())
                                .thenApply(chat -> chat.allowed() ? granted : limited(chat)));
    }

    private static Permit limited(Decision decision) {
        return new Permit.Denied(Fault.retryAfter(ErrorCode.RATE_LIMITED, decision.retryAfterMs()));
    }

    private static CompletionStage<Result> refused(Fault fault) {
        return CompletableFuture.completedStage(new Result.Refused(fault));
    }

    private MessageDraft draft(UserId sender, ClientEvent.SendMessage request) {
        MessageId id = new MessageId(new ObjectId().toHexString());
        String clientMessageId = request.clientMessageId() == null ? id.value() : request.clientMessageId();
        return new MessageDraft(
                id, request.chatId(), sender, clientMessageId, request.type(), request.content(), clock.instant());
    }

    /** A message that is known already is published again too: the first try may have died before it was safe. */
    private CompletionStage<Result> makeSafe(Placed placed, ChatStore.Type type) {
        byte[] body = codec.encode(new QueueEvent.MessagePosted(placed.message(), type.wireName()));
        int priority = type == ChatStore.Type.DIRECT ? PRIORITY_DIRECT : PRIORITY_GROUP;
        return queue.publish(Publication.to(QueueName.MESSAGE_PERSIST, body, priority))
                .thenApply(confirmed -> new Result.Accepted(placed.message()));
    }
}
