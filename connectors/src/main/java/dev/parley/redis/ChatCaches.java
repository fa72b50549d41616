package dev.parley.redis;

import static dev.parley.redis.Script.arg;
import static dev.parley.redis.Script.text;

import dev.parley.id.ChatId;
import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What Redis remembers of MongoDB so that it need not be asked: memberships and chat lists. What may have missed an
 * invalidation, because Redis was away from whoever made it, is not answered: see {@link CacheGeneration}. Thread-safe.
 */
@Singleton
public final class ChatCaches {

    private static final int GENERATION_LENGTH = 36;

    private final RedisLink redis;
    private final CacheGeneration generation;

    ChatCaches(RedisLink redis, CacheGeneration generation) {
        this.redis = redis;
        this.generation = generation;
    }

    /**
     * What Redis knows.
     *
     * @param value as it was remembered, or empty where Redis does not know: then MongoDB does
     * @param generation what to remember under that MongoDB says from now on; empty where nothing is to be remembered
     */
    public record Found<T>(Optional<T> value, Optional<String> generation) {

        private static final Found<?> NOTHING = new Found<>(Optional.empty(), Optional.empty());

        /** Nothing, and nothing to be remembered: of a Redis that is away. */
        @SuppressWarnings("unchecked") // it holds no value of any type
        public static <T> Found<T> nothing() {
            return (Found<T>) NOTHING;
        }

        private <R> Found<R> map(Function<T, R> change) {
            return new Found<>(value.map(change), generation);
        }
    }

    /**
     * Has it run when it begins that invalidations may be missed, and when that has ended: whoever keeps a copy in memory
     * must drop it. It must not block or throw.
     */
    public void whenDoubted(Runnable task) {
        generation.whenDoubted(task);
    }

    /** The user's membership. */
    public CompletionStage<Found<String>> membership(ChatId chat, UserId user) {
        CompletionStage<Found<byte[]>> found = find(commands -> commands.hget(RedisKeys.members(chat), user.value()));
        return found.thenApply(membership -> membership.map(Script::text));
    }

    /** @param generation that was found before MongoDB was asked */
    public CompletionStage<Void> rememberMembership(ChatId chat, UserId user, String membership, String generation) {
        String key = RedisKeys.members(chat);
        byte[] copy = copy(generation, arg(membership));
        CompletionStage<Boolean> set = redis.call(commands -> commands.hset(key, user.value(), copy));
        return set.thenCombine(
                redis.call(commands -> commands.expire(key, RedisKeys.MEMBERS_TTL)), (added, expires) -> null);
    }

    /** The first page of the user's chat list as JSON. */
    public CompletionStage<Found<byte[]>> chatList(UserId user) {
        return find(commands -> commands.get(RedisKeys.userChats(user)));
    }

    /** @param generation that was found before MongoDB was asked */
    public CompletionStage<Void> rememberChatList(UserId user, byte[] json, String generation) {
        byte[] copy = copy(generation, json);
        return redis.call(commands ->
                        commands.setex(RedisKeys.userChats(user), RedisKeys.USER_CHATS_TTL.toSeconds(), copy))
                .thenApply(ok -> null);
    }

    /**
     * Forgets the chat lists of users because a chat of theirs has changed. Where that fails they are not believed any more
     * from the moment that Redis answers again.
     */
    public CompletionStage<Void> forgetChatLists(Collection<UserId> users) {
        return CompletableFuture.allOf(users.stream()
                        .map(user -> redis.call(commands -> commands.del(RedisKeys.userChats(user)))
                                .toCompletableFuture())
                        .toArray(CompletableFuture[]::new))
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        generation.doubt();
                    }
                });
    }

    /** An invalidation that was due could not be made: no copy from before is believed any more. */
    public void missedInvalidation() {
        generation.doubt();
    }

    /** Both questions are under way at once; what was written under another generation than the current is nothing. */
    private CompletionStage<Found<byte[]>> find(
            Function<RedisClusterAsyncCommands<String, byte[]>, ? extends CompletionStage<byte[]>> command) {
        return generation
                .current()
                .thenCombine(
                        redis.call(command),
                        (current, copy) ->
                                current.isEmpty() ? Found.nothing() : new Found<>(value(copy, current.get()), current));
    }

    /** The generation, then the value. */
    private static byte[] copy(String generation, byte[] value) {
        byte[] copy = Arrays.copyOf(arg(generation), GENERATION_LENGTH + value.length);
        System.arraycopy(value, 0, copy, GENERATION_LENGTH, value.length);
        return copy;
    }

    private static Optional<byte[]> value(byte @Nullable [] copy, String generation) {
        return copy != null
                        && copy.length >= GENERATION_LENGTH
                        && text(Arrays.copyOf(copy, GENERATION_LENGTH)).equals(generation)
                ? Optional.of(Arrays.copyOfRange(copy, GENERATION_LENGTH, copy.length))
                : Optional.empty();
    }
}
