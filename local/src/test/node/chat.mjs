// Two people on two instances: join, send with acknowledgement, receive on the other one.
import assert from 'node:assert/strict';
import { ask, connect, given, next } from './parley.mjs';

const { chatId } = given;
const alice = connect(given.urls[0], { auth: { token: given.alice.token } });
const bob = connect(given.urls[1], { auth: { token: given.bob.token } });
const [helloAlice, helloBob] = await Promise.all([next(alice, 'connected'), next(bob, 'connected')]);
assert.equal(helloAlice.userId, given.alice.userId);
assert.notEqual(helloAlice.serverId, helloBob.serverId);

for (const socket of [alice, bob]) {
  const { joined } = await ask(socket, 'join-chats', { chatIds: [chatId] });
  assert.deepEqual(joined.map((one) => one.chatId), [chatId]);
}

const received = next(bob, 'new-message');
const echoed = next(alice, 'new-message');
const sent = await ask(alice, 'send-message', { chatId, content: 'grüße 👋', clientMessageId: 'a-1' });
for (const message of [await received, await echoed]) {
  assert.equal(message.content, 'grüße 👋');
  assert.equal(message.senderId, given.alice.userId);
  assert.equal(message.messageId, sent.messageId);
  assert.equal(message.seq, sent.seq);
}
const again = await ask(alice, 'send-message', { chatId, content: 'grüße 👋', clientMessageId: 'a-1' });
assert.equal(again.messageId, sent.messageId);

// Without an acknowledgement there is an event instead.
const acknowledged = next(alice, 'message-sent');
alice.emit('send-message', { chatId, content: 'no answer wanted', clientMessageId: 'a-2' });
assert.equal((await acknowledged).clientMessageId, 'a-2');
alice.close();
bob.close();
