package dev.parley.redis;

import dev.parley.redis.Feed.Session;
import dev.parley.redis.RedisServers.Node;
import dev.parley.wire.RoomEvent;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps channels subscribed, wherever they are published, and tells when events may have been missed.
 *
 * <pre>
 *          asked for             Redis confirms: restored()
 *   IDLE ─────────────▶ ASKED ────────────────────────────────▶ CONFIRMED ──▶ LEAVING (nobody wants it any more)
 *    ▲                    │ refused, not answered                   │             │
 *    ├────────────────────┴─────────────────────────────────────────┘             │
 *    │    connection lost, slot moved: interrupted()                              │
 *    └────────────────────────────────────────────────────────────────────────────┘
 * </pre>
 *
 * One thread, the keeper, decides and writes; the connections' threads report. What happens to one channel happens under
 * that subscription's lock, so that the listener hears of it in order. {@link #subscribe} and {@link #unsubscribe} take
 * no lock: a listener's own locks cannot meet ours.
 */
final class Subscriptions implements Feed.Events, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Subscriptions.class);
    private static final Duration AUDIT_INTERVAL = Duration.ofSeconds(1);
    private static final Duration RETRY = Duration.ofMillis(100);

    /** After this what was asked for is asked for again. */
    private static final Duration ANSWER_TIMEOUT = RedisServers.SUBSCRIBER_TIMEOUT.plusSeconds(1);

    private enum State {
        IDLE,
        ASKED,
        CONFIRMED,
        LEAVING
    }

    /** A channel; guarded by itself. */
    private static final class Subscription {
        final String channel;
        State state = State.IDLE;
        boolean wanted;

        /** The last audit found that another node serves it. */
        boolean misplaced;

        @Nullable
        Session session;

        long askedAt;

        Subscription(String channel) {
            this.channel = channel;
        }

        boolean isConfirmedAt(Session there) {
            return session == there && state == State.CONFIRMED;
        }

        /** Whether it is as it is wanted. */
        synchronized boolean isSettled() {
            return wanted && state == State.CONFIRMED;
        }

        void idle() {
            state = State.IDLE;
            session = null;
            misplaced = false;
        }
    }

    private record Change(String channel, boolean wanted) {}

    private final RedisServers servers;
    private final ScheduledThreadPoolExecutor keeper;
    private final Queue<Change> changes = new ConcurrentLinkedQueue<>();
    private final Queue<Subscription> due = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean awake = new AtomicBoolean();
    private final AtomicBoolean retrying = new AtomicBoolean();
    /** Only the keeper puts in and takes out. */
    private final Map<String, Subscription> subscriptions = new ConcurrentHashMap<>();
    /** By the name of the node; only the keeper's. */
    private final Map<String, Feed> feeds = new HashMap<>();

    private volatile Channels.@Nullable Listener listener;

    Subscriptions(RedisServers servers) {
        this.servers = servers;
        this.keeper = new ScheduledThreadPoolExecutor(
                1,
                Thread.ofPlatform().daemon().name("redis-subscriptions").factory(),
                new ThreadPoolExecutor.DiscardPolicy());
        keeper.setRemoveOnCancelPolicy(true);
        var _ = keeper.scheduleWithFixedDelay(
                this::audit, AUDIT_INTERVAL.toMillis(), AUDIT_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    void listen(Channels.Listener newListener) {
        this.listener = newListener;
    }

    void subscribe(String channel) {
        changes.add(new Change(channel, true));
        wake();
    }

    void unsubscribe(String channel) {
        changes.add(new Change(channel, false));
        wake();
    }

    // The keeper.

    private void wake() {
        if (awake.compareAndSet(false, true)) {
            keeper.execute(this::advance);
        }
    }

    private void wake(Subscription subscription) {
        due.add(subscription);
        wake();
    }

    /** Takes every subscription that is due a step further; the commands of all of them go out together. */
    private void advance() {
        awake.set(false);
        for (Change change = changes.poll(); change != null; change = changes.poll()) {
            apply(change);
        }
        Set<Session> written = new HashSet<>();
        for (Subscription next = due.poll(); next != null; next = due.poll()) {
            try {
                advance(next, written);
            } catch (RuntimeException e) {
                LOG.error("{} is left to the audit", next.channel, e);
            }
        }
        written.forEach(Session::flush);
    }

    private void apply(Change change) {
        Subscription subscription = change.wanted()
                ? subscriptions.computeIfAbsent(change.channel(), Subscription::new)
                : subscriptions.get(change.channel());
        if (subscription == null) {
            return;
        }
        synchronized (subscription) {
            if (change.wanted() && !subscription.wanted && subscription.state == State.CONFIRMED) {
                // Whoever wants it anew is to hear so from Redis, in order.
                subscription.idle();
            }
            subscription.wanted = change.wanted();
        }
        due.add(subscription);
    }

    private void advance(Subscription subscription, Set<Session> written) {
        synchronized (subscription) {
            switch (subscription.state) {
                case IDLE -> {
                    if (subscription.wanted) {
                        ask(subscription, written);
                    } else {
                        subscriptions.remove(subscription.channel, subscription);
                    }
                }
                case CONFIRMED -> {
                    Session session = subscription.session;
                    if (!subscription.wanted && session != null) {
                        subscription.state = State.LEAVING;
                        subscription.askedAt = System.nanoTime();
                        var _ = session.unsubscribe(subscription.channel);
                        written.add(session);
                    }
                }
                case ASKED, LEAVING -> {
                    // The answer takes it further.
                }
            }
        }
    }

    private void ask(Subscription subscription, Set<Session> written) {
        Node node = servers.nodeOf(subscription.channel);
        Session session = node == null ? null : feed(node).session();
        if (session == null) {
            // It is due when there is a connection.
            return;
        }
        subscription.state = State.ASKED;
        subscription.session = session;
        subscription.askedAt = System.nanoTime();
        written.add(session);
        var _ = session.subscribe(subscription.channel).whenComplete((asked, failure) -> {
            if (failure != null) {
                refused(subscription, session, failure);
            }
        });
    }

    private Feed feed(Node node) {
        return feeds.computeIfAbsent(node.name(), name -> {
            Feed feed = new Feed(servers, node, this);
            feed.start();
            return feed;
        });
    }

    private void refused(Subscription subscription, Session session, Throwable failure) {
        LOG.debug("not subscribed to {}: {}", subscription.channel, failure.toString());
        synchronized (subscription) {
            if (subscription.session == session && subscription.state == State.ASKED) {
                subscription.idle();
            }
        }
        // Everything else is left to the audit.
        if (Failures.isMoved(failure)) {
            servers.lookAgain();
            retrySoon();
        }
    }

    private void retrySoon() {
        if (retrying.compareAndSet(false, true)) {
            var _ = keeper.schedule(
                    () -> {
                        retrying.set(false);
                        wakeAll();
                    },
                    RETRY.toMillis(),
                    TimeUnit.MILLISECONDS);
        }
    }

    private void wakeAll() {
        due.addAll(subscriptions.values());
        wake();
    }

    /** What no answer and no event has told of: answers that never came, slots that others serve now. */
    private void audit() {
        try {
            Set<Session> written = new HashSet<>();
            for (Subscription subscription : subscriptions.values()) {
                audit(subscription, written);
                if (!subscription.isSettled()) {
                    due.add(subscription);
                }
            }
            written.forEach(Session::flush);
            feeds.values().removeIf(feed -> {
                if (servers.isKnown(feed.node())) {
                    return false;
                }
                feed.close();
                return true;
            });
            wake();
        } catch (RuntimeException e) {
            LOG.error("the audit of subscriptions failed", e);
        }
    }

    private void audit(Subscription subscription, Set<Session> written) {
        synchronized (subscription) {
            Session session = subscription.session;
            if (session == null) {
                return;
            }
            switch (subscription.state) {
                case ASKED, LEAVING -> {
                    if (System.nanoTime() - subscription.askedAt > ANSWER_TIMEOUT.toNanos()) {
                        subscription.idle();
                    }
                }
                case CONFIRMED -> {
                    Node node = servers.nodeOf(subscription.channel);
                    boolean misplaced = node != null
                            && !node.name().equals(session.feed.node().name());
                    boolean again = misplaced && subscription.misplaced;
                    subscription.misplaced = misplaced;
                    // What we know of the cluster may be older than the subscription: it must be so twice.
                    if (again) {
                        var _ = session.unsubscribe(subscription.channel);
                        written.add(session);
                        interrupt(subscription);
                    }
                }
                case IDLE -> {}
            }
        }
    }

    // The connections.

    @Override
    public void up(Session session) {
        keeper.execute(this::wakeAll);
    }

    @Override
    public void subscribed(Session session, String channel) {
        Subscription subscription = subscriptions.get(channel);
        if (subscription == null) {
            // Confirmed after we have given up.
            var _ = session.unsubscribe(channel);
            session.flush();
            return;
        }
        synchronized (subscription) {
            if (subscription.session != session || subscription.state != State.ASKED) {
                return;
            }
            subscription.state = State.CONFIRMED;
            if (subscription.wanted) {
                tell(told -> told.restored(channel));
                return;
            }
        }
        wake(subscription);
    }

    /** Either because we asked for it, or because the server no longer serves the channel's slot. */
    @Override
    public void unsubscribed(Session session, String channel) {
        Subscription subscription = subscriptions.get(channel);
        if (subscription == null) {
            return;
        }
        synchronized (subscription) {
            if (subscription.session != session) {
                return;
            }
            if (subscription.state == State.CONFIRMED) {
                servers.lookAgain();
                interrupt(subscription);
            } else if (subscription.state == State.LEAVING) {
                subscription.idle();
            }
        }
        wake(subscription);
    }

    @Override
    public void message(Session session, String channel, byte[] payload) {
        Subscription subscription = subscriptions.get(channel);
        RoomEvent event = RoomEvent.decode(payload).orElse(null);
        if (event == null) {
            LOG.warn("dropped {} bytes on {}: not an event", payload.length, channel);
        } else if (subscription != null) {
            synchronized (subscription) {
                if (subscription.isConfirmedAt(session) && subscription.wanted) {
                    tell(told -> told.received(channel, event));
                }
            }
        }
    }

    @Override
    public void lost(Session session) {
        for (Subscription subscription : subscriptions.values()) {
            synchronized (subscription) {
                if (subscription.isConfirmedAt(session)) {
                    interrupt(subscription);
                } else if (subscription.session == session) {
                    subscription.idle();
                }
            }
        }
        keeper.execute(this::wakeAll);
    }

    private void interrupt(Subscription subscription) {
        subscription.idle();
        if (subscription.wanted) {
            tell(told -> told.interrupted(subscription.channel));
        }
    }

    private void tell(Consumer<Channels.Listener> event) {
        Channels.Listener told = listener;
        try {
            if (told != null) {
                event.accept(told);
            }
        } catch (RuntimeException e) {
            LOG.error("a listener of channels failed", e);
        }
    }

    @Override
    public void close() {
        keeper.execute(() -> feeds.values().forEach(Feed::close));
        keeper.shutdown();
        try {
            if (!keeper.awaitTermination(1, TimeUnit.SECONDS)) {
                LOG.debug("the subscriptions end later");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
