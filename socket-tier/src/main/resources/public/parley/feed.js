/**
 * The messages of one chat on their way to the program: each once, in the order of seq, and nothing silently missing.
 *
 * A message that names a predecessor which has not been seen is held back until the gap is closed or known to stay.
 * A message whose seq lies below what was delivered already (possible only while the server's Redis is away) is
 * delivered late rather than lost; whoever shows messages sorts them by seq.
 */
export class Feed {
  /** Ids remembered against duplicates; the oldest are forgotten first. */
  #seen = new Map();
  #forgottenSeq = -1;
  #held = [];
  #maxSeen;
  #maxHeld;

  /** Highest seq delivered; null while nothing is known of the chat. */
  lastSeq = null;

  constructor({ maxSeen = 2000, maxHeld = 1000 } = {}) {
    this.#maxSeen = maxSeen;
    this.#maxHeld = maxHeld;
  }

  get holding() {
    return this.#held.length > 0;
  }

  /** Too much is held back to wait any longer. */
  get overfull() {
    return this.#held.length > this.#maxHeld;
  }

  /** Takes a message and returns those to deliver now, in order. */
  accept(message) {
    if (this.#seen.has(message.messageId) || message.seq <= this.#forgottenSeq) return [];
    this.#remember(message);
    const behindGap = this.holding && message.seq > this.#held[0].seq;
    if (behindGap || this.#gapBefore(message)) {
      this.#held.push(message);
      this.#held.sort(inOrder);
      return this.#drain();
    }
    this.#reached(message.seq);
    return [message, ...this.#drain()];
  }

  /** The program holds everything up to seq already, or will load it itself. Returns what can be delivered now. */
  skipTo(seq) {
    this.#reached(seq);
    return this.#drain();
  }

  /** Gives up waiting: returns everything that was held back, in order. */
  release() {
    const messages = this.#held;
    this.#held = [];
    for (const message of messages) this.#reached(message.seq);
    return messages;
  }

  #gapBefore(message) {
    const { prevSeq } = message;
    return this.lastSeq !== null && prevSeq !== null && prevSeq !== undefined && prevSeq > this.lastSeq;
  }

  #drain() {
    let ready = 0;
    while (ready < this.#held.length && !this.#gapBefore(this.#held[ready])) {
      this.#reached(this.#held[ready].seq);
      ready += 1;
    }
    return this.#held.splice(0, ready);
  }

  #reached(seq) {
    if (this.lastSeq === null || seq > this.lastSeq) this.lastSeq = seq;
  }

  #remember(message) {
    this.#seen.set(message.messageId, message.seq);
    if (this.#seen.size > this.#maxSeen) {
      const [oldestId, oldestSeq] = this.#seen.entries().next().value;
      this.#seen.delete(oldestId);
      // Without its id an old message can no longer be told from a duplicate: it counts as one.
      this.#forgottenSeq = Math.max(this.#forgottenSeq, oldestSeq);
    }
  }
}

/** The one order of a chat: by seq, ties by messageId. */
export function inOrder(a, b) {
  return a.seq - b.seq || (a.messageId < b.messageId ? -1 : a.messageId > b.messageId ? 1 : 0);
}
