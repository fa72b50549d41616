import { backoffMs, deferred } from './basics.js';
import { isRetryable } from './codes.js';

/**
 * Presence, both ways. Whom one watches is said anew on every connection, because the server keeps it for one only; a
 * chosen status is kept by the server, and said again only where it has not answered yet.
 */
export class Presence {
  #watching;
  #choosing;
  #emit;
  #watched = new Set();
  /** userId → the presence that was emitted last. */
  #known = new Map();

  /** @param emit {presence(presence), error(error)} */
  constructor(connection, options, emit) {
    this.#emit = emit;
    this.#watching = new Newest(connection, options, 'watch-presence', {
      answered: ({ presences = [] }) => presences.forEach((presence) => this.heard(presence)),
      failed: emit.error,
    });
    this.#choosing = new Newest(connection, options, 'set-presence', { answered: () => {}, failed: emit.error });
  }

  watch(userIds) {
    this.#watched = new Set(userIds);
    for (const userId of [...this.#known.keys()]) if (!this.#watched.has(userId)) this.#known.delete(userId);
    return this.#watching.put({ userIds: [...this.#watched] });
  }

  set(status, message) {
    return this.#choosing.put(message ? { status, message } : { status });
  }

  /** What says nothing new is not passed on; nor is what was on its way when the user was watched no more. */
  heard(presence) {
    const { userId, status, message, lastSeen } = presence;
    if (!this.#watched.has(userId)) return;
    const before = this.#known.get(userId);
    if (before && before.status === status && before.message === message && before.lastSeen === lastSeen) return;
    this.#known.set(userId, presence);
    this.#emit.presence(presence);
  }

  /** On a new connection. */
  resume() {
    this.#watching.resume({ anew: this.#watched.size > 0 });
    this.#choosing.resume({ anew: false });
  }

  close(error) {
    this.#watching.close(error);
    this.#choosing.close(error);
    this.#watched.clear();
    this.#known.clear();
  }
}

/** A request of which only the newest counts; it is repeated until it is answered, over any number of connections. */
class Newest {
  #connection;
  #options;
  #event;
  #on;
  #data = null;
  #answered = true;
  #waiting = [];
  /** Counts the tries to have it answered; an older one gives way. */
  #round = 0;

  constructor(connection, options, event, on) {
    this.#connection = connection;
    this.#options = options;
    this.#event = event;
    this.#on = on;
  }

  /** Resolves with the answer to this, or to what has taken its place since. */
  put(data) {
    const waiting = deferred();
    this.#waiting.push(waiting);
    this.#data = data;
    this.#answered = false;
    if (this.#connection.state === 'open') this.#ask();
    return waiting.promise;
  }

  /** On a new connection; with `anew` also what was answered on an earlier one. */
  resume({ anew }) {
    if (this.#data !== null && (anew || !this.#answered)) this.#ask();
  }

  close(error) {
    this.#round += 1;
    this.#data = null;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }

  async #ask() {
    this.#round += 1;
    const round = this.#round;
    const { session } = this.#connection;
    const { clock, random, backoff } = this.#options;
    const isCurrent = () => round === this.#round && session === this.#connection.session;
    for (let tries = 0; isCurrent(); tries += 1) {
      try {
        const answer = await this.#connection.request(this.#event, this.#data);
        if (round !== this.#round) return;
        this.#answered = true;
        this.#on.answered(answer ?? {});
        for (const waiting of this.#waiting.splice(0)) waiting.resolve(answer);
        return;
      } catch (error) {
        if (!isCurrent() || error.code === 'DISCONNECTED') return; // the next connection asks
        if (!isRetryable(error) && error.code !== 'TIMEOUT') {
          this.#refused(error);
          return;
        }
        const pause = (error.retryAfterMs ?? 0) + backoffMs(tries, random, backoff);
        await new Promise((resolve) => clock.setTimeout(resolve, pause));
      }
    }
  }

  /** For good: it is not asked for again on other connections either. */
  #refused(error) {
    this.#data = null;
    const waiting = this.#waiting.splice(0);
    for (const one of waiting) one.reject(error);
    if (waiting.length === 0) this.#on.failed(error);
  }
}
