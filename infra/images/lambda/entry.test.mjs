// Runs the Lambda entry against a stand-in for Secrets Manager, with a `java` that tells what it was started with.
// Needs bash, curl (7.75 or newer) and jq: node --test infra/images/lambda/

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

const SECRETS = {
  'arn:mongodb': 'mongodb://user:pass@host/parley?a=b&c=$d',
  'arn:smtp': JSON.stringify({ username: 'mailer', password: 'p"w$ \\x' }),
};

let server;
let requests = [];
let directory;

before(async () => {
  server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { SecretId: id } = JSON.parse(body);
    requests.push({ id, headers: request.headers });
    response.statusCode = id in SECRETS ? 200 : 400;
    response.end(JSON.stringify(id in SECRETS ? { SecretString: SECRETS[id] } : {}));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  directory = mkdtempSync(path.join(tmpdir(), 'lambda-entry-'));
  writeFileSync(path.join(directory, 'java'), '#!/bin/sh\njq -n \'{env: env, arguments: $ARGS.positional}\' --args -- "$@"\n');
  chmodSync(path.join(directory, 'java'), 0o755);
});

after(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

function entry(secrets) {
  requests = [];
  const child = spawn('bash', [path.join(import.meta.dirname, 'entry'), 'a.Handler'], {
    env: {
      PATH: `${directory}:${process.env.PATH}`,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'KEY',
      AWS_SECRET_ACCESS_KEY: 'SECRET/+',
      AWS_SESSION_TOKEN: 'TOKEN==',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${server.address().port}`,
      ...(secrets === undefined ? {} : { PARLEY_SECRETS: typeof secrets === 'string' ? secrets : JSON.stringify(secrets) }),
    },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (data) => (out += data));
  child.stderr.on('data', (data) => (err += data));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, err, java: out === '' ? undefined : JSON.parse(out) })));
}

test('secrets become environment variables, keys of JSON secrets too, and each secret is read once', async () => {
  const { code, java } = await entry({
    MONGODB_URI: { arn: 'arn:mongodb' },
    SMTP_USERNAME: { arn: 'arn:smtp', key: 'username' },
    SMTP_PASSWORD: { arn: 'arn:smtp', key: 'password' },
  });
  assert.equal(code, 0);
  assert.equal(java.env.MONGODB_URI, SECRETS['arn:mongodb']);
  assert.equal(java.env.SMTP_USERNAME, 'mailer');
  assert.equal(java.env.SMTP_PASSWORD, 'p"w$ \\x');
  assert.equal(java.env.PARLEY_SECRETS, undefined);
  assert.equal(java.arguments.at(-1), 'a.Handler');
  assert.deepEqual(requests.map(({ id }) => id), ['arn:mongodb', 'arn:smtp']);
});

test('requests are signed with the credentials of the function', async () => {
  await entry({ MONGODB_URI: { arn: 'arn:mongodb' } });
  const { headers } = requests[0];
  assert.match(headers.authorization, /^AWS4-HMAC-SHA256 Credential=KEY\/\d{8}\/eu-central-1\/secretsmanager\/aws4_request, /);
  assert.match(headers.authorization, /SignedHeaders=[^,]*x-amz-security-token/);
  assert.equal(headers['x-amz-security-token'], 'TOKEN==');
  assert.equal(headers['x-amz-target'], 'secretsmanager.GetSecretValue');
});

test('without secrets the handler starts at once', async () => {
  const { code, java } = await entry(undefined);
  assert.equal(code, 0);
  assert.equal(java.arguments.at(-1), 'a.Handler');
  assert.equal(requests.length, 0);
});

test('a function never starts with a secret missing', async () => {
  for (const [secrets, message] of [
    [{ X: { arn: 'arn:absent' } }, /cannot read secret arn:absent/],
    [{ X: { arn: 'arn:smtp', key: 'absent' } }, /secret arn:smtp has no absent/],
    ['nonsense', /parse error|Invalid/],
  ]) {
    const { code, err, java } = await entry(secrets);
    assert.notEqual(code, 0);
    assert.equal(java, undefined);
    assert.match(err, message);
  }
});
