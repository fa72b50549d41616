// What all programs here share: how a stranger connects, asks and waits. Addresses and tokens come as JSON in argv.
import { createHmac } from 'node:crypto';
import { io } from 'socket.io-client';

export const given = JSON.parse(process.argv[2]);

/** A socket with the transports of this run (without any, the library's own) that shares its connection with no other. */
export function connect(url, options = {}) {
  const transports = given.transports ? { transports: given.transports } : {};
  return io(url, { ...transports, forceNew: true, ...options });
}

/** The arguments of the next such event; fails after a while, so that no program hangs. */
export function next(socket, event, accept = () => true) {
  return within(`event ${event}`, (resolve) => {
    const listener = (data) => {
      if (!accept(data)) return;
      socket.off(event, listener);
      resolve(data);
    };
    socket.on(event, listener);
  });
}

/** Asks and waits for the acknowledgement; a refusal is an error with the code of the server. */
export async function ask(socket, event, data) {
  const answer = await socket.timeout(20_000).emitWithAck(event, data);
  if (!answer.ok) throw Object.assign(new Error(`${event}: ${answer.error.code}`), answer.error);
  return answer.data;
}

export function within(what, executor) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not within 20 s: ${what}`)), 20_000);
    const settle = (then) => (value) => {
      clearTimeout(timer);
      then(value);
    };
    executor(settle(resolve), settle(reject));
  });
}

/** An access token as any other server with the same secret would make it. */
export function mint(userId, secondsToLive) {
  const now = Date.now() / 1000;
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: userId, iat: Math.floor(now), exp: Math.ceil(now + secondsToLive) };
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${text}.${createHmac('sha256', given.secret).update(text).digest('base64url')}`;
}
