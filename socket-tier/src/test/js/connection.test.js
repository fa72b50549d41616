import assert from 'node:assert/strict';
import test from 'node:test';
import { CLOSE_CODES } from '../../main/resources/public/parley.js';
import { seeded, settle } from './fakes.js';
import { BO, CHAT, Rig, message } from './rig.js';

test('authenticates in the first frame, never in the URL', async () => {
  const rig = new Rig();
  await rig.open();
  assert.equal(rig.socket.url, 'ws://test/ws');
  assert.deepEqual({ ...rig.socket.sent[0], answered: undefined }, {
    id: 1, event: 'authenticate', data: { token: 'token-1' }, answered: undefined,
  });
  assert.deepEqual(rig.states.map(([state]) => state), ['connecting', 'open']);
  assert.deepEqual(rig.tokens, [false]);
});

test('backoff doubles with full jitter up to its cap', async () => {
  const rig = new Rig({ random: () => 1 });
  await rig.open();
  const delays = [];
  for (let i = 0; i < 9; i += 1) {
    await rig.drop(1006);
    delays.push(rig.lastDetail.retryInMs);
    await rig.clock.advance(rig.lastDetail.retryInMs);
  }
  assert.deepEqual(delays, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('jitter spreads clients over the whole span', async () => {
  const seed = 20250101;
  const random = seeded(seed);
  const delays = [];
  for (let i = 0; i < 200; i += 1) {
    const rig = new Rig({ random });
    rig.client.connect();
    for (let drop = 0; drop < 3; drop += 1) {
      await settle();
      await rig.drop(1012);
      if (drop < 2) await rig.clock.advance(rig.lastDetail.retryInMs);
    }
    delays.push(rig.lastDetail.retryInMs);
    rig.client.close();
  }
  const within = (from, to) => delays.filter((ms) => ms >= from && ms < to).length;
  for (let bucket = 0; bucket < 4; bucket += 1) {
    assert.ok(within(bucket * 500, (bucket + 1) * 500) > 25, `seed ${seed}: ${delays}`);
  }
  assert.equal(within(0, 2000), 200, `seed ${seed}`);
});

test('backoff starts anew only after a connection stayed up ten seconds', async () => {
  const rig = new Rig({ random: () => 1 });
  await rig.open();
  await rig.drop();
  await rig.clock.advance(500);
  await rig.accept();
  await rig.clock.advance(9_999);
  await rig.drop();
  assert.equal(rig.lastDetail.retryInMs, 1000);
  await rig.clock.advance(1000);
  await rig.accept();
  await rig.clock.advance(10_000);
  await rig.drop();
  assert.equal(rig.lastDetail.retryInMs, 500);
});

for (const [code, { name, reconnect }] of Object.entries(CLOSE_CODES)) {
  test(`close code ${code} ${name} is answered with ${reconnect}`, async () => {
    const rig = new Rig();
    await rig.open();
    await rig.clock.advance(10_000);
    await rig.drop(Number(code));
    if (reconnect === 'NO') {
      assert.equal(rig.state, 'closed');
      assert.equal(rig.lastDetail.code, Number(code));
      await rig.clock.advance(120_000);
      assert.equal(rig.sockets.length, 1, 'it does not come back by itself');
      assert.equal(rig.clock.timers, 0, 'nothing is left running');
      return;
    }
    assert.equal(rig.state, 'waiting');
    assert.equal(rig.lastDetail.retryInMs, reconnect === 'WITH_BACKOFF' ? 250 : 0);
    await rig.clock.advance(250);
    assert.equal(rig.sockets.length, 2);
    assert.deepEqual(rig.tokens, [false, reconnect === 'WITH_NEW_TOKEN']);
  });
}

test('a server that throws us out at once again and again is given rest', async () => {
  const rig = new Rig();
  await rig.open();
  await rig.drop(4409);
  assert.equal(rig.lastDetail.retryInMs, 0);
  await rig.clock.advance(0);
  await rig.accept();
  await rig.drop(4409);
  assert.equal(rig.lastDetail.retryInMs, 500);
});

/** Answers as an instance that takes no connections at the moment. */
function refusing(retryAfterMs, asked) {
  return async (address) => {
    asked.push(address);
    return { status: 503, json: async () => ({ code: 'UNAVAILABLE', retryAfterMs }) };
  };
}

test('a refused handshake is repeated when the server says, which a page has to ask', async () => {
  const asked = [];
  const rig = new Rig({ fetch: refusing(7_000, asked) });
  rig.client.connect();
  await settle();
  await rig.drop();
  assert.deepEqual(asked, ['http://test/ws']);
  assert.equal(rig.state, 'waiting');
  assert.equal(rig.lastDetail.retryInMs, 7_000 + 250);
  await rig.clock.advance(7_249);
  assert.equal(rig.sockets.length, 1);
  await rig.clock.advance(1);
  await rig.accept();
  await rig.drop();
  assert.equal(asked.length, 1, 'who was let in does not ask');
});

test('a server that cannot be asked either is given the usual rest', async () => {
  const rig = new Rig({ fetch: async () => { throw new TypeError('Failed to fetch'); } });
  rig.client.connect();
  await settle();
  await rig.drop();
  assert.equal(rig.lastDetail.retryInMs, 250);
});

test('closing while asking leaves it closed', async () => {
  let answer;
  const rig = new Rig({ fetch: () => new Promise((resolve) => { answer = resolve; }) });
  rig.client.connect();
  await settle();
  await rig.drop();
  rig.client.close();
  answer({ status: 503, json: async () => ({ retryAfterMs: 1 }) });
  await rig.clock.advance(60_000);
  assert.equal(rig.state, 'closed');
  assert.equal(rig.sockets.length, 1);
});

test('moving waits when the next instance refuses', async () => {
  const rig = new Rig({ fetch: refusing(3_000, []) });
  await rig.open();
  rig.socket.says({ event: 'server-maintenance', data: { phase: 'reconnect', reconnectInMs: 0 } });
  await rig.clock.advance(0);
  assert.equal(rig.sockets.length, 2);
  await rig.drop();
  await rig.clock.advance(3_249);
  assert.equal(rig.sockets.length, 2);
  assert.equal(rig.state, 'open', 'the old connection serves meanwhile');
  await rig.clock.advance(1);
  assert.equal(rig.sockets.length, 3);
});

test('an unknown close code is a lost connection', async () => {
  const rig = new Rig();
  await rig.open();
  await rig.drop(4999);
  assert.equal(rig.state, 'waiting');
});

test('a person can start again after a close that says no', async () => {
  const rig = new Rig();
  await rig.open();
  await rig.drop(4429);
  rig.client.connect();
  await rig.accept();
  assert.equal(rig.state, 'open');
});

test('connect cuts the waiting short and leaves no second attempt behind', async () => {
  const rig = new Rig();
  await rig.open();
  await rig.drop();
  rig.client.connect();
  await rig.accept();
  await rig.clock.advance(20_000);
  assert.equal(rig.sockets.length, 2);
});

test('a refused token is renewed before the next attempt when it has only expired', async () => {
  const rig = new Rig();
  rig.client.connect();
  await settle();
  rig.socket.opens();
  await rig.refuse('authenticate', 'TOKEN_EXPIRED');
  await rig.clock.advance(0);
  assert.deepEqual(rig.tokens, [false, true]);
});

test('a token that is not ours ends the attempts and is told', async () => {
  const rig = new Rig();
  rig.client.connect();
  await settle();
  rig.socket.opens();
  await rig.refuse('authenticate', 'TOKEN_INVALID');
  assert.equal(rig.state, 'closed');
  assert.equal(rig.lastDetail.error.code, 'TOKEN_INVALID');
  assert.equal(rig.log.error[0][0].code, 'TOKEN_INVALID');
});

test('a rate limit on connecting is waited for', async () => {
  const rig = new Rig();
  rig.client.connect();
  await settle();
  rig.socket.opens();
  await rig.refuse('authenticate', 'RATE_LIMITED', 12_000);
  assert.equal(rig.lastDetail.retryInMs, 12_250);
});

test('no token for now is tried again, no token ever is the end', async () => {
  const failures = [new Error('network'), Object.assign(new Error('over'), { code: 'UNAUTHENTICATED' })];
  const rig = new Rig({ getToken: async () => { throw failures.shift(); } });
  rig.client.connect();
  await settle();
  assert.equal(rig.state, 'waiting');
  await rig.clock.advance(250);
  assert.equal(rig.state, 'closed');
  assert.equal(rig.lastDetail.error.code, 'UNAUTHENTICATED');
});

test('an attempt that hangs is given up', async () => {
  const rig = new Rig({ requestTimeoutMs: 60_000 });
  rig.client.connect();
  await rig.clock.advance(19_999);
  assert.equal(rig.state, 'connecting');
  await rig.clock.advance(1);
  assert.equal(rig.state, 'waiting');
  assert.equal(rig.socket.closedWith, 4000);
});

test('what an abandoned socket still says is ignored', async () => {
  const rig = new Rig();
  await rig.openJoined();
  const [old] = rig.sockets;
  await rig.reconnect();
  old.says({ event: 'new-message', data: { messageId: 'z', chatId: CHAT, seq: 1, senderId: BO } });
  old.ends(4429);
  await settle();
  assert.equal(rig.state, 'open');
  assert.deepEqual(rig.messages, []);
});

test('pings every 25 seconds and takes a missing answer for a dead line', async () => {
  const rig = new Rig();
  await rig.open();
  await rig.clock.advance(25_000);
  await rig.answer('ping', { serverTime: rig.clock.iso() });
  await rig.clock.advance(25_000);
  assert.equal(rig.unanswered('ping').length, 1);
  await rig.clock.advance(9_999);
  assert.equal(rig.state, 'open');
  await rig.clock.advance(1);
  assert.equal(rig.state, 'waiting');
});

test('a refused ping is a sign of life', async () => {
  const rig = new Rig();
  await rig.open();
  await rig.clock.advance(25_000);
  await rig.refuse('ping', 'RATE_LIMITED', 1000);
  await rig.clock.advance(25_000);
  assert.equal(rig.state, 'open');
  assert.equal(rig.unanswered('ping').length, 1);
});

test('back online, the client does not wait; offline, it looks whether the line is dead', async () => {
  const rig = new Rig();
  await rig.open();
  rig.browser.dispatchEvent(new Event('offline'));
  assert.equal(rig.unanswered('ping').length, 1);
  await rig.clock.advance(10_000);
  assert.equal(rig.state, 'waiting');
  rig.browser.dispatchEvent(new Event('online'));
  await rig.accept();
  assert.equal(rig.state, 'open');
});

test('renews the token before it ends, by the server’s clock', async () => {
  const rig = new Rig();
  // The server's clock is an hour ahead of ours.
  await rig.open({ serverTime: rig.clock.iso(3_600_000), expiresAt: rig.clock.iso(3_600_000 + 900_000) });
  let renewedAfter = 0;
  while (rig.tokens.length < 2 && renewedAfter < 900_000) {
    await rig.clock.advance(10_000);
    if (rig.unanswered('ping').length) await rig.answer('ping');
    renewedAfter += 10_000;
  }
  assert.equal(renewedAfter, 840_000);
  assert.deepEqual(rig.tokens, [false, true]);
  const { token } = await rig.answer('refresh-token', { expiresAt: rig.clock.iso(3_600_000 + 100_000) });
  assert.equal(token, 'token-2');
  for (let i = 0; i < 8; i += 1) {
    await rig.clock.advance(10_000);
    if (rig.unanswered('ping').length) await rig.answer('ping');
  }
  assert.equal(rig.requests('refresh-token').length, 2, 'and again before the new one ends');
});

test('a renewal that fails is tried again, and the end of the session closes the client', async () => {
  const answers = ['t1', new Error('network'), Object.assign(new Error('over'), { code: 'UNAUTHENTICATED' })];
  const rig = new Rig({
    getToken: async () => {
      const next = answers.shift();
      if (next instanceof Error) throw next;
      return next;
    },
  });
  await rig.open({ tokenLifeMs: 10_000 });
  await rig.clock.advance(8_000);
  assert.equal(rig.state, 'open');
  await rig.clock.advance(1_250);
  assert.equal(rig.state, 'closed');
});

test('close ends everything and leaves no timer', async () => {
  const rig = new Rig();
  await rig.open();
  const joining = rig.client.join('all');
  const { acked } = rig.client.send(CHAT, 'hello');
  rig.client.typing(CHAT, true);
  rig.client.close();
  await assert.rejects(joining, { code: 'CLOSED' });
  await assert.rejects(acked, { code: 'CLOSED' });
  assert.equal(rig.clock.timers, 0);
  assert.equal(rig.state, 'closed');
});

test('garbage is reported and survived', async () => {
  const rig = new Rig();
  await rig.open();
  rig.socket.says('{');
  rig.socket.says({ event: 'weather', data: { userId: BO } });
  rig.socket.says({ event: 'error', data: { code: 'VALIDATION', message: 'no' } });
  assert.deepEqual(rig.log.error.map(([error]) => error.code), ['MALFORMED_JSON', 'VALIDATION']);
  assert.deepEqual(rig.log.event, [['weather', { userId: BO }]]);
  assert.equal(rig.state, 'open');
});

test('asked to move, the client opens the next connection, resumes there and leaves the old one', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  const sent = rig.client.send(CHAT, 'hello');
  const [old] = rig.sockets;
  const notice = { phase: 'reconnect', reconnectInMs: 4000, message: 'A new version is being installed.' };
  old.says({ event: 'server-maintenance', data: notice });
  assert.deepEqual(rig.log.maintenance, [[notice]]);
  await rig.clock.advance(3999);
  assert.equal(rig.sockets.length, 1);
  await rig.clock.advance(1);
  assert.equal(rig.sockets.length, 2);
  assert.equal(rig.state, 'open', 'the old one serves on');
  old.says({ event: 'new-message', data: message(2, 1) });
  assert.equal(old.closedWith, undefined);
  await rig.accept({ serverId: 'server-2' });
  assert.equal(old.closedWith, 1000);
  assert.deepEqual(rig.socket.sent.map(({ event }) => event), ['authenticate', 'join-chats', 'send-message']);
  assert.deepEqual(rig.requests('join-chats')[0].data, { chatIds: [CHAT], lastSeqs: { [CHAT]: 2 } });
  assert.equal(rig.requests('send-message')[0].data.clientMessageId, sent.clientMessageId);
  old.says({ event: 'new-message', data: message(3, 2) });
  old.ends(1012);
  await settle();
  assert.deepEqual(rig.seqs, [2], 'nobody listens to the old one any more');
  assert.deepEqual(rig.states.map(([state]) => state), ['connecting', 'open', 'open']);
  assert.equal(rig.client.info.serverId, 'server-2');
  await rig.joined(2);
  await rig.ack(3);
  assert.equal((await sent.acked).seq, 3);
  rig.client.close();
  assert.equal(rig.clock.timers, 0);
});

test('where the next connection is refused, moving is tried again and the old one serves on', async () => {
  const rig = new Rig();
  await rig.open();
  const [old] = rig.sockets;
  old.says({ event: 'server-maintenance', data: { phase: 'reconnect', reconnectInMs: 0 } });
  await rig.clock.advance(0);
  rig.socket.ends(1006);
  await rig.clock.advance(250);
  assert.equal(rig.sockets.length, 3);
  assert.equal(rig.state, 'open');
  rig.socket.opens();
  await rig.refuse('authenticate', 'TOKEN_EXPIRED');
  await rig.clock.advance(500);
  assert.deepEqual(rig.tokens, [false, false, false, true]);
  await rig.accept();
  assert.equal(old.closedWith, 1000);
});

test('closed by the server while moving, the client comes back like after any close', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  const [old] = rig.sockets;
  old.says({ event: 'server-maintenance', data: { phase: 'reconnect', reconnectInMs: 0 } });
  await rig.clock.advance(0);
  const abandoned = rig.socket;
  old.says({ event: 'server-shutdown', data: {} });
  old.ends(1012);
  await settle();
  assert.equal(rig.state, 'waiting');
  assert.equal(abandoned.readyState, 2);
  await rig.clock.advance(rig.lastDetail.retryInMs);
  await rig.accept();
  abandoned.opens();
  await settle();
  assert.equal(rig.sockets.length, 3);
  assert.deepEqual(rig.log.event, [['server-shutdown', {}]]);
});

test('of a maintenance to come the program is told, and nothing else happens', async () => {
  const rig = new Rig();
  await rig.open();
  rig.socket.says({ event: 'server-maintenance', data: { phase: 'prepare', reconnectInMs: 1000 } });
  await rig.clock.advance(5000);
  assert.equal(rig.sockets.length, 1);
  assert.equal(rig.log.maintenance.length, 1);
});

test('typing says true every two seconds at most, and false when it is over', async () => {
  const rig = new Rig();
  await rig.open();
  const said = () => rig.requests('typing').map(({ data }) => data.isTyping);
  for (let i = 0; i < 10; i += 1) {
    rig.client.typing(CHAT, true);
    await rig.clock.advance(300);
  }
  assert.deepEqual(said(), [true, true]);
  await rig.clock.advance(5_000);
  assert.deepEqual(said(), [true, true, true, false].slice(0, said().length));
  assert.equal(said().at(-1), false);
  rig.client.typing(CHAT, true);
  rig.client.send(CHAT, 'done');
  assert.equal(said().at(-1), false, 'sending ends typing');
});

test('typing of others is forgotten after a while or with their message', async () => {
  const rig = new Rig();
  await rig.openJoined();
  const typing = { chatId: CHAT, userId: BO };
  rig.socket.says({ event: 'user-typing', data: { ...typing, isTyping: true } });
  await rig.clock.advance(3_500);
  rig.socket.says({ event: 'user-typing', data: { ...typing, isTyping: true } });
  await rig.receive(1);
  await rig.clock.advance(10_000);
  assert.deepEqual(rig.log.typing.map(([{ isTyping }]) => isTyping), [true, false, true, false]);
});
