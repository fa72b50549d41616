package dev.parley.redis;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.codec.Base16;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A Lua script, run by its digest; a server that has forgotten it is given the text again. */
final class Script {

    private final RedisLink redis;
    private final byte[] source;
    private final String digest;

    /** A script made of files, one behind the other: what the first ones define the last one uses. */
    Script(RedisLink redis, String... names) {
        this.redis = redis;
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (String name : names) {
            try (InputStream file = Script.class.getResourceAsStream("/parley/redis/" + name + ".lua")) {
                if (file == null) {
                    throw new IllegalStateException("no script " + name);
                }
                file.transferTo(text);
            } catch (IOException e) {
                throw new UncheckedIOException(name, e);
            }
        }
        this.source = text.toByteArray();
        this.digest = Base16.digest(source);
    }

    CompletionStage<List<Object>> list(String[] keys, byte[]... arguments) {
        return run(ScriptOutputType.MULTI, keys, arguments);
    }

    CompletionStage<Long> integer(String[] keys, byte[]... arguments) {
        return run(ScriptOutputType.INTEGER, keys, arguments);
    }

    private <T> CompletionStage<T> run(ScriptOutputType type, String[] keys, byte[]... arguments) {
        return redis.call(commands -> {
            CompletionStage<T> first = commands.evalsha(digest, type, keys, arguments);
            return first.exceptionallyCompose(failure -> {
                if (Failures.cause(failure) instanceof RedisNoScriptException) {
                    return commands.<T>eval(source, type, keys, arguments);
                }
                return CompletableFuture.failedStage(failure);
            });
        });
    }

    static byte[] arg(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] arg(long number) {
        return arg(Long.toString(number));
    }

    static String text(Object reply) {
        return new String((byte[]) reply, StandardCharsets.UTF_8);
    }
}
