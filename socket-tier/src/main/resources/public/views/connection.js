import { byId } from '../dom.js';
import { CLOSE_CODES } from '../parley.js';

const CLOSED_TEXT = {
  TOO_MANY_CONNECTIONS: 'You are connected in too many places. Close one of them, then try again.',
  UNAUTHENTICATED: 'Your session has ended.',
};

const NOTICE_MS = 15_000;

/** The strip that says how the connection is. Silent while it is well. */
export function connectionView() {
  const banner = byId('connection-state');
  const retry = byId('connection-retry');
  let client;
  let noticeEnds;

  retry.addEventListener('click', () => client?.connect());

  function say(text, canRetry = false) {
    byId('connection-text').textContent = text;
    retry.hidden = !canRetry;
  }

  return {
    watch(newClient) {
      client = newClient;
    },
    /** Shown until the connection changes: with 'reconnect', until the client has moved. */
    maintenance({ phase, message }) {
      clearTimeout(noticeEnds);
      banner.dataset.state = 'maintenance';
      say(message || (phase === 'reconnect' ? 'The server is being restarted. Reconnecting in a moment…' : 'Maintenance is about to begin.'));
      if (phase === 'prepare') noticeEnds = setTimeout(() => this.show(client.state), NOTICE_MS);
    },
    show(state, detail = {}) {
      clearTimeout(noticeEnds);
      banner.dataset.state = state;
      if (state === 'open') say('Connected');
      if (state === 'connecting') say('Connecting…');
      if (state === 'closed') say(CLOSED_TEXT[detail.error?.code ?? CLOSE_CODES[detail.code]?.name] ?? 'Not connected.', true);
      if (state !== 'waiting') return;
      // Said once and not counted down second by second: this is a live region.
      const seconds = Math.ceil(detail.retryInMs / 1000);
      say(seconds > 2 ? `Connection lost. Trying again in ${seconds} s.` : 'Connection lost. Reconnecting…', seconds > 2);
    },
  };
}
