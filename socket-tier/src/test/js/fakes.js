/** A world without real time: a clock that is moved by hand, sockets that are played by the test. */

export class FakeClock {
  #now = Date.parse('2025-01-01T00:00:00Z');
  #timers = new Map();
  #next = 1;

  now = () => this.#now;

  setTimeout = (run, ms) => {
    this.#timers.set(this.#next, { at: this.#now + Math.max(0, ms), run, order: this.#next });
    return this.#next++;
  };

  clearTimeout = (timer) => void this.#timers.delete(timer);

  /** Lets `ms` pass, running each timer at its time and everything that awaits between. */
  async advance(ms) {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.at <= end);
      if (due.length === 0) break;
      const [id, timer] = due.sort(([, a], [, b]) => a.at - b.at || a.order - b.order)[0];
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, timer.at);
      timer.run();
      await settle();
    }
    this.#now = end;
  }

  iso(plusMs = 0) {
    return new Date(this.#now + plusMs).toISOString();
  }

  get timers() {
    return this.#timers.size;
  }
}

/** Until every promise that can go on has gone on. */
export async function settle() {
  for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Numbers between 0 and 1 from a seed (mulberry32), so that a failure can be repeated. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A WebSocket class whose instances are collected in `sockets`. */
export function fakeWebSockets() {
  const sockets = [];
  class FakeWebSocket {
    readyState = 0;
    sent = [];

    constructor(url) {
      this.url = url;
      sockets.push(this);
    }

    send(text) {
      this.sent.push(JSON.parse(text));
    }

    close(code) {
      this.closedWith = code;
      this.readyState = 2;
    }

    // From here on: what the other side does.

    opens() {
      this.readyState = 1;
      this.onopen?.({});
    }

    says(frame) {
      this.onmessage?.({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) });
    }

    ends(code, reason = '') {
      this.readyState = 3;
      this.onclose?.({ code, reason });
    }
  }
  return { sockets, WebSocket: FakeWebSocket };
}
