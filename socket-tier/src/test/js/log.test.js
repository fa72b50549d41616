import assert from 'node:assert/strict';
import test from 'node:test';
import { MessageLog } from '../../main/resources/public/log.js';
import { Store } from '../../main/resources/public/store.js';
import { BO, CHAT, ME, message } from './rig.js';

const seqs = (log) => log.items.map(({ seq }) => seq);
const mine = (seq, more = {}) => message(seq, null, { senderId: ME, clientMessageId: 'own', ...more });

test('a late message is put in its place by seq, then messageId', () => {
  const log = new MessageLog(CHAT, ME);
  for (const [seq, messageId] of [[1, 'a'], [5, 'd'], [9, 'e'], [5, 'b'], [3, 'c'], [5, 'c']]) log.take(message(seq, null, { messageId }));
  assert.deepEqual(log.items.map(({ seq, messageId }) => `${seq}${messageId}`), ['1a', '3c', '5b', '5d', '9e']);
});

test('a late message that belongs to what is not loaded waits for its page', () => {
  const log = new MessageLog(CHAT, ME);
  log.olderCursor = '10';
  log.takeAll([10, 11].map((seq) => message(seq)));
  log.take(message(5));
  assert.deepEqual(seqs(log), [10, 11]);
});

test('a message held keeps its place until it is taken back', () => {
  const log = new MessageLog(CHAT, ME);
  log.take(message(2, null, { messageId: 'm' }));
  log.take(message(4, null, { messageId: 'm' }));
  assert.deepEqual(seqs(log), [2]);
  assert.equal(log.retract({ messageId: 'm', seq: 4 }), false);
  assert.equal(log.retract({ messageId: 'm', seq: 2 }), true);
  log.take(message(4, null, { messageId: 'm' }));
  assert.deepEqual(seqs(log), [4]);
});

test('one’s own message that is taken back is pending again until it is acknowledged at its new place', () => {
  const log = new MessageLog(CHAT, ME);
  log.sending({ clientMessageId: 'own', content: 'hello', type: 'text' });
  log.take(mine(2, { messageId: 'm' }));
  log.take(message(3));
  assert.equal(log.retract({ messageId: 'm', seq: 2 }), true);
  assert.deepEqual(log.items.map(({ state, seq }) => [state, seq]), [['sent', 3], ['sending', undefined]]);
  log.acknowledged('own', { messageId: 'm2', seq: 7, timestamp: '2025-01-01T00:00:01.000Z' });
  log.take(mine(7, { messageId: 'm2' }));
  assert.deepEqual(log.items.map(({ state, seq }) => [state, seq]), [['sent', 3], ['sent', 7]]);
});

test('one’s own message that was refused can be sent again after it was taken back', () => {
  const log = new MessageLog(CHAT, ME);
  log.sending({ clientMessageId: 'own', content: 'hello', type: 'text' });
  log.take(mine(2, { messageId: 'm' }));
  log.failed('own', new Error('no'));
  log.retract({ messageId: 'm', seq: 2 });
  assert.deepEqual(log.items.map(({ state, clientMessageId }) => [state, clientMessageId]), [['failed', 'own']]);
});

test('one’s own message that another window sent vanishes when it is taken back', () => {
  const log = new MessageLog(CHAT, ME);
  log.take(mine(2, { messageId: 'm' }));
  log.retract({ messageId: 'm', seq: 2 });
  assert.deepEqual(log.items, []);
});

test('an acknowledgement with another place than shown waits for the retraction', () => {
  const log = new MessageLog(CHAT, ME);
  log.sending({ clientMessageId: 'own', content: 'hello', type: 'text' });
  log.take(mine(2, { messageId: 'm' }));
  log.acknowledged('own', { messageId: 'm', seq: 4, timestamp: '2025-01-01T00:00:01.000Z' });
  assert.deepEqual(seqs(log), [2]);
  log.retract({ messageId: 'm', seq: 2 });
  log.take(mine(4, { messageId: 'm' }));
  assert.deepEqual(seqs(log), [4]);
});

test('the list of chats forgets a latest message that is taken back, and counts late ones as unread', () => {
  const store = new Store();
  store.me = { userId: ME };
  store.takeChat({ chatId: CHAT, type: 'group', latestMessage: message(5) });
  const chat = store.chats.get(CHAT);
  store.takeMessage(message(9, 5, { senderId: BO }), { seen: false });
  store.takeMessage(message(7, 5, { senderId: BO }), { seen: false });
  assert.equal(chat.unread, 2);
  assert.equal(chat.latestMessage.seq, 9);
  assert.equal(store.retract({ chatId: CHAT, messageId: chat.latestMessage.messageId, seq: 9 }), true);
  assert.equal(chat.unread, 1);
  assert.equal(chat.latestMessage, null);
  assert.equal(store.retract({ chatId: CHAT, messageId: 'm', seq: 9 }), false);
});
