package dev.parley.tier.edge;

import dev.parley.tier.edge.engineio.Answer;
import dev.parley.tier.edge.engineio.EngineIoServer;
import dev.parley.tier.edge.engineio.EngineIoSession;
import dev.parley.wire.EngineIo;
import dev.parley.wire.EngineIo.Refusal;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpRequestWrapper;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.ServerHttpRequest;
import io.micronaut.http.body.CloseableAvailableByteBody;
import io.micronaut.http.server.netty.NettyHttpRequest;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Engine.IO's side of HTTP: checks handshakes and WebSocket upgrades, serves the polling transport, and says no in the
 * protocol's own words. Thread-safe; never blocks.
 */
public final class EngineIoHttp {

    private static final String PROTOCOL = Integer.toString(EngineIo.PROTOCOL);
    private static final String POLLING = "polling";
    private static final String WEBSOCKET = "websocket";
    private static final String TEXT = "text/plain; charset=UTF-8";

    /** Opens sessions that begin with polling. */
    public interface Application {

        /** On the loop, which the session belongs to; has to {@link EngineIoSession#open open} it. */
        void open(EngineIoSession session, EventLoop loop, HttpRequest<?> handshake);
    }

    private final EngineIoServer server;
    private final Application application;
    private final List<String> origins;

    /**
     * The requests of one server.
     *
     * @param origins which pages of other origins may poll; {@code *} stands for all
     */
    public EngineIoHttp(EngineIoServer server, Application application, List<String> origins) {
        this.server = server;
        this.application = application;
        this.origins = origins;
    }

    /** Answers a request; null where it is a WebSocket handshake that may go on. */
    public @Nullable CompletionStage<@Nullable HttpResponse<?>> answer(HttpRequest<?> request) {
        String sid = parameter(request, "sid");
        Refusal refusal = check(request, sid);
        if (refusal != null) {
            return CompletableFuture.completedFuture(allowed(request, response(new Answer.Refused(refusal))));
        }
        if (request.getMethod() == HttpMethod.OPTIONS) {
            return CompletableFuture.completedFuture(preflight(request));
        }
        if (parameter(request, "transport").equals(WEBSOCKET)) {
            return null;
        }
        return poll(request, sid).thenApply(answer -> allowed(request, response(answer)));
    }

    private @Nullable Refusal check(HttpRequest<?> request, String sid) {
        if (request.getMethod() == HttpMethod.OPTIONS) {
            return null;
        }
        if (!parameter(request, "EIO").equals(PROTOCOL)) {
            return Refusal.UNSUPPORTED_VERSION;
        }
        boolean get = request.getMethod() == HttpMethod.GET;
        return switch (parameter(request, "transport")) {
            case WEBSOCKET -> checkUpgrade(request, sid, get);
            case POLLING -> {
                if (sid.isEmpty()) {
                    yield get ? null : Refusal.BAD_HANDSHAKE_METHOD;
                }
                yield get || request.getMethod() == HttpMethod.POST ? null : Refusal.BAD_REQUEST;
            }
            default -> Refusal.TRANSPORT_UNKNOWN;
        };
    }

    private @Nullable Refusal checkUpgrade(HttpRequest<?> request, String sid, boolean get) {
        if (!get || !WEBSOCKET.equalsIgnoreCase(request.getHeaders().get(HttpHeaders.UPGRADE))) {
            return Refusal.BAD_REQUEST;
        }
        return sid.isEmpty() || server.knows(sid) ? null : Refusal.SESSION_UNKNOWN;
    }

    private static String parameter(HttpRequest<?> request, String name) {
        return request.getParameters().getFirst(name).orElse("");
    }

    private CompletionStage<Answer> poll(HttpRequest<?> request, String sid) {
        if (request.getMethod() == HttpMethod.POST) {
            return post(request, sid);
        }
        Channel channel = channelOf(request);
        if (sid.isEmpty()) {
            EventLoop loop = channel.eventLoop();
            return server.handshake(loop, session -> application.open(session, loop, request));
        }
        CompletableFuture<Answer> answer = server.get(sid);
        if (!answer.isDone()) {
            ChannelFutureListener gone = closed -> server.abandoned(sid, answer);
            channel.closeFuture().addListener(gone);
            // The channel may serve many requests more.
            var _ = answer.whenComplete((done, failure) -> channel.closeFuture().removeListener(gone));
        }
        return answer;
    }

    private CompletionStage<Answer> post(HttpRequest<?> request, String sid) {
        int most = server.settings().maxPayload();
        return ((ServerHttpRequest<?>) unwrapped(request))
                .byteBody()
                .split()
                .buffer()
                .thenCompose(body -> {
                    try (CloseableAvailableByteBody available = body) {
                        return available.length() > most
                                ? server.tooLarge(sid)
                                : server.post(sid, new String(available.toByteArray(), StandardCharsets.UTF_8));
                    }
                });
    }

    /** The channel that a request came on. */
    public static Channel channelOf(HttpRequest<?> request) {
        return ((NettyHttpRequest<?>) unwrapped(request))
                .getChannelHandlerContext()
                .channel();
    }

    private static HttpRequest<?> unwrapped(HttpRequest<?> request) {
        HttpRequest<?> inner = request;
        while (inner instanceof HttpRequestWrapper<?> wrapper) {
            inner = wrapper.getDelegate();
        }
        return inner;
    }

    private static MutableHttpResponse<?> response(Answer answer) {
        return switch (answer) {
            case Answer.Packets(byte[] body) -> HttpResponse.ok(body).contentType(TEXT);
            case Answer.Taken taken -> HttpResponse.ok("ok").contentType(TEXT);
            case Answer.TooLarge tooLarge -> HttpResponse.status(HttpStatus.REQUEST_ENTITY_TOO_LARGE);
            case Answer.Refused(Refusal refusal) ->
                HttpResponse.badRequest(refusal.json()).contentType(MediaType.APPLICATION_JSON_TYPE);
        };
    }

    // ---- pages of other origins -----------------------------------------------------------------------------------

    private MutableHttpResponse<?> preflight(HttpRequest<?> request) {
        return allowed(request, HttpResponse.noContent())
                .header(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, "GET,POST")
                .header(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, "authorization,content-type");
    }

    /** Lets a page of a configured origin read the answer; without a word about it a browser does not. */
    private MutableHttpResponse<?> allowed(HttpRequest<?> request, MutableHttpResponse<?> response) {
        String origin = request.getHeaders().get(HttpHeaders.ORIGIN);
        if (origin != null && (origins.contains("*") || origins.contains(origin))) {
            response.header(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin).header(HttpHeaders.VARY, "Origin");
        }
        return response.header(HttpHeaders.CACHE_CONTROL, "no-store");
    }
}
