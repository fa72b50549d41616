package dev.parley.notify;

import java.util.Map;

/** The settings for a {@link TestSmtp}. */
final class Mail {

    private Mail() {}

    static Map<String, Object> properties(TestSmtp smtp) {
        return Map.of(
                "parley.mail.host", "127.0.0.1",
                "parley.mail.port", smtp.port(),
                "parley.mail.starttls", false,
                "parley.mail.from", "Parley <no-reply@parley.example>",
                "parley.mail.lease", "500ms",
                "parley.notify.public-url", "https://chat.example");
    }
}
