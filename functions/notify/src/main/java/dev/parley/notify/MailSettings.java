package dev.parley.notify;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The mail relay.
 *
 * @param host none or empty switches e-mail off
 * @param username none or empty where the server asks for no login
 * @param starttls whether the connection must be encrypted; a server that cannot is not used
 * @param from the sender's address
 * @param connectTimeout after this the server is away
 * @param timeout after this an answer or a write has failed
 * @param lease how long a mail that somebody began to send belongs to him; longer than sending one takes, and shorter
 *     than all retry delays together, or a mail whose sender crashed becomes a dead letter before it is tried again
 */
@ConfigurationProperties("parley.mail")
record MailSettings(
        @Nullable String host,
        @Bindable(defaultValue = "587") int port,
        @Nullable String username,
        @Nullable String password,
        @Bindable(defaultValue = "true") boolean starttls,
        @Bindable(defaultValue = "parley@localhost") String from,
        @Bindable(defaultValue = "3s") Duration connectTimeout,
        @Bindable(defaultValue = "5s") Duration timeout,
        @Bindable(defaultValue = "25s") Duration lease) {

    boolean isOn() {
        return host != null && !host.isBlank();
    }
}
