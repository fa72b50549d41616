package dev.parley.search;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How we search. Where OpenSearch is stands in {@code search.uri}; without it an index inside the process serves, which
 * no other process sees.
 *
 * @param directory where the index inside the process is kept; in memory where there is none
 * @param timeout after this a call to OpenSearch has failed
 */
@ConfigurationProperties("parley.search")
public record SearchSettings(
        @Nullable String directory,
        @Bindable(defaultValue = "5s") Duration timeout) {}
