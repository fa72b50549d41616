import { Emitter } from './parley/basics.js';
import { MessageLog } from './log.js';

/** Messages kept of a conversation that is not on the screen; older ones are loaded again when wanted. */
const KEEP_IN_BACKGROUND = 100;

/** The server's bound (Limits.java): so many users can be watched. */
const MOST_WATCHED = 500;

/**
 * What this window knows: people, chats and the messages of the chats that were opened. Views draw it and listen for
 * `chats` (the list changed), `chat` (with the id of one whose contents changed) and `presence` (somebody's).
 */
export class Store extends Emitter {
  me = null;
  users = new Map();
  chats = new Map();
  openChatId = null;
  /** userId → what the server said last of those whom this window watches. */
  presences = new Map();

  name(userId) {
    if (userId === this.me?.userId) return this.me.displayName;
    return this.users.get(userId)?.displayName ?? null;
  }

  learn(users = []) {
    for (const user of users) {
      this.users.set(user.userId, { ...user, displayName: user.displayName || user.username });
    }
  }

  /** Takes a chat as the REST API shows it, without losing what is known beyond that. */
  takeChat(view) {
    const known = this.chats.get(view.chatId);
    const chat = known ?? { unread: 0, typing: new Set(), log: null, latestMessage: null };
    const latest = newer(known?.latestMessage, view.latestMessage);
    Object.assign(chat, view, { latestMessage: latest, members: view.members ?? known?.members });
    this.learn(view.members);
    this.chats.set(view.chatId, chat);
    this.emit('chats');
    return chat;
  }

  title(chat) {
    if (chat.type !== 'direct') return chat.name || 'Group';
    const other = this.other(chat);
    return other?.displayName || other?.username || 'Direct chat';
  }

  /** Newest first. */
  sorted() {
    const when = (chat) => chat.latestMessage?.timestamp ?? chat.updatedAt ?? chat.createdAt ?? '';
    return [...this.chats.values()].sort((a, b) => (when(a) < when(b) ? 1 : when(a) > when(b) ? -1 : 0));
  }

  /** Up to where each chat is held, so that the connection brings exactly what came since. */
  lastSeqs() {
    return Object.fromEntries([...this.chats.values()].map((chat) => [chat.chatId, chat.latestMessage?.seq ?? 0]));
  }

  /** A live message. Returns false if its chat is not known here. */
  takeMessage(message, { seen }) {
    const chat = this.chats.get(message.chatId);
    if (!chat) return false;
    const before = chat.latestMessage;
    // One that was held up while servers were away is news too, though it is not the latest.
    const isNews = before?.messageId !== message.messageId && !chat.log?.has(message.messageId);
    chat.latestMessage = newer(before, message);
    const own = message.senderId === this.me.userId;
    if (isNews && !own && !seen) chat.unread += 1;
    if (own) chat.unread = 0;
    if (chat.log && !chat.log.detached) chat.log.take(message);
    this.emit('chat', message.chatId);
    this.emit('chats');
    return true;
  }

  /** A message that was shown and not kept. Returns whether the chat's latest message has to be asked for. */
  retract(data) {
    const chat = this.chats.get(data.chatId);
    if (!chat) return false;
    chat.log?.retract(data);
    const latest = chat.latestMessage;
    const wasLatest = latest?.messageId === data.messageId && latest.seq === data.seq;
    if (wasLatest) {
      chat.latestMessage = chat.log && !chat.log.detached ? chat.log.last ?? null : null;
      if (latest.senderId !== this.me.userId) chat.unread = Math.max(0, chat.unread - 1);
    }
    this.emit('chat', data.chatId);
    this.emit('chats');
    return wasLatest;
  }

  setTyping({ chatId, userId, isTyping }) {
    const chat = this.chats.get(chatId);
    if (!chat || userId === this.me.userId) return;
    if (isTyping) chat.typing.add(userId);
    else chat.typing.delete(userId);
    this.emit('typing', chatId);
  }

  /** The other one in a direct chat; undefined for a group. */
  other(chat) {
    return chat.type === 'direct' ? chat.members?.find(({ userId }) => userId !== this.me.userId) : undefined;
  }

  /** Whose presence is on the screen: one's own, that of the open chat's members, and of the newest direct chats. */
  watched() {
    const open = this.chats.get(this.openChatId)?.members ?? [];
    const others = this.sorted().map((chat) => this.other(chat)).filter(Boolean);
    const ids = [this.me.userId, ...open.map(({ userId }) => userId), ...others.map(({ userId }) => userId)];
    return [...new Set(ids)].slice(0, MOST_WATCHED);
  }

  setPresence(presence) {
    this.presences.set(presence.userId, presence);
    this.emit('presence', presence.userId);
  }

  /** Names of those who type, for people. */
  typingText(chat) {
    const names = [...chat.typing].map((userId) => this.name(userId) ?? 'Someone');
    if (names.length === 0) return '';
    if (names.length === 1) return `${names[0]} is typing…`;
    return names.length === 2 ? `${names[0]} and ${names[1]} are typing…` : 'Several people are typing…';
  }

  open(chatId) {
    const before = this.chats.get(this.openChatId);
    if (before?.log && before.chatId !== chatId) before.log.trim(KEEP_IN_BACKGROUND);
    this.openChatId = chatId;
    const chat = this.chats.get(chatId);
    if (!chat) return null;
    chat.log ??= new MessageLog(chatId, this.me.userId);
    this.read(chat);
    return chat;
  }

  read(chat) {
    if (chat.unread === 0) return;
    chat.unread = 0;
    this.emit('chats');
  }

  get unread() {
    return [...this.chats.values()].reduce((sum, chat) => sum + chat.unread, 0);
  }
}

function newer(a, b) {
  if (!a || !b) return a ?? b ?? null;
  return b.seq > a.seq ? b : a;
}
