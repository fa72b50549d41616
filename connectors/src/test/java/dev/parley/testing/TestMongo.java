package dev.parley.testing;

import dev.parley.standin.MongoStandIn;
import java.util.concurrent.atomic.AtomicInteger;
import org.testcontainers.containers.GenericContainer;

/** A MongoDB server: a real one where Docker answers, the stand-in in memory otherwise. */
public final class TestMongo {

    private static final String IMAGE = "mongo:8.0";
    private static final int PORT = 27017;

    private static final class Shared {
        static final TestMongo SERVER = new TestMongo();
    }

    private final String connectionString;
    private final AtomicInteger databases = new AtomicInteger();

    @SuppressWarnings("resource") // ends with the JVM
    private TestMongo() {
        if (Docker.answers()) {
            GenericContainer<?> container = new GenericContainer<>(IMAGE).withExposedPorts(PORT);
            container.start();
            connectionString = "mongodb://" + container.getHost() + ":" + container.getMappedPort(PORT);
            System.out.println("MongoDB: " + IMAGE + " (container)");
        } else {
            connectionString = MongoStandIn.start(null, 0).connectionString();
            System.out.println("MongoDB: mongo-java-server in memory (stand-in, no Docker here)");
        }
    }

    /** The server that all tests of this JVM share. */
    public static TestMongo shared() {
        return Shared.SERVER;
    }

    /** The URI of a database that is empty and nobody else's. */
    public String newDatabase() {
        return connectionString + "/test" + databases.incrementAndGet();
    }
}
