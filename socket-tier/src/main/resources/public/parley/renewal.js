import { backoffMs } from './basics.js';
import { endsSession } from './codes.js';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Renews the token of an open connection before it ends, so that nobody is cut off for being long online. If renewing
 * fails until the end, the server closes the connection and reconnecting gets a new token.
 */
export class Renewal {
  #connection;
  #options;
  #fatal;
  #timer = null;
  #skewMs = 0;
  #tries = 0;

  /** @param fatal told when there will never be another token */
  constructor(connection, options, fatal) {
    this.#connection = connection;
    this.#options = options;
    this.#fatal = fatal;
  }

  start({ serverTime, expiresAt }) {
    const serverNow = Date.parse(serverTime);
    // Both times are the server's: a local clock that is wrong does no harm.
    this.#skewMs = Number.isFinite(serverNow) ? serverNow - this.#options.clock.now() : 0;
    this.#tries = 0;
    this.#schedule(expiresAt);
  }

  stop() {
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #schedule(expiresAt) {
    const end = Date.parse(expiresAt);
    if (!Number.isFinite(end)) return;
    const left = end - this.#skewMs - this.#options.clock.now();
    // A minute early, or a fifth of a short life; never in a tight loop.
    this.#after(Math.max(1000, left - Math.min(60_000, left / 5)));
  }

  #after(ms) {
    this.stop();
    this.#timer = this.#options.clock.setTimeout(() => this.#renew(), Math.min(ms, LONGEST_TIMER_MS));
  }

  async #renew() {
    const { session } = this.#connection;
    try {
      const token = await this.#options.getToken({ renew: true });
      if (session !== this.#connection.session) return;
      const { expiresAt } = await this.#connection.request('refresh-token', { token });
      if (session !== this.#connection.session) return;
      this.#tries = 0;
      this.#schedule(expiresAt);
    } catch (error) {
      if (session !== this.#connection.session) return;
      if (endsSession(error)) this.#fatal(error);
      else this.#after(1000 + (error?.retryAfterMs ?? 0) + backoffMs(this.#tries++, this.#options.random, this.#options.backoff));
    }
  }
}
