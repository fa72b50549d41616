package dev.parley.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import org.testcontainers.DockerClientFactory;

/** Whether containers can be started here. */
final class Docker {

    private static final class Answer {
        // Looked at first, because Testcontainers reports an engine that is missing at length.
        static final boolean ANSWERS =
                (System.getenv("DOCKER_HOST") != null || Files.exists(Path.of("/var/run/docker.sock")))
                        && DockerClientFactory.instance().isDockerAvailable();
    }

    private Docker() {}

    static boolean answers() {
        return Answer.ANSWERS;
    }
}
