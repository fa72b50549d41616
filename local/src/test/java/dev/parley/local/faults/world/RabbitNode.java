package dev.parley.local.faults.world;

import dev.parley.testing.TestRabbit;
import java.net.URI;

/** RabbitMQ, with a virtual host of this run. */
final class RabbitNode implements Node {

    private final TestRabbit rabbit = TestRabbit.shared();
    private final URI uri = URI.create(rabbit.newVirtualHost());

    int port() {
        return uri.getPort();
    }

    /** Its address by way of a gate; the broker itself with its own port. */
    String uriAt(int port) {
        return uri.getScheme() + "://" + uri.getUserInfo() + "@127.0.0.1:" + port + uri.getPath();
    }

    @Override
    public String name() {
        return World.RABBIT;
    }

    @Override
    public void kill() {
        rabbit.kill();
    }

    @Override
    public void terminate() {
        rabbit.kill();
    }

    @Override
    public void start() {
        rabbit.restart();
    }

    @Override
    public void pause() {
        rabbit.pause();
    }

    @Override
    public void resume() {
        rabbit.resume();
    }
}
