import { backoffMs, deferred } from './basics.js';
import { ParleyError, isRetryable } from './codes.js';

/** An INTERNAL error that comes back this often is about this very message; it shall not block its chat for ever. */
const MAX_INTERNAL_ERRORS = 8;

/** The pause that ends with the next connection, which flushes. */
const UNTIL_OPEN = Infinity;

/**
 * Sends that are not acknowledged yet. Each keeps its clientMessageId, so that a repeated send is the same message to
 * the server however often it arrives. One send per chat is under way at a time: with two, the second could succeed
 * where the first was told to wait, and they would swap places.
 */
export class Outbox {
  #connection;
  #options;
  /** chatId → {queue, busy, timer}; a lane exists while it has something to send. */
  #lanes = new Map();
  #ids = new Map();

  constructor(connection, options) {
    this.#connection = connection;
    this.#options = options;
  }

  get size() {
    return this.#ids.size;
  }

  /** Returns the promise of the acknowledgement. A send that still waits under the same id is joined, not doubled. */
  add(message) {
    const waiting = this.#ids.get(message.clientMessageId);
    if (waiting) return waiting.promise;
    const { promise, resolve, reject } = deferred();
    if (this.size >= this.#options.maxPending) {
      reject(new ParleyError('TOO_MANY_PENDING', `${this.size} messages wait to be sent already.`));
      return promise;
    }
    this.#ids.set(message.clientMessageId, { promise });
    const lane = this.#lanes.get(message.chatId) ?? { queue: [], busy: false, timer: null };
    lane.queue.push({ message, resolve, reject, tries: 0, internalErrors: 0 });
    this.#lanes.set(message.chatId, lane);
    this.#pump(message.chatId, lane);
    return promise;
  }

  /** There is a connection (again): whatever was not acknowledged goes out once more. */
  flush() {
    for (const [chatId, lane] of [...this.#lanes]) this.#pump(chatId, lane);
  }

  /** Nothing will be sent any more. */
  rejectAll(error) {
    for (const lane of this.#lanes.values()) {
      this.#options.clock.clearTimeout(lane.timer);
      for (const { reject } of lane.queue.splice(0)) reject(error);
    }
    this.#lanes.clear();
    this.#ids.clear();
  }

  async #pump(chatId, lane) {
    if (lane.busy || lane.timer !== null || this.#connection.state !== 'open' || lane.queue.length === 0) return;
    const send = lane.queue[0];
    const { session } = this.#connection;
    lane.busy = true;
    let outcome;
    try {
      const ack = await this.#connection.request('send-message', send.message);
      outcome = () => send.resolve(ack);
    } catch (error) {
      if (lane.queue[0] !== send) return; // rejected meanwhile
      const pause = this.#pauseAfter(error, send);
      if (pause !== null) {
        lane.busy = false;
        // A connection that was there before this one had ended has flushed already.
        if (pause === UNTIL_OPEN && session !== this.#connection.session) this.#pump(chatId, lane);
        else this.#pumpAfter(pause, chatId, lane);
        return;
      }
      outcome = () => send.reject(error);
    }
    if (lane.queue[0] !== send) return;
    lane.busy = false;
    lane.queue.shift();
    this.#ids.delete(send.message.clientMessageId);
    if (lane.queue.length === 0) this.#lanes.delete(chatId);
    outcome();
    this.#pump(chatId, lane);
  }

  /** How long to wait before the same send goes out again; null if never. */
  #pauseAfter(error, send) {
    const { random, backoff } = this.#options;
    if (error.code === 'DISCONNECTED') return UNTIL_OPEN;
    if (error.code === 'TOKEN_EXPIRED') {
      this.#connection.tokenExpired();
      return UNTIL_OPEN;
    }
    if (error.code === 'INTERNAL' && ++send.internalErrors >= MAX_INTERNAL_ERRORS) return null;
    if (error.code !== 'TIMEOUT' && !isRetryable(error)) return null;
    const jitter = backoffMs(send.tries++, random, backoff);
    return error.retryAfterMs > 0 ? error.retryAfterMs + Math.min(jitter, error.retryAfterMs / 4 + 250) : jitter;
  }

  #pumpAfter(ms, chatId, lane) {
    if (ms === UNTIL_OPEN) return;
    lane.timer = this.#options.clock.setTimeout(() => {
      lane.timer = null;
      this.#pump(chatId, lane);
    }, ms);
  }
}
