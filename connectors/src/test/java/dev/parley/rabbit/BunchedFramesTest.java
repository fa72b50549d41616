package dev.parley.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.impl.Frame;
import com.rabbitmq.client.impl.FrameHandler;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BunchedFramesTest {

    private final List<String> seen = new ArrayList<>();
    private boolean broken;

    private final BunchedFrames frames = new BunchedFrames((FrameHandler) Proxy.newProxyInstance(
            FrameHandler.class.getClassLoader(), new Class<?>[] {FrameHandler.class}, (proxy, method, arguments) -> {
                if (broken) {
                    throw new IOException("broken on purpose");
                }
                seen.add(method.getName());
                return null;
            }));

    private void publish() throws IOException {
        frames.writeFrame(new Frame(AMQP.FRAME_HEARTBEAT, 0));
        frames.flush();
    }

    @Test
    void outsideOfABunchEachPublicationLeavesAtOnce() throws IOException {
        publish();
        publish();
        assertThat(seen).containsExactly("writeFrame", "flush", "writeFrame", "flush");
    }

    @Test
    void aBunchLeavesInOne() throws IOException {
        frames.hold();
        publish();
        publish();
        frames.release();
        assertThat(seen).containsExactly("writeFrame", "writeFrame", "flush");
    }

    @Test
    void behindABunchEachLeavesAtOnceAgainEvenIfItCouldNotBeSent() throws IOException {
        frames.hold();
        broken = true;
        assertThatThrownBy(frames::release).isInstanceOf(IOException.class);
        broken = false;
        publish();
        assertThat(seen).containsExactly("writeFrame", "flush");
    }
}
