package dev.parley.tier.edge;

import dev.parley.tier.frame.ConnectionSettings;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionData;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionUtil;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtension;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateServerExtensionHandshaker;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of the opening handshake of RFC 6455, as the answer to an ordinary request: so that it is routed,
 * filtered, secured and counted like any other, and nothing of the framework stays behind on the connection. Compression
 * (RFC 7692) is agreed on where the client offers it; what a message may grow to is bounded.
 */
public final class WebSocketHandshake {

    private static final String WEBSOCKET = "websocket";
    private static final String VERSION = "13";
    private static final int KEY_BYTES = 16;

    /** RFC 6455, 1.3. */
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private WebSocketHandshake() {}

    /** What is wrong with a handshake apart from its version; null for nothing. */
    static @Nullable String flaw(HttpRequest<?> request) {
        if (!isListed(request, HttpHeaders.UPGRADE, WEBSOCKET)
                || !isListed(request, HttpHeaders.CONNECTION, HttpHeaders.UPGRADE)) {
            return "This address speaks WebSocket: ask for an upgrade.";
        } else if (!isKey(request.getHeaders().get(HttpHeaderNames.SEC_WEBSOCKET_KEY))) {
            return "The Sec-WebSocket-Key is missing or not 16 bytes in Base64.";
        } else if (!Takeover.isPossible(EngineIoHttp.channelOf(request))) {
            return "WebSocket is spoken over HTTP/1.1 here.";
        }
        return null;
    }

    /**
     * Accepts a WebSocket; or answers 400 with the {@link #flaw}, or 426 where the version is not 13.
     *
     * @param then is given the channel when the answer has been written, on its event loop
     */
    public static HttpResponse<?> answer(HttpRequest<?> request, ConnectionSettings settings, Consumer<Channel> then) {
        String flaw = flaw(request);
        return flaw == null
                ? answerFlawless(request, settings, then)
                : HttpResponse.badRequest(flaw).contentType(MediaType.TEXT_PLAIN_TYPE);
    }

    /** The same for a request that has no {@link #flaw}. */
    static HttpResponse<?> answerFlawless(HttpRequest<?> request, ConnectionSettings settings, Consumer<Channel> then) {
        if (!VERSION.equals(request.getHeaders().get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
            return HttpResponse.status(HttpStatus.UPGRADE_REQUIRED)
                    .header(HttpHeaderNames.SEC_WEBSOCKET_VERSION, VERSION);
        }
        WebSocketServerExtension compression = compression(request, settings);
        String accepted = accept(request.getHeaders().get(HttpHeaderNames.SEC_WEBSOCKET_KEY));
        Takeover.whenAnswered(EngineIoHttp.channelOf(request), accepted, compression, settings, then);
        MutableHttpResponse<?> answer = HttpResponse.status(HttpStatus.SWITCHING_PROTOCOLS)
                .header(HttpHeaders.UPGRADE, WEBSOCKET)
                .header(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE)
                .header(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, accepted);
        return compression == null
                ? answer
                : answer.header(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, format(compression.newReponseData()));
    }

    private static boolean isListed(HttpRequest<?> request, String header, String value) {
        return request.getHeaders().getAll(header).stream()
                .flatMap(line -> Stream.of(line.split(",")))
                .anyMatch(item -> item.trim().equalsIgnoreCase(value));
    }

    private static boolean isKey(@Nullable String key) {
        try {
            return key != null && Base64.getDecoder().decode(key.trim()).length == KEY_BYTES;
        } catch (IllegalArgumentException noBase64) {
            return false;
        }
    }

    private static String accept(@Nullable String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1")
                    .digest((Objects.requireNonNull(key).trim() + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException everyPlatformHasIt) {
            throw new IllegalStateException(everyPlatformHasIt);
        }
    }

    /** The first offer that is acceptable; null for none. */
    private static @Nullable WebSocketServerExtension compression(HttpRequest<?> request, ConnectionSettings settings) {
        List<String> offers = request.getHeaders().getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS);
        if (offers.isEmpty()) {
            return null;
        }
        var handshaker = new PerMessageDeflateServerExtensionHandshaker(settings.maxPayload());
        return WebSocketExtensionUtil.extractExtensions(String.join(",", offers)).stream()
                .map(handshaker::handshakeExtension)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private static String format(WebSocketExtensionData extension) {
        return Stream.concat(
                        Stream.of(extension.name()),
                        extension.parameters().entrySet().stream()
                                .map(one ->
                                        one.getValue() == null ? one.getKey() : one.getKey() + "=" + one.getValue()))
                .collect(Collectors.joining(";"));
    }
}
