package dev.parley.local.faults.people;

import io.micronaut.json.tree.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the fields of what the server says; what must be there and is not breaks the line that it came over. */
public final class Fields {

    private Fields() {}

    public static String text(JsonNode node, String field) {
        return must(node, field).getStringValue();
    }

    public static long number(JsonNode node, String field) {
        return must(node, field).getLongValue();
    }

    static @Nullable Long optionalNumber(JsonNode node, String field) {
        JsonNode value = node.get(field);
        return value == null || value.isNull() ? null : Long.valueOf(value.getLongValue());
    }

    static List<JsonNode> list(JsonNode node, String field) {
        List<JsonNode> values = new ArrayList<>();
        JsonNode list = node.get(field);
        if (list != null) {
            list.values().forEach(values::add);
        }
        return values;
    }

    private static JsonNode must(JsonNode node, String field) {
        JsonNode value = node.get(field);
        if (value == null) {
            throw new IllegalStateException("no '" + field + "' in " + node.getValue());
        }
        return value;
    }
}
