// Alice and Bob write to each other at once, as fast as acknowledgements come back. What each of them received goes to
// standard output as JSON, for others to judge.
import { writeSync } from 'node:fs';
import { ask, connect, given, next, within } from './parley.mjs';

const { chatId, messages, window } = given;

class Person {
  received = [];

  constructor(url, { token }) {
    this.socket = connect(url, { auth: { token } });
    this.hello = next(this.socket, 'connected');
    this.socket.on('new-message', ({ messageId, seq, prevSeq, clientMessageId }) => {
      this.received.push({ messageId, seq, prevSeq, clientMessageId });
    });
    this.socket.on('disconnect', (reason) => {
      if (reason !== 'io client disconnect') throw new Error(`disconnected: ${reason}`);
    });
  }

  /** Sends all, with at most a window of them unacknowledged. */
  async sendAll(name) {
    let at = 0;
    const lane = async () => {
      while (at < messages) {
        const clientMessageId = `${name}-${at++}`;
        await ask(this.socket, 'send-message', { chatId, content: `message ${clientMessageId}`, clientMessageId });
      }
    };
    await Promise.all(Array.from({ length: window }, lane));
  }
}

const alice = new Person(given.urls[0], given.alice);
const bob = new Person(given.urls[1], given.bob);
for (const person of [alice, bob]) {
  await person.hello;
  await ask(person.socket, 'join-chats', { chatIds: [chatId] });
}

const start = performance.now();
await Promise.all([alice.sendAll('alice'), bob.sendAll('bob')]);
const sentMs = performance.now() - start;
for (const person of [alice, bob]) {
  await within(`${2 * messages} messages, not ${person.received.length}`, (resolve) => {
    const look = () => (person.received.length >= 2 * messages ? resolve() : setTimeout(look, 10));
    look();
  });
}
const receivedMs = performance.now() - start;

// Typing takes the same way as messages: when it arrives, whatever came twice has arrived before it.
for (const [from, to] of [[alice, bob], [bob, alice]]) {
  const typing = next(to.socket, 'user-typing');
  await ask(from.socket, 'typing', { chatId, isTyping: true });
  await typing;
}
const text = Buffer.from(JSON.stringify({ sentMs, receivedMs, alice: alice.received, bob: bob.received }));
for (let at = 0; at < text.length;) at += writeSync(1, text, at);
alice.socket.close();
bob.socket.close();
