package dev.parley.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.wire.SocketIo.Packet;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SocketIoTest {

    @Test
    void readsAnEventWithNamespaceAndAck() {
        Packet.Event event = (Packet.Event) SocketIo.read("42/admin,17[\"send-message\",{\"a\":1},2]", 1);

        assertThat(event.namespace()).isEqualTo("/admin");
        assertThat(event.ackId()).isEqualTo(17);
        assertThat(event.name()).isEqualTo("send-message");
        assertThat(event.arguments()).hasSize(2);
        assertThat(event.attachments()).isZero();
    }

    @Test
    void readsAnEventWithoutEither() {
        Packet.Event event = (Packet.Event) SocketIo.read("2[\"ping\"]", 0);

        assertThat(event.namespace()).isEqualTo("/");
        assertThat(event.ackId()).isNull();
        assertThat(event.arguments()).isEmpty();
    }

    @Test
    void readsABinaryEvent() {
        Packet.Event event = (Packet.Event) SocketIo.read("51-3[\"x\",{\"_placeholder\":true,\"num\":0}]", 0);

        assertThat(event.attachments()).isEqualTo(1);
        assertThat(event.ackId()).isEqualTo(3);
    }

    @Test
    void readsConnectDisconnectAndAck() {
        assertThat(SocketIo.read("0{\"token\":\"t\"}", 0)).isInstanceOf(Packet.Connect.class);
        assertThat(SocketIo.read("0", 0)).isInstanceOf(Packet.Connect.class);
        assertThat(((Packet.Connect) SocketIo.read("0/x?y=1,", 0)).namespace()).isEqualTo("/x");
        assertThat(SocketIo.read("1", 0)).isEqualTo(new Packet.Disconnect("/"));
        assertThat(SocketIo.read("312[]", 0)).isEqualTo(new Packet.Ack("/", 12, List.of(), 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "7",
                "x",
                "2",
                "2{}",
                "2[]",
                "2[1]",
                "2[\"a\"",
                "5[\"a\"]",
                "5x-[\"a\"]",
                "599-[\"a\"]",
                "3[]",
                "31",
                "1{}",
                "0[]",
                "2999999999999999999[\"a\"]"
            })
    void whatIsNoPacketIsInvalid(String text) {
        assertThat(SocketIo.read(text, 0)).isInstanceOf(Packet.Invalid.class);
    }

    @Test
    void writesWhatTheProtocolSays() {
        byte[] data = "{\"a\":1}".getBytes(StandardCharsets.UTF_8);

        assertThat(text(SocketIo.event("new-message", data))).isEqualTo("42[\"new-message\",{\"a\":1}]");
        assertThat(text(SocketIo.ok(7, data))).isEqualTo("437[{\"ok\":true,\"data\":{\"a\":1}}]");
        assertThat(text(SocketIo.refused(7, data))).isEqualTo("437[{\"ok\":false,\"error\":{\"a\":1}}]");
        assertThat(text(SocketIo.connectError("/x", data))).isEqualTo("44/x,{\"a\":1}");
        assertThat(text(EngineIo.open("s", false, 1, 2, 3)))
                .isEqualTo("0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":1,\"pingTimeout\":2,\"maxPayload\":3}");
    }

    @Test
    void writesPacketsOfAnyNamespaceWithAcknowledgementAndAttachments() {
        byte[] array = "[\"x\"]".getBytes(StandardCharsets.UTF_8);

        assertThat(text(SocketIo.event("/", null, array, 0))).isEqualTo("42[\"x\"]");
        assertThat(text(SocketIo.event("/custom", 12L, array, 2))).isEqualTo("452-/custom,12[\"x\"]");
        assertThat(text(SocketIo.ack("/", 7, array, 1))).isEqualTo("461-7[\"x\"]");
        assertThat(text(SocketIo.ack("/custom", 7, array, 0))).isEqualTo("43/custom,7[\"x\"]");
        assertThat(text(SocketIo.disconnect("/custom"))).isEqualTo("41/custom,");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{\"_placeholder\":true,\"num\":2}]",
                "[{\"_placeholder\":true,\"num\":-1}]",
                "[{\"_placeholder\":true,\"num\":0.5}]",
                "[{\"_placeholder\":true}]",
                "[[{\"a\":{\"_placeholder\":true,\"num\":9}}]]"
            })
    void placeholdersThatNameNoAttachmentDoNotFit(String array) {
        Packet.Ack ack = (Packet.Ack) SocketIo.read("62-1" + array, 0);

        assertThat(SocketIo.placeholdersFit(ack.arguments(), ack.attachments())).isFalse();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
