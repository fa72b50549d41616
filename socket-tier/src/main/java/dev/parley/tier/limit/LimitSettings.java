package dev.parley.tier.limit;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;

/**
 * How often something may be done in a minute.
 *
 * @param enabled false lifts all limits, for load tests on a developer's machine
 * @param messagesOverAll messages of everybody together
 * @param presenceChangesPerUser choices of a status
 * @param presenceQuestionsPerUser who is watched named anew, and presences asked for over REST
 * @param connectsPerUser attempts to open a connection
 * @param connectionsPerUser connections open at a time, over all instances
 * @param persistBacklog messages waiting to be stored above which sends are shed
 */
@ConfigurationProperties("parley.limits")
public record LimitSettings(
        @Bindable(defaultValue = "true") boolean enabled,
        @Bindable(defaultValue = "30") int messagesPerUser,
        @Bindable(defaultValue = "100") int messagesPerChat,
        @Bindable(defaultValue = "10000") int messagesOverAll,
        @Bindable(defaultValue = "120") int typingPerUser,
        @Bindable(defaultValue = "10") int loginsPerName,
        @Bindable(defaultValue = "60") int loginsPerAddress,
        @Bindable(defaultValue = "30") int registrationsPerAddress,
        @Bindable(defaultValue = "60") int searchesPerUser,
        @Bindable(defaultValue = "30") int chatsCreatedPerUser,
        @Bindable(defaultValue = "10") int presenceChangesPerUser,
        @Bindable(defaultValue = "60") int presenceQuestionsPerUser,
        @Bindable(defaultValue = "10") int connectsPerUser,
        @Bindable(defaultValue = "5") int connectionsPerUser,
        @Bindable(defaultValue = "10000") int persistBacklog) {}
