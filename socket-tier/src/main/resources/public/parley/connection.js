import { backoffMs } from './basics.js';
import { Reconnect, ParleyError, closePolicy, endsSession, isRetryable } from './codes.js';
import { knock } from './knock.js';
import { retryAfterMs } from './refusal.js';
import { Renewal } from './renewal.js';

/** Close code for a socket that we give up on; servers see it, nobody acts on it. */
const GIVEN_UP = 4000;
const OPEN = 1; // WebSocket.OPEN; injected implementations need not carry the constant

/**
 * One socket after another, as if it were one connection: authenticates, matches answers to requests, notices a dead
 * line and decides when to come back. At most one socket is in use; whatever an older one still says is ignored. Where the
 * server asks us to move, the next socket is opened and authenticated before the one in use is left.
 *
 *   closed ──connect──▶ connecting ──authenticated──▶ open
 *      ▲                  ▲     │                       │
 *      │                  │     ▼                       ▼
 *      └───── policy NO ──┴── waiting ◀──────────── lost
 */
export class Connection {
  #options;
  #hooks;
  #socket = null;
  #nextId = 1;
  #requests = new Map();
  #tries = 0;
  #openSince = null;
  #wantsNewToken = false;
  #timers = new Map();
  #renewal;
  #moving = false;
  /** The next socket while we move: see knock.js. */
  #next = null;
  #unlisten = () => {};

  state = 'closed';

  /** Counts attempts; what belongs to an earlier one compares unequal and keeps quiet. */
  session = 0;

  /** @param hooks {state(state, detail), open(info), down(), event(name, data), error(error)} */
  constructor(options, hooks) {
    this.#options = options;
    this.#hooks = hooks;
    this.#renewal = new Renewal(this, options, (error) => this.#stop({ error }));
  }

  connect() {
    if (this.state === 'connecting' || this.state === 'open') return;
    if (this.state === 'closed') {
      this.#tries = 0;
      this.#listenToBrowser();
    }
    this.#attempt();
  }

  close() {
    if (this.state !== 'closed') this.#stop({ code: 1000, reason: 'closed by the program' });
  }

  /** Sends a request; resolves with the answer's data, rejects with a ParleyError. */
  request(event, data, timeoutMs = this.#options.requestTimeoutMs) {
    if (this.state !== 'open') return Promise.reject(new ParleyError('DISCONNECTED', 'There is no connection.'));
    return this.#request(event, data, timeoutMs);
  }

  /** The server says that the token has ended although we thought otherwise. */
  tokenExpired() {
    if (this.state === 'open') this.#lost({ policy: Reconnect.WITH_NEW_TOKEN, reason: 'token expired' });
  }

  /** The server will close this connection: leaves it for another one after `ms`, without waiting for that. */
  moveIn(ms) {
    if (this.state !== 'open' || this.#moving) return;
    this.#moving = true;
    this.#timer('move', ms, () => this.#move(0));
  }

  async #move(tries) {
    const { session } = this;
    const { clock, random, backoff } = this.#options;
    try {
      const token = await this.#options.getToken({ renew: this.#wantsNewToken });
      if (session !== this.session) return;
      this.#next = knock(this.#options, this.#nextId++, token);
      const { socket, info } = await this.#next.done;
      this.#next = null;
      if (session === this.session) this.#takeOver(socket, info);
      else socket.close();
    } catch (error) {
      if (session !== this.session) return;
      this.#next = null;
      if (error?.code === 'TOKEN_EXPIRED') this.#wantsNewToken = true;
      // The one in use serves on meanwhile; if the server closes it first, we come back like after any close.
      this.#timer('move', (error?.retryAfterMs ?? 0) + backoffMs(tries, random, backoff), () => this.#move(tries + 1));
    }
  }

  #takeOver(socket, info) {
    const old = this.#socket;
    this.#socket = null;
    this.#down();
    this.#wantsNewToken = false;
    this.#use(socket);
    this.#authenticated(info);
    // Last, so that the chats are asked for on the new connection before the old one is gone.
    old.close(1000);
  }

  async #attempt() {
    this.#clear('retry');
    const session = ++this.session;
    const renew = this.#wantsNewToken;
    this.#setState('connecting');
    this.#timer('deadline', this.#options.connectTimeoutMs, () =>
      this.#lost({ reason: 'no connection within the time allowed' }));
    let token;
    try {
      token = await this.#options.getToken({ renew });
    } catch (error) {
      if (session !== this.session) return;
      if (endsSession(error)) this.#stop({ error });
      else this.#lost({ error, reason: 'no token', retryAfterMs: error?.retryAfterMs });
      return;
    }
    if (session !== this.session) return;
    this.#wantsNewToken = false;
    this.#openSocket(session, token);
  }

  #openSocket(session, token) {
    let socket;
    try {
      socket = new this.#options.WebSocket(this.#options.url);
    } catch (error) {
      this.#lost({ error });
      return;
    }
    this.#use(socket);
    const { onclose } = socket;
    socket.onclose = (event) => session === this.session && this.#neverOpened(event);
    socket.onopen = () => {
      socket.onclose = onclose;
      if (session !== this.session) return;
      // In the first frame and not in the URL, which ends up in logs.
      this.#request('authenticate', { token }, this.#options.requestTimeoutMs).then(
        (info) => session === this.session && this.#authenticated(info),
        (error) => session === this.session && this.#notAuthenticated(error));
    };
  }

  /** The server may be away, or have refused the handshake and say when to come back. */
  async #neverOpened({ code, reason }) {
    const { session } = this;
    const ms = await retryAfterMs(this.#options);
    if (session === this.session) this.#lost({ code, reason, retryAfterMs: ms });
  }

  /** From now on this is the socket. */
  #use(socket) {
    const { session } = this;
    const current = (run) => (event) => session === this.session && run(event);
    this.#socket = socket;
    socket.onmessage = current((event) => this.#frame(event.data));
    socket.onclose = current((event) => this.#lost({ code: event.code, reason: event.reason }));
    socket.onerror = () => {}; // says nothing of use; a close event follows
  }

  #authenticated(info) {
    this.#clear('deadline');
    this.#openSince = this.#options.clock.now();
    this.#renewal.start(info);
    const every = Math.min(this.#options.pingMs, info.heartbeatMs > 0 ? info.heartbeatMs : Infinity);
    this.#schedulePing(every);
    this.#setState('open', info);
    this.#hooks.open(info);
  }

  #notAuthenticated(error) {
    if (error.code === 'DISCONNECTED') return; // the close event decides
    if (error.code === 'TOKEN_EXPIRED') this.#lost({ policy: Reconnect.WITH_NEW_TOKEN, error });
    else if (error.code === 'TIMEOUT' || isRetryable(error)) this.#lost({ error, retryAfterMs: error.retryAfterMs });
    else this.#stop({ error });
  }

  #frame(text) {
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      this.#hooks.error(new ParleyError('MALFORMED_JSON', 'The server sent something that is not JSON.'));
      return;
    }
    if (frame.event !== undefined) {
      this.#hooks.event(frame.event, frame.data ?? {});
      return;
    }
    const request = this.#requests.get(frame.id);
    if (!request) return; // the answer came after its timeout; a send was or will be repeated
    this.#settle(frame.id);
    if (frame.ok) request.resolve(frame.data ?? {});
    else request.reject(new ParleyError(frame.error?.code ?? 'INTERNAL', frame.error?.message, frame.error));
  }

  #request(event, data, timeoutMs) {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.setTimeout(() => {
        this.#requests.delete(id);
        reject(new ParleyError('TIMEOUT', `No answer to '${event}' within ${timeoutMs} ms.`, { event }));
      }, timeoutMs);
      this.#requests.set(id, { resolve, reject, timer });
      try {
        if (this.#socket?.readyState !== OPEN) throw new ParleyError('DISCONNECTED', 'The connection is closing.');
        this.#socket.send(JSON.stringify({ id, event, data }));
      } catch (error) {
        this.#settle(id);
        reject(new ParleyError('DISCONNECTED', 'The connection went away.', { cause: error }));
      }
    });
  }

  #settle(id) {
    this.#options.clock.clearTimeout(this.#requests.get(id)?.timer);
    this.#requests.delete(id);
  }

  /** A line can be dead without a word, as when a laptop sleeps or a proxy forgets; only a missing answer shows it. */
  #schedulePing(everyMs) {
    this.#timer('ping', everyMs, () => this.#probe().then(() => this.#schedulePing(everyMs), () => {}));
  }

  async #probe() {
    const session = this.session;
    try {
      await this.#request('ping', {}, this.#options.pingTimeoutMs);
    } catch (error) {
      if (session !== this.session) throw error;
      if (error.code === 'TIMEOUT') this.#lost({ reason: 'no answer to a ping' });
      // Any other refusal is a sign of life all the same.
      if (session !== this.session) throw error;
    }
  }

  #lost({ code, reason, error, retryAfterMs = 0, policy = closePolicy(code) }) {
    if (policy === Reconnect.NO) {
      this.#stop({ code, reason, error });
      return;
    }
    const { clock, random, stableMs, backoff } = this.#options;
    if (this.#openSince !== null && clock.now() - this.#openSince >= stableMs) this.#tries = 0;
    if (policy === Reconnect.WITH_NEW_TOKEN) this.#wantsNewToken = true;
    this.#down();
    // "At once" holds for the first time only: a server that throws us out again and again is given rest.
    const atOnce = policy !== Reconnect.WITH_BACKOFF && this.#tries === 0;
    let delay = atOnce ? 0 : backoffMs(this.#tries, random, backoff);
    if (retryAfterMs > 0) delay = retryAfterMs + backoffMs(this.#tries, random, backoff);
    this.#tries += 1;
    this.#timer('retry', delay, () => this.#attempt());
    this.#setState('waiting', { retryInMs: delay, code, reason, error });
  }

  #stop({ code, reason, error }) {
    this.#down();
    this.#unlisten();
    this.#setState('closed', { code, reason, error });
    if (error) this.#hooks.error(error);
  }

  #down() {
    this.session += 1;
    this.#openSince = null;
    this.#dropSocket();
    this.#moving = false;
    this.#next?.cancel();
    this.#next = null;
    this.#renewal.stop();
    for (const name of [...this.#timers.keys()]) this.#clear(name);
    const requests = [...this.#requests.keys()].map((id) => [id, this.#requests.get(id)]);
    for (const [id, request] of requests) {
      this.#settle(id);
      request.reject(new ParleyError('DISCONNECTED', 'The connection went away before the answer.'));
    }
    this.#hooks.down();
  }

  #dropSocket() {
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    // The handlers stay until the end: a late error without one is an uncaught exception in some implementations.
    try {
      socket.close(GIVEN_UP);
    } catch {
      // It never opened, or is closed already.
    }
  }

  /** The browser's opinion of the network is a hint: enough to look, not enough to act on. */
  #listenToBrowser() {
    const { browser } = this.#options;
    if (!browser?.addEventListener) return;
    const look = () => {
      if (this.state === 'open') this.#probe().catch(() => {});
      else if (this.state === 'waiting') this.connect();
    };
    const onOffline = () => this.state === 'open' && look();
    browser.addEventListener('online', look);
    browser.addEventListener('offline', onOffline);
    this.#unlisten = () => {
      browser.removeEventListener('online', look);
      browser.removeEventListener('offline', onOffline);
    };
  }

  #setState(state, detail = {}) {
    this.state = state;
    this.#hooks.state(state, detail);
  }

  #timer(name, ms, run) {
    this.#clear(name);
    this.#timers.set(name, this.#options.clock.setTimeout(() => {
      this.#timers.delete(name);
      run();
    }, ms));
  }

  #clear(name) {
    this.#options.clock.clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}
