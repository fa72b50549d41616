package dev.parley.tier.edge;

import dev.parley.tier.message.SendMessage;
import dev.parley.tier.message.ShowTyping;
import dev.parley.tier.presence.SetPresence;
import dev.parley.tier.room.JoinChats;
import dev.parley.tier.watch.WatchPresence;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.ClientEvent;
import dev.parley.wire.ClientEvents;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.Fault;
import dev.parley.wire.ServerEvent;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Takes each kind of request to its use case. Called on the connection's event loop; never blocks. */
@Singleton
final class Requests {

    private final SendMessage sendMessage;
    private final JoinChats joinChats;
    private final ShowTyping showTyping;
    private final WatchPresence watchPresence;
    private final SetPresence setPresence;
    private final Authentication authentication;
    private final Clock clock;

    Requests(
            SendMessage sendMessage,
            JoinChats joinChats,
            ShowTyping showTyping,
            WatchPresence watchPresence,
            SetPresence setPresence,
            Authentication authentication,
            Clock clock) {
        this.sendMessage = sendMessage;
        this.joinChats = joinChats;
        this.showTyping = showTyping;
        this.watchPresence = watchPresence;
        this.setPresence = setPresence;
        this.authentication = authentication;
        this.clock = clock;
    }

    Handling handle(Connection connection, Request request) {
        return switch (ClientEvents.read(request.event(), request.data())) {
            case ClientEvents.Reading.Refused refused -> Handling.now(new Reply.Refused(refused.fault()));
            case ClientEvents.Reading.Ok ok -> handle(connection, ok.event());
        };
    }

    private Handling handle(Connection connection, ClientEvent event) {
        Session session = connection.session();
        boolean open = event instanceof ClientEvent.Authenticate || event instanceof ClientEvent.Ping;
        if (session == null && !open) {
            return Handling.now(
                    new Reply.Refused(Fault.of(ErrorCode.UNAUTHENTICATED, "Send 'authenticate' with a token first.")));
        }
        return switch (event) {
            case ClientEvent.Authenticate authenticate -> authenticate(connection, authenticate);
            case ClientEvent.RefreshToken refresh -> Handling.inTurn(refresh(connection, refresh));
            case ClientEvent.SendMessage send -> send(connection, send);
            case ClientEvent.JoinChats join -> Handling.inTurn(join(connection, join));
            case ClientEvent.LeaveChats leave ->
                Handling.now(new Reply.Ok(new Answers.Left(connection.leave(leave.chats()))));
            case ClientEvent.Typing typing -> typing(connection, typing);
            case ClientEvent.WatchPresence watch -> {
                WatchPresence.Asking asking = watchPresence.watch(connection, watch);
                yield new Handling(asking.begun(), asking.outcome().thenApply(Requests::watched));
            }
            case ClientEvent.SetPresence set -> Handling.inTurn(setPresence(connection, set));
            case ClientEvent.Ping ping ->
                Handling.now(new Reply.Ok(new Answers.Pong(clock.instant().toString())));
        };
    }

    private static Handling authenticate(Connection connection, ClientEvent.Authenticate authenticate) {
        if (connection.session() != null) {
            return Handling.now(new Reply.Refused(
                    Fault.of(ErrorCode.VALIDATION, "The connection is authenticated; use 'refresh-token'.")));
        }
        return Handling.inTurn(connection.authenticate(authenticate.token()).thenApply(admission -> switch (admission) {
            case Connection.Admission.In in -> {
                connection.tell(in.connected());
                yield new Reply.Ok(in.connected());
            }
            case Connection.Admission.Out out -> {
                connection.turnAway(out.fault());
                yield new Reply.Refused(out.fault());
            }
        }));
    }

    private CompletionStage<Reply> refresh(Connection connection, ClientEvent.RefreshToken refresh) {
        return authentication
                .check(refresh.token())
                .thenApplyAsync(
                        verdict -> switch (verdict) {
                            case Authentication.Verdict.Refused refused -> new Reply.Refused(refused.fault());
                            case Authentication.Verdict.Accepted accepted -> {
                                if (!accepted.session().user().equals(connection.user())) {
                                    yield new Reply.Refused(
                                            Fault.of(ErrorCode.TOKEN_INVALID, "The token is somebody else's."));
                                }
                                connection.renew(accepted.session());
                                yield new Reply.Ok(new Answers.Renewed(
                                        accepted.session().expiresAt().toString()));
                            }
                        },
                        connection.loop());
    }

    private Handling send(Connection connection, ClientEvent.SendMessage send) {
        SendMessage.Sending sending = sendMessage.send(connection.user(), send);
        return new Handling(sending.placed(), sending.result().thenApply(result -> switch (result) {
            case SendMessage.Result.Refused refused -> new Reply.Refused(refused.fault());
            case SendMessage.Result.Accepted accepted -> sent(accepted.message());
        }));
    }

    private static Reply sent(ChatMessage message) {
        return new Reply.Ok(
                new Answers.Sent(
                        message.messageId(),
                        message.chatId(),
                        message.seq(),
                        message.clientMessageId(),
                        message.timestamp()),
                new ServerEvent.MessageSent(
                        message.messageId(),
                        message.chatId(),
                        message.seq(),
                        message.clientMessageId(),
                        message.timestamp()));
    }

    private CompletionStage<Reply> join(Connection connection, ClientEvent.JoinChats join) {
        return joinChats.join(connection, join).thenApply(Requests::joined);
    }

    /** A join of which nothing came is an error; otherwise the answer says what became of each chat. */
    private static Reply joined(JoinChats.Joins joins) {
        List<Answers.JoinedChat> joined = new ArrayList<>();
        List<Answers.RefusedChat> refused = new ArrayList<>();
        Fault first = null;
        for (JoinChats.Outcome outcome : joins.outcomes()) {
            switch (outcome) {
                case JoinChats.Outcome.Joined ok ->
                    joined.add(new Answers.JoinedChat(ok.chatId(), ok.headSeq(), ok.retryAfterMs()));
                case JoinChats.Outcome.Refused no -> {
                    first = first == null ? no.fault() : first;
                    refused.add(new Answers.RefusedChat(
                            no.chatId(), no.fault().code(), no.fault().retryAfterMs()));
                }
            }
        }
        return joined.isEmpty() && first != null
                ? new Reply.Refused(first)
                : new Reply.Ok(new Answers.Joined(joined, refused, joins.retryAfterMs()));
    }

    private static Reply watched(WatchPresence.Outcome outcome) {
        return switch (outcome) {
            case WatchPresence.Outcome.Refused refused -> new Reply.Refused(refused.fault());
            case WatchPresence.Outcome.Watched watched ->
                new Reply.Ok(new Answers.Watched(
                        watched.presences(),
                        watched.strangers().stream()
                                .map(user -> new Answers.RefusedUser(user, ErrorCode.NOT_A_CONTACT))
                                .toList()));
        };
    }

    private CompletionStage<Reply> setPresence(Connection connection, ClientEvent.SetPresence set) {
        return setPresence
                .set(connection.user(), set)
                .<Reply>thenApply(fault ->
                        fault.isPresent() ? new Reply.Refused(fault.get()) : new Reply.Ok(new Answers.Nothing()))
                .exceptionally(redisAway -> new Reply.Refused(Fault.retryAfter(ErrorCode.UNAVAILABLE, 2_000)));
    }

    private Handling typing(Connection connection, ClientEvent.Typing typing) {
        CompletionStage<Reply> reply = showTyping
                .show(connection.user(), typing)
                .<Reply>thenApply(fault ->
                        fault.isPresent() ? new Reply.Refused(fault.get()) : new Reply.Ok(new Answers.Nothing()))
                .exceptionally(redisAway -> new Reply.Refused(Fault.retryAfter(ErrorCode.UNAVAILABLE, 2_000)));
        // Nothing needs to wait for it.
        return new Handling(java.util.concurrent.CompletableFuture.completedStage(typing), reply);
    }
}
