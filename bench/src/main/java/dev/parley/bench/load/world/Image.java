package dev.parley.bench.load.world;

import dev.parley.wire.Json;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How an image starts its program: the command of its Dockerfile, so that what is measured is what ships, with the jar of
 * this tree and the memory of a container of the given size.
 */
record Image(String name, Path jar) {

    private static final Pattern ENTRY_POINT = Pattern.compile("(?s)ENTRYPOINT (\\[.*?])");

    private static final Pattern OPTIONS = Pattern.compile("(?m)^ENV JDK_JAVA_OPTIONS=\"([^\"]*)\"");

    List<String> command(Path home, String memory) throws IOException {
        String file = Files.readString(home.resolve("infra/images/" + name + ".Dockerfile"));
        Matcher entry = ENTRY_POINT.matcher(file);
        if (!entry.find()) {
            throw new IOException("no entry point in " + name + ".Dockerfile");
        }
        JsonNode words = Json.parse(entry.group(1).replace("\\\n", " "))
                .orElseThrow(() -> new IOException("the entry point of " + name + " is not JSON"));
        List<String> command = new ArrayList<>();
        for (JsonNode word : words.values()) {
            String text = word.getStringValue();
            if (command.isEmpty()) {
                command.add(
                        Path.of(System.getProperty("java.home"), "bin", text).toString());
                command.add("-XX:MaxRAM=" + memory);
                Matcher options = OPTIONS.matcher(file);
                if (options.find()) {
                    command.addAll(List.of(options.group(1).split(" ")));
                }
            } else {
                command.add(text.endsWith(".jar") ? home.resolve(jar).toString() : text);
            }
        }
        return command;
    }
}
