package dev.parley.tier.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.parley.id.ChatId;
import dev.parley.mongo.ChatStore;
import dev.parley.search.SearchIndex;
import dev.parley.tier.limit.RateLimits.Limit;
import dev.parley.wire.ChatMessage;
import io.micronaut.context.annotation.Context;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds messages by their words, among the chats that the caller is a member of at that moment. Made at the start, not
 * with the first search: the index's server is watched from then on.
 */
@Context
@Controller("/api/search")
@Secured(SecurityRule.IS_AUTHENTICATED)
@ExecuteOn(TaskExecutors.BLOCKING)
final class SearchController {

    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Found(List<ChatMessage> messages) {}

    private final SearchIndex index;
    private final ChatStore chats;
    private final Calls calls;

    SearchController(SearchIndex index, ChatStore chats, Calls calls) {
        this.index = index;
        this.chats = chats;
        this.calls = calls;
    }

    @Get
    Found search(
            Caller caller,
            @QueryValue String q,
            @Nullable @QueryValue String chatId,
            @QueryValue(defaultValue = "20") int limit) {
        calls.limit(Limit.SEARCHES_PER_USER, caller.id().value());
        int most = Calls.limit(limit, SearchIndex.MAX_LIMIT);
        List<ChatId> among;
        if (chatId == null) {
            among = chats.chatsOf(caller.id(), SearchIndex.MAX_CHATS);
        } else {
            ChatId chat = Calls.chatId(chatId);
            var _ = calls.requireMember(chat, caller.id());
            among = List.of(chat);
        }
        return new Found(among.isEmpty() ? List.of() : index.search(q, among, most));
    }
}
