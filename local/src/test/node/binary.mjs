// Bytes where text belongs are refused, and the connection lives on.
import assert from 'node:assert/strict';
import { ask, connect, given, next } from './parley.mjs';

const { chatId } = given;
const alice = connect(given.urls[0], { auth: { token: given.alice.token } });
await next(alice, 'connected');
for (const content of [Buffer.from([1, 2, 3]), [Buffer.alloc(10), Buffer.alloc(70_000)]]) {
  const answer = await alice.timeout(20_000).emitWithAck('send-message', { chatId, content });
  assert.equal(answer.ok, false);
  assert.equal(answer.error.code, 'BINARY_NOT_SUPPORTED');
}
const told = next(alice, 'error');
alice.emit('send-message', { chatId, content: Buffer.from('no answer wanted') });
assert.equal((await told).code, 'BINARY_NOT_SUPPORTED');

const sent = await ask(alice, 'send-message', { chatId, content: 'text', clientMessageId: 'after' });
assert.equal(sent.clientMessageId, 'after');
assert.equal(alice.connected, true);
alice.close();
