package dev.parley.rabbit;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MetricsCollector;
import com.rabbitmq.client.impl.AMQConnection;
import com.rabbitmq.client.impl.ConnectionParams;
import com.rabbitmq.client.impl.FrameHandler;
import io.micronaut.context.annotation.Requires;
import io.micronaut.context.annotation.Value;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;

/**
 * Where the broker is: {@code rabbitmq.uri}, one address or several of one cluster, separated by commas. User, password,
 * virtual host and whether to encrypt are those of the first. The framework's own configuration knows one address only;
 * its metrics find this factory as they would find its own.
 *
 * <p>The client's own recovery is off: it would carry confirm numbers over to a new channel, where they mean other
 * messages.
 */
@Singleton
@Requires(property = "rabbitmq.uri")
final class RabbitServers extends ConnectionFactory {

    private final List<Address> addresses = new ArrayList<>();

    RabbitServers(@Value("${rabbitmq.uri}") String uris) throws GeneralSecurityException {
        List<String> all = Arrays.stream(uris.split(","))
                .map(String::strip)
                .filter(uri -> !uri.isEmpty())
                .toList();
        if (all.isEmpty()) {
            throw new IllegalArgumentException("rabbitmq.uri names no address");
        }
        if (all.getFirst().startsWith("amqps:")) {
            // Before the address is set: the client would otherwise trust every certificate.
            useSslProtocol(SSLContext.getDefault());
            enableHostnameVerification();
        }
        for (int i = 0; i < all.size(); i++) {
            try {
                URI uri = new URI(all.get(i));
                if (uri.getHost() == null || !all.get(i).matches("amqps?://.*")) {
                    throw new URISyntaxException("", "no host");
                }
                if (i == 0) {
                    setUri(uri);
                }
                addresses.add(new Address(uri.getHost(), uri.getPort()));
            } catch (URISyntaxException | IllegalArgumentException e) {
                // Neither the address nor the exception, which quotes it: there is a password in it.
                throw new IllegalArgumentException(
                        "address %d of rabbitmq.uri is not amqp://… or amqps://…".formatted(i + 1));
            }
        }
        setAutomaticRecoveryEnabled(false);
        setTopologyRecoveryEnabled(false);
        setConnectionTimeout(5_000);
        setHandshakeTimeout(5_000);
        setChannelRpcTimeout(10_000);
        setRequestedHeartbeat(10);
    }

    /** A connection to any of the servers: tried in random order, so that clients spread, also after a server was away. */
    BunchingConnection connect(String name) throws IOException, TimeoutException {
        List<Address> order = new ArrayList<>(addresses);
        Collections.shuffle(order);
        // Without recovery the client gives what createConnection made.
        return (BunchingConnection) newConnection(order, name);
    }

    @Override
    protected AMQConnection createConnection(ConnectionParams params, FrameHandler socket, MetricsCollector metrics) {
        return new BunchingConnection(params, new BunchedFrames(socket), metrics);
    }
}
