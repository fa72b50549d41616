import { backoffMs, deferred } from './basics.js';
import { ParleyError, isRetryable } from './codes.js';
import { Feed } from './feed.js';

const ALL = 'all';

/**
 * Which chats are joined, and how far each is held. Joins anew on every connection with the seqs held, so that the
 * server sends exactly what was missed, and asks again in the same way where a message shows that one before it is
 * missing.
 */
export class Rooms {
  #connection;
  #options;
  #emit;
  #all = false;
  #wanted = new Set();
  /** Chats left although all were joined. */
  #left = new Set();
  #feeds = new Map();
  /** Joins that are not answered: {chats, promise, resolve, reject}. */
  #waiting = new Set();
  /** Chats to be asked for again, with one timer for all of them. */
  #again = new Set();
  #againTimer = null;
  /** Chats that the server could not join for the moment. */
  #unserved = new Set();

  /** @param emit {message(message), resync(data), error(error)} */
  constructor(connection, options, emit) {
    this.#connection = connection;
    this.#options = options;
    this.#emit = emit;
  }

  join(chats, lastSeqs = {}) {
    for (const [chatId, seq] of Object.entries(lastSeqs)) {
      if (Number.isSafeInteger(seq) && seq >= 0) this.#deliver(this.#feed(chatId).skipTo(seq));
    }
    this.#want(chats);
    const waiting = { chats, ...deferred() };
    this.#waiting.add(waiting);
    if (this.#connection.state === 'open') this.#serve([waiting], chats);
    return waiting.promise;
  }

  async leave(chats) {
    const ids = chats === ALL ? [...this.#wanted, ...this.#feeds.keys()] : chats;
    if (chats === ALL) {
      this.#all = false;
      this.#left.clear();
    }
    for (const chatId of ids) this.#forget(chatId);
    if (this.#all) for (const chatId of ids) this.#left.add(chatId);
    if (this.#connection.state !== 'open') return; // the next connection joins without them
    await this.#connection.request('leave-chats', chats === ALL ? { all: true } : { chatIds: ids }).catch((error) => {
      if (error.code !== 'DISCONNECTED') throw error;
    });
  }

  /** There is a connection (again). */
  resume() {
    this.#clearAgain();
    const waiting = [...this.#waiting];
    if (this.#all) {
      this.#serve(waiting, ALL);
      if (this.#left.size > 0) {
        this.#connection.request('leave-chats', { chatIds: [...this.#left] }).catch(() => {});
      }
    } else if (this.#wanted.size > 0 || waiting.length > 0) {
      this.#serve(waiting, [...this.#wanted]);
    }
  }

  down() {
    this.#clearAgain();
  }

  close(error) {
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  take(message) {
    if (!this.#wants(message.chatId)) return; // was on its way when the chat was left
    const feed = this.#feed(message.chatId);
    this.#deliver(feed.accept(message));
    if (feed.overfull) this.#giveUp(message.chatId);
    else if (feed.holding) this.#askAgain(message.chatId);
  }

  /** The gap is too large to be sent: the program loads the history, we go on behind it. */
  resync(data) {
    if (Number.isSafeInteger(data.headSeq)) this.#deliver(this.#feed(data.chatId).skipTo(data.headSeq));
    this.#emit.resync(data);
  }

  /** 'All' includes chats that come later; a chat just born is held from its first message on. */
  born(chatId) {
    if (this.#all && !this.#left.has(chatId)) this.join([chatId], { [chatId]: 0 }).catch(() => {});
  }

  /** Asks for chats and answers the joins that wait for them; those cut off wait for the next connection. */
  async #serve(waiting, chats) {
    try {
      const answer = await this.#ask(chats);
      for (const one of waiting) {
        if (this.#waiting.delete(one)) one.resolve(one.chats === ALL ? answer : only(answer, one.chats));
      }
    } catch (error) {
      if (error.code === 'DISCONNECTED') return;
      if (waiting.length === 0) this.#emit.error(error);
      for (const one of waiting) if (this.#waiting.delete(one)) one.reject(error);
    }
  }

  /** Repeats a join for as long as this connection lasts and the server may yet say yes. */
  async #ask(chats, { patient = true } = {}) {
    const { session } = this.#connection;
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.#askOnce(chats);
      } catch (error) {
        if (!isRetryable(error) && !(patient && error.code === 'TIMEOUT')) throw error;
        const { random, backoff, clock } = this.#options;
        const pause = (error.retryAfterMs ?? 0) + backoffMs(tries, random, backoff);
        await new Promise((resolve) => clock.setTimeout(resolve, pause));
        if (session !== this.#connection.session) throw new ParleyError('DISCONNECTED');
      }
    }
  }

  async #askOnce(chats) {
    const requests = this.#slices(chats).map((data) => this.#connection.request('join-chats', data));
    const answers = await Promise.all(requests);
    const joined = answers.flatMap((answer) => answer.joined ?? []);
    const refused = answers.flatMap((answer) => answer.refused ?? []);
    // What was missed came before the answer; from here on the feed is whole.
    for (const { chatId, headSeq } of joined) {
      const feed = this.#feed(chatId);
      this.#unserved.delete(chatId);
      if (feed.lastSeq === null && Number.isSafeInteger(headSeq)) this.#deliver(feed.skipTo(headSeq));
      if (feed.holding) this.#askAgain(chatId);
    }
    for (const { chatId, code } of refused) this.#refused(chatId, code);
    return { joined, refused };
  }

  /** One request names a bounded number of chats. */
  #slices(chats) {
    const { maxChatsPerJoin: most } = this.#options;
    const known = chats === ALL ? [...this.#feeds.keys()].filter((chatId) => this.#wants(chatId)) : chats;
    const slices = [];
    for (let i = 0; i < known.length || i === 0; i += most) {
      const chatIds = known.slice(i, i + most);
      const held = chatIds.map((chatId) => [chatId, this.#feeds.get(chatId)?.lastSeq]);
      const lastSeqs = Object.fromEntries(held.filter(([, seq]) => Number.isSafeInteger(seq)));
      slices.push(chats === ALL && i === 0 ? { all: true, lastSeqs } : { chatIds, lastSeqs });
    }
    return slices;
  }

  #refused(chatId, code) {
    const error = new ParleyError(code, `Chat ${chatId} could not be joined: ${code}`, { chatId });
    if (isRetryable(error)) {
      const { random, backoff } = this.#options;
      this.#unserved.add(chatId);
      this.#askAgain(chatId, 1000 + backoffMs(2, random, backoff));
      return;
    }
    this.#forget(chatId);
    this.#emit.error(error);
  }

  /** A gap is given a moment: what is missing may be on its way, and gaps come in many chats at once. */
  #askAgain(chatId, afterMs = this.#options.healAfterMs) {
    this.#again.add(chatId);
    this.#againTimer ??= this.#options.clock.setTimeout(async () => {
      this.#againTimer = null;
      const chats = [...this.#again].filter((id) => this.#wants(id));
      this.#again.clear();
      const open = chats.filter((id) => this.#feed(id).holding || this.#unserved.has(id));
      if (open.length > 0) await this.#heal(open);
    }, afterMs);
  }

  async #heal(chats) {
    try {
      await this.#ask(chats, { patient: false });
      // The server has sent what it has: what is still missing will not come.
      for (const chatId of chats) this.#deliver(this.#feeds.get(chatId)?.release() ?? []);
    } catch (error) {
      if (error.code === 'DISCONNECTED') return; // the next connection asks anyway
      for (const chatId of chats) this.#giveUp(chatId);
    }
  }

  /** Shows what there is and says that it is not everything, rather than waiting for ever or hiding the gap. */
  #giveUp(chatId) {
    const feed = this.#feeds.get(chatId);
    if (!feed?.holding) return;
    this.#deliver(feed.release());
    this.#emit.resync({ chatId, headSeq: feed.lastSeq });
  }

  #deliver(messages) {
    for (const message of messages) this.#emit.message(message);
  }

  #feed(chatId) {
    let feed = this.#feeds.get(chatId);
    if (!feed) this.#feeds.set(chatId, (feed = new Feed(this.#options)));
    return feed;
  }

  #want(chats) {
    if (chats === ALL) {
      this.#all = true;
      this.#left.clear();
      return;
    }
    for (const chatId of chats) {
      this.#wanted.add(chatId);
      this.#left.delete(chatId);
    }
  }

  #wants(chatId) {
    return this.#wanted.has(chatId) || (this.#all && !this.#left.has(chatId));
  }

  #forget(chatId) {
    this.#wanted.delete(chatId);
    this.#feeds.delete(chatId);
    this.#again.delete(chatId);
    this.#unserved.delete(chatId);
  }

  #clearAgain() {
    this.#options.clock.clearTimeout(this.#againTimer);
    this.#againTimer = null;
    this.#again.clear();
  }
}

function only(answer, chats) {
  const named = ({ chatId }) => chats.includes(chatId);
  return { joined: answer.joined.filter(named), refused: answer.refused.filter(named) };
}
