import { arrange, avatar, clockTime, dayName, fullTime, h, icon } from '../dom.js';

/** Messages of one person within this time stand together under one name. */
const TOGETHER_MS = 5 * 60_000;

const STATES = {
  sending: { icon: 'clock', text: 'Sending' },
  sent: { icon: 'check', text: 'Sent' },
  failed: { icon: 'alert', text: 'Not sent' },
};

const FAILURES = {
  TOO_MANY_PENDING: 'Too many messages are waiting already.',
  CLOSED: 'You were disconnected.',
  NOT_A_MEMBER: 'You are not in this chat any more.',
};

/** Draws the messages of a log into a list, reusing the elements that are there. */
export function messagesView(list, store, { retry, discard }) {
  /** key of an item → its element; emptied when another chat is shown. */
  let elements = new Map();
  let days = new Map();
  let shownChat = null;

  function bubble(item) {
    const parts = {
      author: h('span', { class: 'author' }),
      text: h('p', { class: 'text', dir: 'auto' }),
      time: h('time'),
      state: h('span', { class: 'state' }),
      failure: h('div', { class: 'failure' }),
    };
    const element = h(
      'li', { class: 'message', dataset: { testid: 'message' } },
      h('div', { class: 'face' }),
      h('div', { class: 'bubble' }, parts.author, parts.text, h('span', { class: 'meta' }, parts.time, parts.state)),
      parts.failure);
    return { element, parts, item };
  }

  function draw(item, before, chat) {
    let entry = elements.get(item.key);
    if (!entry) elements.set(item.key, (entry = bubble(item)));
    const { element, parts } = entry;
    const follows = before && before.senderId === item.senderId
      && Date.parse(item.timestamp) - Date.parse(before.timestamp) < TOGETHER_MS
      && dayName(before.timestamp) === dayName(item.timestamp);
    const name = item.own ? 'You' : store.name(item.senderId) ?? 'Someone';
    const isGroup = chat.type !== 'direct';
    const drawn = [item.content, item.state, item.messageId, item.timestamp, follows, name, item.error?.code].join('\u0000');
    if (entry.drawn === drawn) return element;
    entry.drawn = drawn;

    element.dataset.messageId = item.messageId ?? '';
    element.dataset.seq = item.seq ?? '';
    element.dataset.own = String(item.own);
    element.dataset.state = item.state;
    element.classList.toggle('follows', Boolean(follows));
    parts.author.textContent = name;
    // Always there for those who listen; seen only in groups, at the first of several.
    parts.author.className = isGroup && !item.own && !follows ? 'author' : 'author sr-only';
    const face = element.querySelector('.face');
    face.hidden = !isGroup || item.own;
    face.replaceChildren(...(isGroup && !item.own && !follows ? [avatar(name, item.senderId, { small: true })] : []));
    parts.text.textContent = item.content;
    parts.time.textContent = clockTime(item.timestamp);
    parts.time.dateTime = item.timestamp;
    parts.time.title = fullTime(item.timestamp);
    drawState(item, parts);
    return element;
  }

  function drawState(item, parts) {
    const state = STATES[item.state];
    parts.state.replaceChildren(...(item.own ? [icon(state.icon), h('span', { class: 'sr-only' }, state.text)] : []));
    if (item.own) parts.state.title = state.text;
    if (item.state !== 'failed') {
      parts.failure.replaceChildren();
      return;
    }
    parts.failure.replaceChildren(
      h('span', {}, `Not sent. ${FAILURES[item.error?.code] ?? item.error?.message ?? ''}`),
      h('button', { type: 'button', class: 'link', dataset: { testid: 'retry' }, onclick: () => retry(item) }, 'Try again'),
      h('button', { type: 'button', class: 'link', onclick: () => discard(item) }, 'Discard'));
  }

  function daySeparator(timestamp) {
    const name = dayName(timestamp);
    let element = days.get(name);
    if (!element) days.set(name, (element = h('li', { class: 'day' }, h('span', {}, name))));
    return element;
  }

  return {
    draw(chat) {
      if (shownChat !== chat.chatId) {
        shownChat = chat.chatId;
        elements = new Map();
        days = new Map();
      }
      const items = chat.log.items;
      const nodes = [];
      let before = null;
      for (const item of items) {
        if (!before || dayName(before.timestamp) !== dayName(item.timestamp)) nodes.push(daySeparator(item.timestamp));
        nodes.push(draw(item, before, chat));
        before = item;
      }
      arrange(list, [...new Set(nodes)]);
      if (elements.size > items.length * 2 + 50) {
        const alive = new Set(items.map(({ key }) => key));
        for (const key of elements.keys()) if (!alive.has(key)) elements.delete(key);
      }
    },
    element(messageId) {
      return list.querySelector(`[data-message-id="${CSS.escape(messageId)}"]`);
    },
  };
}
