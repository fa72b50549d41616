import { deferred } from './basics.js';
import { ParleyError } from './codes.js';
import { retryAfterMs } from './refusal.js';

/**
 * Opens a socket and authenticates on it while another one is still in use. `done` is the promise of {socket, info};
 * `cancel` gives it up.
 */
export function knock({ WebSocket, fetch, url, clock, connectTimeoutMs }, id, token) {
  const { promise, resolve, reject } = deferred();
  let socket = null;
  let opened = false;
  const timer = clock.setTimeout(() => cancel(new ParleyError('TIMEOUT', 'No connection within the time allowed.')), connectTimeoutMs);

  function cancel(error = new ParleyError('DISCONNECTED')) {
    clock.clearTimeout(timer);
    reject(error);
    try {
      socket?.close();
    } catch {
      // It never opened, or is closed already.
    }
  }

  function heard(text) {
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return;
    }
    if (frame.id !== id) return; // events start to matter when chats are joined
    if (!frame.ok) {
      cancel(new ParleyError(frame.error?.code ?? 'INTERNAL', frame.error?.message, frame.error));
      return;
    }
    clock.clearTimeout(timer);
    resolve({ socket, info: frame.data ?? {} });
  }

  try {
    socket = new WebSocket(url);
    socket.onopen = () => {
      opened = true;
      socket.send(JSON.stringify({ id, event: 'authenticate', data: { token } }));
    };
    socket.onmessage = (event) => heard(event.data);
    socket.onclose = async () => {
      const ms = opened ? 0 : await retryAfterMs({ fetch, url });
      cancel(new ParleyError('DISCONNECTED', 'The connection could not be opened.', ms > 0 ? { retryAfterMs: ms } : {}));
    };
    socket.onerror = () => {}; // says nothing of use; a close event follows
  } catch (error) {
    cancel(new ParleyError('DISCONNECTED', 'The connection could not be opened.', { cause: error }));
  }
  return { done: promise, cancel };
}
