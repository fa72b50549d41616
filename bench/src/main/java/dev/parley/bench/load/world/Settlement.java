package dev.parley.bench.load.world;

import dev.parley.connect.ServerAwayException;
import dev.parley.id.ChatId;
import dev.parley.id.UserId;
import dev.parley.mongo.Account;
import dev.parley.mongo.Accounts;
import dev.parley.mongo.ChatStore;
import io.micronaut.context.ApplicationContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.bson.types.ObjectId;

/**
 * A program that writes users and chats to a database with Parley's own stores: {@code Settlement <MongoDB URI>}, with one
 * order per line of the standard input.
 *
 * <pre>
 *   user ID
 *   direct CHAT USER USER
 *   group CHAT OWNER USER…
 * </pre>
 */
final class Settlement {

    private static final int AT_ONCE = 16;
    private static final int MOST_ATTEMPTS = 30;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Accounts accounts;
    private final ChatStore chats;
    private final Instant now = Instant.now();

    private Settlement(ApplicationContext context) {
        this.accounts = context.getBean(Accounts.class);
        this.chats = context.getBean(ChatStore.class);
    }

    public static void main(String[] args) throws Exception {
        try (ApplicationContext context = ApplicationContext.run(Map.of("mongodb.uri", args[0]));
                BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            new Settlement(context).carryOut(orders);
        }
    }

    private void carryOut(BufferedReader orders) throws Exception {
        Semaphore places = new Semaphore(AT_ONCE);
        List<Future<?>> started = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String line = orders.readLine(); line != null; line = orders.readLine()) {
                String[] order = line.split(" ");
                places.acquire();
                started.add(threads.submit(() -> {
                    try {
                        persist(order);
                    } finally {
                        places.release();
                    }
                    return true;
                }));
            }
            for (Future<?> one : started) {
                var _ = one.get();
            }
        }
    }

    /** A database that has no time for a moment is asked again; what it did before it said so is no error. */
    private void persist(String[] order) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                carryOut(order, attempt > 1);
                return;
            } catch (ServerAwayException away) {
                if (attempt == MOST_ATTEMPTS) {
                    throw away;
                }
                Thread.sleep(PAUSE);
            }
        }
    }

    private void carryOut(String[] order, boolean again) throws IOException {
        switch (order[0]) {
            case "user" -> {
                String name = "load-" + order[1];
                Account account = new Account(new ObjectId(order[1]), name, name, "cannot sign in", null, false, now);
                if (!accounts.add(account) && !again) {
                    throw new IOException(name + " is there already");
                }
            }
            case "direct" -> {
                var _ = chats.createDirect(new ChatId(order[1]), new UserId(order[2]), new UserId(order[3]), now);
            }
            case "group" -> {
                ChatId chat = new ChatId(order[1]);
                if (!again || chats.find(chat).isEmpty()) {
                    List<UserId> others =
                            Stream.of(order).skip(3).map(UserId::new).toList();
                    var _ = chats.createGroup(chat, new UserId(order[2]), "load", others, now);
                }
            }
            default -> throw new IOException("no order: " + order[0]);
        }
    }
}
