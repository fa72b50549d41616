package dev.parley.notify;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;

/**
 * What mails say.
 *
 * @param publicUrl where people open the chat, without a slash at the end
 */
@ConfigurationProperties("parley.notify")
record NotifySettings(
        @Bindable(defaultValue = "http://localhost:8080") String publicUrl) {}
