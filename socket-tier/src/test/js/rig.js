import assert from 'node:assert/strict';
import { ParleyClient } from '../../main/resources/public/parley.js';
import { FakeClock, fakeWebSockets, settle } from './fakes.js';

export const CHAT = 'c'.repeat(24);
export const OTHER = 'd'.repeat(24);
export const ME = 'a'.repeat(24);
export const BO = 'b'.repeat(24);

/** A client against a server that the test plays; what it emits is kept in `log`. */
export class Rig {
  clock = new FakeClock();
  tokens = [];
  states = [];
  messages = [];
  log = { typing: [], retracted: [], resync: [], maintenance: [], error: [], 'chat-created': [], event: [] };
  browser = new EventTarget();

  constructor(options = {}) {
    const { sockets, WebSocket } = fakeWebSockets();
    this.sockets = sockets;
    let ids = 0;
    this.client = new ParleyClient({
      url: 'ws://test/ws',
      getToken: async ({ renew }) => {
        this.tokens.push(renew);
        return `token-${this.tokens.length}`;
      },
      WebSocket,
      fetch: null,
      clock: this.clock,
      random: () => 0.5,
      newId: () => `id-${++ids}`,
      browser: this.browser,
      ...options,
    });
    this.client.on('state', (state, detail) => this.states.push([state, detail]));
    this.client.on('message', (message) => this.messages.push(message));
    for (const name of Object.keys(this.log)) this.client.on(name, (...values) => this.log[name].push(values));
  }

  get socket() {
    return this.sockets.at(-1);
  }

  get state() {
    return this.client.state;
  }

  get lastDetail() {
    return this.states.at(-1)[1];
  }

  /** Opens the newest socket and authenticates on it. */
  async accept({ tokenLifeMs = 3_600_000, ...more } = {}) {
    await settle();
    this.socket.opens();
    await this.answer('authenticate', {
      userId: ME,
      connectionId: `connection-${this.sockets.length}`,
      serverId: 'server-1',
      serverTime: this.clock.iso(),
      expiresAt: this.clock.iso(tokenLifeMs),
      heartbeatMs: 25_000,
      maxContentBytes: 16_384,
      ...more,
    });
  }

  async open(options) {
    this.client.connect();
    await this.accept(options);
    assert.equal(this.state, 'open');
  }

  async drop(code = 1006) {
    this.socket.ends(code);
    await settle();
  }

  /** Drops the connection and lets the client come back. */
  async reconnect(code = 1006) {
    const before = this.sockets.length;
    await this.drop(code);
    await this.clock.advance(this.lastDetail.retryInMs);
    assert.ok(this.sockets.length > before, 'the client came back');
    await this.accept();
  }

  requests(event, socket = this.socket) {
    return socket.sent.filter((frame) => frame.event === event);
  }

  unanswered(event) {
    return this.requests(event).filter((frame) => !frame.answered);
  }

  /** Answers the oldest unanswered request of this name and returns its data. */
  async answer(event, data = {}) {
    return this.#answer(event, (request) => ({ id: request.id, ok: true, data: data instanceof Function ? data(request.data) : data }));
  }

  async refuse(event, code, retryAfterMs) {
    return this.#answer(event, (request) => ({ id: request.id, ok: false, error: { code, message: code, retryAfterMs } }));
  }

  async #answer(event, frame) {
    const request = this.unanswered(event)[0];
    assert.ok(request, `there is an unanswered '${event}'; sent was ${JSON.stringify(this.socket.sent)}`);
    request.answered = true;
    this.socket.says(frame(request));
    await settle();
    return request.data;
  }

  async ack(seq = 1) {
    return this.answer('send-message', ({ chatId, clientMessageId }) => ({
      messageId: `m-${clientMessageId}`, chatId, seq, clientMessageId, timestamp: this.clock.iso(),
    }));
  }

  async joined(headSeq = null) {
    return this.answer('join-chats', ({ chatIds = [] }) => ({
      joined: chatIds.map((chatId) => ({ chatId, headSeq })), refused: [],
    }));
  }

  /** Opens and joins CHAT, of which everything up to `lastSeq` is held. */
  async openJoined(lastSeq) {
    await this.open();
    this.client.join([CHAT], lastSeq === undefined ? {} : { lastSeqs: { [CHAT]: lastSeq } });
    await settle();
    await this.joined(lastSeq ?? null);
  }

  async receive(seq, prevSeq = null, more = {}) {
    this.socket.says({ event: 'new-message', data: message(seq, prevSeq, more) });
    await settle();
  }

  get seqs() {
    return this.messages.map(({ seq }) => seq);
  }

  get onTheWire() {
    return this.requests('send-message').map(({ data }) => data.content);
  }
}

export function message(seq, prevSeq = null, more = {}) {
  return {
    messageId: `m${String(seq).padStart(23, '0')}`, chatId: CHAT, seq, prevSeq, senderId: BO,
    clientMessageId: `x${seq}`, type: 'text', content: `message ${seq}`, timestamp: '2025-01-01T00:00:00.000Z', ...more,
  };
}
