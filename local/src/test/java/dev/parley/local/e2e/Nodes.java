package dev.parley.local.e2e;

import io.micronaut.json.tree.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Reads JSON answers; a field that is missing fails the test with the whole answer. */
final class Nodes {

    private Nodes() {}

    static JsonNode field(JsonNode node, String... path) {
        JsonNode at = node;
        for (String name : path) {
            JsonNode next = at.get(name);
            if (next == null) {
                throw new AssertionError("no '" + name + "' in " + node.getValue());
            }
            at = next;
        }
        return at;
    }

    static String text(JsonNode node, String... path) {
        return field(node, path).getStringValue();
    }

    static long number(JsonNode node, String... path) {
        return field(node, path).getLongValue();
    }

    static List<JsonNode> list(JsonNode node, String... path) {
        List<JsonNode> values = new ArrayList<>();
        field(node, path).values().forEach(values::add);
        return values;
    }
}
