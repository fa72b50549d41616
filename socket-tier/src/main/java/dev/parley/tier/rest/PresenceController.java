package dev.parley.tier.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.parley.connect.ServerAwayException;
import dev.parley.id.UserId;
import dev.parley.redis.Presence;
import dev.parley.tier.limit.RateLimits.Limit;
import dev.parley.tier.member.Contacts;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.Json;
import dev.parley.wire.RoomEvent;
import dev.parley.wire.ServerEvent;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.micronaut.serde.annotation.Serdeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The presence of users as their watchers were told it last, for callers that hold no connection. */
@Controller("/api/presence")
@Secured(SecurityRule.IS_AUTHENTICATED)
@ExecuteOn(TaskExecutors.BLOCKING)
final class PresenceController {

    @Serdeable
    record RefusedUser(UserId userId, ErrorCode code) {}

    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Presences(List<ServerEvent.Presence> presences, List<RefusedUser> refused) {}

    /** So many fit into the first line of a request. */
    private static final int MOST = 100;

    private final Presence presence;
    private final Contacts contacts;
    private final Calls calls;
    private final Json json;

    PresenceController(Presence presence, Contacts contacts, Calls calls, Json json) {
        this.presence = presence;
        this.contacts = contacts;
        this.calls = calls;
        this.json = json;
    }

    /** Of the users named, with commas between. */
    @Get
    Presences get(Caller caller, @QueryValue String userIds) {
        calls.limit(Limit.PRESENCE_QUESTIONS_PER_USER, caller.id().value());
        Set<UserId> users = users(userIds);
        Set<UserId> known = Calls.await(contacts.among(caller.id(), users));
        Presence.Published published = Calls.await(presence.published(known));
        if (!published.unknown().isEmpty()) {
            throw new ServerAwayException("Redis", "some presences can not be read now");
        }
        List<ServerEvent.Presence> presences = new ArrayList<>();
        List<RefusedUser> refused = new ArrayList<>();
        for (UserId user : users) {
            if (known.contains(user)) {
                presences.add(read(user, published.events().get(user)));
            } else {
                refused.add(new RefusedUser(user, ErrorCode.NOT_A_CONTACT));
            }
        }
        return new Presences(presences, refused);
    }

    private static Set<UserId> users(String userIds) {
        String[] named = userIds.split(",", -1);
        if (named.length > MOST) {
            throw new RefusedException(ErrorCode.VALIDATION, "'userIds' names more than " + MOST + " users.");
        }
        Set<UserId> users = new LinkedHashSet<>();
        for (String one : named) {
            users.add(UserId.parse(one)
                    .orElseThrow(() -> new RefusedException(
                            ErrorCode.INVALID_ID, "'userIds' has an id that is not 24 lower-case hex digits.")));
        }
        return users;
    }

    private ServerEvent.Presence read(UserId user, @Nullable RoomEvent published) {
        if (published == null) {
            return ServerEvent.Presence.offline(user);
        }
        try {
            return json.read(published.json(), ServerEvent.Presence.class);
        } catch (IOException notOneOfOurs) {
            throw new UncheckedIOException(notOneOfOurs);
        }
    }
}
