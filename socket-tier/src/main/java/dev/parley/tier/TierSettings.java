package dev.parley.tier;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import java.time.Duration;
import java.util.List;

/**
 * The tier as a whole.
 *
 * @param serverId name of this instance, unique among all that run
 * @param mode {@code local} on a developer's machine; anything else refuses weak secrets
 * @param heartbeat how often a connection is asked for a sign of life
 * @param heartbeatTimeout how long it may take to give one
 * @param authenticationTimeout how long a connection may stay without a token
 * @param accessTokenLifetime how long an access token is good
 * @param refreshTokenLifetime how long a refresh token is good
 * @param outboxBytes what may wait to be written to one connection before it counts as a slow reader
 * @param requestsInFlight requests of one connection under way before it is no longer read from
 * @param pollingOrigins pages of which other origins may use HTTP long-polling; {@code *} stands for all
 * @param behindProxy whether every request comes through a proxy that adds to X-Forwarded-For
 * @param directWrites messages that may wait to be written to MongoDB from here; one more is refused
 * @param resumeMessages the largest gap that is filled message by message; above it the client is told to resync
 * @param drainNotice between the order to end and the first client being told: load balancers need it to see that this
 *     instance is not ready
 * @param drainSpread over how long the clients are sent elsewhere
 * @param drainGrace how long after its time a client may still be there before it is closed
 * @param drainLimit how long ending may take in all
 */
@ConfigurationProperties("parley.tier")
public record TierSettings(
        @Bindable(defaultValue = "tier-1") String serverId,
        @Bindable(defaultValue = "production") String mode,
        @Bindable(defaultValue = "25s") Duration heartbeat,
        @Bindable(defaultValue = "20s") Duration heartbeatTimeout,
        @Bindable(defaultValue = "10s") Duration authenticationTimeout,
        @Bindable(defaultValue = "15m") Duration accessTokenLifetime,
        @Bindable(defaultValue = "30d") Duration refreshTokenLifetime,
        @Bindable(defaultValue = "1048576") int outboxBytes,
        @Bindable(defaultValue = "256") int requestsInFlight,
        List<String> pollingOrigins,
        @Bindable(defaultValue = "false") boolean behindProxy,
        @Bindable(defaultValue = "2000") int directWrites,
        @Bindable(defaultValue = "1000") int resumeMessages,
        @Bindable(defaultValue = "5s") Duration drainNotice,
        @Bindable(defaultValue = "30s") Duration drainSpread,
        @Bindable(defaultValue = "3s") Duration drainGrace,
        @Bindable(defaultValue = "120s") Duration drainLimit) {

    public boolean local() {
        return mode.equals("local");
    }
}
