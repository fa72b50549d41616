package dev.parley.tier.rest;

import dev.parley.wire.ErrorCode;
import dev.parley.wire.Fault;

/** Ends a request with a declared error; {@link Problems} answers it. Carries no stack trace: it is an outcome. */
public final class RefusedException extends RuntimeException {

    private final transient Fault fault;

    public RefusedException(Fault fault) {
        super(fault.message(), null, false, false);
        this.fault = fault;
    }

    public RefusedException(ErrorCode code) {
        this(Fault.of(code));
    }

    public RefusedException(ErrorCode code, String message) {
        this(Fault.of(code, message));
    }

    public Fault fault() {
        return fault;
    }
}
