// A chat server as one writes it with Socket.IO: what Parley is measured against. The same events as Parley's Socket.IO
// codec, and of its work the core: a token at the door, rooms over all instances through Redis, a place in the chat's
// order, the message on the broker's disk before the sender is told. Memberships are not checked, messages that are sent
// again are not recognised, and who comes back is not given what was missed.
import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import amqp from 'amqplib';
import jwt from 'jsonwebtoken';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { createShardedAdapter } from '@socket.io/redis-adapter';

const { PORT, REDIS_URI, RABBITMQ_URI, JWT_SECRET } = process.env;
const QUEUE = 'message-persist';

const redis = createClient({ url: REDIS_URI });
const subscriber = redis.duplicate();
for (const client of [redis, subscriber]) {
  client.on('error', (error) => console.error('Redis:', error.message));
}
await Promise.all([redis.connect(), subscriber.connect()]);

const broker = await amqp.connect(RABBITMQ_URI);
const channel = await broker.createConfirmChannel();
await channel.assertQueue(QUEUE, { durable: true, maxPriority: 10, messageTtl: 3_600_000, maxLength: 1_000_000 });

const confirmed = (event) =>
  new Promise((resolve, reject) => {
    channel.sendToQueue(
      QUEUE,
      Buffer.from(JSON.stringify(event)),
      { persistent: true, contentType: 'application/json', priority: 5 },
      (error) => (error ? reject(error) : resolve()),
    );
  });

const http = createServer((request, response) => {
  response.statusCode = request.url === '/health' ? 200 : 404;
  response.end();
});
const io = new Server(http, {
  transports: ['websocket'],
  serveClient: false,
  adapter: createShardedAdapter(redis, subscriber),
});

io.use((socket, next) => {
  try {
    socket.data.userId = jwt.verify(socket.handshake.auth.token, JWT_SECRET, { algorithms: ['HS256'] }).sub;
    next();
  } catch {
    next(new Error('TOKEN_INVALID'));
  }
});

const seqKey = (chatId) => `reference:{${chatId}}:seq`;

async function join(socket, { chatIds }) {
  await Promise.all(chatIds.map((chatId) => socket.join(chatId)));
  const joined = await Promise.all(
    chatIds.map(async (chatId) => ({ chatId, headSeq: Number((await redis.get(seqKey(chatId))) ?? 0) })),
  );
  return { joined, refused: [] };
}

async function send(socket, { chatId, content, clientMessageId, type = 'text' }) {
  const seq = await redis.incr(seqKey(chatId));
  const messageId = randomBytes(12).toString('hex');
  const timestamp = new Date().toISOString();
  const message = {
    messageId,
    chatId,
    seq,
    prevSeq: seq - 1,
    senderId: socket.data.userId,
    clientMessageId,
    type,
    content,
    timestamp,
  };
  io.to(chatId).emit('new-message', message);
  await confirmed({ message, chatType: 'group' });
  return { messageId, chatId, seq, clientMessageId, timestamp };
}

async function answer(ack, work) {
  try {
    const data = await work;
    ack?.({ ok: true, data });
  } catch (error) {
    ack?.({ ok: false, error: { code: 'UNAVAILABLE', message: error.message, retryAfterMs: 1000 } });
  }
}

io.on('connection', (socket) => {
  socket.on('join-chats', (data, ack) => answer(ack, join(socket, data)));
  socket.on('send-message', (data, ack) => answer(ack, send(socket, data)));
  socket.on('typing', ({ chatId, isTyping }, ack) => {
    io.to(chatId).emit('user-typing', { chatId, userId: socket.data.userId, isTyping });
    ack?.({ ok: true, data: {} });
  });
});

http.listen(Number(PORT), '127.0.0.1');
