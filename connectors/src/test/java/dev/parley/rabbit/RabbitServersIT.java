package dev.parley.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.testing.Await;
import dev.parley.testing.QuickTopology;
import dev.parley.testing.TestRabbit;
import io.micronaut.context.ApplicationContext;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where the broker is, and what holds while it is nowhere. */
class RabbitServersIT {

    @Test
    void anyAddressOfAClusterWillDo() throws Exception {
        TestRabbit rabbit = TestRabbit.shared();
        rabbit.clear(QuickTopology.create());
        String away = rabbit.uri().replaceFirst(":\\d+$", ":" + closedPort());
        for (int i = 0; i < 4; i++) {
            try (ApplicationContext context = start(away + ", " + rabbit.uri())) {
                ConfirmingPublisher publisher = context.getBean(ConfirmingPublisher.class);
                Await.until("it connects", publisher::isOpen);
            }
        }
    }

    @Test
    void aBrokerThatRefusesConnectionsKeepsNobodyFromStarting() throws Exception {
        try (ApplicationContext context = start("amqp://guest:guest@127.0.0.1:" + closedPort())) {
            assertThat(context.getBean(ConfirmingPublisher.class).isOpen()).isFalse();
        }
    }

    @Test
    void aBrokerThatSaysNothingKeepsNobodyFromStarting() throws Exception {
        // Accepts connections, as the system does for it, and never answers.
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            long started = System.nanoTime();
            try (ApplicationContext context = start("amqp://guest:guest@127.0.0.1:" + silent.getLocalPort())) {
                assertThat(context.getBean(ConfirmingPublisher.class).isOpen()).isFalse();
                assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(20));
            }
        }
    }

    @Test
    void aWrongAddressIsRefusedWithoutItsPassword() {
        for (String wrong : new String[] {
            "http://user:secret@host",
            "amqp://user:secret@",
            "amqp://a,user:secret@host",
            "amqp://user:se cret@host",
            ","
        }) {
            assertThatThrownBy(() -> new RabbitServers(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("rabbitmq.uri")
                    .hasMessageNotContaining("cret");
        }
    }

    @Test
    void credentialsAndVirtualHostAreThoseOfTheFirst() throws Exception {
        RabbitServers servers = new RabbitServers("amqps://ada:p%2Cw@one/chat,amqps://two:5000");

        assertThat(servers.getUsername()).isEqualTo("ada");
        assertThat(servers.getPassword()).isEqualTo("p,w");
        assertThat(servers.getVirtualHost()).isEqualTo("chat");
        assertThat(servers.isSSL()).isTrue();
    }

    private static ApplicationContext start(String uris) {
        return ApplicationContext.run(Map.of("rabbitmq.uri", uris, QuickTopology.PROPERTY, true));
    }

    private static int closedPort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
