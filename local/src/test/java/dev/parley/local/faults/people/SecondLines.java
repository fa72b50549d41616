package dev.parley.local.faults.people;

import io.micronaut.json.tree.JsonNode;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One more connection of a user to each instance, over which a message is sent once more while the first may still be
 * under way. They listen to nothing. As many as there are users and instances; a lost one is opened anew when needed.
 */
final class SecondLines implements Line.Listener, AutoCloseable {

    private record Key(String user, String tier) {}

    private final Company company;
    private final Map<Key, CompletableFuture<Line>> lines = new ConcurrentHashMap<>();

    SecondLines(Company company) {
        this.company = company;
    }

    /** Sends it on every instance at once. */
    void transmit(Participant sender, Outbox.Send send) {
        for (Tiers.Tier tier : company.tiers().all()) {
            Key key = new Key(sender.name(), tier.name());
            CompletableFuture<Line> line = lines.compute(
                    key,
                    (k, known) -> known == null || hasEnded(known)
                            ? Line.open(company.http(), tier, sender.account().token(), this)
                            : known);
            var _ = line.thenAccept(opened -> {
                company.sends().resends().incrementAndGet();
                var _ = sender.outbox().transmit(opened, send);
            });
        }
    }

    private static boolean hasEnded(CompletableFuture<Line> line) {
        return line.isCompletedExceptionally() || (line.isDone() && line.join().isOver());
    }

    @Override
    public void heard(Line line, String event, JsonNode data) {
        // The user's first line hears the same.
    }

    @Override
    public void lost(Line line) {
        // Seen by the next who wants it.
    }

    @Override
    public void close() {
        lines.values().forEach(line -> line.thenAccept(Line::abort));
    }
}
