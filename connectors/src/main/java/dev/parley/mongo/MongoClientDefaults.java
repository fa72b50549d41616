package dev.parley.mongo;

import com.mongodb.ReadConcern;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoDatabase;
import io.micronaut.configuration.mongo.core.DefaultMongoConfiguration;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import jakarta.inject.Singleton;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What holds for every call to MongoDB. */
@Factory
final class MongoClientDefaults implements BeanCreatedEventListener<DefaultMongoConfiguration> {

    /** The database where {@code mongodb.uri} names none. */
    static final String DATABASE = "parley";

    @Override
    public DefaultMongoConfiguration onCreated(BeanCreatedEvent<DefaultMongoConfiguration> event) {
        DefaultMongoConfiguration configuration = event.getBean();
        configuration
                .getClientSettings()
                .writeConcern(WriteConcern.MAJORITY)
                .readConcern(ReadConcern.DEFAULT)
                .retryWrites(true);
        configuration.getClusterSettings().serverSelectionTimeout(3, TimeUnit.SECONDS);
        configuration.getSocketSettings().connectTimeout(3, TimeUnit.SECONDS).readTimeout(5, TimeUnit.SECONDS);
        // Who waits for a connection to a slow server gives up before its own caller does.
        configuration.getPoolSettings().maxWaitTime(2, TimeUnit.SECONDS);
        return configuration;
    }

    @Singleton
    MongoDatabase database(MongoClient client, DefaultMongoConfiguration configuration) {
        @Nullable
        String named =
                configuration.getConnectionString().map(c -> c.getDatabase()).orElse(null);
        return client.getDatabase(named == null ? DATABASE : named);
    }
}
