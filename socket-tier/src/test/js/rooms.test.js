import assert from 'node:assert/strict';
import test from 'node:test';
import { Feed, inOrder } from '../../main/resources/public/parley/feed.js';
import { seeded, settle } from './fakes.js';
import { BO, CHAT, OTHER, Rig, message } from './rig.js';

/** When a gap is asked for: after 250 ms, and up to three times as much longer by chance, which is 0.5 here. */
const HEAL_MS = 625;

const joinData = (rig) => rig.requests('join-chats').map(({ data }) => data);
const syncData = (rig) => rig.requests('sync').map(({ data }) => data);
const synced = (rig, headSeq) => rig.answer('sync', ({ lastSeqs }) => ({
  joined: Object.keys(lastSeqs).map((chatId) => ({ chatId, headSeq })), refused: [],
}));

test('join says what is held and resolves with the answer', async () => {
  const rig = new Rig();
  await rig.open();
  const joining = rig.client.join([CHAT], { lastSeqs: { [CHAT]: 7 } });
  assert.deepEqual(await rig.joined(9), { chatIds: [CHAT], lastSeqs: { [CHAT]: 7 } });
  assert.deepEqual(await joining, { joined: [{ chatId: CHAT, headSeq: 9 }], refused: [] });
});

test('a join without a connection is made on the next one', async () => {
  const rig = new Rig();
  const joining = rig.client.join('all', { lastSeqs: { [CHAT]: 7 } });
  await rig.open();
  assert.deepEqual(joinData(rig), [{ all: true, lastSeqs: { [CHAT]: 7 } }]);
  await rig.answer('join-chats', { joined: [{ chatId: CHAT, headSeq: 7 }, { chatId: OTHER, headSeq: 3 }], refused: [] });
  assert.equal((await joining).joined.length, 2);
});

test('every new connection joins again with the highest seq of each chat', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  await rig.receive(2, 1);
  await rig.receive(3, 2);
  await rig.reconnect();
  assert.deepEqual(joinData(rig), [{ chatIds: [CHAT], lastSeqs: { [CHAT]: 3 } }]);
});

test('a chat joined without a seq is held from its head on', async () => {
  const rig = new Rig();
  await rig.open();
  rig.client.join([CHAT]);
  assert.deepEqual(await rig.joined(50), { chatIds: [CHAT], lastSeqs: {} });
  await rig.reconnect();
  assert.deepEqual(joinData(rig), [{ chatIds: [CHAT], lastSeqs: { [CHAT]: 50 } }]);
});

test('a join cut off by the connection is answered by the next one', async () => {
  const rig = new Rig();
  await rig.open();
  const joining = rig.client.join([CHAT]);
  await rig.reconnect();
  await rig.joined(1);
  assert.equal((await joining).joined[0].chatId, CHAT);
});

test('many chats are joined in slices', async () => {
  const rig = new Rig({ maxChatsPerJoin: 2 });
  await rig.open();
  const chats = ['1', '2', '3', '4', '5'];
  const joining = rig.client.join(chats);
  for (let i = 0; i < 3; i += 1) await rig.joined(1);
  assert.deepEqual(joinData(rig).map(({ chatIds }) => chatIds), [['1', '2'], ['3', '4'], ['5']]);
  assert.equal((await joining).joined.length, 5);
});

test('a join that is told to wait is made again', async () => {
  const rig = new Rig();
  await rig.open();
  const joining = rig.client.join([CHAT]);
  await rig.refuse('join-chats', 'RATE_LIMITED', 3000);
  await rig.clock.advance(3250);
  await rig.joined(1);
  assert.equal((await joining).joined.length, 1);
});

test('a chat that cannot be joined for the moment is asked for again, a forbidden one is told and forgotten', async () => {
  const rig = new Rig();
  await rig.open();
  rig.client.join([CHAT, OTHER]);
  await rig.answer('join-chats', {
    joined: [], refused: [{ chatId: CHAT, code: 'UNAVAILABLE' }, { chatId: OTHER, code: 'NOT_A_MEMBER' }],
  });
  assert.equal(rig.log.error[0][0].code, 'NOT_A_MEMBER');
  assert.equal(rig.log.error[0][0].chatId, OTHER);
  await rig.clock.advance(2000);
  assert.deepEqual((await rig.joined(1)).chatIds, [CHAT]);
  await rig.clock.advance(10_000);
  assert.equal(joinData(rig).length, 2);
});

test('a chat that was left is neither heard nor joined again', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  const leaving = rig.client.leave([CHAT]);
  await rig.answer('leave-chats');
  await leaving;
  await rig.receive(2, 1);
  assert.deepEqual(rig.seqs, []);
  await rig.reconnect();
  assert.deepEqual(joinData(rig), []);
});

test('a duplicate is delivered once', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  for (const [seq, prev] of [[2, 1], [2, 1], [3, 2], [2, 1], [3, 2]]) await rig.receive(seq, prev);
  assert.deepEqual(rig.seqs, [2, 3]);
});

test('what came again with the rejoin is delivered once', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  await rig.receive(2, 1);
  await rig.reconnect();
  await rig.receive(2, 1);
  await rig.receive(3, 2);
  await rig.joined(3);
  assert.deepEqual(rig.seqs, [2, 3]);
});

test('memory against duplicates is bounded, and what is older than it counts as one', () => {
  const feed = new Feed({ maxSeen: 10 });
  for (let seq = 1; seq <= 30; seq += 1) assert.equal(feed.accept(message(seq, seq - 1)).deliver, true);
  for (let seq = 1; seq <= 30; seq += 1) assert.equal(feed.accept(message(seq, seq - 1)).deliver, false, `seq ${seq}`);
});

for (const order of [[3, 2], [2, 3]]) {
  test(`a gap that closes by itself asks nobody (${order})`, async () => {
    const rig = new Rig();
    await rig.openJoined(1);
    await rig.receive(4, 3);
    assert.deepEqual(rig.seqs, [4], 'what shows the gap is shown nonetheless');
    for (const seq of order) await rig.receive(seq, seq - 1);
    assert.deepEqual(rig.seqs, [4, ...order]);
    await rig.clock.advance(5000);
    assert.deepEqual(syncData(rig), []);
    await rig.reconnect();
    assert.deepEqual(joinData(rig)[0].lastSeqs, { [CHAT]: 4 });
  });
}

test('a gap is healed by one sync from what was held before it', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  for (const seq of [5, 6, 7]) await rig.receive(seq, seq - 1);
  await rig.clock.advance(HEAL_MS);
  assert.deepEqual(syncData(rig), [{ lastSeqs: { [CHAT]: 1 } }]);
  for (const seq of [2, 3, 4, 5, 6, 7]) await rig.receive(seq, seq - 1);
  await synced(rig, 7);
  assert.deepEqual(rig.seqs, [5, 6, 7, 2, 3, 4]);
  await rig.clock.advance(5000);
  assert.equal(syncData(rig).length, 1);
  assert.equal(joinData(rig).length, 1);
  assert.deepEqual(rig.log.resync, []);
});

test('gaps in several chats are healed by one request', async () => {
  const rig = new Rig();
  await rig.open();
  rig.client.join([CHAT, OTHER], { lastSeqs: { [CHAT]: 1, [OTHER]: 1 } });
  await rig.joined(1);
  await rig.receive(5, 4);
  await rig.receive(5, 4, { chatId: OTHER, messageId: 'other' });
  await rig.clock.advance(HEAL_MS);
  assert.deepEqual(syncData(rig), [{ lastSeqs: { [CHAT]: 1, [OTHER]: 1 } }]);
});

test('one sync is under way per chat, and a gap that came up meanwhile is looked at behind it', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  await rig.receive(5, 4);
  await rig.clock.advance(HEAL_MS);
  await rig.receive(9, 8);
  await rig.clock.advance(1000);
  assert.equal(syncData(rig).length, 1);
  for (const seq of [2, 3, 4]) await rig.receive(seq, seq - 1);
  await synced(rig, 5);
  await rig.clock.advance(HEAL_MS);
  assert.deepEqual(syncData(rig)[1], { lastSeqs: { [CHAT]: 5 } });
  for (const seq of [6, 7, 8]) await rig.receive(seq, seq - 1);
  await synced(rig, 9);
  await rig.clock.advance(5000);
  assert.equal(syncData(rig).length, 2);
  assert.deepEqual(rig.seqs.toSorted(), [2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a sync that brings nothing is not repeated', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  await rig.receive(5, 4); // 4 was taken back
  await rig.clock.advance(HEAL_MS);
  await synced(rig, 5);
  await rig.receive(6, 5);
  await rig.clock.advance(5000);
  assert.deepEqual(rig.seqs, [5, 6]);
  assert.equal(syncData(rig).length, 1);
  await rig.reconnect();
  assert.deepEqual(joinData(rig)[0].lastSeqs, { [CHAT]: 6 });
});

test('a sync that is told to wait is made again after that time', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  await rig.receive(5, 4);
  await rig.clock.advance(HEAL_MS);
  await rig.refuse('sync', 'UNAVAILABLE', 3000);
  await rig.clock.advance(2999);
  assert.equal(syncData(rig).length, 1);
  await rig.clock.advance(251);
  await rig.answer('sync', { joined: [], refused: [{ chatId: CHAT, code: 'UNAVAILABLE', retryAfterMs: 4000 }] });
  await rig.clock.advance(3999);
  assert.equal(syncData(rig).length, 2);
  await rig.clock.advance(501);
  await rig.receive(4, 1);
  await synced(rig, 5);
  assert.deepEqual(syncData(rig), Array(3).fill({ lastSeqs: { [CHAT]: 1 } }));
  assert.deepEqual(rig.log.resync, []);
});

test('a gap that cannot be healed is told, not hidden', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  await rig.receive(5, 4);
  await rig.clock.advance(HEAL_MS + 10_000);
  assert.deepEqual(rig.seqs, [5]);
  assert.deepEqual(rig.log.resync, [[{ chatId: CHAT, headSeq: 5 }]]);
  await rig.clock.advance(10_000);
  assert.equal(syncData(rig).length, 1);
});

test('a gap open at a disconnect is healed by the rejoin', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  await rig.receive(3, 2);
  await rig.clock.advance(HEAL_MS);
  await rig.reconnect();
  assert.deepEqual(joinData(rig)[0].lastSeqs, { [CHAT]: 1 });
  await rig.receive(2, 1);
  await rig.receive(3, 2);
  await rig.joined(3);
  await rig.clock.advance(5000);
  assert.deepEqual(syncData(rig), []);
  assert.deepEqual(rig.seqs, [3, 2]);
});

test('a message without a predecessor is delivered, but a resume begins before it', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  await rig.receive(2, 1);
  await rig.receive(9, null);
  await rig.clock.advance(5000);
  assert.deepEqual(syncData(rig), []);
  await rig.reconnect();
  assert.deepEqual(joinData(rig)[0].lastSeqs, { [CHAT]: 2 });
  await rig.receive(3, 2);
  await rig.joined(9);
  assert.deepEqual(rig.seqs, [2, 9, 3]);
  await rig.reconnect();
  assert.deepEqual(joinData(rig)[0].lastSeqs, { [CHAT]: 9 });
});

test('the chain goes on past a message without a predecessor', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  await rig.receive(9, null);
  await rig.receive(10, 1);
  await rig.clock.advance(5000);
  assert.deepEqual(syncData(rig), []);
  await rig.receive(12, null);
  await rig.receive(14, 12);
  await rig.clock.advance(5000);
  assert.deepEqual(syncData(rig).map((data) => data.lastSeqs), [{ [CHAT]: 10 }]);
});

test('where not everything could be read, a resume still begins where it did', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  await rig.reconnect();
  await rig.receive(4, 3);
  await rig.answer('join-chats', { joined: [{ chatId: CHAT, headSeq: 4, retryAfterMs: 1000 }], refused: [] });
  await rig.clock.advance(999);
  assert.deepEqual(syncData(rig), []);
  await rig.clock.advance(1);
  assert.deepEqual(syncData(rig).map((data) => data.lastSeqs), [{ [CHAT]: 1 }]);
  await rig.receive(2, 1);
  await rig.receive(3, 2);
  await rig.answer('sync', { joined: [{ chatId: CHAT, headSeq: 4 }], refused: [] });
  await rig.reconnect();
  assert.deepEqual(joinData(rig)[0].lastSeqs, { [CHAT]: 4 });
});

test('where not all chats could be found, all are asked for again', async () => {
  const rig = new Rig();
  await rig.open();
  rig.client.join('all', { lastSeqs: { [CHAT]: 1 } });
  await rig.answer('join-chats', { joined: [{ chatId: CHAT, headSeq: 1 }], refused: [], retryAfterMs: 1000 });
  await rig.clock.advance(1499);
  assert.equal(joinData(rig).length, 1);
  await rig.clock.advance(1);
  assert.deepEqual(joinData(rig)[1], { all: true, lastSeqs: { [CHAT]: 1 } });
});

test('the same message at another place has moved there', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  await rig.receive(2, 1, { messageId: 'm' });
  await rig.receive(4, 2, { messageId: 'm' });
  await rig.receive(5, 4);
  await rig.clock.advance(5000);
  await rig.receive(4, 2, { messageId: 'm' });
  assert.deepEqual(rig.seqs, [2, 4, 5]);
  assert.deepEqual(rig.log.retracted, [[{ chatId: CHAT, messageId: 'm', seq: 2 }]]);
  assert.deepEqual(syncData(rig), []);
});

test('a message taken back at the place to which it moved is where it was before', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  const retracted = (seq) => rig.socket.says({ event: 'message-retracted', data: { chatId: CHAT, messageId: 'm', seq } });
  await rig.receive(2, 1, { messageId: 'm' });
  await rig.receive(4, 2, { messageId: 'm' });
  retracted(4);
  assert.deepEqual(rig.seqs, [2, 4, 2]);
  assert.deepEqual(rig.log.retracted.map(([{ seq }]) => seq), [2, 4]);
  await rig.receive(2, 1, { messageId: 'm' });
  assert.deepEqual(rig.seqs, [2, 4, 2]);
  await rig.receive(5, 4, { messageId: 'm' });
  retracted(2);
  retracted(5);
  assert.deepEqual(rig.seqs, [2, 4, 2, 5]);
});

test('a message taken back is told, and may come at another place', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  const retracted = (messageId, seq, chatId = CHAT) => rig.socket.says({ event: 'message-retracted', data: { chatId, messageId, seq } });
  await rig.receive(2, 1, { messageId: 'm' });
  retracted('m', 3);
  assert.deepEqual(rig.log.retracted, [], 'held at another place');
  retracted('m', 2);
  await rig.receive(4, 2, { messageId: 'm' });
  retracted('m', 2);
  retracted('unheard-of', 1);
  retracted('m', 2, OTHER);
  assert.deepEqual(rig.log.retracted, [['m', 2], ['unheard-of', 1]].map(([messageId, seq]) => [{ chatId: CHAT, messageId, seq }]));
  assert.deepEqual(rig.seqs, [2, 4]);
});

test('chats that the server cannot join for the moment are joined again when it said', async () => {
  const rig = new Rig();
  await rig.open();
  rig.client.join([CHAT, OTHER], { lastSeqs: { [CHAT]: 1, [OTHER]: 1 } });
  const refusal = { code: 'UNAVAILABLE', retryAfterMs: 6000 };
  await rig.answer('join-chats', { joined: [], refused: [{ chatId: CHAT, ...refusal }, { chatId: OTHER, ...refusal, retryAfterMs: 9000 }] });
  await rig.clock.advance(5999);
  assert.equal(joinData(rig).length, 1);
  await rig.clock.advance(251);
  assert.deepEqual((await rig.joined(1)).chatIds, [CHAT]);
  await rig.clock.advance(3000);
  assert.deepEqual(await rig.joined(1), { chatIds: [OTHER], lastSeqs: { [OTHER]: 1 } });
});

test('resync goes on behind the gap and is told', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  rig.socket.says({ event: 'resync', data: { chatId: CHAT, headSeq: 900 } });
  await rig.receive(901, 900);
  assert.deepEqual(rig.log.resync, [[{ chatId: CHAT, headSeq: 900 }]]);
  assert.deepEqual(rig.seqs, [901]);
});

test('a message without a predecessor is delivered, a late one too', async () => {
  const rig = new Rig();
  await rig.openJoined(1);
  await rig.receive(9, null);
  await rig.receive(7, null);
  await rig.receive(10, 9);
  assert.deepEqual(rig.seqs, [9, 7, 10]);
});

test('a new chat is joined from its beginning if all are joined', async () => {
  const rig = new Rig();
  await rig.open();
  rig.client.join('all');
  await rig.answer('join-chats', { joined: [], refused: [] });
  rig.socket.says({ event: 'chat-created', data: { chatId: CHAT, type: 'direct', memberIds: [BO], createdBy: BO } });
  await settle();
  assert.deepEqual(await rig.joined(5), { chatIds: [CHAT], lastSeqs: { [CHAT]: 0 } });
  assert.equal(rig.log['chat-created'].length, 1);
});

for (const seed of [11, 12, 13, 14, 15, 16]) {
  test(`shuffled, doubled and lost messages arrive once, and sorted they are whole (seed ${seed})`, async () => {
    const random = seeded(seed);
    const rig = new Rig({ random });
    await rig.openJoined(0);
    const all = Array.from({ length: 60 }, (_, i) => message(i + 1, i));
    for (let at = 0; at < all.length; at += 6) {
      const batch = all.slice(at, at + 6).filter(() => random() > 0.15);
      const wild = [...batch, ...batch.filter(() => random() > 0.7)].sort(() => random() - 0.5);
      for (const one of wild) rig.socket.says({ event: 'new-message', data: one });
      await rig.clock.advance(100);
      if (random() < 0.2) await rig.reconnect();
      for (const event of ['join-chats', 'sync']) {
        const [request] = rig.unanswered(event);
        if (!request) continue;
        // As the server does: everything after the seq held and up to now, then the answer.
        const held = request.data.lastSeqs[CHAT];
        for (const one of all.slice(held, at + 6)) rig.socket.says({ event: 'new-message', data: one });
        await (event === 'sync' ? synced(rig, at + 6) : rig.joined(at + 6));
      }
    }
    await rig.reconnect();
    const held = rig.unanswered('join-chats')[0].data.lastSeqs[CHAT];
    for (const one of all.slice(held)) rig.socket.says({ event: 'new-message', data: one });
    await rig.joined(60);
    assert.deepEqual(rig.messages.toSorted(inOrder).map(({ seq }) => seq), all.map(({ seq }) => seq), `seed ${seed}`);
  });
}
