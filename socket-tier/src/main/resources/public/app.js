import { avatar, byId, clearError, debounce, showError } from './dom.js';
import { ParleyClient } from './parley.js';
import { Session } from './rest.js';
import { Store } from './store.js';
import { authView } from './views/auth.js';
import { chatListView } from './views/chat-list.js';
import { composerView } from './views/composer.js';
import { connectionView } from './views/connection.js';
import { conversationView } from './views/conversation.js';
import { peopleDialogs } from './views/people.js';
import { ownStatusView } from './views/presence.js';
import { searchView } from './views/search.js';

/*
 * The page: ties session, connection and store to the views. The address names the chat (`#/chat/<id>`), so that Back
 * leads from a conversation to the list on a phone and a reload stays where one was.
 */
const session = new Session();
const store = new Store();
let client = null;
let moreChats = null;
/** Whom the server was asked to watch, as one text. */
let watched = '';
/** The loading of the conversation that is being opened. */
let opening = null;

const auth = authView(session, start);
const connection = connectionView();
const list = chatListView(store, { open: goTo });
const search = searchView(store, session, { show: showFound });
const conversation = conversationView(store, session, {
  retry: (item) => deliver(item.chatId ?? store.openChatId, item.content, item),
  discard: (item) => {
    store.chats.get(store.openChatId).log.discard(item.clientMessageId);
    store.emit('chat', store.openChatId);
  },
});
const composer = composerView({
  send: (text) => deliver(store.openChatId, text),
  typing: (isTyping) => client?.typing(store.openChatId, isTyping),
  maxBytes: () => client?.info?.maxContentBytes ?? 16_384,
});
peopleDialogs(store, session, { created: chatStarted });
const ownStatus = ownStatusView(store, {
  choose: (status) => client?.setPresence(status).catch(showError),
});

session.onEnd = () => stop('Your session has ended. Please sign in again.');
byId('sign-out').addEventListener('click', () => {
  session.signOut();
  stop();
});
byId('back').addEventListener('click', () => goTo(null));
byId('more-chats').addEventListener('click', () => loadChats(moreChats).catch(showError));
addEventListener('hashchange', route);
addEventListener('focus', () => {
  const chat = store.chats.get(store.openChatId);
  if (chat && conversation.following) store.read(chat);
});
// Closing the window would lose what has not been sent yet.
addEventListener('beforeunload', (event) => client?.pending > 0 && event.preventDefault());

if (session.userId) resume(true);
else auth.open();

/** Goes on with the session of before; a server that is away for the moment is asked again. */
async function resume(first) {
  try {
    await start();
  } catch (error) {
    if (first || !session.userId) auth.open(session.userId ? error : 'Please sign in again.');
    if (session.userId) setTimeout(() => byId('app').hidden && session.userId && resume(false), error.retryAfterMs ?? 4000);
  }
}

/** Everything that needs a session: who am I, which chats, then live. */
async function start() {
  const [me] = await Promise.all([session.get('/api/users/me'), loadChats()]);
  store.me = { ...me, displayName: me.displayName || me.username };
  byId('me-name').textContent = store.me.displayName;
  byId('me-username').textContent = `@${me.username}`;
  byId('me-avatar').replaceChildren(avatar(store.me.displayName, me.userId));
  auth.close();
  list.draw();
  connect();
  route();
}

function stop(notice) {
  client?.close();
  client = null;
  store.me = null;
  store.openChatId = null;
  store.chats.clear();
  store.users.clear();
  store.presences.clear();
  ownStatus.clear();
  watched = '';
  moreChats = null;
  conversation.close();
  composer.clear();
  search.clear();
  list.clear();
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
  history.replaceState(null, '', location.pathname);
  auth.open(notice);
}

function connect() {
  const url = new URL('ws', document.baseURI);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';
  const mine = new ParleyClient({ url: url.href, getToken: (wish) => session.token(wish) });
  client = mine;
  connection.watch(mine);
  let wasOpen = false;
  mine.on('state', (state, detail) => {
    if (client !== mine) return;
    connection.show(state, detail);
    // Chats that came into being while we were away were told to nobody here.
    if (state === 'open' && wasOpen) refreshChats();
    wasOpen ||= state === 'open';
  });
  mine.on('message', (message) => {
    const isOpen = message.chatId === store.openChatId && document.hasFocus() && conversation.following;
    conversation.arrived(message);
    if (!store.takeMessage(message, { seen: isOpen })) refreshChats();
  });
  mine.on('retracted', (data) => {
    if (store.retract(data)) refreshChats();
  });
  mine.on('maintenance', (data) => connection.maintenance(data));
  mine.on('typing', (data) => store.setTyping(data));
  mine.on('presence', (data) => store.setPresence(data));
  mine.on('chat-created', () => refreshChats());
  mine.on('resync', ({ chatId }) => {
    const chat = store.chats.get(chatId);
    if (chatId === store.openChatId) conversation.reload();
    else chat?.log?.reset();
    refreshChats();
  });
  mine.on('error', (error) => console.warn('parley:', error.code, error.message));
  mine.join('all', { lastSeqs: store.lastSeqs() }).catch(() => {});
  mine.connect();
  watchPeople();
}

/** Whoever comes into view is watched, whoever has left it is not; calm enough for the server's limit. */
const watchPeople = debounce(1000, () => {
  if (!store.me || !client) return;
  const wanted = store.watched();
  if (wanted.join() === watched) return;
  watched = wanted.join();
  client.watchPresence(wanted).catch((error) => console.warn('parley:', error.code, error.message));
});
store.on('chats', watchPeople);

async function loadChats(cursor) {
  const page = await session.get('/api/chats', { limit: 50, cursor });
  for (const chat of page.chats) store.takeChat(chat);
  if (cursor || !store.me) moreChats = page.nextCursor ?? null;
  byId('more-chats').hidden = !moreChats;
}

const refreshChats = debounce(100, () => {
  if (!store.me) return;
  loadChats().then(route).catch((error) => error.retryAfterMs && setTimeout(refreshChats, error.retryAfterMs));
});

/** A chat that was created here: known at once, whether its event has come or not. */
function chatStarted(chat) {
  store.takeChat(chat);
  client?.join([chat.chatId], { lastSeqs: { [chat.chatId]: chat.latestMessage?.seq ?? 0 } }).catch(() => {});
  search.clear();
  goTo(chat.chatId);
}

function goTo(chatId) {
  const hash = chatId ? `#/chat/${chatId}` : '#/';
  if (location.hash === hash) route();
  else location.hash = hash;
}

/** Shows what the address says. */
function route() {
  if (!store.me) return;
  const chatId = /^#\/chat\/([0-9a-f]{24})$/.exec(location.hash)?.[1] ?? null;
  const before = store.openChatId;
  if (chatId && chatId === before) return;
  if (before && !chatId) client?.typing(before, false);
  if (chatId && store.chats.has(chatId)) {
    byId('app').dataset.view = 'chat';
    opening = conversation.open(chatId);
    composer.show(chatId);
    // On a touch screen the keyboard would jump up over what one came to read.
    if (matchMedia('(pointer: coarse)').matches) byId('chat-title').focus({ preventScroll: true });
    else composer.focus();
  } else if (before || !chatId) {
    byId('app').dataset.view = 'list';
    conversation.close();
    if (before) list.focus(before);
  }
  list.draw();
  watchPeople();
}

async function showFound(message) {
  if (!store.chats.has(message.chatId)) return;
  goTo(message.chatId);
  if (store.openChatId !== message.chatId) await new Promise((resolve) => addEventListener('hashchange', resolve, { once: true }));
  await opening;
  await conversation.jump(message);
}

/** Sends a text, or sends it again under the same id, and lets the log show how it fares. */
function deliver(chatId, content, again) {
  clearError();
  const { log } = store.chats.get(chatId);
  const sent = client.send(chatId, content, again && { type: again.type, clientMessageId: again.clientMessageId });
  log.sending({ clientMessageId: sent.clientMessageId, content, type: 'text' });
  const changed = () => store.emit('chat', chatId);
  changed();
  if (!again) conversation.latest();
  sent.acked.then(
    (ack) => {
      log.acknowledged(sent.clientMessageId, ack);
      changed();
    },
    (error) => {
      log.failed(sent.clientMessageId, error);
      changed();
    });
}
