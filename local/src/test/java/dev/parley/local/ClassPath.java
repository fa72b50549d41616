package dev.parley.local;

import dev.parley.testing.Await;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The class path of a deployable, made from that of the tests, which has all of them: what else is on it would be at work
 * in each process, so that every instance would also persist, and killing the persist function would change nothing.
 */
public final class ClassPath {

    /** One class of each module that is deployed by itself, or never. */
    private static final List<Class<?>> DEPLOYABLES = List.of(
            dev.parley.tier.Main.class,
            dev.parley.persist.Main.class,
            dev.parley.notify.Main.class,
            dev.parley.index.Main.class,
            LocalParley.class,
            ClassPath.class,
            Await.class);

    private ClassPath() {}

    public static String ofEverything() {
        return System.getProperty("java.class.path");
    }

    public static String of(Class<?> deployable) {
        Set<Path> others = new HashSet<>();
        for (Class<?> one : DEPLOYABLES) {
            if (one != deployable) {
                others.add(locationOf(one));
            }
        }
        // The tier knows no function: what runs functions is none of its libraries either.
        if (deployable == dev.parley.tier.Main.class) {
            others.add(locationOf(dev.parley.function.FunctionProcess.class));
        }
        return Arrays.stream(ofEverything().split(File.pathSeparator))
                .filter(entry ->
                        !others.contains(Path.of(entry).toAbsolutePath().normalize()))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Where the class was loaded from: an archive or a directory. */
    static Path locationOf(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toAbsolutePath()
                    .normalize();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
