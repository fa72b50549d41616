package dev.parley.tier.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.UserId;
import dev.parley.wire.Json;
import dev.parley.wire.RoomEvent;
import dev.parley.wire.ServerEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WatchedUserTest {

    private static final UserId ALICE = new UserId("aaaaaaaaaaaaaaaaaaaaaaaa");
    private static final RoomEvent SILENT = RoomEvent.of(ServerEvent.Presence.offline(ALICE), Json.standalone());
    private static final long LONG = Duration.ofHours(1).toNanos();

    private final WatchedUser alice = new WatchedUser(ALICE, "presence:{" + ALICE + "}");

    private static RoomEvent presence(String status, long version) {
        var presence =
                new ServerEvent.Presence(ALICE, status, null, status.equals("offline") ? "2026-11-20T12:00:00Z" : null);
        return new RoomEvent(RoomEvent.PRESENCE, version, Json.standalone().bytes(presence));
    }

    private @Nullable String known() {
        RoomEvent event = alice.presence();
        if (event == null) {
            return null;
        }
        String json = new String(event.json(), StandardCharsets.UTF_8);
        return json.replaceAll(".*\"status\":\"(\\w+)\".*", "$1");
    }

    @Test
    void nothingIsKnownBeforeItWasRead() {
        assertThat(alice.whenKnown().toCompletableFuture()).isNotDone();
        alice.restored(LONG);
        assertThat(known()).isNull();

        assertThat(alice.read(alice.epoch(), presence("away", 5), SILENT)).isTrue();
        assertThat(known()).isEqualTo("away");
        assertThat(alice.whenKnown().toCompletableFuture()).isCompleted();
    }

    @Test
    void ofWhomNothingWasEverPublishedIsOffline() {
        alice.restored(LONG);
        assertThat(alice.read(alice.epoch(), null, SILENT)).isTrue();
        assertThat(known()).isEqualTo("offline");
    }

    @Test
    void whatIsReadLateDoesNotUndoAnEvent() {
        alice.restored(LONG);
        int asked = alice.epoch();
        alice.received(presence("busy", 6));
        assertThat(known()).as("an event says everything").isEqualTo("busy");
        assertThat(alice.read(asked, presence("away", 5), SILENT)).isTrue();
        assertThat(known()).isEqualTo("busy");
    }

    @Test
    void whatWasReadBeforeAnInterruptionCountsNoMore() {
        alice.restored(LONG);
        int asked = alice.epoch();
        alice.interrupted();
        assertThat(known()).isNull();
        alice.restored(LONG);
        assertThat(alice.read(asked, presence("away", 5), SILENT))
                .as("it is read again anyway")
                .isTrue();
        assertThat(known()).isNull();
    }

    @Test
    void aRedisThatHasLostItsMemoryIsGivenTimeToHearWhoIsThere() {
        alice.restored(LONG);
        alice.received(presence("online", 5));
        alice.interrupted();
        alice.restored(LONG);
        assertThat(alice.read(alice.epoch(), null, SILENT))
                .as("to be read again")
                .isFalse();
        assertThat(known()).isNull();

        alice.interrupted();
        alice.restored(0);
        assertThat(alice.read(alice.epoch(), null, SILENT)).isTrue();
        assertThat(known()).isEqualTo("offline");
        RoomEvent shown = alice.presence();
        assertThat(shown == null ? 0 : shown.seq())
                .as("newer than what was shown before")
                .isGreaterThan(5);
    }

    @Test
    void whoWasOfflineBeforeIsSoSinceThen() {
        alice.restored(LONG);
        alice.received(presence("offline", 5));
        alice.interrupted();
        alice.restored(LONG);
        assertThat(alice.read(alice.epoch(), null, SILENT)).isTrue();
        assertThat(alice.presence()).usingRecursiveComparison().isEqualTo(presence("offline", 5));
    }
}
