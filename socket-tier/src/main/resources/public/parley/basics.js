/** The real clock. Tests put their own in its place, so that nothing here ever waits in real time. */
export const systemClock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => globalThis.setTimeout(run, ms),
  clearTimeout: (timer) => globalThis.clearTimeout(timer),
};

/** Listeners by event name. A listener that throws is reported and takes nothing else down. */
export class Emitter {
  #listeners = new Map();

  /** Returns the function that takes the listener off again. */
  on(event, listener) {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => this.off(event, listener);
  }

  off(event, listener) {
    this.#listeners.get(event)?.delete(listener);
  }

  emit(event, ...values) {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        listener(...values);
      } catch (error) {
        console.error(`parley: a listener of '${event}' failed`, error);
      }
    }
  }
}

/**
 * Full jitter: anything between nothing and a bound that doubles with each try. Thousands of clients that lost the same
 * server come back spread over the whole span, not in waves.
 */
export function backoffMs(tries, random, { baseMs, capMs }) {
  return random() * Math.min(capMs, baseMs * 2 ** Math.min(tries, 30));
}

/** A random UUID, also on plain http pages, where browsers hide crypto.randomUUID. */
export function newId() {
  const crypto = globalThis.crypto;
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function deferred() {
  const out = {};
  out.promise = new Promise((resolve, reject) => Object.assign(out, { resolve, reject }));
  // Whoever ignores the promise shall not be told of an unhandled rejection.
  out.promise.catch(() => {});
  return out;
}
