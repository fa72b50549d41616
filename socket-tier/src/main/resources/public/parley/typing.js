/** The server drops what it heard about typing after three seconds; half a second more allows for the way here. */
const FORGET_MS = 3500;

/**
 * Typing, both ways. A program calls `type` on every key stroke; the server hears of it every two seconds at most while
 * keys are struck, and that it ended soon after the last one. What others do is forgotten in time even if the word that
 * they stopped never arrives.
 */
export class Typing {
  #options;
  #send;
  #emit;
  /** chatId → {sentAt, struckAt, repeat, end} for chats in which we are typing. */
  #own = new Map();
  /** "chatId userId" → timer. */
  #others = new Map();

  constructor(options, send, emit) {
    this.#options = options;
    this.#send = send;
    this.#emit = emit;
  }

  type(chatId, isTyping) {
    if (isTyping) this.#strike(chatId);
    else this.#end(chatId);
  }

  heard({ chatId, userId, isTyping }) {
    const { clock } = this.#options;
    const key = `${chatId} ${userId}`;
    clock.clearTimeout(this.#others.get(key));
    this.#others.delete(key);
    if (isTyping) {
      this.#others.set(key, clock.setTimeout(() => {
        this.#others.delete(key);
        this.#emit({ chatId, userId, isTyping: false });
      }, FORGET_MS));
    }
    this.#emit({ chatId, userId, isTyping });
  }

  /** Whoever has sent a message has finished typing it. */
  wrote(chatId, userId) {
    if (this.#others.has(`${chatId} ${userId}`)) this.heard({ chatId, userId, isTyping: false });
  }

  stop() {
    for (const { repeat, end } of this.#own.values()) {
      this.#options.clock.clearTimeout(repeat);
      this.#options.clock.clearTimeout(end);
    }
    this.#own.clear();
    for (const key of [...this.#others.keys()]) {
      const [chatId, userId] = key.split(' ');
      this.heard({ chatId, userId, isTyping: false });
    }
  }

  #strike(chatId) {
    const { clock, typingEveryMs, typingEndsMs } = this.#options;
    const own = this.#own.get(chatId) ?? { sentAt: -Infinity, struckAt: 0, repeat: null, end: null };
    this.#own.set(chatId, own);
    own.struckAt = clock.now();
    clock.clearTimeout(own.end);
    own.end = clock.setTimeout(() => this.#end(chatId), typingEndsMs);
    if (own.struckAt - own.sentAt >= typingEveryMs) {
      this.#say(chatId, own);
    } else if (own.repeat === null) {
      // Readers forget after three seconds: a stroke that fell into the pause is told at its end.
      own.repeat = clock.setTimeout(() => this.#say(chatId, own), own.sentAt + typingEveryMs - own.struckAt);
    }
  }

  #say(chatId, own) {
    this.#options.clock.clearTimeout(own.repeat);
    own.repeat = null;
    own.sentAt = this.#options.clock.now();
    this.#send({ chatId, isTyping: true });
  }

  #end(chatId) {
    const own = this.#own.get(chatId);
    if (!own) return;
    this.#options.clock.clearTimeout(own.repeat);
    this.#options.clock.clearTimeout(own.end);
    this.#own.delete(chatId);
    this.#send({ chatId, isTyping: false });
  }
}
