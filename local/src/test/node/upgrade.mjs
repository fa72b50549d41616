// The library's own default: polling first, then a WebSocket. What is said meanwhile arrives once and in order.
import assert from 'node:assert/strict';
import { ask, connect, given, next, within } from './parley.mjs';

const { chatId } = given;
const bob = connect(given.urls[1], { auth: { token: given.bob.token } });
await next(bob, 'connected');
await ask(bob, 'join-chats', { chatIds: [chatId] });
const heard = [];
const all = within('every message', (resolve) => bob.on('new-message', ({ content }) => {
  heard.push(content);
  if (content === 'last') resolve();
}));

const alice = connect(given.urls[0], { transports: ['polling', 'websocket'], auth: { token: given.alice.token } });
const echoed = [];
const echo = within('the sender\'s own messages', (resolve) => alice.on('new-message', ({ content }) => {
  echoed.push(content);
  if (content === 'last') resolve();
}));
const upgraded = within('the upgrade', (resolve) => alice.io.on('open', () => {
  assert.equal(alice.io.engine.transport.name, 'polling');
  alice.io.engine.once('upgrade', resolve);
}));
await next(alice, 'connected');
await ask(alice, 'join-chats', { chatIds: [chatId] });
const expected = [];
const say = (content) => {
  expected.push(content);
  return ask(alice, 'send-message', { chatId, content, clientMessageId: content });
};
// Below the limit of messages for one minute; the client goes over somewhere before or between them.
await Promise.all(Array.from({ length: 20 }, (_, i) => say(`m-${i}`)));
assert.equal((await upgraded).name, 'websocket');
await say('after');
await say('last');
await all;
await echo;
assert.deepEqual(heard, expected);
assert.deepEqual(echoed, expected);
alice.close();
bob.close();
