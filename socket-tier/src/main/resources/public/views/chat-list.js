import { arrange, avatar, byId, h, listTime } from '../dom.js';
import { presenceDot } from './presence.js';

/** The list of chats, newest first, each row with its latest message. */
export function chatListView(store, { open }) {
  const list = byId('chat-list');
  /** chatId → its row; rows live as long as their chat, so that focus stays where it is while the list moves. */
  const rows = new Map();
  let scheduled = false;

  function row(chat) {
    const parts = {
      picture: h('span', { class: 'picture' }),
      dot: presenceDot(),
      name: h('strong', { class: 'name' }),
      time: h('time', { class: 'time' }),
      preview: h('span', { class: 'preview' }),
      badge: h('span', { class: 'badge' }),
    };
    const button = h(
      'button',
      {
        type: 'button', class: 'chat-item',
        dataset: { testid: 'chat-item', chatId: chat.chatId },
        onclick: () => open(chat.chatId),
      },
      h('span', { class: 'portrait' }, parts.picture, parts.dot.element), h('span', { class: 'line' }, parts.name, parts.time), h('span', { class: 'line' }, parts.preview, parts.badge));
    return { element: h('li', {}, button), button, parts, drawn: {} };
  }

  function draw(chat) {
    let entry = rows.get(chat.chatId);
    if (!entry) rows.set(chat.chatId, (entry = row(chat)));
    const { parts, button } = entry;
    const title = store.title(chat);
    if (entry.drawn.title !== title) parts.picture.replaceChildren(avatar(title, pictureId(chat)));
    entry.drawn.title = title;
    parts.dot.show(store.presences.get(store.other(chat)?.userId));
    const latest = chat.latestMessage;
    const typing = chat.typing.size > 0 ? 'typing…' : '';
    parts.name.textContent = title;
    parts.time.textContent = latest ? listTime(latest.timestamp) : '';
    parts.time.dateTime = latest?.timestamp ?? '';
    parts.preview.textContent = typing || preview(chat, latest);
    parts.preview.classList.toggle('live', typing !== '');
    parts.badge.textContent = chat.unread > 99 ? '99+' : chat.unread || '';
    parts.badge.setAttribute('aria-label', chat.unread ? `, ${chat.unread} unread` : '');
    button.classList.toggle('unread', chat.unread > 0);
    if (chat.chatId === store.openChatId) button.setAttribute('aria-current', 'true');
    else button.removeAttribute('aria-current');
    return entry.element;
  }

  function pictureId(chat) {
    return store.other(chat)?.userId ?? chat.chatId;
  }

  function preview(chat, latest) {
    if (!latest) return 'No messages yet';
    const text = latest.content.replace(/\s+/g, ' ').slice(0, 200);
    if (latest.senderId === store.me.userId) return `You: ${text}`;
    const name = chat.type === 'direct' ? null : store.name(latest.senderId);
    return name ? `${name}: ${text}` : text;
  }

  function drawAll() {
    scheduled = false;
    if (!store.me) return;
    arrange(list, store.sorted().map(draw));
    byId('chats-empty').hidden = store.chats.size > 0;
    document.title = store.unread > 0 ? `(${store.unread}) Parley` : 'Parley';
  }

  // Once per frame, however many messages arrive in it.
  function schedule() {
    if (!scheduled) requestAnimationFrame(drawAll);
    scheduled = true;
  }

  // Up and down walk through the list, as in every mail program; Tab passes it by row as well.
  list.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const buttons = [...list.querySelectorAll('button')];
    const at = buttons.indexOf(document.activeElement);
    const next = buttons[at + (event.key === 'ArrowDown' ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  store.on('chats', schedule);
  store.on('typing', schedule);
  store.on('presence', schedule);

  return {
    draw: drawAll,
    focus(chatId) {
      rows.get(chatId)?.button.focus();
    },
    clear() {
      rows.clear();
      list.replaceChildren();
    },
  };
}
