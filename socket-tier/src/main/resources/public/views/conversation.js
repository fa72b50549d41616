import { avatar, byId, showError } from '../dom.js';
import { messagesView } from './messages.js';
import { presenceText } from './presence.js';

const PAGE = 50;
/** Within this of the end one reads the newest: new messages scroll into view. */
const NEAR_PX = 80;

/**
 * The conversation on the screen: its history, loaded page by page while scrolling, and where one is in it.
 *
 * @param actions {retry(item), discard(item), loaded(chat)}
 */
export function conversationView(store, session, actions) {
  const log = byId('log');
  const messages = messagesView(byId('messages'), store, actions);
  const toLatest = byId('to-latest');
  let chat = null;
  /** Scroll with what arrives. Given up by scrolling away, taken up again at the end. */
  let following = true;
  let missed = 0;
  let scheduled = false;

  const fromEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight;

  /** Draws; what is on the screen stays where it is, or the end stays in view. */
  function draw({ keepEnd = false } = {}) {
    scheduled = false;
    if (!chat?.log) return;
    const end = fromEnd();
    messages.draw(chat);
    byId('history-note').textContent = historyText();
    if (following && !chat.log.detached) log.scrollTop = log.scrollHeight;
    else if (keepEnd) log.scrollTop = log.scrollHeight - log.clientHeight - end;
    drawLatest();
  }

  function schedule() {
    if (!scheduled) requestAnimationFrame(() => draw());
    scheduled = true;
  }

  function historyText() {
    if (chat.log.loading) return 'Loading…';
    if (chat.log.items.length === 0) return chat.log.olderCursor === null ? 'Say hello: this is the very beginning.' : '';
    return chat.log.olderCursor === null ? 'This is where the conversation began.' : '';
  }

  function drawLatest() {
    toLatest.hidden = !chat.log.detached && (following || fromEnd() < NEAR_PX * 3);
    byId('to-latest-text').textContent = missed > 0 ? `${missed} new` : 'Latest';
  }

  function drawHeader() {
    const title = store.title(chat);
    const other = store.other(chat);
    byId('chat-title').textContent = title;
    byId('chat-avatar').replaceChildren(avatar(title, other ? other.userId : chat.chatId));
    drawSubtitle();
  }

  function drawSubtitle() {
    const other = chat && store.other(chat);
    if (!chat) return;
    const presence = other && presenceText(store.presences.get(other.userId));
    byId('chat-subtitle').textContent = other ? [`@${other.username}`, presence].filter(Boolean).join(' · ') : memberText();
  }

  const isHere = (userId) => (store.presences.get(userId)?.status ?? 'offline') !== 'offline';

  function memberText() {
    const names = (chat.members ?? []).map(({ userId }) => (userId === store.me.userId ? 'You' : store.name(userId)));
    const here = (chat.members ?? []).filter(({ userId }) => isHere(userId)).length;
    const online = here > 0 ? ` · ${here} online` : '';
    if (names.length > 0 && names.length <= 4) return names.join(', ') + online;
    const count = names.length || chat.memberCount;
    return count ? `${count} members${online}` : '';
  }

  store.on('presence', drawSubtitle);

  const drawTyping = () => {
    byId('typing').textContent = chat ? store.typingText(chat) : '';
  };

  /** One page at a time; `into` puts the answer in place. Whoever has moved on to another chat is not disturbed. */
  async function load(query, into, { keepEnd = false } = {}) {
    const target = chat;
    if (target.log.loading) return;
    const { version } = target.log;
    target.log.loading = true;
    log.setAttribute('aria-busy', 'true'); // history is not read out as news
    draw({ keepEnd });
    try {
      const page = await session.get(`/api/chats/${target.chatId}/messages`, { limit: PAGE, ...query });
      if (version !== target.log.version) return;
      into(target.log, page);
      target.log.loading = false;
      if (page.retryAfterMs) rereadIn(page.retryAfterMs, target, version);
    } catch (error) {
      if (version !== target.log.version) return;
      target.log.loading = false;
      failed(target, error);
    } finally {
      requestAnimationFrame(() => log.removeAttribute('aria-busy'));
    }
    if (target !== chat) return;
    draw({ keepEnd });
    if (log.scrollHeight < log.clientHeight + 200) loadOlder(); // a tall screen has room for more
  }

  /** Recent messages may have been missing from a page: asks for the newest after that time, once for all pages. */
  function rereadIn(ms, target, version) {
    if (target.log.rereading === version) return;
    target.log.rereading = version;
    setTimeout(() => reread(target, version), ms);
  }

  async function reread(target, version) {
    target.log.rereading = undefined;
    if (target !== chat || version !== target.log.version) return;
    try {
      const page = await session.get(`/api/chats/${target.chatId}/messages`, { limit: 2 * PAGE });
      if (version !== target.log.version || target.log.detached) return;
      target.log.takeAll(page.messages);
      if (page.retryAfterMs) rereadIn(page.retryAfterMs, target, version);
    } catch (error) {
      rereadIn(error.retryAfterMs ?? 5000, target, version);
    }
    if (target === chat) draw();
  }

  /** A first page is tried again by itself, older ones with the next scrolling. */
  function failed(target, error) {
    const pause = error.retryAfterMs ?? 5000;
    target.log.notBefore = Date.now() + pause;
    if (target !== chat) return;
    showError(error);
    if (target.log.olderCursor !== undefined) return;
    setTimeout(() => target === chat && target.log.olderCursor === undefined && loadNewest(), pause);
  }

  function loadNewest() {
    following = true;
    return load({}, (into, page) => {
      into.olderCursor = page.nextCursor ?? null;
      into.takeAll(page.messages);
    });
  }

  function loadOlder() {
    const { olderCursor, loading } = chat.log;
    if (loading || olderCursor === null || olderCursor === undefined || Date.now() < chat.log.notBefore) return undefined;
    return load({ before: olderCursor }, (into, page) => {
      into.olderCursor = page.nextCursor ?? null;
      into.takeAll(page.messages);
    }, { keepEnd: true });
  }

  function loadNewer() {
    if (chat.log.loading || !chat.log.detached || !chat.log.last || Date.now() < chat.log.notBefore) return undefined;
    return load({ after: chat.log.last.seq }, (into, page) => {
      into.takeAll(page.messages);
      if (page.messages.length < PAGE) into.detached = false; // joined up with what is live
    });
  }

  async function loadAround(seq) {
    chat.log.reset();
    chat.log.detached = true;
    following = false;
    await load({ before: seq + 1, limit: PAGE / 2 }, (into, page) => {
      into.olderCursor = page.nextCursor ?? null;
      into.takeAll(page.messages);
    });
    await loadNewer();
  }

  function latest() {
    missed = 0;
    following = true;
    if (chat.log.detached) {
      chat.log.reset();
      return loadNewest();
    }
    draw();
    return undefined;
  }

  log.addEventListener('scroll', () => {
    if (!chat?.log) return;
    following = fromEnd() < NEAR_PX && !chat.log.detached;
    if (following) {
      missed = 0;
      if (document.hasFocus()) store.read(chat);
    }
    drawLatest();
    if (log.scrollTop < 200) loadOlder();
    if (fromEnd() < 200) loadNewer();
  }, { passive: true });

  toLatest.addEventListener('click', () => latest());
  // A keyboard on the screen or a turned phone changes the room, not the place in the conversation.
  new ResizeObserver(() => following && chat && (log.scrollTop = log.scrollHeight)).observe(log);

  store.on('chat', (chatId) => chatId === chat?.chatId && schedule());
  store.on('chats', () => chat && drawHeader());
  store.on('typing', (chatId) => chatId === chat?.chatId && drawTyping());

  return {
    get following() {
      return following && !chat?.log?.detached;
    },

    async open(chatId) {
      chat = store.open(chatId);
      byId('conversation').hidden = !chat;
      byId('no-chat').hidden = Boolean(chat);
      if (!chat) return;
      following = true;
      missed = 0;
      drawHeader();
      drawTyping();
      draw();
      if (chat.type !== 'direct') loadMembers(chat);
      if (chat.log.olderCursor === undefined) await loadNewest();
    },

    close() {
      chat = null;
      store.openChatId = null;
      byId('conversation').hidden = true;
      byId('no-chat').hidden = false;
    },

    /** Shows the message with this seq, loading the part of the history around it if need be. */
    async jump(message) {
      if (!chat.log.has(message.messageId)) await loadAround(message.seq);
      following = false;
      const element = messages.element(message.messageId);
      if (!element) return;
      element.scrollIntoView({ block: 'center' });
      element.classList.add('found');
      setTimeout(() => element.classList.remove('found'), 2500);
    },

    arrived(message) {
      if (message.chatId !== chat?.chatId || message.senderId === store.me.userId) return;
      if (!this.following) missed += 1;
    },

    latest,

    /** What is held may have holes: starts over with the newest page. */
    async reload() {
      if (!chat?.log) return;
      chat.log.reset();
      await loadNewest();
    },
  };

  async function loadMembers(group) {
    try {
      const { members } = await session.get(`/api/chats/${group.chatId}/members`);
      store.takeChat({ chatId: group.chatId, members, memberCount: members.length });
      store.emit('chat', group.chatId);
    } catch {
      // Names stay unknown for now; the messages themselves are more important than an alarm.
    }
  }
}
