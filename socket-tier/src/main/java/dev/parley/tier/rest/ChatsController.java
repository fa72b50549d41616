package dev.parley.tier.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.parley.id.ChatId;
import dev.parley.id.UserId;
import dev.parley.mongo.ChatStore;
import dev.parley.mongo.ChatStore.Chat;
import dev.parley.redis.ChatCaches;
import dev.parley.redis.ChatCaches.Found;
import dev.parley.tier.history.History;
import dev.parley.tier.limit.RateLimits.Limit;
import dev.parley.tier.room.Announcements;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.Json;
import dev.parley.wire.Limits;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chats, their members and their history. */
@Controller("/api/chats")
@Secured(SecurityRule.IS_AUTHENTICATED)
@ExecuteOn(TaskExecutors.BLOCKING)
final class ChatsController {

    private static final Logger LOG = LoggerFactory.getLogger(ChatsController.class);
    private static final int MAX_GROUP = 1_000;
    private static final int PAGE = 50;
    private static final int MAX_PAGE = 100;

    @Serdeable
    record NewChat(
            @Nullable String type,
            @Nullable String userId,
            @Nullable String name,
            @Nullable List<String> memberIds) {}

    @Serdeable
    record LatestView(String messageId, long seq, UserId senderId, String type, String content, String timestamp) {}

    /**
     * A chat in lists.
     *
     * @param members both users of a direct chat; null for a group, whose members have a resource of their own
     */
    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record ChatView(
            ChatId chatId,
            String type,
            @Nullable String name,
            int memberCount,
            @Nullable List<People.Person> members,
            String createdAt,
            String updatedAt,
            @Nullable LatestView latestMessage) {}

    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record ChatPage(List<ChatView> chats, @Nullable String nextCursor) {}

    @Serdeable
    record MemberView(UserId userId, String username, String displayName, String role) {}

    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Members(List<MemberView> members) {}

    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record MessagePage(
            List<ChatMessage> messages,
            @Nullable String nextCursor,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long retryAfterMs) {}

    private static final long INCOMPLETE_RETRY_MS = 1_000;

    private final ChatStore chats;
    private final People people;
    private final ChatCaches caches;
    private final Announcements announcements;
    private final History history;
    private final Calls calls;
    private final Json json;
    private final Clock clock;

    ChatsController(
            ChatStore chats,
            People people,
            ChatCaches caches,
            Announcements announcements,
            History history,
            Calls calls,
            Json json,
            Clock clock) {
        this.chats = chats;
        this.people = people;
        this.caches = caches;
        this.announcements = announcements;
        this.history = history;
        this.calls = calls;
        this.json = json;
        this.clock = clock;
    }

    /** Creates a chat. For a direct chat that exists already this answers that one. */
    @Post
    HttpResponse<ChatView> create(Caller caller, @Body NewChat body) {
        calls.limit(Limit.CHATS_CREATED_PER_USER, caller.id().value());
        return switch (body.type()) {
            case "direct" -> createDirect(caller.id(), body);
            case "group" -> createGroup(caller.id(), body);
            case null, default ->
                throw new RefusedException(ErrorCode.VALIDATION, "'type' is neither 'direct' nor 'group'.");
        };
    }

    private HttpResponse<ChatView> createDirect(UserId caller, NewChat body) {
        UserId other = Calls.userId(body.userId() == null ? "" : body.userId());
        if (other.equals(caller)) {
            throw new RefusedException(ErrorCode.VALIDATION, "'userId' is your own.");
        }
        if (people.byId(List.of(other)).isEmpty()) {
            throw new RefusedException(ErrorCode.NOT_FOUND, "There is no such user.");
        }
        ChatStore.Created created =
                chats.createDirect(new ChatId(new ObjectId().toHexString()), caller, other, clock.instant());
        if (created.isNew()) {
            announce(created.chat(), caller, List.of(caller, other));
        }
        ChatView view = views(List.of(created.chat())).getFirst();
        return created.isNew() ? HttpResponse.created(view) : HttpResponse.ok(view);
    }

    private HttpResponse<ChatView> createGroup(UserId caller, NewChat body) {
        String name = Calls.shown("name", body.name(), 100);
        Set<UserId> others = new LinkedHashSet<>();
        for (String id : body.memberIds() == null ? List.<String>of() : body.memberIds()) {
            others.add(Calls.userId(id));
        }
        others.remove(caller);
        if (others.size() >= MAX_GROUP) {
            throw new RefusedException(
                    ErrorCode.VALIDATION, "'memberIds' names more than " + (MAX_GROUP - 1) + " users.");
        }
        if (people.byId(others).size() != others.size()) {
            throw new RefusedException(ErrorCode.NOT_FOUND, "'memberIds' names a user that does not exist.");
        }
        Chat chat = chats.createGroup(new ChatId(new ObjectId().toHexString()), caller, name, others, clock.instant());
        List<UserId> everybody = new ArrayList<>(others);
        everybody.add(caller);
        announce(chat, caller, everybody);
        return HttpResponse.created(views(List.of(chat)).getFirst());
    }

    private void announce(Chat chat, UserId creator, List<UserId> members) {
        var _ = caches.forgetChatLists(members).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.debug("chat lists not forgotten: {}", failure.toString());
            }
        });
        announcements.chatCreated(chat, creator, members);
    }

    /** The caller's chats, the most recently changed first. */
    @Get
    HttpResponse<byte[]> list(
            Caller caller, @QueryValue(defaultValue = "50") int limit, @Nullable @QueryValue String cursor) {
        boolean firstPage = cursor == null && limit == PAGE;
        Found<byte[]> cached = firstPage
                ? Calls.await(caches.chatList(caller.id()).exceptionally(redisAway -> Found.nothing()))
                : Found.nothing();
        byte[] page = cached.value().orElseGet(() -> {
            byte[] loaded = json.bytes(page(caller.id(), Calls.limit(limit, MAX_PAGE), cursor));
            cached.generation().ifPresent(generation -> {
                var _ = caches.rememberChatList(caller.id(), loaded, generation).exceptionally(redisAway -> null);
            });
            return loaded;
        });
        return HttpResponse.ok(page).contentType(MediaType.APPLICATION_JSON_TYPE);
    }

    private ChatPage page(UserId user, int limit, @Nullable String cursor) {
        List<Chat> found = chats.newest(
                chats.chatsOf(user, Limits.CHATS_PER_JOIN), cursor == null ? null : Cursors.decode(cursor), limit + 1);
        boolean more = found.size() > limit;
        List<Chat> shown = more ? found.subList(0, limit) : found;
        return new ChatPage(views(shown), more ? Cursors.encode(shown.getLast()) : null);
    }

    private List<ChatView> views(List<Chat> list) {
        Map<ChatId, List<UserId>> members = chats.members(list.stream()
                .filter(chat -> chat.type() == ChatStore.Type.DIRECT)
                .map(Chat::chatId)
                .toList());
        Map<UserId, People.Person> persons =
                people.byId(members.values().stream().flatMap(List::stream).toList());
        return list.stream()
                .map(chat -> view(
                        chat,
                        members.containsKey(chat.chatId())
                                ? members.get(chat.chatId()).stream()
                                        .filter(persons::containsKey)
                                        .map(persons::get)
                                        .toList()
                                : null))
                .toList();
    }

    private static ChatView view(Chat chat, @Nullable List<People.Person> members) {
        ChatStore.LatestMessage latest = chat.latestMessage();
        return new ChatView(
                chat.chatId(),
                chat.type().wireName(),
                chat.name(),
                chat.memberCount(),
                members,
                chat.createdAt().toString(),
                chat.updatedAt().toString(),
                latest == null
                        ? null
                        : new LatestView(
                                latest.messageId().value(),
                                latest.seq(),
                                latest.senderId(),
                                latest.type(),
                                latest.content(),
                                latest.timestamp()));
    }

    @Get("/{chatId}")
    ChatView one(Caller caller, String chatId) {
        ChatId chat = Calls.chatId(chatId);
        var _ = calls.requireMember(chat, caller.id());
        return views(chats.find(chat).stream().toList()).stream()
                .findFirst()
                .orElseThrow(() -> new RefusedException(ErrorCode.NOT_A_MEMBER));
    }

    @Get("/{chatId}/members")
    Members members(Caller caller, String chatId) {
        ChatId chat = Calls.chatId(chatId);
        var _ = calls.requireMember(chat, caller.id());
        Map<UserId, String> roles = chats.roles(chat);
        Map<UserId, People.Person> persons = people.byId(roles.keySet());
        return new Members(persons.values().stream()
                .map(person -> new MemberView(
                        person.userId(),
                        person.username(),
                        person.displayName(),
                        roles.getOrDefault(person.userId(), "member")))
                .toList());
    }

    /**
     * History, oldest first: the newest messages, those before a seq, or those after one.
     *
     * <p>{@code nextCursor} is the seq to go on from in the same direction; null where the page is the last. {@code
     * retryAfterMs} is there where recent messages may be missing from the page, and says when to ask for it again.
     */
    @Get("/{chatId}/messages")
    MessagePage messages(
            Caller caller,
            String chatId,
            @Nullable @QueryValue Long before,
            @Nullable @QueryValue Long after,
            @QueryValue(defaultValue = "50") int limit) {
        ChatId chat = Calls.chatId(chatId);
        int most = Calls.limit(limit, MAX_PAGE);
        if (before != null && after != null) {
            throw new RefusedException(ErrorCode.VALIDATION, "'before' and 'after' exclude each other.");
        }
        if ((before != null && before < 0) || (after != null && after < 0)) {
            throw new RefusedException(ErrorCode.VALIDATION, "'before' or 'after' is not a seq.");
        }
        var _ = calls.requireMember(chat, caller.id());
        History.Page page = Calls.await(
                after != null
                        ? history.after(chat, after, most)
                        : history.before(chat, before == null ? Long.MAX_VALUE : before, most));
        List<ChatMessage> found = page.messages();
        ChatMessage last = found.isEmpty() ? null : after != null ? found.getLast() : found.getFirst();
        return new MessagePage(
                found,
                page.more() && last != null ? Long.toString(last.seq()) : null,
                page.complete() ? null : Long.valueOf(INCOMPLETE_RETRY_MS));
    }

    /** Where a page of the chat list ends, as an opaque text. */
    private static final class Cursors {

        static String encode(Chat last) {
            return last.updatedAt().toEpochMilli() + "-" + last.chatId();
        }

        static ChatStore.Position decode(String cursor) {
            String[] parts = cursor.split("-", 2);
            if (parts.length == 2 && parts[0].matches("\\d{1,15}")) {
                Optional<ChatId> chat = ChatId.parse(parts[1]);
                if (chat.isPresent()) {
                    return new ChatStore.Position(Instant.ofEpochMilli(Long.parseLong(parts[0])), chat.get());
                }
            }
            throw new RefusedException(ErrorCode.VALIDATION, "'cursor' is not one of ours.");
        }
    }
}
