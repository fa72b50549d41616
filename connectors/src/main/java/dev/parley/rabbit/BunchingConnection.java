package dev.parley.rabbit;

import com.rabbitmq.client.MetricsCollector;
import com.rabbitmq.client.impl.AMQConnection;
import com.rabbitmq.client.impl.ConnectionParams;
import com.rabbitmq.client.observation.ObservationCollector;
import java.io.IOException;

/** A connection of the client on which what is published can leave in bunches; see {@link BunchedFrames}. */
final class BunchingConnection extends AMQConnection {

    /** What writes a bunch; its flushes come behind all of it. */
    @FunctionalInterface
    interface Bunch {
        void write() throws IOException;
    }

    private final BunchedFrames frames;

    BunchingConnection(ConnectionParams params, BunchedFrames frames, MetricsCollector metrics) {
        super(params, frames, metrics, ObservationCollector.NO_OP);
        this.frames = frames;
    }

    /** What is published inside leaves at its end, or where the buffer is full. Only one thread may call it at a time. */
    void inOneBunch(Bunch bunch) throws IOException {
        frames.hold();
        try {
            bunch.write();
        } finally {
            frames.release();
        }
    }
}
