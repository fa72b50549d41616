import { Emitter, newId, systemClock } from './basics.js';
import { ParleyError } from './codes.js';
import { Connection } from './connection.js';
import { Outbox } from './outbox.js';
import { Presence } from './presence.js';
import { Rooms } from './rooms.js';
import { Typing } from './typing.js';

const DEFAULTS = {
  /** Longest wait for a token, a socket and the answer to `authenticate` together. */
  connectTimeoutMs: 20_000,
  requestTimeoutMs: 10_000,
  pingMs: 25_000,
  pingTimeoutMs: 10_000,
  /** A connection that stayed up this long has proved the server well: the next backoff starts from the bottom. */
  stableMs: 10_000,
  backoff: { baseMs: 500, capMs: 30_000 },
  /** Sends that may wait for their acknowledgement; the next one is refused with TOO_MANY_PENDING. */
  maxPending: 1000,
  /** Ids remembered per chat against duplicates. */
  maxSeen: 2000,
  /** How long a gap may close by itself before the server is asked. */
  healAfterMs: 250,
  typingEveryMs: 2000,
  typingEndsMs: 2800,
  /** The server's bounds (Limits.java); content is measured here, for a frame too big would close the connection. */
  maxChatsPerJoin: 1000,
  maxContentBytes: 16 * 1024,
};

/**
 * A connection to Parley that survives what networks do.
 *
 * Required options: `url` (ws:// or wss://) and `getToken`, called as `getToken({renew})` with `renew: true` where the
 * old token will not do. It rejects with `{code: 'UNAUTHENTICATED'}` where the session is over for good; any other
 * rejection is tried again. Also `WebSocket`, `fetch` (asks when to
 * come back after a refused handshake), `clock`, `random`, `browser` (for `online` and `offline`), and DEFAULTS.
 *
 * Events:
 *   state(state, detail)  'connecting' | 'open' | 'waiting' {retryInMs, code} | 'closed' {code, reason, error}
 *   message(message)      once each, one's own included; nearly always in the order of seq within its chat, but one that
 *                         was held up while servers were away comes late: sort by seq, ties by messageId
 *   retracted({chatId, messageId, seq})  what came as this message at this seq was not kept: take it away if it is held
 *                         with exactly this seq. If it has another place, it comes again as a message
 *   typing({chatId, userId, isTyping})
 *   presence({userId, status, message?, lastSeen?})  of the users that are watched, each change once; status is 'online',
 *                         'away', 'busy' or 'offline'
 *   chat-created(data)    joined already if 'all' was joined
 *   resync({chatId, headSeq})  too much was missed: load this chat's history anew
 *   maintenance({phase, reconnectInMs, message})  phase 'prepare' is for people; with 'reconnect' the client moves to
 *                         another server by itself, and tells when it is there with another state 'open'
 *   event(name, data)     every other event of the server
 *   error(error)          a ParleyError that no promise carries
 */
export class ParleyClient {
  #options;
  #emitter = new Emitter();
  #connection;
  #outbox;
  #rooms;
  #typing;
  #presence;
  #info = null;

  constructor(options) {
    if (!options?.url || typeof options.getToken !== 'function') {
      throw new TypeError("ParleyClient needs 'url' and 'getToken'.");
    }
    this.#options = {
      ...DEFAULTS,
      WebSocket: globalThis.WebSocket,
      fetch: globalThis.fetch?.bind(globalThis),
      clock: systemClock,
      random: Math.random,
      newId,
      browser: globalThis.window,
      ...options,
    };
    if (!this.#options.WebSocket) throw new TypeError("There is no global WebSocket here: pass one as 'WebSocket'.");
    this.#connection = new Connection(this.#options, {
      state: (state, detail) => this.#stateChanged(state, detail),
      open: (info) => this.#opened(info),
      down: () => this.#rooms.down(),
      event: (name, data) => this.#heard(name, data),
      error: (error) => this.#emitter.emit('error', error),
    });
    this.#outbox = new Outbox(this.#connection, this.#options);
    this.#rooms = new Rooms(this.#connection, this.#options, {
      message: (message) => {
        this.#typing.wrote(message.chatId, message.senderId);
        this.#emitter.emit('message', message);
      },
      retracted: (data) => this.#emitter.emit('retracted', data),
      resync: (data) => this.#emitter.emit('resync', data),
      error: (error) => this.#emitter.emit('error', error),
    });
    this.#typing = new Typing(
      this.#options,
      // Nobody waits for the answer; lost typing is no loss.
      (data) => this.#connection.request('typing', data).catch(() => {}),
      (data) => this.#emitter.emit('typing', data));
    this.#presence = new Presence(this.#connection, this.#options, {
      presence: (data) => this.#emitter.emit('presence', data),
      error: (error) => this.#emitter.emit('error', error),
    });
  }

  get state() {
    return this.#connection.state;
  }

  /** What the server said on connecting ({userId, connectionId, serverId, …}); null before the first time. */
  get info() {
    return this.#info;
  }

  /** Sends without an acknowledgement yet. */
  get pending() {
    return this.#outbox.size;
  }

  /** Returns the function that takes the listener off again. */
  on(event, listener) {
    return this.#emitter.on(event, listener);
  }

  off(event, listener) {
    this.#emitter.off(event, listener);
  }

  /** Starts, starts again after 'closed', or cuts the waiting short. */
  connect() {
    this.#connection.connect();
  }

  /** Ends for good: sends and joins that are not answered are rejected with CLOSED. */
  close() {
    this.#connection.close();
  }

  /**
   * Joins chats (an array of ids, or 'all') for this and every later connection. `lastSeqs` ({chatId: seq}) says up to
   * where the program holds a chat already; what came after is delivered before the promise resolves with
   * {joined: [{chatId, headSeq}], refused: [{chatId, code}]}.
   */
  join(chats, { lastSeqs } = {}) {
    return this.#rooms.join(chats, lastSeqs);
  }

  leave(chats) {
    return this.#rooms.leave(chats);
  }

  /**
   * Sends a message and keeps at it over any number of connections until it is acknowledged or refused. Returns
   * {clientMessageId, acked}, where `acked` is the promise of {messageId, chatId, seq, clientMessageId, timestamp}. To
   * try a failed send again, pass its clientMessageId: if it arrived after all, it stays one message.
   */
  send(chatId, content, { type = 'text', clientMessageId = this.#options.newId() } = {}) {
    this.#typing.type(chatId, false);
    const limit = this.#info?.maxContentBytes ?? this.#options.maxContentBytes;
    let acked;
    if (new TextEncoder().encode(content).length > limit) {
      acked = refused(new ParleyError('CONTENT_TOO_LONG', `The message is longer than ${limit} bytes.`));
    } else {
      acked = this.#outbox.add({ chatId, content, type, clientMessageId });
    }
    return { clientMessageId, acked };
  }

  /** To be called on every key stroke; the wire sees one `true` per two seconds, and a `false` when it is over. */
  typing(chatId, isTyping) {
    this.#typing.type(chatId, isTyping);
  }

  /**
   * Watches the presence of exactly these users, on this and every later connection; none ends it. What is known and what
   * changes comes as `presence`. Resolves with the server's answer: {presences, refused: [{userId, code}]}; of those
   * refused nothing comes, because one shares no chat with them.
   */
  watchPresence(userIds) {
    return this.#presence.watch(userIds);
  }

  /**
   * Chooses how one shows oneself, on all devices: 'online', 'away', 'busy', or 'offline' to appear so; with a message of
   * up to 100 characters beside the first three. Keeps at it until the server has taken it; only the newest counts.
   */
  setPresence(status, message) {
    return this.#presence.set(status, message);
  }

  #opened(info) {
    this.#info = info;
    this.#rooms.resume();
    this.#presence.resume();
    this.#outbox.flush();
  }

  #stateChanged(state, detail) {
    if (state === 'waiting' || state === 'closed') this.#typing.stop();
    if (state === 'closed') {
      const error = new ParleyError('CLOSED', detail.error?.message ?? detail.reason ?? 'The client is closed.', {
        cause: detail.error,
      });
      this.#outbox.rejectAll(error);
      this.#rooms.close(error);
      this.#presence.close(error);
    }
    this.#emitter.emit('state', state, detail);
  }

  #heard(name, data) {
    switch (name) {
      case 'connected':
        break; // the answer to `authenticate` said the same
      case 'new-message':
        this.#rooms.take(data);
        break;
      case 'message-retracted':
        this.#rooms.retract(data);
        break;
      case 'server-maintenance':
        if (data.phase === 'reconnect') this.#connection.moveIn(data.reconnectInMs > 0 ? data.reconnectInMs : 0);
        this.#emitter.emit('maintenance', data);
        break;
      case 'user-typing':
        this.#typing.heard(data);
        break;
      case 'presence':
        this.#presence.heard(data);
        break;
      case 'chat-created':
        this.#rooms.born(data.chatId);
        this.#emitter.emit('chat-created', data);
        break;
      case 'resync':
        this.#rooms.resync(data);
        break;
      case 'error':
        this.#emitter.emit('error', new ParleyError(data.code, data.message, data));
        break;
      default:
        this.#emitter.emit('event', name, data);
    }
  }
}

function refused(error) {
  const promise = Promise.reject(error);
  promise.catch(() => {}); // as with every send, ignoring the promise is allowed
  return promise;
}
