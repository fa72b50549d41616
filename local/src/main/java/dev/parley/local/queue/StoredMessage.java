package dev.parley.local.queue;

import dev.parley.queue.Publication;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/**
 * A message as it lies in a queue, and as it is written to disk.
 *
 * <pre>
 *   long queuedAt (ms) │ boolean redelivered │ int priority │ int n × (UTF name, char kind 'L'|'S', value) │ body
 * </pre>
 */
@SuppressWarnings("ArrayRecordComponent") // identity is never compared; the bytes are shared on purpose
record StoredMessage(long queuedAt, boolean redelivered, int priority, Map<String, Object> headers, byte[] body) {

    static StoredMessage of(Publication publication, long now) {
        return new StoredMessage(now, false, publication.priority(), publication.headers(), publication.body());
    }

    StoredMessage movedAt(long now) {
        return new StoredMessage(now, false, priority, headers, body);
    }

    StoredMessage asRedelivered() {
        return new StoredMessage(queuedAt, true, priority, headers, body);
    }

    StoredMessage with(Map<String, Object> more) {
        Map<String, Object> all = new HashMap<>(headers);
        all.putAll(more);
        return new StoredMessage(queuedAt, redelivered, priority, all, body);
    }

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length + 64);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeLong(queuedAt);
            out.writeBoolean(redelivered);
            out.writeInt(priority);
            out.writeInt(headers.size());
            for (Map.Entry<String, Object> header : headers.entrySet()) {
                out.writeUTF(header.getKey());
                if (header.getValue() instanceof Long number) {
                    out.writeChar('L');
                    out.writeLong(number);
                } else {
                    out.writeChar('S');
                    out.writeUTF(header.getValue().toString());
                }
            }
            out.write(body);
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory", impossible);
        }
        return bytes.toByteArray();
    }

    static StoredMessage decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            long queuedAt = in.readLong();
            boolean redelivered = in.readBoolean();
            int priority = in.readInt();
            int count = in.readInt();
            Map<String, Object> headers = new HashMap<>();
            for (int i = 0; i < count; i++) {
                String name = in.readUTF();
                headers.put(name, in.readChar() == 'L' ? (Object) in.readLong() : in.readUTF());
            }
            return new StoredMessage(queuedAt, redelivered, priority, headers, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("the queue file is damaged", e);
        }
    }
}
