import assert from 'node:assert/strict';
import test from 'node:test';
import { seeded, settle } from './fakes.js';
import { CHAT, OTHER, Rig } from './rig.js';

const ids = (rig) => rig.requests('send-message').map(({ data }) => data.clientMessageId);

test('a send resolves with its acknowledgement', async () => {
  const rig = new Rig();
  await rig.open();
  const sent = rig.client.send(CHAT, 'hello', { type: 'text' });
  const data = await rig.ack(42);
  assert.deepEqual(data, { chatId: CHAT, content: 'hello', type: 'text', clientMessageId: sent.clientMessageId });
  assert.equal((await sent.acked).seq, 42);
  assert.equal(rig.client.pending, 0);
});

test('sends made without a connection go out in order once there is one', async () => {
  const rig = new Rig();
  for (const content of ['one', 'two', 'three']) rig.client.send(CHAT, content);
  await rig.open();
  for (let i = 1; i <= 3; i += 1) await rig.ack(i);
  assert.deepEqual(rig.onTheWire, ['one', 'two', 'three']);
});

test('what was not acknowledged is sent again with the same id, in order', async () => {
  const rig = new Rig();
  await rig.open();
  const sends = ['one', 'two', 'three'].map((content) => rig.client.send(CHAT, content));
  await rig.ack(1);
  assert.deepEqual(ids(rig), ['id-1', 'id-2']);
  await rig.reconnect();
  assert.deepEqual(ids(rig), ['id-2'], 'the one under way first, the same to the server');
  await rig.ack(2);
  await rig.ack(3);
  assert.deepEqual(ids(rig), ['id-2', 'id-3']);
  assert.deepEqual((await Promise.all(sends.map(({ acked }) => acked))).map(({ seq }) => seq), [1, 2, 3]);
});

test('joins go out before the sends of the last connection', async () => {
  const rig = new Rig();
  await rig.openJoined(5);
  rig.client.send(CHAT, 'hello');
  await rig.reconnect();
  assert.deepEqual(rig.socket.sent.map(({ event }) => event), ['authenticate', 'join-chats', 'send-message']);
});

test('a send without an answer is repeated with the same id', async () => {
  const rig = new Rig();
  await rig.open();
  const sent = rig.client.send(CHAT, 'hello');
  await rig.clock.advance(10_250);
  assert.deepEqual(ids(rig), [sent.clientMessageId, sent.clientMessageId]);
  rig.requests('send-message')[0].answered = true;
  await rig.ack(7);
  assert.equal((await sent.acked).seq, 7);
});

test('a rate limit is waited for and keeps the order of its chat', async () => {
  const rig = new Rig();
  await rig.open();
  for (const content of ['one', 'two', 'three']) rig.client.send(CHAT, content);
  rig.client.send(OTHER, 'elsewhere');
  await rig.refuse('send-message', 'RATE_LIMITED', 4000);
  await rig.ack(1); // the other chat is not held up
  assert.deepEqual(rig.onTheWire, ['one', 'elsewhere']);
  await rig.clock.advance(4000);
  assert.deepEqual(rig.onTheWire, ['one', 'elsewhere'], 'not before the time plus jitter');
  await rig.clock.advance(500);
  for (let i = 1; i <= 3; i += 1) await rig.ack(i);
  assert.deepEqual(rig.onTheWire, ['one', 'elsewhere', 'one', 'two', 'three']);
});

test('a new connection does not shorten the time a rate limit asked for', async () => {
  const rig = new Rig();
  await rig.open();
  rig.client.send(CHAT, 'one');
  await rig.refuse('send-message', 'RATE_LIMITED', 60_000);
  await rig.reconnect();
  assert.deepEqual(rig.onTheWire, []);
  for (let i = 0; i < 7; i += 1) {
    await rig.clock.advance(10_000);
    if (rig.unanswered('ping').length) await rig.answer('ping');
  }
  assert.deepEqual(rig.onTheWire, ['one']);
});

test('an unavailable server is asked again with growing pauses', async () => {
  const rig = new Rig();
  await rig.open();
  const sent = rig.client.send(CHAT, 'hello');
  for (const pause of [250, 500, 1000]) {
    await rig.refuse('send-message', 'UNAVAILABLE');
    await rig.clock.advance(pause - 1);
    assert.equal(rig.unanswered('send-message').length, 0);
    await rig.clock.advance(1);
  }
  await rig.ack(1);
  assert.equal((await sent.acked).seq, 1);
});

test('a final refusal rejects with its code and lets the next one go', async () => {
  const rig = new Rig();
  await rig.open();
  const [bad, good] = ['bad', 'good'].map((content) => rig.client.send(CHAT, content));
  await rig.refuse('send-message', 'NOT_A_MEMBER');
  await assert.rejects(bad.acked, { code: 'NOT_A_MEMBER' });
  await rig.ack(1);
  assert.equal((await good.acked).seq, 1);
});

test('a message that fails inside the server again and again does not block its chat', async () => {
  const rig = new Rig();
  await rig.open();
  const [bad, good] = ['bad', 'good'].map((content) => rig.client.send(CHAT, content));
  for (let i = 0; i < 8; i += 1) {
    await rig.refuse('send-message', 'INTERNAL', 100);
    await rig.clock.advance(1000);
  }
  await assert.rejects(bad.acked, { code: 'INTERNAL' });
  await rig.ack(1);
  assert.equal((await good.acked).seq, 1);
});

test('a token that ended unnoticed is renewed and the send repeated', async () => {
  const rig = new Rig();
  await rig.open();
  const sent = rig.client.send(CHAT, 'hello');
  await rig.refuse('send-message', 'TOKEN_EXPIRED');
  await rig.clock.advance(0);
  await rig.accept();
  assert.deepEqual(rig.tokens, [false, true]);
  await rig.ack(1);
  assert.equal((await sent.acked).seq, 1);
});

test('a failed send can be tried again under its id, and a waiting one is not doubled', async () => {
  const rig = new Rig();
  await rig.open();
  const failed = rig.client.send(CHAT, 'hello');
  await rig.refuse('send-message', 'FORBIDDEN');
  const options = { clientMessageId: failed.clientMessageId };
  const again = rig.client.send(CHAT, 'hello', options);
  const twice = rig.client.send(CHAT, 'hello', options);
  await rig.ack(3);
  assert.deepEqual(ids(rig), ['id-1', 'id-1']);
  assert.equal((await again.acked).seq, 3);
  assert.equal((await twice.acked).seq, 3);
});

test('pending sends are bounded', async () => {
  const rig = new Rig({ maxPending: 3 });
  const sends = ['1', '2', '3', '4'].map((content) => rig.client.send(CHAT, content));
  await assert.rejects(sends[3].acked, { code: 'TOO_MANY_PENDING' });
  await rig.open();
  await rig.ack(1);
  assert.equal(rig.client.pending, 2);
  rig.client.send(CHAT, '5');
  for (const seq of [2, 3, 4]) await rig.ack(seq);
  assert.deepEqual(rig.onTheWire, ['1', '2', '3', '5']);
});

test('a thousand sends may wait by default', async () => {
  const rig = new Rig();
  for (let i = 0; i < 1000; i += 1) rig.client.send(CHAT, `${i}`);
  assert.equal(rig.client.pending, 1000);
  await assert.rejects(rig.client.send(CHAT, 'one more').acked, { code: 'TOO_MANY_PENDING' });
});

test('content too long is refused here, for its frame would close the connection', async () => {
  const rig = new Rig();
  await rig.open();
  await assert.rejects(rig.client.send(CHAT, 'é'.repeat(8193)).acked, { code: 'CONTENT_TOO_LONG' });
  assert.deepEqual(rig.onTheWire, []);
});

test('a closing socket does not spin', async () => {
  const rig = new Rig();
  await rig.open();
  rig.socket.readyState = 2;
  rig.client.send(CHAT, 'hello');
  await settle();
  assert.deepEqual(rig.onTheWire, []);
  await rig.reconnect();
  assert.deepEqual(rig.onTheWire, ['hello']);
});

for (const seed of [1, 2, 3, 4, 5]) {
  test(`any mix of losses and refusals sends each message once in effect and in order (seed ${seed})`, async () => {
    const random = seeded(seed);
    const rig = new Rig({ random });
    const stored = []; // the server's log; a known clientMessageId is the same message
    const store = ({ clientMessageId, content }) => {
      if (!stored.some((message) => message.clientMessageId === clientMessageId)) stored.push({ clientMessageId, content });
      return stored.findIndex((message) => message.clientMessageId === clientMessageId);
    };
    await rig.open();
    const expected = Array.from({ length: 40 }, (_, i) => `${i}`);
    const sends = expected.map((content) => rig.client.send(CHAT, content));
    for (let step = 0; rig.client.pending > 0; step += 1) {
      assert.ok(step < 2000, `seed ${seed} comes to an end`);
      const dice = random();
      if (rig.unanswered('send-message').length === 0) await rig.clock.advance(5000);
      else if (dice < 0.5) await rig.answer('send-message', (data) => ({ seq: store(data) }));
      else if (dice < 0.65) await rig.refuse('send-message', 'RATE_LIMITED', 700);
      else if (dice < 0.8) await rig.clock.advance(10_000); // no answer
      else {
        if (dice < 0.9) store(rig.unanswered('send-message')[0].data); // stored, but the answer is lost
        await rig.drop();
      }
      if (rig.unanswered('ping').length) await rig.answer('ping');
      if (rig.state !== 'open') {
        await rig.clock.advance(rig.lastDetail.retryInMs ?? 0);
        if (rig.state === 'connecting') await rig.accept();
      }
      for (const request of rig.unanswered('send-message').slice(0, -1)) request.answered = true; // timed out
    }
    assert.deepEqual(stored.map(({ content }) => content), expected, `seed ${seed}`);
    assert.deepEqual((await Promise.all(sends.map(({ acked }) => acked))).map(({ seq }) => `${seq}`), expected);
  });
}
