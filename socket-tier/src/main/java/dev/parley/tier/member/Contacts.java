package dev.parley.tier.member;

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

/**
 * Who may know of whom: users that share a chat. Asked of MongoDB each time, because nobody says when somebody leaves a
 * chat; two queries, however many users. Thread-safe.
 */
@Singleton
public final class Contacts {

    private final ChatStore chats;
    private final Blocking blocking;

    Contacts(ChatStore chats, Blocking blocking) {
        this.chats = chats;
        this.blocking = blocking;
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
