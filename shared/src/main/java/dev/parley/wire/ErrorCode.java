package dev.parley.wire;

/**
 * Every error that a client can be told, with its HTTP status and whether the same request may succeed later. The names
 * are the stable codes on the wire; they are never renamed or reused.
 */
public enum ErrorCode {
    MALFORMED_JSON(400, Retry.NO, "The text is not valid JSON."),
    MALFORMED_FRAME(400, Retry.NO, "The frame is not a request of this protocol."),
    UNKNOWN_EVENT(400, Retry.NO, "There is no such event."),
    VALIDATION(400, Retry.NO, "A field is missing, of the wrong type or out of its bounds."),
    INVALID_ID(400, Retry.NO, "An id is not 24 lower-case hex digits."),
    CONTENT_TOO_LONG(400, Retry.NO, "The content is longer than allowed."),
    BINARY_NOT_SUPPORTED(400, Retry.NO, "Binary data stands where text belongs."),
    PAYLOAD_TOO_LARGE(413, Retry.NO, "The request is larger than allowed."),
    UNAUTHENTICATED(401, Retry.NO, "There is no valid token."),
    TOKEN_INVALID(401, Retry.NO, "The token is not one of ours, or lacks a claim."),
    TOKEN_EXPIRED(401, Retry.NO, "The token has expired: get a new one and come back."),
    BAD_CREDENTIALS(401, Retry.NO, "User name or password is wrong."),
    FORBIDDEN(403, Retry.NO, "This is not allowed."),
    NOT_A_MEMBER(403, Retry.NO, "There is no such chat, or you are not a member of it."),
    NOT_A_CONTACT(403, Retry.NO, "There is no such user, or you share no chat."),
    NOT_FOUND(404, Retry.NO, "There is no such thing."),
    METHOD_NOT_ALLOWED(405, Retry.NO, "This method is not allowed here."),
    UNSUPPORTED_MEDIA_TYPE(415, Retry.NO, "This content type is not supported here."),
    USERNAME_TAKEN(409, Retry.NO, "This user name is taken."),
    RATE_LIMITED(429, Retry.LATER, "Too many requests: try again after the given time."),
    UNAVAILABLE(503, Retry.LATER, "A part of the service is away: try again after the given time."),
    INTERNAL(500, Retry.LATER, "Something went wrong on our side; it is logged.");

    /** Whether the same request can succeed later. */
    public enum Retry {
        NO,
        LATER
    }

    private final int httpStatus;
    private final Retry retry;
    private final String description;

    ErrorCode(int httpStatus, Retry retry, String description) {
        this.httpStatus = httpStatus;
        this.retry = retry;
        this.description = description;
    }

    public int httpStatus() {
        return httpStatus;
    }

    public Retry retry() {
        return retry;
    }

    /** What the code means, for people; the message of an error where nothing more precise is known. */
    public String description() {
        return description;
    }
}
