package dev.parley.local.faults;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import dev.parley.local.faults.check.Evidence.Page;
import dev.parley.local.faults.check.Evidence.Stored;
import dev.parley.local.faults.check.Place;
import dev.parley.local.faults.people.Crowd;
import dev.parley.local.faults.people.Fields;
import dev.parley.local.faults.people.RestCalls;
import dev.parley.local.faults.people.Tiers.Tier;
import dev.parley.local.faults.world.World;
import java.io.IOException;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * What is in the history. All of it is read from the database in one pass, for the stand-in has no indexes and would
 * search everything for each page; the newest part is read as users read it, from each instance.
 */
final class History implements AutoCloseable {

    private static final int NEWEST = 200;
    private static final int READ_ATTEMPTS = 3;

    private final World world;
    private final MongoClient mongo;
    private final RestCalls rest;

    History(World world, HttpClient http) {
        this.world = world;
        this.mongo = MongoClients.create(world.mongoUri());
        this.rest = new RestCalls(http);
    }

    private MongoCollection<Document> messages() {
        return mongo.getDatabase(world.database()).getCollection("messages");
    }

    /** Of the crowd's chats alone: what an earlier round left queued may still be stored during this one. */
    Map<String, List<Stored>> stored(Crowd crowd) {
        List<ObjectId> chats = crowd.chatIds().stream().map(ObjectId::new).toList();
        Map<String, List<Stored>> byChat = new HashMap<>();
        for (Document message : messages().find(Filters.in("chatId", chats))) {
            byChat.computeIfAbsent(message.getObjectId("chatId").toHexString(), c -> new ArrayList<>())
                    .add(new Stored(
                            new Place(
                                    message.getLong("seq"),
                                    message.getObjectId("_id").toHexString()),
                            message.getObjectId("senderId").toHexString(),
                            message.getString("clientMessageId"),
                            message.getString("content")));
        }
        return byChat;
    }

    List<Page> pages(Crowd crowd) throws InterruptedException {
        List<Page> pages = new ArrayList<>();
        for (Tier tier : world.tiers().all()) {
            for (String chat : crowd.chatIds()) {
                pages.add(new Page(
                        tier.name(), chat, newest(tier, crowd.memberOf(chat).token(), chat)));
            }
        }
        return pages;
    }

    /** Null where it could not be read, which is tried a few times: on a busy machine the stand-in is slow. */
    private @Nullable List<Place> newest(Tier tier, String token, String chat) throws InterruptedException {
        for (int attempt = 1; attempt <= READ_ATTEMPTS; attempt++) {
            try {
                return rest.newestMessages(tier, token, chat, NEWEST).stream()
                        .map(message -> new Place(Fields.number(message, "seq"), Fields.text(message, "messageId")))
                        .toList();
            } catch (IOException e) {
                System.out.println("history of " + chat + " from " + tier.name() + ": " + e);
            }
        }
        return null;
    }

    /** Forgets all messages, so that the next round does not search through those of this one. */
    void clear() {
        messages().deleteMany(new Document());
    }

    @Override
    public void close() {
        mongo.close();
    }
}
