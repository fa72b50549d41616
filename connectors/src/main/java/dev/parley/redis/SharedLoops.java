package dev.parley.redis;

import io.lettuce.core.resource.EventLoopGroupProvider;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Has connections to Redis live on the event loops of the program, so that a command and its answer need no other thread.
 * The loops are the program's: nothing here ends them.
 */
final class SharedLoops implements EventLoopGroupProvider {

    private final EventLoopGroup loops;
    private int threads;

    SharedLoops(EventLoopGroup loops) {
        this.loops = loops;
        loops.forEach(loop -> threads++);
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the client only wants some event loop group
    public <T extends EventLoopGroup> T allocate(Class<T> type) {
        return (T) loops;
    }

    @Override
    public int threadPoolSize() {
        return threads;
    }

    @Override
    public Future<Boolean> release(
            EventExecutorGroup executor, long quietPeriod, long timeout, @Nullable TimeUnit unit) {
        return done();
    }

    @Override
    public Future<Boolean> shutdown(long quietPeriod, long timeout, @Nullable TimeUnit unit) {
        return done();
    }

    private static Future<Boolean> done() {
        return ImmediateEventExecutor.INSTANCE.newSucceededFuture(true);
    }
}
