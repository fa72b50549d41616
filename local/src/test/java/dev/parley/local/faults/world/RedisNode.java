package dev.parley.local.faults.world;

import dev.parley.testing.TestRedis;

/** Redis. Whether it keeps its data is decided at each start. */
final class RedisNode implements Node {

    private final TestRedis redis = TestRedis.own();

    int port() {
        return redis.port();
    }

    void keepData(boolean keep) {
        redis.keepData(keep);
    }

    /** Forgets everything, with its connections open. */
    void flush() {
        redis.clear();
    }

    @Override
    public String name() {
        return World.REDIS;
    }

    @Override
    public void kill() {
        redis.kill();
    }

    @Override
    public void terminate() {
        redis.kill();
    }

    @Override
    public void start() {
        redis.restart();
    }

    @Override
    public void pause() {
        redis.pause();
    }

    @Override
    public void resume() {
        redis.resume();
    }
}
