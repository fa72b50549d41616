package dev.parley.tier.edge;

import io.micronaut.json.tree.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * What a client asked for, in whichever codec.
 *
 * @param id by which the client knows the answer; null where it wants none
 */
record Request(@Nullable Long id, String event, JsonNode data) {}
