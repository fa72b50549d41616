import { inOrder } from './parley/feed.js';

/**
 * The messages of one chat as they are shown: those of the server in the order of seq, then one's own that have no seq
 * yet in the order of writing. A stretch without holes; `olderCursor` and `detached` say whether it has an end on either
 * side.
 */
export class MessageLog {
  #placed = [];
  #byId = new Map();
  /** One's own without a place, by clientMessageId. */
  #unplaced = new Map();
  #me;

  /** Where the next older page begins; undefined before anything was loaded, null at the beginning of the chat. */
  olderCursor = undefined;
  /** The stretch ends before the newest message, as after a jump to a search result. */
  detached = false;
  loading = false;
  /** Changes when the stretch starts anew: a page asked for before then no longer fits. */
  version = 0;
  /** After a failure the server is left alone until then. */
  notBefore = 0;

  constructor(chatId, me) {
    this.chatId = chatId;
    this.#me = me;
  }

  get items() {
    return [...this.#placed, ...this.#unplaced.values()];
  }

  get first() {
    return this.#placed[0];
  }

  get last() {
    return this.#placed.at(-1);
  }

  has(messageId) {
    return this.#byId.has(messageId);
  }

  /** A message from the server, live or of the history; harmless if it comes twice. */
  take(message) {
    const own = message.senderId === this.#me;
    const pending = own ? this.#unplaced.get(message.clientMessageId) : undefined;
    const held = this.#byId.get(message.messageId);
    if (held && held.seq !== message.seq) return; // its place changes only by being taken back first
    // A late one that belongs among those not loaded yet comes with them; taken now, it would stand behind a hole.
    if (!held && !pending && this.olderCursor && message.seq < Number(this.olderCursor)) return;
    const item = held ?? pending ?? { key: message.messageId, state: 'sent' };
    Object.assign(item, message, { own });
    if (item.state === 'failed') item.state = 'sent'; // it had arrived after all
    this.#place(item);
  }

  takeAll(messages) {
    for (const message of messages) this.take(message);
  }

  /** One's own message that is on its way. Shown as sending until it is acknowledged, also once it has come back. */
  sending({ clientMessageId, content, type }) {
    const again = this.find(clientMessageId);
    const item = again ?? {
      key: clientMessageId, clientMessageId, content, type, senderId: this.#me, own: true,
      timestamp: new Date().toISOString(),
    };
    item.state = 'sending';
    item.error = undefined;
    if (!again) this.#unplaced.set(clientMessageId, item);
    return item;
  }

  acknowledged(clientMessageId, { messageId, seq, timestamp }) {
    const item = this.find(clientMessageId) ?? this.#byId.get(messageId);
    if (!item) return; // was trimmed
    const twin = this.#byId.get(messageId);
    if (twin && twin !== item) this.discard(clientMessageId);
    if (twin) twin.state = 'sent'; // shown already, and where it stands only a retraction changes
    else this.#place(Object.assign(item, { messageId, seq, timestamp, state: 'sent' }));
  }

  /**
   * What was shown as this message at this seq was not kept. One's own that is not acknowledged goes back to those
   * without a place, for it is still being sent, or can be sent again. Returns whether it was held.
   */
  retract({ messageId, seq }) {
    const item = this.#byId.get(messageId);
    if (item?.seq !== seq) return false;
    this.#byId.delete(messageId);
    this.#placed.splice(this.#placed.indexOf(item), 1);
    if (item.own && item.state !== 'sent') {
      Object.assign(item, { messageId: undefined, seq: undefined });
      this.#unplaced.set(item.clientMessageId, item);
    }
    return true;
  }

  failed(clientMessageId, error) {
    const item = this.find(clientMessageId);
    if (item) Object.assign(item, { state: 'failed', error });
  }

  discard(clientMessageId) {
    this.#unplaced.delete(clientMessageId);
  }

  find(clientMessageId) {
    return this.#unplaced.get(clientMessageId)
      ?? this.#placed.find((item) => item.own && item.clientMessageId === clientMessageId);
  }

  /** Forgets what the server can send again; one's own that are under way stay. */
  reset() {
    this.#placed = [];
    this.#byId.clear();
    this.olderCursor = undefined;
    this.detached = false;
    this.loading = false;
    this.version += 1;
  }

  /** Keeps the newest `count`. */
  trim(count) {
    if (this.detached) {
      this.reset();
      return;
    }
    const gone = this.#placed.splice(0, Math.max(0, this.#placed.length - count));
    for (const { messageId } of gone) this.#byId.delete(messageId);
    if (gone.length === 0) return;
    this.olderCursor = this.first.seq;
    this.loading = false;
    this.version += 1;
  }

  #place(item) {
    this.#unplaced.delete(item.clientMessageId);
    const isNew = !this.#byId.has(item.messageId);
    this.#byId.set(item.messageId, item);
    if (isNew) this.#placed.push(item);
    if (this.#placed.length > 1 && inOrder(this.#placed.at(-2), this.#placed.at(-1)) > 0) this.#placed.sort(inOrder);
  }
}
