package dev.parley.search;

import dev.parley.connect.Breakers;
import dev.parley.wire.Json;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Requires;
import io.micronaut.context.annotation.Value;
import jakarta.inject.Singleton;
import java.net.URI;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which index serves, in a context that was not given one. */
@Factory
final class SearchChoice {

    private static final Logger LOG = LoggerFactory.getLogger(SearchChoice.class);

    @Singleton
    @Bean(preDestroy = "close")
    @Requires(missingBeans = SearchIndex.class)
    SearchIndex searchIndex(
            @Value("${search.uri:}") String uri, SearchSettings settings, Json json, Breakers breakers) {
        if (!uri.isBlank()) {
            URI server = URI.create(uri);
            LOG.info("search: OpenSearch at {}:{}", server.getHost(), server.getPort());
            return new OpenSearchIndex(server, settings.timeout(), json, breakers);
        }
        String directory = settings.directory();
        if (directory != null && !directory.isBlank()) {
            LOG.info("search: Lucene in {}", directory);
            return LuceneIndex.in(Path.of(directory), json);
        }
        LOG.info("search: Lucene in memory, for this process alone");
        return LuceneIndex.inMemory(json);
    }
}
