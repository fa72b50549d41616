package dev.parley.bench.load.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakerFactory;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections, all on one event loop: it takes one core at most, and nothing in the generator needs a lock.
 * Connections to this machine come from several of its addresses in turn, so that ports do not run out.
 */
public final class Dialer implements AutoCloseable {

    private static final int CONNECT_TIMEOUT_MS = 10_000;
    private static final int LONGEST_FRAME = 4 * 1024 * 1024;

    /** Well below the number of ports that a system gives to clients by default. */
    private static final int PER_SOURCE = 10_000;

    private final IoEventLoopGroup group;
    private final EventLoop loop;
    private final Bootstrap bootstrap;
    private final Scratch scratch = new Scratch();
    private final List<InetSocketAddress> targets;
    private final URI uri;

    /** @param path of the endpoint, with its query */
    public Dialer(List<InetSocketAddress> targets, String path) {
        this.targets = List.copyOf(targets);
        this.uri = URI.create("ws://" + targets.getFirst().getHostString() + path);
        boolean epoll = Epoll.isAvailable();
        this.group =
                new MultiThreadIoEventLoopGroup(1, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        this.loop = group.next();
        this.bootstrap = new Bootstrap()
                .group(group)
                .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        // Each connection adds its own handlers, because each has a token of its own.
                    }
                });
        if (epoll) {
            // The kernel chooses the port when it knows both ends, so one port serves several targets.
            bootstrap.option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
        }
    }

    /** The thread that all connections live on. */
    public EventLoop loop() {
        return loop;
    }

    public int targets() {
        return targets.size();
    }

    /** Begins to connect client {@code number} to a target; the listener hears how it goes. On the event loop only. */
    public Connection dial(int number, int target, @Nullable String bearer, Connection.Listener listener) {
        HttpHeaders headers = new DefaultHttpHeaders();
        if (bearer != null) {
            headers.set(HttpHeaderNames.AUTHORIZATION, "Bearer " + bearer);
        }
        WebSocketClientHandshaker handshaker = WebSocketClientHandshakerFactory.newHandshaker(
                uri, WebSocketVersion.V13, null, false, headers, LONGEST_FRAME);
        Connection connection = new Connection(listener, scratch, handshaker);
        InetSocketAddress remote = targets.get(target);
        Bootstrap own = bootstrap.clone().handler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new HttpClientCodec(), new HttpObjectAggregator(64 * 1024), connection);
            }
        });
        ChannelFuture connecting = remote.getAddress().isLoopbackAddress()
                ? own.connect(remote, new InetSocketAddress("127.0.0." + (2 + number / PER_SOURCE % 200), 0))
                : own.connect(remote);
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                connection.end("not connected: " + done.cause());
            }
        });
        return connection;
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
