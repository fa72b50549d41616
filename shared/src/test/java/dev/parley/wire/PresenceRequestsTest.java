package dev.parley.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.UserId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PresenceRequestsTest {

    private static final String ID = "aaaaaaaaaaaaaaaaaaaaaaaa";

    private static ClientEvents.Reading read(String event, String data) {
        return ClientEvents.read(event, Json.parse(data).orElseThrow());
    }

    @Test
    void usersAreWatchedOnceEach() {
        assertThat(read("watch-presence", "{\"userIds\":[\"%s\",\"%s\"]}".formatted(ID, ID)))
                .isEqualTo(new ClientEvents.Reading.Ok(new ClientEvent.WatchPresence(List.of(new UserId(ID)))));
        assertThat(read("watch-presence", "{\"userIds\":[]}"))
                .isEqualTo(new ClientEvents.Reading.Ok(new ClientEvent.WatchPresence(List.of())));
    }

    @Test
    void aStatusMayHaveAMessage() {
        assertThat(read("set-presence", "{\"status\":\"away\",\"message\":\"at lunch 🥪\"}"))
                .isEqualTo(
                        new ClientEvents.Reading.Ok(new ClientEvent.SetPresence(PresenceStatus.AWAY, "at lunch 🥪")));
        assertThat(read("set-presence", "{\"status\":\"offline\",\"message\":null}"))
                .isEqualTo(new ClientEvents.Reading.Ok(new ClientEvent.SetPresence(PresenceStatus.OFFLINE, null)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "watch-presence|{}|VALIDATION",
                "watch-presence|{\"userIds\":\"x\"}|VALIDATION",
                "watch-presence|{\"userIds\":[7]}|VALIDATION",
                "watch-presence|{\"userIds\":[\"x\"]}|INVALID_ID",
                "set-presence|{}|VALIDATION",
                "set-presence|{\"status\":\"asleep\"}|VALIDATION",
                "set-presence|{\"status\":\"AWAY\"}|VALIDATION",
                "set-presence|{\"status\":\"away\",\"message\":\" \"}|VALIDATION",
                "set-presence|{\"status\":\"away\",\"message\":7}|VALIDATION",
                "set-presence|{\"status\":\"away\",\"message\":\"a\\u0007\"}|VALIDATION",
                "set-presence|{\"status\":\"away\",\"message\":\"\\ud800\"}|VALIDATION",
                "set-presence|{\"status\":\"offline\",\"message\":\"hidden\"}|VALIDATION"
            })
    void whatIsOutOfBoundsIsRefused(String event, String data, ErrorCode code) {
        assertThat(read(event, data))
                .isInstanceOfSatisfying(
                        ClientEvents.Reading.Refused.class,
                        refused -> assertThat(refused.fault().code()).isEqualTo(code));
    }

    @Test
    void boundsAreThoseOfTheProtocol() {
        String tooMany = ("\"" + ID + "\",").repeat(Limits.WATCHED_USERS) + "\"" + ID + "\"";
        assertThat(read("watch-presence", "{\"userIds\":[" + tooMany + "]}"))
                .isInstanceOf(ClientEvents.Reading.Refused.class);
        String longest = "x".repeat(Limits.STATUS_MESSAGE_LENGTH);
        assertThat(read("set-presence", "{\"status\":\"busy\",\"message\":\"" + longest + "\"}"))
                .isInstanceOf(ClientEvents.Reading.Ok.class);
        assertThat(read("set-presence", "{\"status\":\"busy\",\"message\":\"" + longest + "x\"}"))
                .isInstanceOf(ClientEvents.Reading.Refused.class);
    }
}
