package dev.parley.local;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code ./parley}: starts all of it and says where it is. */
public final class Main {

    private static final Logger LOG = LoggerFactory.getLogger(Main.class);
    /** Lucene tells everybody that a faster module is not on; held here, because a logger that nobody holds forgets. */
    private static final java.util.logging.Logger LUCENE = java.util.logging.Logger.getLogger("org.apache.lucene");

    private static final int EXIT_USAGE = 2;
    private static final int EXIT_FAILED = 1;

    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        LUCENE.setLevel(Level.SEVERE);
        if (List.of(args).contains("--help")) {
            System.out.print(Options.USAGE);
            return;
        }
        Options options;
        try {
            options = Options.parse(List.of(args), System.getenv());
        } catch (Options.UsageException e) {
            System.err.println("parley: " + e.getMessage());
            System.err.print(Options.USAGE);
            System.exit(EXIT_USAGE);
            return;
        }
        CountDownLatch ended = new CountDownLatch(1);
        try {
            LocalParley parley = LocalParley.start(options);
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
                parley.close();
                ended.countDown();
            }));
            Demo.create(parley.addresses().getFirst());
            say(System.out, parley);
            Commands.listen(parley, System.in, System.out);
        } catch (IOException | RuntimeException e) {
            LOG.debug("start failed", e);
            System.err.println("parley: cannot start: " + reason(e));
            System.exit(EXIT_FAILED);
        }
        ended.await();
    }

    private static void say(PrintStream out, LocalParley parley) {
        out.println();
        out.println("Parley is running.");
        parley.servers().forEach(line -> out.println("  " + line));
        out.println();
        out.println("Open the page in two windows, one per tier instance, and sign in:");
        List<String> addresses = parley.addresses();
        for (int i = 0; i < addresses.size(); i++) {
            String name = i % 2 == 0 ? "alice" : "bob";
            out.println("  " + addresses.get(i) + "/   as " + name + "   password " + Demo.USERS.get(name));
        }
        out.println();
        out.println("'restart 1' or 'restart 2' and Enter restarts an instance while its clients look on.");
        out.println("Ctrl-C ends it.");
        out.flush();
    }

    /** In one line: what to do where we know it, otherwise the innermost reason. */
    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (!(root instanceof StartException) && root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage() == null ? root.toString() : root.getMessage();
        if (root instanceof FileSystemException) {
            return "the files cannot be used: " + root;
        }
        if (message.startsWith("The file is locked")) {
            return "the data directory is in use by another process";
        }
        return message.lines().findFirst().orElse(message);
    }
}
