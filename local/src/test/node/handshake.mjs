// Where a token may stand, and what the client library reports where it is not let in.
import assert from 'node:assert/strict';
import { ask, connect, given, mint, next } from './parley.mjs';

const [url] = given.urls;
const { token, userId } = given.alice;

for (const options of [{ auth: { token } }, { query: { token } }, { extraHeaders: { Authorization: `Bearer ${token}` } }]) {
  const socket = connect(url, options);
  assert.equal((await next(socket, 'connected')).userId, userId, Object.keys(options)[0]);
  socket.close();
}

const late = connect(url);
await next(late, 'connect');
const refused = await late.timeout(20_000).emitWithAck('join-chats', { all: true });
assert.equal(refused.error.code, 'UNAUTHENTICATED');
assert.equal((await ask(late, 'authenticate', { token })).userId, userId);
late.close();

const elsewhere = connect(`${url}/admin`, { auth: { token } });
assert.equal((await next(elsewhere, 'connect_error')).message, 'Invalid namespace');
elsewhere.close();

for (const [bad, code] of [
  ['nonsense', 'TOKEN_INVALID'],
  [`${token.slice(0, token.lastIndexOf('.'))}.AAAA`, 'TOKEN_INVALID'],
  [mint(userId, -60), 'TOKEN_EXPIRED'],
]) {
  const socket = connect(url, { auth: { token: bad } });
  const error = await next(socket, 'connect_error');
  assert.equal(error.data.code, code);
  assert.ok(error.message.length > 0);
  assert.equal(socket.connected, false);
  socket.close();
}

const wrong = await fetch(`${url}/socket.io/?EIO=4&transport=carrier-pigeon`);
assert.equal(wrong.status, 400);
assert.deepEqual(await wrong.json(), { code: 0, message: 'Transport unknown' });
