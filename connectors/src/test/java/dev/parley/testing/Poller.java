package dev.parley.testing;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;

/** A client of Engine.IO's polling transport that does what a test says, right or wrong. */
public final class Poller implements AutoCloseable {

    private static final String SEPARATOR = "\u001e";
    private static final String PING = "2";
    private static final String PONG = "3";

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String address;
    private String sid = "";

    /** Speaks to an address with the path of the protocol, such as {@code /engine.io/}. */
    public Poller(String address) {
        this.address = address;
    }

    /** Opens a session; answers the open packet. */
    public String open() throws IOException, InterruptedException {
        return open("");
    }

    /** The same with more in the query. */
    public String open(String more) throws IOException, InterruptedException {
        String body = send("GET", "?EIO=4&transport=polling" + more, "").body();
        int from = body.indexOf("\"sid\":\"") + 7;
        sid = body.substring(from, body.indexOf('"', from));
        return body;
    }

    public String sid() {
        return sid;
    }

    /** What a request with any query is answered. */
    public HttpResponse<String> send(String method, String query, String body)
            throws IOException, InterruptedException {
        return http.send(request(method, query, body), BodyHandlers.ofString());
    }

    private HttpRequest request(String method, String query, String body) {
        return HttpRequest.newBuilder(URI.create(address + query))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
    }

    private String session() {
        return "?EIO=4&transport=polling&sid=" + sid;
    }

    public HttpResponse<String> get() throws IOException, InterruptedException {
        return send("GET", session(), "");
    }

    /** All bodies up to the next one that has {@code part} in it; answers pings. Fails where the session has ended. */
    public String await(String part) throws IOException, InterruptedException {
        StringBuilder seen = new StringBuilder();
        while (seen.indexOf(part) < 0) {
            HttpResponse<String> answer = get();
            if (answer.statusCode() != 200) {
                throw new AssertionError("%s behind %s".formatted(answer.body(), seen));
            }
            for (String packet : answer.body().split(SEPARATOR)) {
                if (packet.equals(PING)) {
                    post(PONG);
                }
            }
            seen.append(answer.body()).append(SEPARATOR);
        }
        return seen.toString();
    }

    public CompletableFuture<HttpResponse<String>> getLater() {
        return http.sendAsync(request("GET", session(), ""), BodyHandlers.ofString());
    }

    public HttpResponse<String> post(String body) throws IOException, InterruptedException {
        return send("POST", session(), body);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
