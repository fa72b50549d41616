/**
 * When to come back after a handshake that failed, in ms; 0 where nobody says. Browsers hide the answer to a refused
 * handshake from the page, with its Retry-After, so this asks the same address by plain HTTP.
 */
export async function retryAfterMs({ fetch, url }) {
  if (!fetch) return 0;
  try {
    const address = new URL(url);
    address.protocol = address.protocol === 'wss:' ? 'https:' : 'http:';
    address.search = '';
    const answer = await fetch(address.href, { cache: 'no-store', credentials: 'omit' });
    if (answer.status !== 503) return 0;
    const problem = await answer.json();
    return problem.retryAfterMs > 0 ? problem.retryAfterMs : 0;
  } catch {
    return 0; // the server can not be reached at all, or is not one that says
  }
}
