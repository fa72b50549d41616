package dev.parley.tier.rest;

import dev.parley.wire.ErrorCode;
import java.util.regex.Pattern;

/** E-mail addresses as we take them: plain, without comments or quoting. */
final class Emails {

    private static final Pattern ADDRESS = Pattern.compile("[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,188}");

    private Emails() {}

    static String check(String text) {
        String address = text.strip();
        if (!ADDRESS.matcher(address).matches()) {
            throw new RefusedException(ErrorCode.VALIDATION, "'email' is not an e-mail address.");
        }
        return address;
    }
}
