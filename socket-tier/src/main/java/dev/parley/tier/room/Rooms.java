package dev.parley.tier.room;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.keys.RedisKeys;
import dev.parley.mongo.ChatStore;
import dev.parley.queue.LiveExchange;
import dev.parley.redis.Channels;
import dev.parley.tier.Blocking;
import dev.parley.tier.history.LastSeqs;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.Json;
import dev.parley.wire.RoomEvent;
import dev.parley.wire.Seq;
import io.micronaut.context.annotation.Context;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The channels with members on this instance. An instance subscribes to a channel when the first member enters and
 * unsubscribes when the last one leaves. The subscriber's reader thread only hands an event over to the loops that have
 * members; each loop serves its own members, so that an event costs one task per loop, and the order of a channel is
 * kept because both the reader and the loops work in order.
 *
 * <p>Events come from Redis, and through the {@link LiveExchange} from instances that can not reach Redis. When either
 * feed was interrupted, every room is repaired. A room whose subscription is down for longer looks into MongoDB every
 * second. Thread-safe.
 */
@Context
public final class Rooms {

    private static final Logger LOG = LoggerFactory.getLogger(Rooms.class);
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** How far a look goes back behind what the last one found: messages of several instances overlap. */
    private static final Duration LOOK_BACK = Duration.ofSeconds(5);

    private static final int CHATS_PER_LOOK = 500;

    private final Channels channels;
    private final Breakers breakers;
    private final RoomRepair repair;
    private final ChatStore chats;
    private final Blocking blocking;
    private final LiveExchange exchange;
    private final Json json;
    private final Deliveries deliveries = new Deliveries();
    private final Room.Surroundings shared;
    private final ServedChannels<Room> rooms = new ServedChannels<>();
    private final LiveExchange.Listening listening;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("rooms").factory());

    Rooms(
            Channels channels,
            Breakers breakers,
            RoomRepair repair,
            LastSeqs lastSeqs,
            ChatStore chats,
            Blocking blocking,
            LiveExchange exchange,
            Json json) {
        this.channels = channels;
        this.breakers = breakers;
        this.repair = repair;
        this.chats = chats;
        this.blocking = blocking;
        this.exchange = exchange;
        this.json = json;
        NewChats newChats = new NewChats(chats, blocking, json, timer, this::userChannelInterrupted, this::deliver);
        this.shared = new Room.Surroundings(deliveries, lastSeqs, repair, newChats, breakers, timer, json);
        channels.listen(new Channels.Listener() {
            @Override
            public void received(String channel, RoomEvent event) {
                deliver(channel, event);
            }

            @Override
            public void interrupted(String channel) {
                rooms.with(channel, Room::interrupted);
            }

            @Override
            public void restored(String channel) {
                Room room = rooms.opened(channel);
                if (room != null) {
                    room.restored();
                }
            }
        });
        this.listening = exchange.listen(new ExchangeListener());
        breakers.listen((server, away) -> {
            if (server == Server.REDIS && away) {
                rooms.all().forEach(Room::redisWentAway);
            }
        });
        var _ = timer.scheduleWithFixedDelay(this::look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
    }

    private final class ExchangeListener implements LiveExchange.Listener {
        private volatile boolean interruptedBefore;

        @Override
        public void received(String channel, byte[] event) {
            RoomEvent.decode(event)
                    .ifPresentOrElse(
                            decoded -> deliver(channel, decoded),
                            () -> LOG.warn("dropped {} bytes for {}: not an event", event.length, channel));
        }

        @Override
        public void interrupted() {
            interruptedBefore = true;
        }

        @Override
        public void restored() {
            if (interruptedBefore) {
                rooms.all().forEach(Room::repairWhileLive);
            }
        }
    }

    private boolean userChannelInterrupted() {
        return rooms.all().stream().anyMatch(room -> room.chat() == null && room.isInterrupted());
    }

    private void deliver(String channel, RoomEvent event) {
        Room room = rooms.get(channel);
        if (room != null) {
            room.receive(event);
        }
    }

    /** Gives the member a seat; on the member's loop. */
    public Seat enter(String channel, Member member) {
        Executor loop = member.loop();
        Room entered = rooms.enter(channel, () -> {
            channels.subscribe(channel);
            listening.add(channel);
            return new Room(channel, shared);
        });
        Seat seat = new Seat(member, channel, deliveries);
        entered.bench(loop).add(seat);
        // Behind that: what was delivered before may have come too early for this seat.
        seat.beginAnew();
        return seat;
    }

    /** Takes the seat away; on the member's loop. */
    public void leave(Seat seat) {
        Executor loop = seat.member().loop();
        Room left = rooms.get(seat.channel());
        if (left != null) {
            left.bench(loop).remove(seat);
        }
        rooms.leave(seat.channel(), room -> {
            room.close();
            channels.unsubscribe(seat.channel());
            listening.remove(seat.channel());
        });
    }

    /**
     * Completes when everything published from then on reaches the seat, through Redis or, while that is away, through
     * the exchange and by looking; with the epoch of that feed, for {@link #caughtUp}.
     */
    CompletionStage<Integer> ready(Seat seat) {
        Room room = rooms.get(seat.channel());
        if (room == null) {
            return CompletableFuture.completedStage(0);
        }
        return room.ready().thenApply(ready -> room.epoch());
    }

    /**
     * A member has read everything up to {@code head} since the feed was ready; false where the feed was interrupted or
     * restored meanwhile: then it must read again.
     *
     * @param owed from where the member must be given more later, because not everything could be read
     */
    boolean caughtUp(Seat seat, int epoch, long head, OptionalLong owed) {
        Room room = rooms.get(seat.channel());
        return room == null || room.caughtUp(epoch, head, owed);
    }

    /** At which seq the message was shown to members here; empty where it was not, or not lately. */
    public OptionalLong placeOf(MessageId message) {
        return deliveries.placeOf(message);
    }

    /** Shows a stored message to its chat here and, through the exchange, on every other instance. */
    public void showWithoutRedis(ChatMessage message) {
        publishWithoutRedis(RedisKeys.chatChannel(message.chatId()), RoomEvent.of(message, false, json));
    }

    /** Gives an event to a channel's members here and, through the exchange, on every other instance. */
    void publishWithoutRedis(String channel, RoomEvent event) {
        deliver(channel, event);
        var _ = exchange.publish(channel, event.encode()).whenComplete((published, failure) -> {
            if (failure != null) {
                LOG.debug("not shown through the exchange: {}", failure.toString());
            }
        });
    }

    /** Looks into MongoDB for what came into rooms whose subscription is down. Never throws: the next look goes on. */
    private void look() {
        try {
            Map<ChatId, Long> from = new HashMap<>();
            rooms.all().forEach(room -> {
                OptionalLong upTo = room.lookFrom();
                ChatId chat = room.chat();
                if (upTo.isPresent() && chat != null) {
                    from.put(chat, upTo.getAsLong());
                }
            });
            if (from.isEmpty() || breakers.isAway(Server.MONGODB)) {
                return;
            }
            List<ChatId> all = new ArrayList<>(from.keySet());
            for (int i = 0; i < all.size(); i += CHATS_PER_LOOK) {
                List<ChatId> some = all.subList(i, Math.min(all.size(), i + CHATS_PER_LOOK));
                var _ = blocking.call(() -> chats.latestSeqs(some))
                        .thenAccept(latest -> latest.forEach((chat, seq) -> {
                            long upTo = from.getOrDefault(chat, 0L);
                            if (seq > upTo) {
                                look(chat, Seq.before(upTo, LOOK_BACK));
                            }
                        }))
                        .exceptionally(mongoAway -> {
                            LOG.debug("nothing seen: {}", mongoAway.toString());
                            return null;
                        });
            }
        } catch (RuntimeException e) {
            LOG.error("looking for messages failed", e);
        }
    }

    private void look(ChatId chat, long from) {
        rooms.with(RedisKeys.chatChannel(chat), room -> room.looking(true));
        var _ = repair.missed(chat, from).whenComplete((missed, failure) -> {
            rooms.with(RedisKeys.chatChannel(chat), room -> room.looking(false));
            if (failure == null) {
                rooms.with(RedisKeys.chatChannel(chat), room -> room.found(missed));
            } else {
                LOG.debug("nothing seen of {}: {}", chat, failure.toString());
            }
        });
    }

    /** How many channels have members here. */
    public int open() {
        return rooms.size();
    }

    @PreDestroy
    void close() {
        timer.shutdownNow();
        listening.close();
    }
}
