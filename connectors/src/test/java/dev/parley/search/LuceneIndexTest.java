package dev.parley.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LuceneIndexTest extends SearchContract {

    private static final ChatId CHAT = new ChatId("a".repeat(24));

    private final LuceneIndex index = LuceneIndex.inMemory(Json.standalone());

    @Override
    SearchIndex searchIndex() {
        return index;
    }

    @AfterEach
    void close() {
        index.close();
    }

    @Test
    void whatWasClosedIsThereAgain(@TempDir Path directory) {
        try (LuceneIndex first = LuceneIndex.in(directory, Json.standalone())) {
            first.index(List.of(numbered(1)));
        }
        assertThat(countIn(directory)).isEqualTo(1);
    }

    /** The index runs in a JVM of its own, which is killed while it indexes. */
    @Test
    void aKilledProcessLosesNothingItWasThankedFor(@TempDir Path directory) throws Exception {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LuceneIndexTest.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        long thanked = 0;
        try (var out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith("indexed ")) {
                    thanked++;
                }
                if (thanked == 20) {
                    // Through the handle, because Process would close the stream that is being read too.
                    process.toHandle().destroyForcibly();
                }
            }
        }
        process.waitFor(10, TimeUnit.SECONDS);

        assertThat(thanked).isGreaterThanOrEqualTo(20);
        assertThat(countIn(directory)).isGreaterThanOrEqualTo(Math.min(thanked, SearchIndex.MAX_LIMIT));
    }

    private static long countIn(Path directory) {
        try (LuceneIndex index = LuceneIndex.in(directory, Json.standalone())) {
            return index.search("number", List.of(CHAT), SearchIndex.MAX_LIMIT).size();
        }
    }

    private static ChatMessage numbered(int number) {
        return new ChatMessage(
                new MessageId("%024x".formatted(number)),
                CHAT,
                number,
                null,
                new UserId("b".repeat(24)),
                "client-" + number,
                "text",
                "number " + number,
                "2026-01-02T03:04:05.678Z");
    }

    /** The process that the test kills. */
    public static void main(String[] args) {
        LuceneIndex index = LuceneIndex.in(Path.of(args[0]), Json.standalone());
        for (int i = 1; ; i++) {
            index.index(List.of(numbered(i)));
            System.out.println("indexed " + i);
        }
    }
}
