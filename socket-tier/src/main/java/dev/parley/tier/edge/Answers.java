package dev.parley.tier.edge;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.ServerEvent;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What answers carry in {@code data}. */
final class Answers {

    private Answers() {}

    @Serdeable
    record Nothing() {}

    @Serdeable
    record Pong(String serverTime) {}

    @Serdeable
    record Renewed(String expiresAt) {}

    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Sent(MessageId messageId, ChatId chatId, long seq, String clientMessageId, String timestamp) {}

    @Serdeable
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record JoinedChat(ChatId chatId, long headSeq, @Nullable Long retryAfterMs) {}

    @Serdeable
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record RefusedChat(
            ChatId chatId, ErrorCode code, @Nullable Long retryAfterMs) {}

    @Serdeable
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Joined(
            List<JoinedChat> joined,
            List<RefusedChat> refused,
            @Nullable Long retryAfterMs) {}

    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Left(List<ChatId> left) {}

    @Serdeable
    record RefusedUser(UserId userId, ErrorCode code) {}

    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Watched(List<ServerEvent.Presence> presences, List<RefusedUser> refused) {}
}
