package dev.parley.bench.load.world;

import dev.parley.testing.TestRedis;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a load runs against. Closing it ends what it started. */
public interface World extends AutoCloseable {

    /** The prefix of the names of the processes under load: what costs per delivery and per connection are of. */
    String TIER = "tier-";

    List<InetSocketAddress> targets();

    /** What other processes need to make users of their own and let them in. */
    record Access(String mongoUri, String jwtSecret) {}

    /** Empty where users are not made in a database, or somebody else's. */
    default Optional<Access> access() {
        return Optional.empty();
    }

    /** Process ids by name, of those that are known. */
    Map<String, Long> processes();

    /** Whether the processes under load are JVMs, so that they can be asked for their live heap. */
    boolean runsOnJvms();

    /** Makes users, and chats of which each array names the members; nobody of a world before is among them. */
    Population settle(int users, List<int[]> chats) throws Exception;

    /** Whether there is the REST API to read pages of history from. */
    boolean hasHistory();

    /** What Redis has done so far, by command; nothing where it is not this world's own. */
    default Map<String, TestRedis.CommandStat> redisCommands() {
        return Map.of();
    }

    @Override
    void close();
}
