package dev.parley.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class MessageDraftTest {

    private static final Json JSON = Json.standalone();

    /** What the script in Redis joins must be what everybody else reads and writes, whatever the content. */
    @Test
    void theTwoHalvesAroundAPlaceAreTheMessage() throws IOException {
        long seed = System.nanoTime();
        System.out.println("MessageDraftTest seed " + seed);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        for (int i = 0; i < 2_000; i++) {
            MessageDraft draft = new MessageDraft(
                    new MessageId("dddddddddddddddddddddddd"),
                    new ChatId("aaaaaaaaaaaaaaaaaaaaaaaa"),
                    new UserId("bbbbbbbbbbbbbbbbbbbbbbbb"),
                    text(random, 0x21, 0x7e),
                    MessageType.TEXT,
                    text(random, 1, 0x10ffff),
                    Instant.ofEpochMilli(random.nextLong(4_000_000_000_000L)));
            Long prevSeq = random.nextBoolean() ? random.nextLong(1L << 53) : null;
            long seq = random.nextLong(1L << 53);

            String joined = new String(draft.head(), StandardCharsets.UTF_8)
                    + seq
                    + ",\"prevSeq\":"
                    + prevSeq
                    + new String(draft.tail(), StandardCharsets.UTF_8);

            ChatMessage read = JSON.read(joined.getBytes(StandardCharsets.UTF_8), ChatMessage.class);
            assertThat(read).isEqualTo(draft.at(seq, prevSeq));
            assertThat(JSON.read(JSON.bytes(read), ChatMessage.class)).isEqualTo(read);
        }
    }

    private static String text(RandomGenerator random, int from, int to) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(1, 40);
        while (text.length() < length) {
            int c = random.nextInt(from, to + 1);
            if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
                text.appendCodePoint(c);
            }
        }
        return text.toString();
    }
}
