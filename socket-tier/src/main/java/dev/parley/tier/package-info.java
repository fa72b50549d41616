/**
 * The socket tier. One message in three jumps: {@link dev.parley.tier.edge.Requests} →
 * {@link dev.parley.tier.message.SendMessage} → {@code RecentMessages.append} (order, cache and publish in one step) and
 * {@code QueuePublisher.publish} (safety); on every instance {@link dev.parley.tier.room.Rooms} takes it to the members.
 *
 * <p>Its beans exist in the environment "tier" only, so that tier and functions can share a process in the local mode.
 */
@Configuration
@Requires(env = "tier")
@NullMarked
package dev.parley.tier;

import io.micronaut.context.annotation.Configuration;
import io.micronaut.context.annotation.Requires;
import org.jspecify.annotations.NullMarked;
