package dev.parley.redis;

import static dev.parley.redis.Script.arg;
import static dev.parley.redis.Script.text;

import dev.parley.id.ChatId;
import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What Redis remembers of MongoDB so that it need not be asked: memberships and chat lists. Thread-safe. */
@Singleton
public final class ChatCaches {

    private final RedisLink redis;

    ChatCaches(RedisLink redis) {
        this.redis = redis;
    }

    /** The user's membership as it was remembered, or empty where Redis does not know: then MongoDB does. */
    public CompletionStage<Optional<String>> membership(ChatId chat, UserId user) {
        return redis.call(commands -> commands.hget(RedisKeys.members(chat), user.value()))
                .thenApply(membership -> membership == null ? Optional.empty() : Optional.of(text(membership)));
    }

    public CompletionStage<Void> rememberMembership(ChatId chat, UserId user, String membership) {
        String key = RedisKeys.members(chat);
        CompletionStage<Boolean> set = redis.call(commands -> commands.hset(key, user.value(), arg(membership)));
        return set.thenCombine(
                redis.call(commands -> commands.expire(key, RedisKeys.MEMBERS_TTL)), (added, expires) -> null);
    }

    /** The first page of the user's chat list as JSON. */
    public CompletionStage<Optional<byte[]>> chatList(UserId user) {
        return redis.call(commands -> commands.get(RedisKeys.userChats(user))).thenApply(Optional::ofNullable);
    }

    public CompletionStage<Void> rememberChatList(UserId user, byte[] json) {
        return redis.call(commands ->
                        commands.setex(RedisKeys.userChats(user), RedisKeys.USER_CHATS_TTL.toSeconds(), json))
                .thenApply(ok -> null);
    }

    /** Forgets the chat lists of users because a chat of theirs has changed. */
    public CompletionStage<Void> forgetChatLists(Collection<UserId> users) {
        return CompletableFuture.allOf(users.stream()
                .map(user -> redis.call(commands -> commands.del(RedisKeys.userChats(user)))
                        .toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    }
}
