package dev.parley.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.testing.Await;
import dev.parley.wire.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every search index does. Tests share an index and keep apart by their chats. */
abstract class SearchContract {

    private final ChatId chat = new ChatId(new ObjectId().toHexString());

    abstract SearchIndex searchIndex();

    @Test
    void aMessageComesBackAsItWas() throws Exception {
        ChatMessage message = new ChatMessage(
                new MessageId(new ObjectId().toHexString()),
                chat,
                1_700_000_000_000_001L,
                null,
                new UserId(new ObjectId().toHexString()),
                "client-1",
                "text",
                "<b>Ünïcode</b> \"quoted\" \uD83D\uDE00\nnext line",
                "2026-01-02T03:04:05.678Z");
        index(message);

        assertThat(search("unicode")).containsExactly(message);
    }

    @Test
    void allWordsMustMatchInAnyOrder() throws Exception {
        ChatMessage both = message(1, "the quick brown fox");
        index(both, message(2, "the quick hare"), message(3, "a brown bear"));

        assertThat(search("brown quick")).containsExactly(both);
    }

    @Test
    void theLastWordMayBeABeginningAndOnlyTheLast() throws Exception {
        ChatMessage article = message(1, "a long article");
        index(article);

        assertThat(search("long art")).containsExactly(article);
        assertThat(search("lon article")).isEmpty();
        assertThat(search("ticle")).isEmpty();
    }

    @Test
    void caseAndAccentsMakeNoDifference() throws Exception {
        ChatMessage composed = message(1, "CAF\u00C9 au lait");
        ChatMessage decomposed = message(2, "cafe\u0301 noir");
        index(composed, decomposed);

        for (String spelling : List.of("cafe", "Caf\u00E9", "cafe\u0301", "CAFE")) {
            assertThat(search(spelling)).as(spelling).containsExactlyInAnyOrder(composed, decomposed);
        }
    }

    @Test
    void wholeWordsComeBeforeBeginningsAndTheNewestFirstAmongEquals() throws Exception {
        ChatMessage older = message(1, "art");
        ChatMessage newer = message(2, "art");
        ChatMessage beginning = message(3, "articles");
        index(newer, beginning, older);

        assertThat(search("art")).containsExactly(newer, older, beginning);
    }

    @Test
    void onlyTheNamedChatsAreSearched() throws Exception {
        ChatMessage here = message(1, "secret");
        index(here, at(new ChatId(new ObjectId().toHexString()), 2, "secret"));

        assertThat(search("secret")).containsExactly(here);
        assertThat(searchIndex().search("secret", List.of(), 10)).isEmpty();
    }

    @Test
    void aSearchMayBeAmongTenThousandChats() throws Exception {
        ChatMessage here = message(1, "needle");
        index(here);
        List<ChatId> many = new ArrayList<>(IntStream.range(1, SearchIndex.MAX_CHATS)
                .mapToObj(i -> new ChatId("%024x".formatted(i)))
                .toList());
        many.add(chat);

        assertThat(searchIndex().search("needle", many, 10)).containsExactly(here);
    }

    @Test
    void indexingAgainReplaces() throws Exception {
        ChatMessage before = message(1, "before");
        ChatMessage after = new ChatMessage(
                before.messageId(),
                before.chatId(),
                before.seq(),
                before.prevSeq(),
                before.senderId(),
                before.clientMessageId(),
                before.type(),
                "after",
                before.timestamp());
        index(before, before);
        searchIndex().index(List.of(before));
        assertThat(search("before")).containsExactly(before);

        searchIndex().index(List.of(after));
        Await.until("the new text is found", () -> search("after").size() == 1);
        assertThat(search("before")).isEmpty();
    }

    @Test
    void theLimitHolds() throws Exception {
        List<ChatMessage> many =
                IntStream.range(0, 120).mapToObj(i -> message(i, "same")).toList();
        index(many.toArray(ChatMessage[]::new));

        assertThat(searchIndex().search("same", List.of(chat), 3))
                .containsExactly(many.get(119), many.get(118), many.get(117));
        assertThat(searchIndex().search("same", List.of(chat), 0)).isEmpty();
        assertThat(searchIndex().search("same", List.of(chat), 1_000)).hasSize(SearchIndex.MAX_LIMIT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "!!!",
                "\"",
                "content:*",
                "*",
                "*:*",
                "text:x OR y",
                "a AND",
                "(",
                "x~2",
                "[a TO z]",
                "a^9",
                "\\",
                "{\"match_all\":{}}",
                "\uD800",
                "\u0000",
                "/.*/",
                "-x",
                "+x"
            })
    void noQueryIsSyntax(String query) throws Exception {
        index(message(1, "harmless"));

        assertThat(searchIndex().search(query, List.of(chat), 10)).isEmpty();
    }

    @Test
    void aLongQueryIsCut() throws Exception {
        ChatMessage message = message(1, "w".repeat(SearchIndex.MAX_QUERY_LENGTH / 4));
        index(message);

        assertThat(search("%s ".formatted(message.content()).repeat(100))).hasSizeLessThanOrEqualTo(1);
        assertThat(search("x y z ".repeat(10_000))).isEmpty();
    }

    @Test
    void nothingIndexedIsNothing() {
        searchIndex().index(List.of());
        assertThat(search("anything")).isEmpty();
    }

    /** Indexes and waits until all of it is found. */
    private void index(ChatMessage... messages) throws Exception {
        searchIndex().index(List.of(messages));
        ChatMessage last = messages[messages.length - 1];
        Await.until(
                "the last message is found",
                () -> searchIndex().search(last.content(), List.of(last.chatId()), 100).stream()
                        .anyMatch(last::equals));
    }

    private List<ChatMessage> search(String query) {
        return searchIndex().search(query, List.of(chat), 50);
    }

    private ChatMessage message(int seq, String content) {
        return at(chat, seq, content);
    }

    private static ChatMessage at(ChatId chat, int seq, String content) {
        return new ChatMessage(
                new MessageId(new ObjectId().toHexString()),
                chat,
                seq,
                seq - 1L,
                new UserId(new ObjectId().toHexString()),
                "client-" + seq,
                "text",
                content,
                "2026-01-02T03:04:05.678Z");
    }
}
