/**
 * The messages of one chat on their way to the program: each once, and nothing silently missing.
 *
 * A message is delivered when it comes. Where it names a predecessor above everything that is held, something is missing
 * in between: that is remembered as a gap until the server was asked for it. One that names no predecessor was placed
 * while a server was away; what others have placed below it may be on its way, so a resume begins before it. What fills a
 * gap, and what comes late because servers were away, is delivered late; whoever shows messages sorts them with `inOrder`.
 */
export class Feed {
  /** messageId → seq, against duplicates; the oldest are forgotten first. */
  #seen = new Map();
  /** messageId → the message at other places, where it was before: one of them may turn out to be the right one. */
  #before = new Map();
  #forgottenSeq = -1;
  #maxSeen;
  #highest = null;
  /** What is missing and not asked for yet, and what was asked for: {from, to}, above `from` and up to `to`. */
  #open = null;
  #asked = null;
  /** Above `from` came only messages without a predecessor; that something is missing is not known. */
  #loose = null;

  constructor({ maxSeen = 2000 } = {}) {
    this.#maxSeen = maxSeen;
  }

  /** Up to where nothing is missing; null while nothing is known of the chat. */
  get lastSeq() {
    return this.#asked?.from ?? this.#open?.from ?? this.#loose?.from ?? this.#highest;
  }

  /** Something is missing that nobody has asked for. */
  get gap() {
    return this.#open !== null;
  }

  /**
   * Takes a message and returns what is to be done: `deliver` it or not, and first take it back at the seq `movedFrom`,
   * where it was until now.
   */
  accept(message) {
    this.#place(message);
    const movedFrom = this.#seen.get(message.messageId);
    if (movedFrom === message.seq) return { deliver: false };
    if (movedFrom === undefined && message.seq <= this.#forgottenSeq) return { deliver: false };
    if (movedFrom !== undefined) this.#noteBefore({ ...message, seq: movedFrom, prevSeq: null });
    this.#seen.delete(message.messageId);
    this.#remember(message);
    return { deliver: true, movedFrom };
  }

  /**
   * A message was taken back at one place. Returns whether that is to be told, and the message at the place where it was
   * before, if that one was not taken back.
   */
  retract({ messageId, seq }) {
    const held = this.#seen.get(messageId);
    const before = (this.#before.get(messageId) ?? []).filter((message) => message.seq !== seq);
    const isShown = held === undefined || held === seq;
    const back = isShown ? before.pop() : undefined;
    if (before.length > 0) this.#before.set(messageId, before);
    else this.#before.delete(messageId);
    if (isShown) this.#seen.delete(messageId);
    if (back) this.#remember(back);
    return { tell: isShown, back };
  }

  #noteBefore(message) {
    const before = (this.#before.get(message.messageId) ?? []).filter(({ seq }) => seq !== message.seq);
    this.#before.set(message.messageId, [...before, message].slice(-3));
  }

  /** The program holds everything up to seq already, or will load it itself. */
  skipTo(seq) {
    if (this.#highest === null || seq > this.#highest) this.#highest = seq;
    const above = (gap) => gap && narrowed(Math.max(gap.from, seq), gap.to);
    this.#open = above(this.#open);
    this.#asked = above(this.#asked);
    this.#loose = above(this.#loose);
  }

  /** The server is being asked for everything above `lastSeq`. */
  ask() {
    this.#asked = joined(joined(this.#asked, this.#open), this.#loose);
    this.#open = null;
    this.#loose = null;
  }

  /** The server has sent what it has: what is still missing of it will not come. */
  answered() {
    this.#asked = null;
  }

  /** There was no answer: it is as if nobody had asked. */
  unanswered() {
    this.#open = joined(this.#asked, this.#open);
    this.#asked = null;
  }

  #place({ seq, prevSeq }) {
    const before = this.#highest;
    if (before === null) {
      this.#highest = seq;
    } else if (seq > before) {
      this.#highest = seq;
      // The first message of a chat has no predecessor either.
      if (Number.isSafeInteger(prevSeq) || before === 0) this.#follow(prevSeq ?? 0, before);
      else this.#loose = joined(this.#loose, { from: before, to: seq });
    } else {
      this.#open = this.#open && narrowedBy(this.#open, seq, prevSeq);
      this.#asked = this.#asked && narrowedBy(this.#asked, seq, prevSeq);
      this.#loose = this.#loose && narrowedBy(this.#loose, seq, prevSeq);
    }
  }

  /** Gaps that nobody has asked for yet are asked for together, so one is all that has to be kept. */
  #follow(prevSeq, before) {
    const from = this.#loose?.from ?? before;
    if (prevSeq > from) this.#open = joined(this.#open, { from, to: Math.max(prevSeq, before) });
    this.#loose = null;
  }

  #remember(message) {
    this.#seen.set(message.messageId, message.seq);
    if (this.#seen.size > this.#maxSeen) {
      const [oldestId, oldestSeq] = this.#seen.entries().next().value;
      this.#seen.delete(oldestId);
      this.#before.delete(oldestId);
      // Without its id an old message can no longer be told from a duplicate: it counts as one.
      this.#forgottenSeq = Math.max(this.#forgottenSeq, oldestSeq);
    }
  }
}

/** The gap after a late message, which closes it from one of its ends; null once nothing is left of it. */
function narrowedBy(gap, seq, prevSeq) {
  if (!Number.isSafeInteger(prevSeq) || seq <= gap.from || seq > gap.to) return gap;
  if (prevSeq <= gap.from) return narrowed(seq, gap.to);
  return seq === gap.to ? narrowed(gap.from, prevSeq) : gap;
}

function narrowed(from, to) {
  return from < to ? { from, to } : null;
}

function joined(a, b) {
  if (!a || !b) return a ?? b;
  return { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) };
}

/** The one order of a chat: by seq, ties by messageId. */
export function inOrder(a, b) {
  return a.seq - b.seq || (a.messageId < b.messageId ? -1 : a.messageId > b.messageId ? 1 : 0);
}
