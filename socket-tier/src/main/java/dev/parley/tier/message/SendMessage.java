package dev.parley.tier.message;

import com.github.benmanes.caffeine.cache.Cache;
import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.connect.ServerAwayException;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import dev.parley.mongo.ChatStore;
import dev.parley.mongo.MessageStore;
import dev.parley.queue.Publication;
import dev.parley.queue.QueueCodec;
import dev.parley.queue.QueueEvent;
import dev.parley.queue.QueueName;
import dev.parley.queue.QueuePublisher;
import dev.parley.redis.RecentMessages;
import dev.parley.redis.RecentMessages.Appended.Forgotten;
import dev.parley.redis.RecentMessages.Appended.Placed;
import dev.parley.redis.RecentMessages.Appended.Unseeded;
import dev.parley.tier.Blocking;
import dev.parley.tier.Caches;
import dev.parley.tier.history.Heads;
import dev.parley.tier.history.LastSeqs;
import dev.parley.tier.limit.RateLimits;
import dev.parley.tier.limit.RateLimits.Decision;
import dev.parley.tier.limit.RateLimits.Limit;
import dev.parley.tier.limit.RateLimits.Subject;
import dev.parley.tier.member.Memberships;
import dev.parley.tier.member.Memberships.Membership;
import dev.parley.tier.room.Rooms;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.ClientEvent;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.Fault;
import dev.parley.wire.MessageDraft;
import dev.parley.wire.Seq;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import org.bson.types.ObjectId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a message: authorises, limits, gives it its place and shows it (one step in Redis), makes it safe, and only then
 * reports success. Safe means confirmed by RabbitMQ; while that can not be had, acknowledged by MongoDB; where neither
 * can, the message is refused and what was shown is taken back. While Redis is away the message is stored first, which
 * also finds resends, and then shown through the exchange. Thread-safe; never blocks.
 */
@Singleton
public final class SendMessage {

    private static final Logger LOG = LoggerFactory.getLogger(SendMessage.class);
    private static final long RETRY_AFTER_MS = 2_000;
    private static final long MOST_REMEMBERED_CHARS = 16L * 1024 * 1024;
    private static final Duration REMEMBERED = Duration.ofMinutes(5);
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
    private final Backlog backlog;
    private final Breakers breakers;
    private final RecentMessages recent;
    private final DirectStore directStore;
    private final Retractions retractions;
    private final Rooms rooms;
    private final LastSeqs lastSeqs;
    private final Heads heads;
    private final MessageStore messages;
    private final Blocking blocking;
    private final QueuePublisher queue;
    private final QueueCodec codec;
    private final Clock clock;

    /** What got its place here lately: where Redis can not say that a message is a resend, we often can. */
    private final Cache<MessageId, ChatMessage> placedHere = Caches.newBuilder()
            .maximumWeight(MOST_REMEMBERED_CHARS)
            .weigher((MessageId id, ChatMessage message) ->
                    500 + message.content().length())
            .expireAfterWrite(REMEMBERED)
            .build();

    SendMessage(
            Memberships memberships,
            RateLimits limits,
            Backlog backlog,
            Breakers breakers,
            RecentMessages recent,
            DirectStore directStore,
            Retractions retractions,
            Rooms rooms,
            LastSeqs lastSeqs,
            Heads heads,
            MessageStore messages,
            Blocking blocking,
            QueuePublisher queue,
            QueueCodec codec,
            Clock clock) {
        this.memberships = memberships;
        this.limits = limits;
        this.backlog = backlog;
        this.breakers = breakers;
        this.recent = recent;
        this.directStore = directStore;
        this.retractions = retractions;
        this.rooms = rooms;
        this.lastSeqs = lastSeqs;
        this.heads = heads;
        this.messages = messages;
        this.blocking = blocking;
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
                    case Permit.Granted granted ->
                        place(new Try(draft(sender, request), granted.type(), newName(), handedOver));
                })
                .exceptionally(failure -> {
                    if (ServerAwayException.isCauseOf(failure)) {
                        LOG.debug("a message of chat {} was not accepted: {}", request.chatId(), failure.toString());
                    } else {
                        LOG.warn("a message of chat {} was not accepted", request.chatId(), failure);
                    }
                    return unavailable();
                });
        result.whenComplete((done, never) -> handedOver.complete(true));
        return new Sending(handedOver, result);
    }

    private static Result unavailable() {
        return new Result.Refused(Fault.retryAfter(ErrorCode.UNAVAILABLE, RETRY_AFTER_MS));
    }

    /**
     * One try to send a message; the same message may have others, here and on other instances.
     *
     * @param name unique among the tries of the message
     * @param handedOver to be completed when the message has its place
     */
    private record Try(MessageDraft draft, ChatStore.Type type, String name, CompletableFuture<Boolean> handedOver) {}

    private static String newName() {
        return Long.toHexString(ThreadLocalRandom.current().nextLong());
    }

    private CompletionStage<Result> place(Try attempt) {
        if (breakers.isAway(Server.RABBITMQ) && breakers.isAway(Server.MONGODB)) {
            // Nobody could keep it, so nobody is shown it.
            return CompletableFuture.completedStage(unavailable());
        }
        if (breakers.isAway(Server.REDIS)) {
            return placeWithoutRedis(attempt);
        }
        MessageDraft draft = attempt.draft();
        return heads.beSureOf(draft.chatId())
                .thenCompose(sure -> append(attempt))
                .handle((placed, failure) -> {
                    if (placed != null) {
                        // Not before: a script that Redis has forgotten, or a slot that moves, is tried again later.
                        attempt.handedOver().complete(true);
                        lastSeqs.see(
                                RedisKeys.chatChannel(draft.chatId()),
                                placed.message().seq());
                        placedHere.put(draft.messageId(), placed.message());
                        return makeSafe(placed.message(), attempt);
                    }
                    if (ServerAwayException.isCauseOf(failure)) {
                        // Redis may have placed it nonetheless; once it is back, that place is given up for this one.
                        return placeWithoutRedis(attempt).exceptionallyCompose(mongoAway -> {
                            retractions.giveUp(draft, OptionalLong.empty(), attempt.name());
                            return CompletableFuture.failedStage(mongoAway);
                        });
                    }
                    return CompletableFuture.<Result>failedStage(failure);
                })
                .thenCompose(sent -> sent);
    }

    private CompletionStage<Placed> append(Try attempt) {
        MessageDraft draft = attempt.draft();
        // Who gave the message no name can not send it again.
        boolean surelyNew = draft.clientMessageId().equals(draft.messageId().value());
        return !surelyNew && lastSeqs.mayBeUnknownToRedis(RedisKeys.chatChannel(draft.chatId()))
                ? appendIfNotStored(attempt)
                : append(attempt, surelyNew);
    }

    private CompletionStage<Placed> appendIfNotStored(Try attempt) {
        return stored(attempt.draft().messageId())
                .thenCompose(kept -> kept.isPresent()
                        ? CompletableFuture.completedStage(new Placed(kept.get(), true))
                        : append(attempt, true));
    }

    private CompletionStage<Placed> append(Try attempt, boolean surelyNew) {
        MessageDraft draft = attempt.draft();
        String channel = RedisKeys.chatChannel(draft.chatId());
        return recent.append(draft, lastSeqs.of(channel), surelyNew, attempt.name())
                .thenCompose(appended -> switch (appended) {
                    case Placed placed -> CompletableFuture.completedStage(placed);
                    case Unseeded unseeded ->
                        heads.lookUp(draft.chatId()).thenCompose(known -> append(attempt, surelyNew));
                    case Forgotten forgotten -> appendIfNotStored(attempt);
                });
    }

    /** The message as it is stored; empty where it is not, or where nobody can say. */
    private CompletionStage<Optional<ChatMessage>> stored(MessageId id) {
        return blocking.call(
                        () -> Optional.ofNullable(messages.find(List.of(id)).get(id)))
                .exceptionally(mongoAway -> {
                    LOG.info("message {} may be a resend: {}", id, mongoAway.getMessage());
                    return Optional.empty();
                });
    }

    /**
     * What this instance has seen placed already keeps its place. Anything else is stored before anybody is shown it, because
     * only MongoDB can tell now whether it is a resend.
     */
    private CompletionStage<Result> placeWithoutRedis(Try attempt) {
        MessageDraft draft = attempt.draft();
        Optional<ChatMessage> placed = knownPlace(draft);
        if (placed.isPresent()) {
            attempt.handedOver().complete(true);
            return makeSafe(placed.get(), attempt);
        }
        CompletionStage<DirectStore.Stored> stored = directStore.place(draft, attempt.type());
        attempt.handedOver().complete(true);
        return stored.thenApply(done -> {
            if (done.isNew()) {
                rooms.showWithoutRedis(done.message());
            }
            return new Result.Accepted(done.message());
        });
    }

    /** The place that Redis gave to an earlier try, as far as this instance has seen it. */
    private Optional<ChatMessage> knownPlace(MessageDraft draft) {
        ChatMessage placed = placedHere.getIfPresent(draft.messageId());
        if (placed != null) {
            return Optional.of(placed);
        }
        OptionalLong shownAt = rooms.placeOf(draft.messageId());
        return shownAt.isPresent() ? Optional.of(draft.at(shownAt.getAsLong(), null)) : Optional.empty();
    }

    /** A message that is known already is published again too: the first try may have died before it was safe. */
    private CompletionStage<Result> makeSafe(ChatMessage message, Try attempt) {
        return breakers.call(Server.RABBITMQ, () -> publish(message, attempt.type()))
                .<Result>thenApply(confirmed -> new Result.Accepted(message))
                .exceptionallyCompose(unconfirmed -> {
                    LOG.debug("message {} goes to MongoDB: {}", message.messageId(), unconfirmed.toString());
                    return directStore
                            .store(message, attempt.type())
                            .handle((stored, mongoAway) ->
                                    stored == null ? refuseShown(message, attempt) : accept(message, stored.message()))
                            .thenCompose(answered -> answered);
                });
    }

    private CompletionStage<Void> publish(ChatMessage message, ChatStore.Type type) {
        byte[] body = codec.encode(new QueueEvent.MessagePosted(message, type.wireName()));
        int priority = type == ChatStore.Type.DIRECT ? PRIORITY_DIRECT : PRIORITY_GROUP;
        return queue.publish(Publication.to(QueueName.MESSAGE_PERSIST, body, priority))
                .exceptionallyCompose(
                        failure -> CompletableFuture.failedStage(new ServerAwayException("RabbitMQ", failure)));
    }

    private CompletionStage<Result> accept(ChatMessage shown, ChatMessage kept) {
        Result accepted = new Result.Accepted(kept);
        return kept.seq() == shown.seq()
                ? CompletableFuture.completedStage(accepted)
                : afterwards(correct(shown, kept), "corrected", accepted);
    }

    private CompletionStage<Void> correct(ChatMessage shown, ChatMessage kept) {
        // First the mark: who resumes behind the retraction must be given the place that is kept.
        return blocking.call(() -> {
                    messages.markLate(List.of(kept.messageId()), Seq.at(clock.instant()));
                    return true;
                })
                .thenCompose(marked -> recent.retract(shown))
                .thenCompose(done -> recent.announce(kept));
    }

    /** The refusal comes behind the retraction, so that what the sender tries next can not come before it. */
    private CompletionStage<Result> refuseShown(ChatMessage message, Try attempt) {
        LOG.debug("message {} is taken back", message.messageId());
        placedHere.invalidate(message.messageId());
        return retractions
                .giveUp(attempt.draft(), OptionalLong.of(message.seq()), attempt.name())
                .thenApply(done -> unavailable());
    }

    private static CompletionStage<Result> afterwards(CompletionStage<Void> done, String what, Result result) {
        return done.handle((v, failure) -> {
            if (failure != null) {
                LOG.warn("a message was not {}: {}", what, failure.toString());
            }
            return result;
        });
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
        ChatStore.Type type = membership.get().type();
        OptionalLong shed = backlog.shed(type);
        if (shed.isPresent()) {
            return CompletableFuture.completedStage(new Permit.Denied(
                    new Fault(ErrorCode.UNAVAILABLE, "Too many messages wait to be stored.", shed.getAsLong())));
        }
        return limits.takeEach(
                        new Subject(Limit.MESSAGES_PER_USER, sender.value()),
                        new Subject(Limit.MESSAGES_PER_CHAT, request.chatId().value()),
                        Subject.all(Limit.MESSAGES_OVER_ALL))
                .<Permit>thenApply(decision -> decision.allowed() ? new Permit.Granted(type) : limited(decision));
    }

    private static Permit limited(Decision decision) {
        return new Permit.Denied(Fault.retryAfter(ErrorCode.RATE_LIMITED, decision.retryAfterMs()));
    }

    private static CompletionStage<Result> refused(Fault fault) {
        return CompletableFuture.completedStage(new Result.Refused(fault));
    }

    private MessageDraft draft(UserId sender, ClientEvent.SendMessage request) {
        String clientMessageId = request.clientMessageId();
        if (clientMessageId == null) {
            MessageId id = new MessageId(new ObjectId().toHexString());
            return new MessageDraft(
                    id, request.chatId(), sender, id.value(), request.type(), request.content(), clock.instant());
        }
        return new MessageDraft(
                MessageId.of(request.chatId(), sender, clientMessageId),
                request.chatId(),
                sender,
                clientMessageId,
                request.type(),
                request.content(),
                clock.instant());
    }
}
