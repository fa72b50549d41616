/** What a client does after a close. */
export const Reconnect = Object.freeze({
  /** Do not come back by itself: a person has to do something first. */
  NO: 'NO',
  /** Come back at once and resume. */
  AT_ONCE: 'AT_ONCE',
  /** Come back after a growing, jittered delay and resume. */
  WITH_BACKOFF: 'WITH_BACKOFF',
  /** Get a new access token first, then come back and resume. */
  WITH_NEW_TOKEN: 'WITH_NEW_TOKEN',
});

/** The server's CloseCode.java, code by code; a test compares the two. */
export const CLOSE_CODES = Object.freeze({
  1000: entry('NORMAL', Reconnect.NO, 'bye'),
  1002: entry('PROTOCOL_ERROR', Reconnect.WITH_BACKOFF, 'protocol error'),
  1007: entry('INVALID_PAYLOAD', Reconnect.WITH_BACKOFF, 'text is not valid UTF-8'),
  1009: entry('TOO_BIG', Reconnect.WITH_BACKOFF, 'frame too big'),
  1011: entry('INTERNAL', Reconnect.WITH_BACKOFF, 'internal error'),
  1012: entry('SERVICE_RESTART', Reconnect.WITH_BACKOFF, 'restarting: reconnect and resume'),
  1013: entry('TRY_AGAIN_LATER', Reconnect.WITH_BACKOFF, 'overloaded: try again later'),
  4401: entry('UNAUTHENTICATED', Reconnect.NO, 'token missing or invalid'),
  4403: entry('TOKEN_EXPIRED', Reconnect.WITH_NEW_TOKEN, 'token expired'),
  4408: entry('AUTHENTICATION_TIMEOUT', Reconnect.WITH_NEW_TOKEN, 'no token within the time allowed'),
  4409: entry('SLOW_READER', Reconnect.AT_ONCE, 'reads too slowly: reconnect and resume'),
  4410: entry('HEARTBEAT_TIMEOUT', Reconnect.WITH_BACKOFF, 'no sign of life'),
  4429: entry('TOO_MANY_CONNECTIONS', Reconnect.NO, 'too many connections of this user'),
});

function entry(name, reconnect, reason) {
  return Object.freeze({ name, reconnect, reason });
}

/** A code we do not know, or none at all (1005, 1006), is a lost connection like any other. */
export function closePolicy(code) {
  return CLOSE_CODES[code]?.reconnect ?? Reconnect.WITH_BACKOFF;
}

/** The server's error codes whose request may succeed later; ErrorCode.java says LATER for exactly these. */
export const RETRYABLE_ERRORS = Object.freeze(['RATE_LIMITED', 'UNAVAILABLE', 'INTERNAL']);

/** Refusals that no waiting cures: the session behind the token is over. */
const SESSION_OVER = ['UNAUTHENTICATED', 'TOKEN_INVALID', 'BAD_CREDENTIALS', 'FORBIDDEN'];

/**
 * An error with a stable `code`: one of the server's, or one of ours: TIMEOUT (no answer in time), DISCONNECTED (the
 * connection went away before the answer), CLOSED (the client was closed), TOO_MANY_PENDING (too many sends wait).
 */
export class ParleyError extends Error {
  constructor(code, message = code, { retryAfterMs, chatId, event, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ParleyError';
    this.code = code;
    if (retryAfterMs !== undefined && retryAfterMs !== null) this.retryAfterMs = retryAfterMs;
    if (chatId !== undefined) this.chatId = chatId;
    if (event !== undefined) this.event = event;
  }
}

/** Whether the same request may succeed later. */
export function isRetryable(error) {
  return RETRYABLE_ERRORS.includes(error?.code) || Number.isFinite(error?.retryAfterMs);
}

export function endsSession(error) {
  return SESSION_OVER.includes(error?.code);
}
