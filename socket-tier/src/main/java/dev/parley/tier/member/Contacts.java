package dev.parley.tier.member;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.id.UserId;
import dev.parley.mongo.ChatStore;
import dev.parley.tier.Blocking;
import dev.parley.wire.Limits;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;

/**
 * Who may know of whom: users that share a chat. Asked of MongoDB each time, because nobody says when somebody leaves a
 * chat; two queries, however many users. Thread-safe.
 */
@Singleton
public final class Contacts {

    private static final int AT_ONCE = 20;

    private final ChatStore chats;
    private final Blocking blocking;
    private final Breakers breakers;
    private final Semaphore turns = new Semaphore(AT_ONCE);

    Contacts(ChatStore chats, Blocking blocking, Breakers breakers) {
        this.chats = chats;
        this.blocking = blocking;
        this.breakers = breakers;
    }

    /** Whether nobody can join or leave a chat now, so that what was looked up last still holds: MongoDB is away. */
    public boolean areAsTheyWere() {
        return breakers.isAway(Server.MONGODB);
    }

    /**
     * The same as {@link #among}, for looks that nobody waits for: a few at a time, however many are asked for at once, so
     * that all others still find a way to MongoDB.
     */
    public CompletionStage<Set<UserId>> amongInTurn(UserId user, Collection<UserId> others) {
        CompletableFuture<Set<UserId>> found = new CompletableFuture<>();
        Thread.ofVirtual().name("contacts").start(() -> {
            try {
                turns.acquire();
                try {
                    found.complete(among(user, others).toCompletableFuture().join());
                } finally {
                    turns.release();
                }
            } catch (InterruptedException | RuntimeException e) {
                found.completeExceptionally(e);
            }
        });
        return found;
    }

    /**
     * Those of {@code others} who share a chat with the user at this moment, and the user himself. Looked at are as many
     * chats of the user as he can join at once.
     */
    public CompletionStage<Set<UserId>> among(UserId user, Collection<UserId> others) {
        Set<UserId> strangers = new HashSet<>(others);
        boolean himself = strangers.remove(user);
        CompletionStage<Set<UserId>> found = strangers.isEmpty()
                ? CompletableFuture.completedStage(new HashSet<>())
                : blocking.call(() -> chats.sharing(user, strangers, Limits.CHATS_PER_JOIN));
        return found.thenApply(contacts -> {
            if (himself) {
                contacts.add(user);
            }
            return contacts;
        });
    }
}
