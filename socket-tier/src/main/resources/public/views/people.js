import { arrange, avatar, byId, debounce, h } from '../dom.js';

/** The two dialogs that start a chat. `created` is called with the chat as the server shows it. */
export function peopleDialogs(store, session, { created }) {
  directDialog(store, session, created);
  groupDialog(store, session, created);
}

/** What both dialogs do: open, close, and look for people while one types. */
function peopleSearch(dialog, box, store, session, { query, pick }) {
  const status = dialog.querySelector('[data-status]');
  const results = dialog.querySelector('[data-results]');
  let asked = 0;

  const search = debounce(200, async () => {
    const q = query();
    const mine = ++asked;
    if (q === '') {
      clear();
      return;
    }
    try {
      const users = await findUsers(session, store, q);
      if (mine !== asked) return;
      status.textContent = users.length === 0 ? `Nobody is called “${q}”.` : '';
      arrange(results, users.map((user) => h('li', {}, h(
        'button',
        {
          type: 'button', class: 'person',
          dataset: { testid: 'user-result', userId: user.userId, username: user.username },
          onclick: () => pick(user),
        },
        avatar(user.displayName || user.username, user.userId),
        h('span', { class: 'line' }, h('strong', {}, user.displayName || user.username)),
        h('span', { class: 'line muted' }, `@${user.username}`)))));
    } catch (error) {
      if (mine === asked) status.textContent = error.message;
    }
  });

  function clear() {
    asked += 1;
    status.textContent = '';
    results.replaceChildren();
  }

  box.addEventListener('input', search);
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown') return;
    event.preventDefault();
    results.querySelector('button')?.focus();
  });
  dialog.querySelector('[data-close]').addEventListener('click', () => dialog.close());
  // A click beside the sheet lands on the dialog itself.
  dialog.addEventListener('mousedown', (event) => event.target === dialog && dialog.close());
  return { clear, say: (text) => (status.textContent = text) };
}

async function findUsers(session, store, query) {
  const { users } = await session.get('/api/users', { query });
  store.learn(users);
  return users.filter(({ userId }) => userId !== store.me.userId);
}

function directDialog(store, session, created) {
  const dialog = byId('chat-dialog');
  const box = byId('user-search');
  const search = peopleSearch(dialog, box, store, session, {
    query: () => box.value.trim().replace(/^@/, '').toLowerCase(),
    pick: (user) => start(user),
  });

  async function start(user) {
    search.say('One moment…');
    try {
      const chat = await session.post('/api/chats', { type: 'direct', userId: user.userId });
      dialog.close();
      created(chat);
    } catch (error) {
      search.say(error.message);
    }
  }

  dialog.querySelector('form').addEventListener('submit', (event) => {
    event.preventDefault(); // Enter takes the first person found
    dialog.querySelector('[data-results] button')?.click();
  });
  byId('new-chat').addEventListener('click', () => {
    box.value = '';
    search.clear();
    dialog.showModal();
    box.focus();
  });
}

function groupDialog(store, session, created) {
  const dialog = byId('group-dialog');
  const box = byId('group-members');
  const nameBox = byId('group-name');
  const chips = byId('group-chips');
  const chosen = new Map();

  const words = () => box.value.split(/[\s,;]+/).map((word) => word.replace(/^@/, '').toLowerCase()).filter(Boolean);
  const search = peopleSearch(dialog, box, store, session, {
    // The last word is the one that is being typed.
    query: () => (/[\s,;]$/.test(box.value) ? '' : words().at(-1) ?? ''),
    pick: (user) => {
      box.value = words().slice(0, -1).join(', ');
      choose(user);
      search.clear();
      box.focus();
    },
  });

  function choose(user) {
    chosen.set(user.userId, user);
    drawChips();
  }

  function drawChips() {
    chips.replaceChildren(...[...chosen.values()].map((user) => h('li', {}, h(
      'button',
      {
        type: 'button', class: 'chip', 'aria-label': `Remove ${user.displayName || user.username}`,
        onclick: () => {
          chosen.delete(user.userId);
          drawChips();
          box.focus();
        },
      },
      user.displayName || user.username, h('span', { 'aria-hidden': 'true' }, '×')))));
  }

  /** Names typed but not picked are looked up; a name that nobody has is an error, not left out. */
  async function members() {
    for (const word of words()) {
      const user = (await findUsers(session, store, word)).find(({ username }) => username === word);
      if (!user) throw new Error(`Nobody is called “${word}”.`);
      choose(user);
    }
    box.value = '';
    if (chosen.size === 0) throw new Error('Choose at least one member.');
    return [...chosen.keys()];
  }

  byId('group-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    const name = nameBox.value.trim();
    if (!name) {
      search.say('Give the group a name.');
      nameBox.focus();
      return;
    }
    byId('create-group').disabled = true;
    try {
      const memberIds = await members();
      const chat = await session.post('/api/chats', { type: 'group', name, memberIds });
      dialog.close();
      created(chat);
    } catch (error) {
      search.clear();
      search.say(error.message);
      box.focus();
    } finally {
      byId('create-group').disabled = false;
    }
  });
  byId('new-group').addEventListener('click', () => {
    chosen.clear();
    drawChips();
    box.value = '';
    nameBox.value = '';
    search.clear();
    dialog.showModal();
    nameBox.focus();
  });
}
