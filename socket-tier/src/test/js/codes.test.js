import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { CLOSE_CODES } from '../../main/resources/public/parley.js';
import { RETRYABLE_ERRORS } from '../../main/resources/public/parley/codes.js';

const wire = new URL('../../../../shared/src/main/java/dev/parley/wire/', import.meta.url);

test('the table of close codes is the server’s', async () => {
  const java = await readFile(new URL('CloseCode.java', wire), 'utf8');
  const declared = {};
  for (const [, name, code, reconnect, reason] of java.matchAll(/^ {4}(\w+)\((\d+), Reconnect\.(\w+), "([^"]*)"\)/gm)) {
    declared[code] = { name, reconnect, reason };
  }
  assert.ok(Object.keys(declared).length > 5, 'the declaration was found');
  assert.deepEqual(JSON.parse(JSON.stringify(CLOSE_CODES)), declared);
});

test('the retryable errors are the server’s', async () => {
  const java = await readFile(new URL('ErrorCode.java', wire), 'utf8');
  const later = [...java.matchAll(/^ {4}(\w+)\(\d+, Retry\.LATER,/gm)].map(([, name]) => name);
  assert.ok(later.length > 0, 'the declaration was found');
  assert.deepEqual([...RETRYABLE_ERRORS].sort(), later.sort());
});

test('the client’s bounds are the server’s', async () => {
  const limits = await readFile(new URL('Limits.java', wire), 'utf8');
  const client = await readFile(new URL('../../main/resources/public/parley/client.js', import.meta.url), 'utf8');
  assert.match(limits, /CONTENT_BYTES = 16 \* 1024;/);
  assert.match(client, /maxContentBytes: 16 \* 1024,/);
  assert.match(limits, /CHATS_PER_JOIN = 1_000;/);
  assert.match(client, /maxChatsPerJoin: 1000,/);
});
