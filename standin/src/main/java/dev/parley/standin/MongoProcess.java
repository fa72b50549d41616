package dev.parley.standin;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** The stand-in as a program: {@code MongoProcess <port> [<data directory>]}; without a directory it keeps all in memory. */
public final class MongoProcess {

    private MongoProcess() {}

    public static void main(String[] args) throws InterruptedException {
        Path data = args.length > 1 ? Path.of(args[1]) : null;
        try (MongoStandIn standIn = MongoStandIn.start(data, Integer.parseInt(args[0]))) {
            System.out.println("serving " + standIn.connectionString());
            new CountDownLatch(1).await();
        }
    }
}
