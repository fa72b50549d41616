/**
 * The REST side: the session and its tokens, and one function that calls the API. Tokens live in sessionStorage, so that
 * each window is its own session.
 */
const KEY = 'parley.session';
const TIMEOUT_MS = 15_000;
/** An access token with less left than this is renewed before it is used. */
const MARGIN_MS = 20_000;

export class ApiError extends Error {
  constructor(status, problem = {}) {
    super(problem.detail || problem.title || 'The server cannot be reached. Check your connection and try again.');
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code ?? (status === 0 ? 'OFFLINE' : `HTTP_${status}`);
    if (problem.retryAfterMs != null) this.retryAfterMs = problem.retryAfterMs;
  }
}

export class Session {
  #tokens = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
  #refreshing = null;

  /** Told when the session has ended without anybody signing out. */
  onEnd = () => {};

  get userId() {
    return this.#tokens?.userId ?? null;
  }

  async signIn(username, password) {
    this.#keep(await call('POST', '/api/auth/login', { body: { username, password } }));
  }

  async register(username, password, displayName) {
    this.#keep(await call('POST', '/api/auth/register', { body: { username, password, displayName } }));
  }

  /** Forgets the tokens at once; telling the server is a courtesy that nobody waits for. */
  signOut() {
    const tokens = this.#tokens;
    this.#tokens = null;
    sessionStorage.removeItem(KEY);
    if (!tokens) return;
    const { refreshToken, accessToken: token } = tokens;
    call('POST', '/api/auth/logout', { token, body: { refreshToken }, keepalive: true }).catch(() => {});
  }

  /** An access token that is good for a while; a new one where `renew` says that the old one will not do. */
  async token({ renew = false } = {}) {
    if (!this.#tokens) throw new ApiError(401, { code: 'UNAUTHENTICATED', detail: 'You are signed out.' });
    if (!renew && this.#tokens.goodUntil - Date.now() > MARGIN_MS) return this.#tokens.accessToken;
    return this.#refresh();
  }

  get(path, query = {}) {
    const params = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
    return this.#authorised('GET', params.length ? `${path}?${new URLSearchParams(params)}` : path);
  }

  post(path, body) {
    return this.#authorised('POST', path, body);
  }

  async #authorised(method, path, body) {
    const token = await this.token();
    try {
      return await call(method, path, { token, body });
    } catch (error) {
      if (error.status !== 401 || !this.#tokens) throw error;
      // Ended or revoked before its time: one new token, one more try.
      const fresh = this.#tokens.accessToken === token ? await this.token({ renew: true }) : await this.token();
      return call(method, path, { token: fresh, body });
    }
  }

  /** A refresh token is good for one use: everybody who needs a new access token waits for the same answer. */
  #refresh() {
    this.#refreshing ??= this.#refreshOnce().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #refreshOnce() {
    const before = this.#tokens;
    try {
      const tokens = await call('POST', '/api/auth/refresh', { body: { refreshToken: before.refreshToken } });
      if (this.#tokens !== before) throw new ApiError(401, { code: 'UNAUTHENTICATED', detail: 'You are signed out.' });
      this.#keep(tokens);
      return tokens.accessToken;
    } catch (error) {
      if (error.status !== 400 && error.status !== 401 && error.status !== 403) throw error;
      if (this.#tokens === before) {
        this.#tokens = null;
        sessionStorage.removeItem(KEY);
        this.onEnd();
      }
      throw new ApiError(401, { code: 'UNAUTHENTICATED', detail: 'Your session has ended. Please sign in again.' });
    }
  }

  #keep({ userId, accessToken, refreshToken, expiresIn }) {
    this.#tokens = { userId, accessToken, refreshToken, goodUntil: Date.now() + expiresIn * 1000 };
    sessionStorage.setItem(KEY, JSON.stringify(this.#tokens));
  }
}

async function call(method, path, { token, body, keepalive = false } = {}) {
  const headers = { Accept: 'application/json, application/problem+json' };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let response;
  let json;
  try {
    response = await fetch(path, {
      method, headers, keepalive,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      credentials: 'omit',
      cache: 'no-store',
    });
    const text = await response.text();
    json = text ? parse(text) : {};
  } catch {
    throw new ApiError(0);
  }
  if (!response.ok) throw new ApiError(response.status, { title: `The server answered ${response.status}.`, ...json });
  return json;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {}; // an error page of something in between; the status says enough
  }
}
