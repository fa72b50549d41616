package dev.parley.local.faults.world;

import dev.parley.standin.MongoStandIn;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** The MongoDB stand-in as a program: {@code MongoProcess <data directory> <port>}. */
final class MongoProcess {

    private MongoProcess() {}

    public static void main(String[] args) throws InterruptedException {
        try (MongoStandIn standIn = MongoStandIn.start(Path.of(args[0]), Integer.parseInt(args[1]))) {
            System.out.println("serving " + standIn.connectionString());
            new CountDownLatch(1).await();
        }
    }
}
