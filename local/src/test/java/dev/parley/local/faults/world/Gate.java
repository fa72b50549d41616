package dev.parley.local.faults.world;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * A TCP proxy in front of one port, with two virtual threads per connection; connections above a bound are refused. It
 * can refuse and break connections, or keep them and let nothing through.
 */
public final class Gate implements AutoCloseable {

    private static final int BUFFER = 16 * 1024;
    private static final int MOST_CONNECTIONS = 500;
    private static final int CONNECT_TIMEOUT_MS = 5_000;

    private enum State {
        OPEN,
        CUT,
        SILENT,
        CLOSED
    }

    private final String name;
    private final ServerSocket listener;
    private final int upstream;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Semaphore places = new Semaphore(MOST_CONNECTIONS);
    private State state = State.OPEN;

    Gate(String name, int upstream) {
        this.name = name;
        this.upstream = upstream;
        try {
            this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("gate " + name).start(this::accept);
    }

    public String name() {
        return name;
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Breaks all connections and refuses new ones, until {@link #open}. */
    public void cut() {
        become(State.CUT);
        breakAll();
    }

    /** Keeps the connections and accepts new ones, but nothing passes, until {@link #open}. */
    public void silence() {
        become(State.SILENT);
    }

    /** Lets everything through again. What was held up by silence is lost with its connection, as behind a dead router. */
    public void open() {
        boolean wasSilent = become(State.OPEN) == State.SILENT;
        if (wasSilent) {
            breakAll();
        }
    }

    private synchronized State become(State next) {
        State before = state;
        if (before != State.CLOSED) {
            state = next;
        }
        notifyAll();
        return before;
    }

    private synchronized State state() {
        return state;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                if (state() == State.CUT || !places.tryAcquire()) {
                    reset(client);
                } else {
                    Thread.ofVirtual().start(() -> serve(client));
                }
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket client) {
        Socket server = new Socket();
        try {
            sockets.add(client);
            sockets.add(server);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), upstream), CONNECT_TIMEOUT_MS);
            Thread back = Thread.ofVirtual().start(() -> pump(server, client));
            pump(client, server);
            back.join();
        } catch (IOException e) {
            // nobody behind the gate
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            reset(client);
            reset(server);
            sockets.remove(client);
            sockets.remove(server);
            places.release();
        }
    }

    /** When one direction ends, the other does too: half-closed connections are nothing that we test. */
    private void pump(Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (!awaitPassage(from)) {
                    break;
                }
                out.write(buffer, 0, n);
            }
        } catch (IOException | InterruptedException e) {
            // broken, by one of the two or by us
        } finally {
            reset(from);
            reset(to);
        }
    }

    /** False where the connection was broken meanwhile: then what is in the hand is lost with it. */
    private synchronized boolean awaitPassage(Socket socket) throws InterruptedException {
        while (state == State.SILENT && !socket.isClosed()) {
            wait();
        }
        return state == State.OPEN && !socket.isClosed();
    }

    private void breakAll() {
        sockets.forEach(Gate::reset);
    }

    /** Closes so that the other side sees the connection break, and not end. */
    private static void reset(Socket socket) {
        try {
            if (!socket.isClosed()) {
                socket.setSoLinger(true, 0);
                socket.close();
            }
        } catch (IOException e) {
            // closed already
        }
    }

    @Override
    public void close() {
        become(State.CLOSED);
        try {
            listener.close();
        } catch (IOException e) {
            // closed already
        }
        breakAll();
    }
}
