package dev.parley.tier.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.Fault;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.serde.annotation.Serdeable;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An error of the REST API: Problem Details (RFC 9457) with our stable code.
 *
 * @param retryAfterMs how long to wait before trying again; null where trying again is pointless
 */
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
record Problem(
        String type,
        String title,
        int status,
        String detail,
        ErrorCode code,
        @Nullable Long retryAfterMs) {

    static Problem of(Fault fault) {
        ErrorCode code = fault.code();
        String slug = code.name().toLowerCase(Locale.ROOT).replace('_', '-');
        return new Problem(
                "urn:parley:problem:" + slug,
                code.description(),
                code.httpStatus(),
                fault.message(),
                code,
                fault.retryAfterMs());
    }

    static MutableHttpResponse<Problem> response(Fault fault) {
        Problem problem = of(fault);
        MutableHttpResponse<Problem> response = HttpResponse.<Problem>status(HttpStatus.valueOf(problem.status()))
                .contentType(MediaType.of("application/problem+json"))
                .body(problem);
        if (fault.retryAfterMs() != null) {
            response.header(HttpHeaders.RETRY_AFTER, Long.toString((fault.retryAfterMs() + 999) / 1000));
        }
        return response;
    }
}
