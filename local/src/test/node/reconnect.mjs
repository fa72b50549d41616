// The server closes when the token ends; the library comes back by itself and resumes without loss or repetition.
import assert from 'node:assert/strict';
import { ask, connect, given, mint, next, within } from './parley.mjs';

const { chatId } = given;
const alice = connect(given.urls[0], { auth: { token: given.alice.token } });
await next(alice, 'connected');
const say = (content) => ask(alice, 'send-message', { chatId, content, clientMessageId: content });

let missed;
const bob = connect(given.urls[1], {
  reconnectionDelay: 50,
  reconnectionDelayMax: 50,
  // The second time only when there is something that was missed.
  auth: (use) => (missed ?? Promise.resolve(mint(given.bob.userId, 2))).then((token) => use({ token })),
});
const seen = [];
bob.on('new-message', (message) => seen.push(message));
const gone = within('the server closes', (resolve) => bob.once('disconnect', (reason) => {
  missed = say('missed').then(() => given.bob.token);
  resolve(reason);
}));
await next(bob, 'connected');
await ask(bob, 'join-chats', { chatIds: [chatId] });
const before = next(bob, 'new-message');
await say('before');
await before;

const back = next(bob, 'connected');
assert.equal(await gone, 'transport close');
await back;
const resumed = next(bob, 'new-message');
await ask(bob, 'join-chats', { chatIds: [chatId], lastSeqs: { [chatId]: seen.at(-1).seq } });
assert.equal((await resumed).content, 'missed');
const after = next(bob, 'new-message', ({ content }) => content === 'after');
await say('after');
await after;
assert.deepEqual(seen.map(({ content }) => content), ['before', 'missed', 'after']);
seen.slice(1).forEach((message, i) => assert.equal(message.prevSeq, seen[i].seq));
alice.close();
bob.close();
