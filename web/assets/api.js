/* The login server's HTTP interface, as far as the pages use it. Same origin only. */

/** A refusal by the server: HTTP status, stable code, the server's own sentence, and a requirement to meet. */
export class ApiError extends Error {
  constructor(status, body) {
    super(body.errorMessage || body.error_description || `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = body.error ?? '';
    this.requirement = body.requirement ?? null;
    this.unknownCredential = body.unknown_credential === true;
  }

  /** Whether the server said no, rather than failed. */
  get isRefusal() {
    return this.status < 500;
  }

  /** Whether a newer or stronger sign-in would make the request pass. */
  get wantsStepUp() {
    return this.status === 401 && this.code === 'insufficient_user_authentication';
  }

  /** Whether nobody is signed in. */
  get wantsLogin() {
    return this.status === 401 && !this.wantsStepUp;
  }
}

async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    credentials: 'same-origin',
    cache: 'no-store',
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  let result = {};
  try {
    result = await answer.json();
  } catch {
    /* no body, or not ours: the status speaks */
  }
  if (!answer.ok) throw new ApiError(answer.status, result ?? {});
  return result;
}

const credentialPath = (id) => `/credentials/${encodeURIComponent(id)}`;
const listOf = (answer, member) => (Array.isArray(answer) ? answer : (answer[member] ?? []));

export const api = {
  site: () => call('GET', '/site'),
  session: () => call('GET', '/session'),
  signOut: () => call('DELETE', '/session'),

  registrationOptions: (request) => call('POST', '/attestation/options', request),
  registrationResult: (credential) => call('POST', '/attestation/result', credential),
  loginOptions: (request) => call('POST', '/assertion/options', request),
  loginResult: (credential) => call('POST', '/assertion/result', credential),

  continuation: (handle) => call('GET', `/continue?${new URLSearchParams({ continue: handle })}`),
  allow: (handle) => call('POST', '/continue/allow', { continue: handle }),
  decline: (handle) => call('POST', '/continue/decline', { continue: handle }),

  logoutRequest: (handle) => call('GET', `/logout/request?${new URLSearchParams({ handle })}`),

  signals: () => call('GET', '/signals'),
  credentials: async () => listOf(await call('GET', '/credentials'), 'credentials'),
  renameCredential: (id, nickname) => call('PATCH', credentialPath(id), { nickname }),
  deleteCredential: (id) => call('DELETE', credentialPath(id)),

  applications: () => call('GET', '/applications'),
  withdrawApplication: (domain, client) => call('DELETE', `/applications/${encodeURIComponent(domain)}/${encodeURIComponent(client)}`),

  sessions: async () => listOf(await call('GET', '/sessions'), 'sessions'),
  endSession: (id) => call('DELETE', `/sessions/${encodeURIComponent(id)}`),
  endAllSessions: () => call('DELETE', '/sessions'),
};
