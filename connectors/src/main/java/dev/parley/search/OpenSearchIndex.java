package dev.parley.search;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.connect.ServerAwayException;
import dev.parley.id.ChatId;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.util.Timeout;
import org.opensearch.client.json.jackson.JacksonJsonpMapper;
import org.opensearch.client.opensearch.OpenSearchClient;
import org.opensearch.client.opensearch._types.FieldValue;
import org.opensearch.client.opensearch._types.OpenSearchException;
import org.opensearch.client.opensearch._types.SortOrder;
import org.opensearch.client.opensearch._types.query_dsl.Operator;
import org.opensearch.client.opensearch._types.query_dsl.Query;
import org.opensearch.client.opensearch.core.BulkResponse;
import org.opensearch.client.opensearch.core.bulk.BulkOperation;
import org.opensearch.client.opensearch.core.bulk.BulkResponseItem;
import org.opensearch.client.opensearch.core.search.Hit;
import org.opensearch.client.transport.OpenSearchTransport;
import org.opensearch.client.transport.httpclient5.ApacheHttpClient5TransportBuilder;

/**
 * The index in OpenSearch, for any number of processes. The index is created, with its mapping, by the first call that
 * reaches the server. What was indexed is found after the server's next refresh, within about a second. Every call goes
 * through the server's breaker: while it is away they fail at once.
 */
final class OpenSearchIndex implements SearchIndex {

    static final String INDEX = "parley-messages";

    private static final String CHAT = "chatId";
    private static final String SEQ = "seq";
    private static final String TEXT = "text";
    private static final String MESSAGE = "message";
    private static final String ANALYZER = "message";
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int CONNECT_TIMEOUT_MS = 2_000;

    private final OpenSearchTransport transport;
    private final OpenSearchClient client;
    private final Json json;
    private final Breakers breakers;
    private volatile boolean created;

    /** @param server with {@code user:password@} where the server asks for them */
    OpenSearchIndex(URI server, Duration timeout, Json json, Breakers breakers) {
        this.json = json;
        this.breakers = breakers;
        Timeout most = Timeout.of(timeout);
        this.transport = ApacheHttpClient5TransportBuilder.builder(
                        new HttpHost(server.getScheme(), server.getHost(), server.getPort()))
                .setMapper(new JacksonJsonpMapper())
                .setDefaultHeaders(credentials(server))
                .setConnectionConfigCallback(connection -> connection
                        .setConnectTimeout(CONNECT_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                        .setSocketTimeout(most))
                .setRequestConfigCallback(
                        request -> request.setResponseTimeout(most).setConnectionRequestTimeout(most))
                .build();
        this.client = new OpenSearchClient(transport);
        breakers.probeBlocking(Server.OPENSEARCH, () -> translated(client::ping));
    }

    private static Header[] credentials(URI server) {
        String user = server.getUserInfo();
        if (user == null) {
            return new Header[0];
        }
        String basic = Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
        return new Header[] {new BasicHeader("Authorization", "Basic " + basic)};
    }

    @Override
    public void index(List<ChatMessage> messages) {
        if (messages.isEmpty()) {
            return;
        }
        List<BulkOperation> operations = new ArrayList<>(messages.size());
        for (ChatMessage message : messages) {
            operations.add(BulkOperation.of(operation -> operation.index(
                    index -> index.index(INDEX).id(message.messageId().value()).document(document(message)))));
        }
        var _ = call(() -> checked(client.bulk(bulk -> bulk.operations(operations))));
    }

    private Map<String, Object> document(ChatMessage message) {
        return Map.of(
                CHAT, message.chatId().value(),
                SEQ, message.seq(),
                TEXT, SearchText.normalise(message.content()),
                MESSAGE, new String(json.bytes(message), StandardCharsets.UTF_8));
    }

    private static BulkResponse checked(BulkResponse answer) {
        if (answer.errors()) {
            answer.items().forEach(OpenSearchIndex::check);
        }
        return answer;
    }

    private static void check(BulkResponseItem item) {
        if (isAway(item.status())) {
            throw away(new IOException("status " + item.status()));
        }
        if (item.status() >= 400) {
            // Not the reason: it may quote the message.
            throw new IllegalStateException("OpenSearch refused message " + item.id() + ": " + item.status());
        }
    }

    @Override
    public List<ChatMessage> search(String query, Collection<ChatId> among, int limit) {
        if (among.size() > MAX_CHATS) {
            throw new IllegalArgumentException("among more than " + MAX_CHATS + " chats");
        }
        if (query.isBlank() || among.isEmpty() || limit <= 0) {
            return List.of();
        }
        Query words = query(SearchText.query(query), among);
        List<Hit<Map<String, Object>>> hits = call(() -> client.search(
                        search -> search.index(INDEX)
                                .query(words)
                                .size(Math.min(limit, MAX_LIMIT))
                                .sort(sort -> sort.score(score -> score.order(SortOrder.Desc)))
                                .sort(sort ->
                                        sort.field(field -> field.field(SEQ).order(SortOrder.Desc)))
                                .source(source -> source.filter(fields -> fields.includes(MESSAGE))),
                        documentType())
                .hits()
                .hits());
        return hits.stream().map(this::message).toList();
    }

    /** All words decide what is found, the last as a prefix; whole words decide what comes first. */
    private static Query query(String text, Collection<ChatId> among) {
        List<FieldValue> chats =
                among.stream().map(chat -> FieldValue.of(chat.value())).toList();
        return Query.of(query -> query.bool(bool -> bool.filter(
                        filter -> filter.terms(terms -> terms.field(CHAT).terms(values -> values.value(chats))))
                .filter(filter -> filter.matchBoolPrefix(
                        match -> match.field(TEXT).query(text).operator(Operator.And)))
                .should(should -> should.match(match -> match.field(TEXT).query(FieldValue.of(text))))));
    }

    @SuppressWarnings("unchecked") // the mapper reads a JSON object into exactly this
    private static Class<Map<String, Object>> documentType() {
        return (Class<Map<String, Object>>) (Class<?>) Map.class;
    }

    private ChatMessage message(Hit<Map<String, Object>> hit) {
        Map<String, Object> source = hit.source();
        if (source == null || !(source.get(MESSAGE) instanceof String text)) {
            throw new IllegalStateException("the search index holds something that is not a message");
        }
        try {
            return json.read(text.getBytes(StandardCharsets.UTF_8), ChatMessage.class);
        } catch (IOException e) {
            throw new IllegalStateException("the search index holds something that is not a message", e);
        }
    }

    private interface Call<T> {
        T run() throws IOException;
    }

    private <T> T call(Call<T> call) {
        return breakers.run(
                Server.OPENSEARCH,
                () -> translated(() -> {
                    createOnce();
                    return call.run();
                }));
    }

    private static <T> T translated(Call<T> call) {
        try {
            return call.run();
        } catch (IOException e) {
            throw away(e);
        } catch (OpenSearchException e) {
            throw isAway(e.status()) ? away(e) : e;
        }
    }

    private static boolean isAway(int status) {
        return status == TOO_MANY_REQUESTS || status >= 500;
    }

    private static ServerAwayException away(Exception cause) {
        return new ServerAwayException(Server.OPENSEARCH.title(), cause);
    }

    private void createOnce() throws IOException {
        if (created) {
            return;
        }
        if (!client.indices().exists(exists -> exists.index(INDEX)).value()) {
            try {
                create();
            } catch (OpenSearchException e) {
                // Another process was quicker.
                if (!"resource_already_exists_exception".equals(e.error().type())) {
                    throw e;
                }
            }
        }
        created = true;
    }

    private void create() throws IOException {
        var _ = client.indices()
                .create(index -> index.index(INDEX)
                        .settings(settings -> settings.refreshInterval(time -> time.time("1s"))
                                .analysis(analysis -> analysis.analyzer(
                                        ANALYZER,
                                        analyzer -> analyzer.custom(custom ->
                                                custom.tokenizer("standard").filter("lowercase", "asciifolding")))))
                        .mappings(mapping -> mapping.dynamic(
                                        org.opensearch.client.opensearch._types.mapping.DynamicMapping.Strict)
                                .properties(CHAT, chat -> chat.keyword(keyword -> keyword))
                                .properties(SEQ, seq -> seq.long_(number -> number))
                                .properties(TEXT, text -> text.text(words -> words.analyzer(ANALYZER)))
                                // Only kept, to be given back as it was.
                                .properties(MESSAGE, kept -> kept.text(words -> words.index(false)))));
    }

    @Override
    public void close() {
        try {
            transport.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the connection to OpenSearch did not close", e);
        }
    }
}
