import { byId, h, listTime } from '../dom.js';

/** Somebody's presence for people: “away: at lunch”, “last seen 14:05”; nothing where it is not known. */
export function presenceText(presence) {
  if (!presence) return '';
  const { status, message, lastSeen } = presence;
  if (status === 'offline') return lastSeen ? `last seen ${listTime(lastSeen)}` : 'offline';
  return message ? `${status}: ${message}` : status;
}

/** The dot at a picture. Its shape and its words say what its colour says; who is offline has none. */
export function presenceDot() {
  const words = h('span', { class: 'sr-only' });
  const element = h('span', { class: 'presence', dataset: { testid: 'presence' }, hidden: true }, words);
  return {
    element,
    show(presence) {
      const here = presence && presence.status !== 'offline';
      element.hidden = !here;
      element.dataset.status = presence?.status ?? 'unknown';
      words.textContent = here ? `${presenceText(presence)}, ` : '';
      element.title = presenceText(presence);
    },
  };
}

/** The choice of one's own status; shows what was chosen on another device too. */
export function ownStatusView(store, { choose }) {
  const box = byId('own-status');
  box.addEventListener('change', () => choose(box.value));
  store.on('presence', (userId) => {
    const own = store.presences.get(userId);
    if (userId === store.me?.userId && document.activeElement !== box) box.value = own.status;
  });
  return {
    clear() {
      box.value = 'online';
    },
  };
}
