package dev.parley.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one can type while it runs. */
final class Commands {

    private static final Logger LOG = LoggerFactory.getLogger(Commands.class);
    private static final Pattern RESTART = Pattern.compile("restart +(\\d{1,3})");
    private static final long LOOK_EVERY_MS = 200;

    private final LocalParley parley;
    private final PrintStream out;

    private Commands(LocalParley parley, PrintStream out) {
        this.parley = parley;
        this.out = out;
    }

    /** Listens on a thread of its own that keeps nothing alive. */
    static void listen(LocalParley parley, InputStream in, PrintStream out) {
        Commands commands = new Commands(parley, out);
        Thread.ofPlatform().daemon().name("commands").start(() -> commands.listen(in));
    }

    private void listen(InputStream in) {
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, Charset.defaultCharset()));
        try {
            while (true) {
                // Looks before it reads: a terminal would stop a process in the background that reads from it.
                if (in.available() == 0) {
                    Thread.sleep(LOOK_EVERY_MS);
                    continue;
                }
                do {
                    run(lines.readLine());
                } while (lines.ready());
            }
        } catch (IOException e) {
            LOG.debug("no more commands", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(@org.jspecify.annotations.Nullable String line) {
        if (line == null || line.isBlank()) {
            return;
        }
        Matcher restart = RESTART.matcher(line.strip());
        int instances = parley.addresses().size();
        int number = restart.matches() ? Integer.parseInt(restart.group(1)) : 0;
        if (number < 1 || number > instances) {
            out.println("Commands: restart 1 to " + instances);
            return;
        }
        out.println("Instance " + number + " sends its clients away and restarts …");
        try {
            parley.restart(number);
            out.println("Instance " + number + " is back.");
        } catch (IOException | RuntimeException e) {
            LOG.debug("restart failed", e);
            out.println("Instance " + number + " does not start again: " + e.getMessage());
        }
    }
}
