package dev.parley.local.e2e;

import dev.parley.wire.Json;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The REST API as a client sees it. */
final class Rest {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    /** An answer; {@code body} is JSON null where there was none. */
    record Answer(int status, JsonNode body, HttpResponse<String> raw) {

        String text(String field) {
            return Nodes.text(body, field);
        }
    }

    private Rest() {}

    static Answer get(String address, String path, @Nullable String token) {
        return send(HttpRequest.newBuilder().GET(), address, path, token);
    }

    static Answer post(String address, String path, @Nullable String token, String json) {
        return call("POST", address, path, token, json);
    }

    static Answer call(String method, String address, String path, @Nullable String token, String json) {
        HttpRequest.BodyPublisher body =
                json.isEmpty() ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(json);
        return send(
                HttpRequest.newBuilder()
                        .header("Content-Type", "application/json")
                        .method(method, body),
                address,
                path,
                token);
    }

    private static Answer send(HttpRequest.Builder request, String address, String path, @Nullable String token) {
        request.uri(URI.create(address + path)).timeout(Duration.ofSeconds(20));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        try {
            HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), Json.parse(response.body()).orElse(JsonNode.nullNode()), response);
        } catch (IOException e) {
            throw new AssertionError("no answer from " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
