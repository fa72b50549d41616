package dev.parley.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.micronaut.jackson.core.tree.JsonNodeTreeCodec;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.serde.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/** JSON as all contracts use it. Thread-safe. */
public final class Json {

    /** Deeper nesting than this is refused; no event needs more than five levels. */
    private static final int MAX_DEPTH = 32;

    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build();
    private static final JsonNodeTreeCodec TREES = JsonNodeTreeCodec.getInstance();

    private final ObjectMapper mapper;

    public Json(ObjectMapper mapper) {
        this.mapper = mapper;
    }

    /** A mapper outside of any application context, for tests and tools. */
    public static Json standalone() {
        return new Json(ObjectMapper.getDefault());
    }

    /** The value that {@code text} is, or empty where it is not exactly one JSON value. */
    public static Optional<JsonNode> parse(String text) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() == null) {
                return Optional.empty();
            }
            JsonNode tree = TREES.readTree(parser);
            return parser.nextToken() == null ? Optional.of(tree) : Optional.empty();
        } catch (JsonProcessingException malformed) {
            return Optional.empty();
        } catch (IOException impossible) {
            throw new UncheckedIOException("reading from a string", impossible);
        }
    }

    /** UTF-8 JSON of one of our {@code @Serdeable} types. */
    public byte[] bytes(Object value) {
        try {
            return mapper.writeValueAsBytes(value);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + value.getClass().getName(), e);
        }
    }

    /** A value of one of our {@code @Serdeable} types; {@link IOException} where the bytes are not that. */
    public <T> T read(byte[] bytes, Class<T> type) throws IOException {
        T value;
        try {
            value = mapper.readValue(bytes, type);
        } catch (RuntimeException invalid) {
            // The mapper lets the exceptions of constructors through; to a caller both mean the same.
            throw new IOException("not a valid " + type.getSimpleName(), invalid);
        }
        if (value == null) {
            throw new IOException("null where a " + type.getSimpleName() + " belongs");
        }
        return value;
    }
}
