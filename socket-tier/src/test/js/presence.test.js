import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from './fakes.js';
import { BO, ME, OTHER, Rig } from './rig.js';

const online = { userId: BO, status: 'online' };
const away = { userId: BO, status: 'away', message: 'lunch' };

async function watchingRig() {
  const rig = new Rig();
  rig.presences = [];
  rig.client.on('presence', (presence) => rig.presences.push(presence));
  await rig.open();
  return rig;
}

async function hears(rig, data) {
  rig.socket.says({ event: 'presence', data });
  await settle();
}

test('what is known and what changes is told, each once', async () => {
  const rig = await watchingRig();
  const watching = rig.client.watchPresence([BO]);
  await settle();
  assert.deepEqual(await rig.answer('watch-presence', { presences: [online], refused: [] }), { userIds: [BO] });
  assert.deepEqual(await watching, { presences: [online], refused: [] });
  await hears(rig, online);
  await hears(rig, away);
  assert.deepEqual(rig.presences, [online, away]);
});

test('every connection watches anew and tells only what is new', async () => {
  const rig = await watchingRig();
  rig.client.watchPresence([BO]);
  await settle();
  await rig.answer('watch-presence', { presences: [online], refused: [] });
  await rig.reconnect();
  await rig.answer('watch-presence', { presences: [online], refused: [] });
  await rig.reconnect();
  await rig.answer('watch-presence', { presences: [away], refused: [] });
  assert.deepEqual(rig.presences, [online, away]);
});

test('the newest set replaces the one before, and who is not in it is not heard of', async () => {
  const rig = await watchingRig();
  const first = rig.client.watchPresence([BO]);
  const second = rig.client.watchPresence([OTHER]);
  await settle();
  await rig.answer('watch-presence', { presences: [online], refused: [] });
  await rig.answer('watch-presence', { presences: [], refused: [{ userId: OTHER, code: 'NOT_A_CONTACT' }] });
  assert.equal((await first).refused[0].code, 'NOT_A_CONTACT');
  assert.equal(await first, await second);
  await hears(rig, away);
  assert.deepEqual(rig.presences, []);
  rig.client.watchPresence([]);
  await settle();
  await rig.answer('watch-presence', { presences: [], refused: [] });
  await rig.reconnect();
  assert.equal(rig.requests('watch-presence').length, 0, 'nobody to watch');
});

test('a status that was not answered is chosen again on the next connection, one that was is not', async () => {
  const rig = await watchingRig();
  const chosen = rig.client.setPresence('busy', 'writing');
  await settle();
  await rig.reconnect();
  assert.deepEqual(await rig.answer('set-presence'), { status: 'busy', message: 'writing' });
  await chosen;
  await rig.reconnect();
  assert.equal(rig.requests('set-presence').length, 0, 'the server keeps it');
});

test('a refusal that time cures is asked again, another one is passed on and forgotten', async () => {
  const rig = await watchingRig();
  const chosen = rig.client.setPresence('away');
  await settle();
  await rig.refuse('set-presence', 'UNAVAILABLE', 2000);
  await rig.clock.advance(3000);
  await rig.answer('set-presence');
  await chosen;
  const refused = rig.client.setPresence('asleep');
  await settle();
  await rig.refuse('set-presence', 'VALIDATION');
  await assert.rejects(refused, { code: 'VALIDATION' });
  await rig.reconnect();
  assert.equal(rig.requests('set-presence').length, 0);
});

test('closing rejects what was not answered', async () => {
  const rig = await watchingRig();
  const watching = rig.client.watchPresence([ME]);
  await settle();
  rig.client.close();
  await assert.rejects(watching, { code: 'CLOSED' });
});
