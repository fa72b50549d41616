package dev.parley.tier;

import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One instance of the socket tier. The framework's own start is not used for the sake of its end: its shutdown hook takes
 * the server off its port first, while a drain wants to go on refusing handshakes and saying that it is not ready.
 */
public final class Main {

    private static final Logger LOG = LoggerFactory.getLogger(Main.class);
    private static final int EXIT_FAILED = 1;

    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        try {
            ApplicationContext context = ApplicationContext.builder()
                    .args(args)
                    .mainClass(Main.class)
                    .environments("tier")
                    .banner(false)
                    .start();
            EmbeddedServer server = context.getBean(EmbeddedServer.class).start();
            Runtime.getRuntime()
                    .addShutdownHook(Thread.ofPlatform().name("drain").unstarted(() -> {
                        context.getEventPublisher(Ending.class).publishEvent(new Ending());
                        context.close();
                        ended.countDown();
                    }));
            LOG.info("running at {}", server.getURL());
        } catch (RuntimeException e) {
            LOG.error("cannot start", e);
            System.exit(EXIT_FAILED);
        }
        ended.await();
    }
}
