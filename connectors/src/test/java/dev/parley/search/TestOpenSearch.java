package dev.parley.search;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.opensearch.Version;
import org.opensearch.analysis.common.CommonAnalysisModulePlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;
import org.opensearch.transport.Netty4ModulePlugin;

/** A real OpenSearch node inside the test's JVM, listening on HTTP. */
final class TestOpenSearch implements AutoCloseable {

    private static final class EmbeddedNode extends Node {
        EmbeddedNode(Environment environment) {
            super(
                    environment,
                    List.of(plugin(Netty4ModulePlugin.class), plugin(CommonAnalysisModulePlugin.class)),
                    true);
        }

        private static PluginInfo plugin(Class<?> type) {
            return new PluginInfo(
                    type.getName(),
                    "of the test class path",
                    "NA",
                    Version.CURRENT,
                    "25",
                    type.getName(),
                    null,
                    List.of(),
                    false);
        }
    }

    private final Node node;
    private final int port;

    TestOpenSearch(Path home) throws Exception {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        // Another test of this JVM may have set it already, and the node takes a second setting for a fault.
        System.setProperty("opensearch.set.netty.runtime.available.processors", "false");
        Settings settings = Settings.builder()
                .put("path.home", home)
                .put("cluster.name", "parley-test")
                .put("node.name", "test")
                .put("discovery.type", "single-node")
                .put("http.type", "netty4")
                .put("transport.type", "netty4")
                .put("http.host", "127.0.0.1")
                .put("http.port", port)
                .put("transport.host", "127.0.0.1")
                .put("transport.port", 0)
                .put("cluster.routing.allocation.disk.threshold_enabled", false)
                .build();
        node = new EmbeddedNode(InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "test"))
                .start();
        System.out.println("OpenSearch: " + Version.CURRENT + " (in this JVM)");
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    @Override
    public void close() throws IOException {
        node.close();
    }
}
