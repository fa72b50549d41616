// Runs NGINX with this configuration in front of two stand-ins for tier instances. Needs nginx on the PATH, without it
// the test is skipped: node --test infra/nginx/

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

const environment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
const installed = spawnSync('nginx', ['-v'], { env: environment }).error === undefined;
const options = { skip: installed ? false : 'nginx is not installed' };

let directory;
let nginx;
let port;
const tier = [];

before(async () => {
  if (!installed) return;
  for (let i = 0; i < 2; i++) tier.push(await instance());
  port = await freePort();
  directory = mkdtempSync(path.join(tmpdir(), 'nginx-test-'));
  // Only what belongs to the container changes: names, ports and paths.
  const types = ['/etc/nginx/mime.types', '/usr/local/etc/nginx/mime.types'].find(existsSync);
  const configuration = readFileSync(path.join(import.meta.dirname, 'nginx.conf'), 'utf8')
      .replaceAll('tier-1:8080', `127.0.0.1:${tier[0].address().port}`)
      .replaceAll('tier-2:8080', `127.0.0.1:${tier[1].address().port}`)
      .replace('listen 80 ', `listen 127.0.0.1:${port} `)
      .replace('/dev/stdout', path.join(directory, 'access.log'))
      .replace('/tmp/nginx.pid', path.join(directory, 'nginx.pid'))
      .replace('include mime.types', types ? `include ${types}` : '# no types')
      .replace('worker_processes auto', 'worker_processes 1')
      .replace(/^worker_rlimit_nofile.*$/m, '');
  const file = path.join(directory, 'nginx.conf');
  writeFileSync(file, configuration);
  const tested = spawnSync('nginx', ['-t', '-c', file], { env: environment, encoding: 'utf8' });
  assert.equal(tested.status, 0, tested.stderr);
  nginx = spawn('nginx', ['-c', file, '-g', 'daemon off;'], { env: environment, stdio: 'inherit' });
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      await get('/nginx-health');
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error('nginx did not start');
});

after(async () => {
  if (!installed) return;
  const gone = new Promise((resolve) => nginx.on('close', resolve));
  nginx.kill('SIGTERM');
  await gone;
  await Promise.all(tier.map(stop));
  rmSync(directory, { recursive: true });
});

/** Tells its port and the headers it got; upgraded connections echo. */
async function instance() {
  const told = (request) => JSON.stringify({ port: server.address().port, headers: request.headers });
  const server = http.createServer((request, response) => response.end(told(request)));
  server.sockets = new Set();
  server.on('connection', (socket) => server.sockets.add(socket));
  server.on('upgrade', (request, socket) => {
    if (server.draining) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 3\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n${told(request)}\n`);
    socket.on('data', (data) => socket.write(`echo ${data}\n`));
    socket.on('error', () => {});
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Stops an instance as a crash would; the server itself keeps no track of upgraded connections. */
async function stop(server) {
  if (!server.listening) return;
  const closed = new Promise((resolve) => server.close(resolve));
  server.sockets.forEach((socket) => socket.destroy());
  await closed;
}

async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: free } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return free;
}

function get(target, headers = {}, method = 'GET') {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, path: target, headers, method }, (response) => {
      let body = '';
      response.on('data', (data) => (body += data)).on('end', () => resolve({ status: response.statusCode, body }));
    });
    request.on('error', reject);
    request.end(method === 'POST' ? '{}' : undefined);
  });
}

/** Opens an upgraded connection, says hello, and resolves with what the instance told. */
function upgrade(target) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    let text = '';
    let greeted = false;
    socket.on('error', reject);
    socket.on('data', (data) => {
      text += data;
      if (!greeted && text.includes('}\n')) {
        greeted = true;
        socket.write('hello');
      }
      if (text.endsWith('echo hello\n')) {
        resolve({ status: Number(text.split(' ')[1]), ...JSON.parse(text.split('\r\n\r\n')[1].split('\n')[0]), socket });
      }
    });
    socket.write(`GET ${target} HTTP/1.1\r\nHost: chat.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`
        + 'X-Forwarded-For: 6.6.6.6\r\n\r\n');
  });
}

test('WebSockets are upgraded on both paths and spread over the instances', options, async () => {
  const opened = [];
  for (const target of ['/ws?token=hidden', '/socket.io/?EIO=4&transport=websocket', '/ws', '/ws']) opened.push(await upgrade(target));
  assert.deepEqual(opened.map(({ status }) => status), [101, 101, 101, 101]);
  const perInstance = tier.map((server) => opened.filter((connection) => connection.port === server.address().port).length);
  assert.deepEqual(perInstance, [2, 2]);
  opened.forEach(({ socket }) => socket.destroy());
});

test('a long-polling session stays on one instance, its upgrade too', options, async () => {
  const ports = new Set();
  for (let i = 0; i < 4; i++) ports.add(JSON.parse((await get('/socket.io/?EIO=4&transport=polling&sid=abc')).body).port);
  ports.add(JSON.parse((await get('/socket.io/?EIO=4&transport=polling')).body).port);
  ports.add(JSON.parse((await get('/socket.io/?EIO=4&transport=polling&sid=abc', {}, 'POST')).body).port);
  const upgraded = await upgrade('/socket.io/?EIO=4&transport=websocket&sid=abc');
  ports.add(upgraded.port);
  upgraded.socket.destroy();
  assert.equal(ports.size, 1);
});

test('what a client claims about its address is replaced', options, async () => {
  const { headers, socket } = await upgrade('/ws');
  assert.equal(headers['x-forwarded-for'], '127.0.0.1');
  socket.destroy();
  const { body } = await get('/api/chats', { 'X-Forwarded-For': '6.6.6.6', Forwarded: 'for=6.6.6.6' });
  assert.equal(JSON.parse(body).headers['x-forwarded-for'], '127.0.0.1');
  assert.equal(JSON.parse(body).headers.forwarded, undefined);
});

test('metrics are not public', options, async () => assert.equal((await get('/prometheus')).status, 404));

test('tokens are not logged', options, async () => {
  await get('/api/chats?token=hidden');
  assert.doesNotMatch(readFileSync(path.join(directory, 'access.log'), 'utf8'), /hidden/);
});

test('handshakes that a draining instance refuses go to the other one', options, async () => {
  tier[1].draining = true;
  for (const target of ['/ws', '/socket.io/?EIO=4&transport=websocket', '/ws', '/ws']) {
    const { status, port: taken, socket } = await upgrade(target);
    assert.equal(status, 101);
    assert.equal(taken, tier[0].address().port);
    socket.destroy();
  }
  tier[1].draining = false;
});

test('an instance that is gone is passed over, for requests that change something too', options, async () => {
  await stop(tier[1]);
  for (let i = 0; i < 6; i++) {
    const { status, body } = await get('/api/chats', {}, 'POST');
    assert.equal(status, 200);
    assert.equal(JSON.parse(body).port, tier[0].address().port);
  }
});
