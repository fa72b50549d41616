package dev.parley.tier.edge.engineio;

import dev.parley.tier.frame.Dialect;
import dev.parley.tier.frame.Transport;
import dev.parley.tier.frame.WireFormat;
import dev.parley.wire.CloseCode;
import dev.parley.wire.EngineIo;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket that comes for a session of the polling transport: it is probed while polling goes on, then takes the
 * session over and is its transport from then on.
 *
 * <pre>
 *   client  2probe ────▶            (a GET that waits is answered with 6)            5 ────▶  4…
 *   server        ◀──── 3probe                                                                 ◀──── 4…
 * </pre>
 */
final class UpgradeProbe implements Dialect {

    private static final long LIMIT_SECONDS = 10;

    private final PollingTransport polling;
    private final Transport webSocket;
    private final Runnable whenUpgraded;
    private @Nullable ScheduledFuture<?> limit;
    private boolean upgraded;
    private boolean over;

    UpgradeProbe(PollingTransport polling, Transport webSocket, Runnable whenUpgraded) {
        this.polling = polling;
        this.webSocket = webSocket;
        this.whenUpgraded = whenUpgraded;
    }

    /** On the loop of the session, before any frame. */
    void begin() {
        if (!polling.admits(this)) {
            giveUp(CloseCode.PROTOCOL_ERROR);
            return;
        }
        limit = polling.loop().schedule(() -> giveUp(CloseCode.PROTOCOL_ERROR), LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void text(String packet) {
        if (upgraded) {
            polling.session().text(packet);
        } else if (packet.equals(EngineIo.PROBE) && !over) {
            webSocket.write(WireFormat.textFrame(EngineIo.probeAnswer()), false);
            polling.probed();
        } else if (packet.equals(String.valueOf(EngineIo.UPGRADE)) && !over && polling.canHandOver()) {
            takeOver();
        } else {
            giveUp(CloseCode.PROTOCOL_ERROR);
        }
    }

    private void takeOver() {
        upgraded = true;
        cancelLimit();
        polling.session().moveTo(polling, webSocket);
        whenUpgraded.run();
    }

    @Override
    public void binary(byte[] data) {
        if (upgraded) {
            polling.session().binary(data);
        } else {
            giveUp(CloseCode.PROTOCOL_ERROR);
        }
    }

    /** Before the upgrade the polling transport has heartbeats of its own. */
    @Override
    public void ping() {
        if (upgraded) {
            polling.session().ping();
        }
    }

    @Override
    public void violated(CloseCode why) {
        if (upgraded) {
            polling.session().violated(why);
        } else {
            giveUp(why);
        }
    }

    @Override
    public void failed(CloseCode why) {
        if (upgraded) {
            polling.session().failed(why);
        } else {
            giveUp(why);
        }
    }

    @Override
    public void ended() {
        if (upgraded) {
            polling.upgradedEnded();
        } else {
            giveUp(CloseCode.NORMAL);
        }
    }

    void sessionEnded() {
        giveUp(CloseCode.NORMAL);
    }

    /** The session, if it still is there, goes on polling. */
    private void giveUp(CloseCode why) {
        if (over || upgraded) {
            return;
        }
        over = true;
        cancelLimit();
        polling.probeEnded(this);
        webSocket.close(why);
    }

    private void cancelLimit() {
        if (limit != null) {
            limit.cancel(false);
            limit = null;
        }
    }
}
