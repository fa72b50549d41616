package dev.parley.tier.room;

import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import dev.parley.mongo.ChatStore.Chat;
import dev.parley.redis.Channels;
import dev.parley.wire.Json;
import dev.parley.wire.RoomEvent;
import dev.parley.wire.ServerEvent;
import jakarta.inject.Singleton;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells users, on whatever instance they are, of what concerns them beyond a single chat. Thread-safe; never blocks. */
@Singleton
public final class Announcements {

    private static final Logger LOG = LoggerFactory.getLogger(Announcements.class);

    private final Channels channels;
    private final Rooms rooms;
    private final Json json;

    Announcements(Channels channels, Rooms rooms, Json json) {
        this.channels = channels;
        this.rooms = rooms;
        this.json = json;
    }

    /** Who is away finds the chat in the list later, so nothing is lost where neither Redis nor the exchange takes it. */
    public void chatCreated(Chat chat, UserId creator, List<UserId> members) {
        var created = new ServerEvent.ChatCreated(chat.chatId(), chat.type().wireName(), chat.name(), members, creator);
        RoomEvent event = RoomEvent.of(created, json);
        for (UserId member : members) {
            String channel = RedisKeys.userChannel(member);
            var _ = channels.publish(channel, event).whenComplete((receivers, failure) -> {
                if (failure != null) {
                    LOG.debug("chat-created goes through the exchange: {}", failure.toString());
                    rooms.publishWithoutRedis(channel, event);
                }
            });
        }
    }
}
