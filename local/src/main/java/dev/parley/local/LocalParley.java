package dev.parley.local;

import dev.parley.connect.ServerAwayException;
import dev.parley.local.queue.InProcessDeadLetters;
import dev.parley.local.queue.InProcessLiveExchange;
import dev.parley.local.queue.InProcessQueues;
import dev.parley.mongo.ChatStore;
import dev.parley.queue.Topology;
import dev.parley.rabbit.ConfirmingPublisher;
import dev.parley.redis.RedisLink;
import dev.parley.search.LuceneIndex;
import dev.parley.standin.MongoStandIn;
import dev.parley.tier.Ending;
import dev.parley.wire.Json;
import io.micronaut.context.ApplicationContext;
import io.micronaut.http.server.exceptions.ServerStartupException;
import io.micronaut.runtime.server.EmbeddedServer;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running Parley. Closing it ends everything in the reverse order of its start; clients are told and closed at once, as
 * there is no other instance that they could go to.
 */
public final class LocalParley implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LocalParley.class);
    private static final int SECRET_BYTES = 48;
    private static final Duration REDIS_PATIENCE = Duration.ofSeconds(3);

    /** Enough to look at on a laptop, where nobody but the one at the keyboard waits. */
    private static final Map<String, Object> DRAIN = Map.of(
            "parley.tier.drain-notice", "500ms",
            "parley.tier.drain-spread", "2s",
            "parley.tier.drain-grace", "1s",
            "parley.tier.drain-limit", "10s");

    private record Tier(ApplicationContext context, EmbeddedServer server) {}

    private final Options options;
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final List<Tier> tiers = new CopyOnWriteArrayList<>();
    private final Map<String, Object> common = new HashMap<>();
    private final List<Object> singletons = new ArrayList<>();
    private final List<String> servers = new ArrayList<>();
    private String jwtSecret = "";

    private LocalParley(Options options) {
        this.options = options;
    }

    /** Starts everything; what was started already is ended again where something fails. */
    public static LocalParley start(Options options) throws IOException {
        LocalParley parley = new LocalParley(options);
        try {
            parley.start();
        } catch (IOException | RuntimeException e) {
            parley.close();
            for (Throwable t = e; t != null; t = t.getCause()) {
                if (t instanceof ServerAwayException away) {
                    throw StartException.away(away.server(), e);
                }
            }
            throw e;
        }
        return parley;
    }

    private void start() throws IOException {
        Path data = options.data();
        if (data != null) {
            Files.createDirectories(data);
        }
        common.putAll(DRAIN);
        common.put("redis.uri", redis(data));
        common.put("mongodb.uri", mongo(data));
        if (options.rabbitUri() != null) {
            common.put("rabbitmq.uri", options.rabbitUri());
            servers.add("queues    RabbitMQ at RABBITMQ_URI");
        } else {
            Topology topology = Topology.load();
            InProcessQueues queues = keep(new InProcessQueues(topology, data));
            singletons.add(queues);
            singletons.add(new InProcessDeadLetters(queues));
            singletons.add(new InProcessLiveExchange(topology));
            servers.add("queues    in this process");
        }
        common.put("parley.tier.mode", "local");
        jwtSecret = jwtSecret(data);
        common.put("jwt.secret", jwtSecret);
        common.put("parley.limits.enabled", options.limits());
        // The functions write it and the tier instances read it, so all of them get the same one.
        Json json = Json.standalone();
        singletons.add(keep(data == null ? LuceneIndex.inMemory(json) : LuceneIndex.in(data.resolve("search"), json)));
        startFunctions();
        for (int i = 0; i < options.ports().size(); i++) {
            tiers.add(startTier(i + 1, options.ports().get(i)));
        }
    }

    private String redis(@Nullable Path data) throws IOException {
        if (options.redisUri() != null) {
            servers.add("Redis     the server at REDIS_URI");
            return options.redisUri();
        }
        servers.add("Redis     embedded, a real server from a jar");
        return keep(EmbeddedRedis.start(data)).uri();
    }

    private String mongo(@Nullable Path data) {
        if (options.mongoUri() != null) {
            servers.add("MongoDB   the server at MONGODB_URI");
            return options.mongoUri();
        }
        servers.add("MongoDB   embedded stand-in");
        return keep(MongoStandIn.start(data, 0)).connectionString() + "/parley";
    }

    private void startFunctions() {
        ApplicationContext functions = ApplicationContext.builder()
                .deduceEnvironment(false)
                .environments("function")
                .banner(false)
                .properties(common)
                .singletons(singletons.toArray())
                .start();
        keep(functions);
        // The functions themselves would wait for the servers, however long.
        functions.findBean(RedisLink.class).ifPresent(LocalParley::mustAnswer);
        // Any question will do: it fails where MongoDB is away.
        var _ = functions.getBean(ChatStore.class).latestSeqs(List.of());
        ConfirmingPublisher publisher =
                functions.findBean(ConfirmingPublisher.class).orElse(null);
        if (publisher != null && !publisher.isOpen()) {
            throw new ServerAwayException("RabbitMQ", new IOException("not connected"));
        }
    }

    private static void mustAnswer(RedisLink redis) {
        try {
            if (!redis.awaitConnection(REDIS_PATIENCE)) {
                throw new ServerAwayException("Redis", new IOException("not connected"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting", e);
        }
    }

    private Tier startTier(int number, int port) throws IOException {
        Map<String, Object> properties = new HashMap<>(common);
        properties.put("parley.function.consume", "false");
        String administrators = System.getenv("PARLEY_ADMINS");
        properties.put(
                "parley.admin.users",
                administrators == null || administrators.isBlank() ? Demo.ADMINISTRATOR : administrators);
        properties.put("parley.tier.server-id", "tier-" + number);
        properties.put("micronaut.server.port", port == 0 ? -1 : port);
        properties.put("micronaut.server.host", "127.0.0.1");
        ApplicationContext context = ApplicationContext.builder()
                .deduceEnvironment(false)
                .environments("tier")
                .banner(false)
                .properties(properties)
                .singletons(singletons.toArray())
                .start();
        keep(context);
        try {
            return new Tier(context, context.getBean(EmbeddedServer.class).start());
        } catch (ServerStartupException e) {
            if (isTaken(e.getCause())) {
                throw StartException.portTaken(port, e);
            }
            throw e;
        }
    }

    private static boolean isTaken(@Nullable Throwable failure) {
        // The native transport has an exception of its own.
        return failure instanceof BindException
                || (failure instanceof IOException
                        && String.valueOf(failure.getMessage()).contains("Address already in use"));
    }

    /** Drains a tier instance, counted from 1, as a deployment would, and starts it again on the same port. */
    public synchronized void restart(int number) throws IOException {
        Tier old = tiers.get(number - 1);
        int port = old.server().getPort();
        old.context().getEventPublisher(Ending.class).publishEvent(new Ending());
        running.remove(old.context());
        old.context().close();
        tiers.set(number - 1, startTier(number, port));
    }

    private static String jwtSecret(@Nullable Path data) throws IOException {
        String given = System.getenv("JWT_SECRET");
        if (given != null && !given.isBlank()) {
            return given;
        }
        Path file = data == null ? null : data.resolve("jwt-secret");
        if (file != null && Files.exists(file)) {
            return Files.readString(file);
        }
        byte[] bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        String secret = Base64.getEncoder().encodeToString(bytes);
        if (file != null) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, secret);
        }
        return secret;
    }

    private <T extends AutoCloseable> T keep(T resource) {
        running.push(resource);
        return resource;
    }

    /** What signs the access tokens; never log it. */
    public String jwtSecret() {
        return jwtSecret;
    }

    /** Base addresses of the tier instances. */
    public List<String> addresses() {
        return tiers.stream()
                .map(tier -> "http://localhost:" + tier.server().getPort())
                .toList();
    }

    /** One line per server, saying what serves. */
    List<String> servers() {
        return servers;
    }

    @Override
    public synchronized void close() {
        while (!running.isEmpty()) {
            AutoCloseable next = running.pop();
            try {
                next.close();
            } catch (Exception e) {
                LOG.warn("{} did not end cleanly", next.getClass().getSimpleName(), e);
            }
        }
    }
}
