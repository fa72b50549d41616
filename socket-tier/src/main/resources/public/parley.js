/**
 * Client of Parley's plain JSON protocol, for browsers and Node 20 or later. No dependency, no build step.
 *
 *   import { ParleyClient } from './parley.js';
 *
 *   const client = new ParleyClient({ url: 'wss://chat.example/ws', getToken: async ({ renew }) => '…' });
 *   client.on('message', (message) => console.log(message.seq, message.content));
 *   client.connect();
 *   await client.join('all');
 *   const sent = client.send(chatId, 'Hello');      // keeps trying until it is acknowledged or refused
 *   const { messageId, seq } = await sent.acked;
 *
 * What each file under parley/ is for:
 *   client.js      what a program calls; wires the rest together
 *   connection.js  one socket after another: authenticate, requests, heartbeat, when to come back
 *   knock.js       the next connection, while we move from one server to another
 *   renewal.js     a new token before the old one ends
 *   rooms.js       which chats are joined; joins again after a reconnect, syncs where messages are missing
 *   feed.js        one chat: duplicates, gaps, what is taken back
 *   outbox.js      sends that are not acknowledged yet
 *   typing.js      typing indicators, sent sparingly and forgotten in time
 *   presence.js    who is watched, and the status that was chosen, over any number of connections
 *   codes.js       close and error codes and what they ask of a client
 *   basics.js      clock, ids, emitter, backoff
 */
export { ParleyClient } from './parley/client.js';
export { inOrder } from './parley/feed.js';
export { CLOSE_CODES, ParleyError, Reconnect, isRetryable } from './parley/codes.js';
