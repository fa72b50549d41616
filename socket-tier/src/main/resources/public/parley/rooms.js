import { backoffMs, deferred } from './basics.js';
import { ParleyError, isRetryable } from './codes.js';
import { Feed } from './feed.js';

const ALL = 'all';

/**
 * Which chats are joined, and how far each is held. Joins anew on every connection with the seqs held, so that the
 * server sends exactly what was missed, and has a chat synced where a message shows that one before it is missing.
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
  /** chatId → when it is to be asked for again; one timer for all of them. */
  #again = new Map();
  #againTimer = null;
  /** Chats that the server could not join for the moment. */
  #unserved = new Set();
  /** Chats with a sync under way on this connection. */
  #syncing = new Set();
  /** chatId → how often in a row it was refused for the moment. */
  #refusals = new Map();

  /** @param emit {message(message), retracted(data), resync(data), error(error)} */
  constructor(connection, options, emit) {
    this.#connection = connection;
    this.#options = options;
    this.#emit = emit;
  }

  join(chats, lastSeqs = {}) {
    for (const [chatId, seq] of Object.entries(lastSeqs)) {
      if (Number.isSafeInteger(seq) && seq >= 0) this.#feed(chatId).skipTo(seq);
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
    this.#syncing = new Set();
  }

  close(error) {
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  take(message) {
    if (!this.#wants(message.chatId)) return; // was on its way when the chat was left
    const feed = this.#feed(message.chatId);
    const { deliver, movedFrom } = feed.accept(message);
    if (movedFrom !== undefined) this.#emit.retracted({ chatId: message.chatId, messageId: message.messageId, seq: movedFrom });
    if (deliver) this.#emit.message(message);
    if (feed.gap) this.#askAgain(message.chatId);
  }

  /** What was shown at this place was not kept. The program may hold it from the history, where we never saw it. */
  retract(data) {
    if (!this.#wants(data.chatId)) return;
    const { tell, back } = this.#feed(data.chatId).retract(data);
    if (tell) this.#emit.retracted(data);
    if (back) this.#emit.message(back);
  }

  /** The gap is too large to be sent: the program loads the history, we go on behind it. */
  resync(data) {
    if (Number.isSafeInteger(data.headSeq)) this.#feed(data.chatId).skipTo(data.headSeq);
    this.#emit.resync(data);
  }

  /** 'All' includes chats that come later; a chat just born is held from its first message on. */
  born(chatId) {
    if (this.#all && !this.#left.has(chatId)) this.join([chatId], { [chatId]: 0 }).catch(() => {});
  }

  /** Asks for chats and answers the joins that wait for them; those cut off wait for the next connection. */
  async #serve(waiting, chats) {
    try {
      const answer = await this.#ask('join-chats', chats);
      for (const one of waiting) {
        if (this.#waiting.delete(one)) one.resolve(one.chats === ALL ? answer : only(answer, one.chats));
      }
    } catch (error) {
      if (error.code === 'DISCONNECTED') return;
      if (waiting.length === 0) this.#emit.error(error);
      for (const one of waiting) if (this.#waiting.delete(one)) one.reject(error);
    }
  }

  /** Repeats `join-chats` or `sync` for as long as this connection lasts and the server may yet say yes. */
  async #ask(event, chats, { patient = true } = {}) {
    const { session } = this.#connection;
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.#askOnce(event, chats);
      } catch (error) {
        if (!isRetryable(error) && !(patient && error.code === 'TIMEOUT')) throw error;
        const { random, backoff, clock } = this.#options;
        const pause = (error.retryAfterMs ?? 0) + backoffMs(tries, random, backoff);
        await new Promise((resolve) => clock.setTimeout(resolve, pause));
        if (session !== this.#connection.session) throw new ParleyError('DISCONNECTED');
      }
    }
  }

  async #askOnce(event, chats) {
    const known = chats === ALL ? [...this.#feeds.keys()].filter((chatId) => this.#wants(chatId)) : chats;
    const requests = this.#slices(event, chats === ALL, known).map((data) => this.#connection.request(event, data));
    for (const chatId of known) this.#feed(chatId).ask();
    let answers;
    try {
      answers = await Promise.all(requests);
    } catch (error) {
      for (const chatId of known) this.#feeds.get(chatId)?.unanswered();
      throw error;
    }
    const joined = answers.flatMap((answer) => answer.joined ?? []);
    const refused = answers.flatMap((answer) => answer.refused ?? []);
    // What was missed came before the answer; from here on the feed is whole.
    for (const { chatId, headSeq, retryAfterMs } of joined) {
      const feed = this.#feed(chatId);
      this.#unserved.delete(chatId);
      this.#refusals.delete(chatId);
      if (retryAfterMs) {
        // Joined, but not everything that was missed could be read: a resume still begins where it did.
        feed.unanswered();
        this.#again.delete(chatId);
        if (feed.gap) this.#askAgain(chatId, retryAfterMs);
        continue;
      }
      feed.answered();
      if (feed.lastSeq === null && Number.isSafeInteger(headSeq)) feed.skipTo(headSeq);
      if (feed.gap) this.#askAgain(chatId); // came up after the question
    }
    const findMoreIn = Math.max(0, ...answers.map((answer) => answer.retryAfterMs ?? 0));
    if (findMoreIn > 0) this.#findMore(findMoreIn);
    const random = this.#options.random(); // one for all, so that they are asked for together again
    for (const refusal of refused) this.#refused(event, refusal, () => random);
    return { joined, refused };
  }

  /** The server could not find all chats: it is asked again, on this connection or the next. */
  #findMore(afterMs) {
    const { session } = this.#connection;
    const { clock, random } = this.#options;
    clock.setTimeout(() => {
      if (this.#all && session === this.#connection.session) this.#serve([], ALL);
    }, afterMs * (1 + random()));
  }

  /** One request names a bounded number of chats. */
  #slices(event, all, chats) {
    const { maxChatsPerJoin: most } = this.#options;
    const slices = [];
    for (let i = 0; i < chats.length || i === 0; i += most) {
      const chatIds = chats.slice(i, i + most);
      const held = chatIds.map((chatId) => [chatId, this.#feeds.get(chatId)?.lastSeq]);
      const lastSeqs = Object.fromEntries(held.filter(([, seq]) => Number.isSafeInteger(seq)));
      if (event === 'sync') slices.push({ lastSeqs });
      else slices.push(all && i === 0 ? { all: true, lastSeqs } : { chatIds, lastSeqs });
    }
    return slices;
  }

  #refused(event, { chatId, code, retryAfterMs }, random) {
    const error = new ParleyError(code, `Chat ${chatId} could not be joined: ${code}`, { chatId, retryAfterMs });
    if (isRetryable(error)) {
      const tries = this.#refusals.get(chatId) ?? 0;
      this.#refusals.set(chatId, tries + 1);
      this.#feeds.get(chatId)?.unanswered();
      if (event === 'join-chats') this.#unserved.add(chatId);
      this.#askAgain(chatId, (retryAfterMs ?? 1000) + backoffMs(tries, random, this.#options.backoff));
      return;
    }
    this.#forget(chatId);
    this.#emit.error(error);
  }

  /**
   * A gap is given a moment: what is missing may be on its way, gaps come in many chats at once, and so they do to all
   * members of a chat. A chat that is to be asked for already keeps its time.
   */
  #askAgain(chatId, afterMs = this.#options.healAfterMs * (1 + 3 * this.#options.random())) {
    if (this.#again.has(chatId)) return;
    this.#again.set(chatId, this.#options.clock.now() + afterMs);
    this.#scheduleAgain();
  }

  #scheduleAgain() {
    const { clock } = this.#options;
    clock.clearTimeout(this.#againTimer);
    this.#againTimer = null;
    if (this.#again.size === 0) return;
    const next = Math.min(...this.#again.values());
    this.#againTimer = clock.setTimeout(() => this.#askDue(), Math.max(0, next - clock.now()));
  }

  #askDue() {
    const now = this.#options.clock.now();
    const due = [...this.#again.keys()].filter((chatId) => this.#again.get(chatId) <= now);
    for (const chatId of due) this.#again.delete(chatId);
    this.#scheduleAgain();
    const wanted = due.filter((chatId) => this.#wants(chatId));
    const unserved = wanted.filter((chatId) => this.#unserved.has(chatId));
    const gaps = wanted.filter((chatId) => !this.#unserved.has(chatId) && this.#feed(chatId).gap && !this.#syncing.has(chatId));
    if (unserved.length > 0) this.#serve([], unserved);
    if (gaps.length > 0) this.#sync(gaps);
  }

  /** At most one at a time per chat; what comes up meanwhile is looked at behind it. */
  async #sync(chats) {
    const syncing = this.#syncing;
    for (const chatId of chats) syncing.add(chatId);
    try {
      await this.#ask('sync', chats, { patient: false });
    } catch (error) {
      if (error.code === 'DISCONNECTED') return; // the next connection asks anyway
      for (const chatId of chats) this.#giveUp(chatId);
    } finally {
      for (const chatId of chats) syncing.delete(chatId);
    }
    for (const chatId of chats) if (this.#feeds.get(chatId)?.gap) this.#askAgain(chatId);
  }

  /** Says that what there is is not everything, rather than hiding the gap. */
  #giveUp(chatId) {
    const feed = this.#feeds.get(chatId);
    if (!feed?.gap) return;
    feed.ask();
    feed.answered();
    this.#emit.resync({ chatId, headSeq: feed.lastSeq });
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
    this.#refusals.delete(chatId);
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
