package dev.parley.keys;

import dev.parley.id.ChatId;
import dev.parley.id.UserId;
import java.time.Duration;
import java.util.Optional;

/**
 * The keyspace.
 *
 * <pre>
 *   chat:{C}:messages              zset by seq   recent messages as JSON; member "floor" scores the seq above which
 *                                                the set is complete; what lies below it is true but has gaps
 *   chat:{C}:seq                   string        last seq given out
 *   chat:{C}:dedupe:SENDER:CMID    string        "messageId seq prevSeq|- timestamp ;try;try" of a send already taken
 *   chat:{C}:forgot                string        Redis has lost its memory of the chat, or was gone past, lately
 *   chat:{C}:stored                string        seq of the newest message that is known to be in MongoDB
 *   chat:{C}:retracted             zset by time  "messageId seq" of what was shown and then not kept
 *   chat:{C}:members               hash          userId → "type role", members who have been looked up
 *   chat:{C}:typing:U              string        user U is typing
 *   user:{U}:sockets               hash          connectionId → instance
 *   user:{U}:presence              hash          status, message (JSON): as the user chose them; left, leftAt: since when
 *                                                he has no connection, for us in ms and as clients are told it; event,
 *                                                version: what was published last, and its rising number
 *   user:{U}:chats                 string        JSON of the first page of the chat list
 *   cache:generation               string        which copies of MongoDB's data are believed: those that begin with it,
 *                                                so chat:{C}:members and user:{U}:chats begin with one
 *   ratelimit:{NAME:SUBJECT}       hash          token bucket: tokens, at
 *   {servers}                      zset by time  instances that live, by their last heartbeat; an instance is called
 *                                                "serverId/id", and never again by the name under which it died
 *   {servers}:I                    hash          what instance I says of itself
 *   {servers}:dead                 zset by time  instances that are to be cleared up after
 *   server:{I}:users               set           users connected to instance I
 *   lock:{NAME}                    string        "owner:number" of who does it now
 *   lock:{NAME}:fence              string        last number given out
 * </pre>
 *
 * Channels (sharded Pub/Sub, so that a cluster carries each only on its slot's shard): {@code chat:{C}},
 * {@code user:{U}} and {@code presence:{U}}; their payload is a {@link dev.parley.wire.RoomEvent}.
 */
public final class RedisKeys {

    public static final int RECENT_MESSAGES = 1_000;

    /** More are kept while they are not stored yet, up to this. */
    public static final int MOST_RECENT_MESSAGES = 5_000;

    public static final Duration RECENT_MESSAGES_TTL = Duration.ofHours(1);
    public static final Duration SEQ_TTL = Duration.ofDays(30);
    public static final Duration DEDUPE_TTL = Duration.ofHours(24);
    public static final Duration RETRACTED_TTL = Duration.ofHours(24);

    /** How long after it has forgotten a chat Redis lets MongoDB decide what is a resend: longer than clients resend. */
    public static final Duration FORGOT_TTL = Duration.ofHours(1);

    public static final Duration MEMBERS_TTL = Duration.ofMinutes(10);
    public static final Duration TYPING_TTL = Duration.ofSeconds(3);
    public static final Duration SOCKETS_TTL = Duration.ofDays(1);

    /** For so long it is known when a user was here last. */
    public static final Duration PRESENCE_TTL = Duration.ofDays(30);

    /** How long after his last connection has ended a user still has the status that he chose, when he comes back. */
    public static final Duration CHOSEN_STATUS_OUTLIVES = Duration.ofDays(1);

    public static final Duration USER_CHATS_TTL = Duration.ofMinutes(5);

    public static final String CACHE_GENERATION = "cache:generation";

    /** Longer than any copy lives; a new one costs no more than asking MongoDB for all of them. */
    public static final Duration CACHE_GENERATION_TTL = Duration.ofDays(1);

    /** Of an instance's own figures; longer than it takes to be found dead. */
    public static final Duration SERVER_TTL = Duration.ofMinutes(2);

    public static final Duration SERVERS_TTL = Duration.ofDays(1);
    public static final Duration LOCK_FENCE_TTL = Duration.ofDays(30);

    /** In one slot, so that one script can look at all of them: {@code lock:{servers}} belongs to it too. */
    public static final String SERVERS = "{servers}";

    public static final String DEAD_SERVERS = "{servers}:dead";

    /** The lock of who clears up after dead instances. */
    public static final String SERVERS_LOCK = "servers";

    /** How the names of the channels begin that carry presences. */
    public static final String PRESENCE_CHANNELS = "presence:{";

    /** The member of {@code chat:{C}:messages} that carries the floor. */
    public static final String FLOOR = "floor";

    private RedisKeys() {}

    public static String messages(ChatId chat) {
        return "chat:{" + chat + "}:messages";
    }

    public static String seq(ChatId chat) {
        return "chat:{" + chat + "}:seq";
    }

    public static String dedupe(ChatId chat, UserId sender, String clientMessageId) {
        return "chat:{" + chat + "}:dedupe:" + sender + ":" + clientMessageId;
    }

    public static String stored(ChatId chat) {
        return "chat:{" + chat + "}:stored";
    }

    public static String forgot(ChatId chat) {
        return "chat:{" + chat + "}:forgot";
    }

    public static String retracted(ChatId chat) {
        return "chat:{" + chat + "}:retracted";
    }

    public static String members(ChatId chat) {
        return "chat:{" + chat + "}:members";
    }

    public static String typing(ChatId chat, UserId user) {
        return "chat:{" + chat + "}:typing:" + user;
    }

    public static String sockets(UserId user) {
        return "user:{" + user + "}:sockets";
    }

    public static String presence(UserId user) {
        return "user:{" + user + "}:presence";
    }

    public static String userChats(UserId user) {
        return "user:{" + user + "}:chats";
    }

    public static String server(String instance) {
        return SERVERS + ":" + instance;
    }

    public static String serverUsers(String instance) {
        return "server:{" + instance + "}:users";
    }

    public static String lock(String name) {
        return "lock:{" + name + "}";
    }

    public static String lockFence(String name) {
        return "lock:{" + name + "}:fence";
    }

    public static String rateLimit(String name, String subject) {
        return "ratelimit:{" + name + ":" + subject + "}";
    }

    public static String chatChannel(ChatId chat) {
        return "chat:{" + chat + "}";
    }

    /** The chat whose channel it is, or empty for any other channel. */
    public static Optional<ChatId> chatOf(String channel) {
        return channel.startsWith("chat:{") && channel.endsWith("}")
                ? ChatId.parse(channel.substring(6, channel.length() - 1))
                : Optional.empty();
    }

    public static String userChannel(UserId user) {
        return "user:{" + user + "}";
    }

    public static String presenceChannel(UserId user) {
        return PRESENCE_CHANNELS + user + "}";
    }
}
