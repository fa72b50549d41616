import { byId, debounce, h, listTime } from '../dom.js';

/** Search in all messages, in place of the list of chats while there is something in the box. */
export function searchView(store, session, { show }) {
  const box = byId('search');
  const results = byId('search-list');
  const status = byId('search-status');
  let asked = 0;

  const search = debounce(250, async () => {
    const q = box.value.trim();
    const mine = ++asked; // answers overtake one another: only the last question counts
    if (q === '') return;
    try {
      const { messages } = await session.get('/api/search', { q, limit: 30 });
      if (mine !== asked) return;
      status.textContent = messages.length === 0 ? 'Nothing found.' : `${messages.length} found`;
      results.replaceChildren(...messages.map((message) => result(message, q)));
    } catch (error) {
      if (mine === asked) status.textContent = error.message;
    }
  });

  function result(message, q) {
    const chat = store.chats.get(message.chatId);
    const author = message.senderId === store.me.userId ? 'You' : store.name(message.senderId);
    return h('li', {}, h(
      'button',
      {
        type: 'button', class: 'search-result',
        dataset: { testid: 'search-result', chatId: message.chatId, messageId: message.messageId },
        onclick: () => show(message),
      },
      h('span', { class: 'line' },
        h('strong', { class: 'name' }, chat ? store.title(chat) : 'Chat'),
        h('time', { class: 'time', datetime: message.timestamp }, listTime(message.timestamp))),
      h('span', { class: 'excerpt', dir: 'auto' }, author ? `${author}: ` : '', ...marked(excerpt(message.content, q), q))));
  }

  function toggle() {
    const searching = box.value.trim() !== '';
    byId('search-results').hidden = !searching;
    byId('chats').hidden = searching;
    if (!searching) {
      asked += 1;
      results.replaceChildren();
      status.textContent = '';
    }
  }

  box.addEventListener('input', () => {
    toggle();
    if (box.value.trim() !== '') status.textContent = 'Searching…';
    search();
  });
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && box.value !== '') {
      event.preventDefault();
      box.value = '';
      toggle();
    }
    if (event.key === 'ArrowDown') results.querySelector('button')?.focus();
  });

  return {
    clear() {
      box.value = '';
      toggle();
    },
  };
}

/** The part of the text around the first hit. */
function excerpt(text, q) {
  const flat = text.replace(/\s+/g, ' ');
  const at = flat.toLowerCase().indexOf(q.toLowerCase());
  const from = Math.max(0, at - 40);
  return (from > 0 ? '…' : '') + flat.slice(from, from + 160);
}

/** The text with the words searched for marked, as nodes. */
function marked(text, q) {
  const words = q.split(/\s+/).filter(Boolean).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return text.split(new RegExp(`(${words.join('|')})`, 'gi'))
    .map((part, i) => (i % 2 ? h('mark', {}, part) : part));
}
