/* The login server's HTTP interface, as far as the pages use it. Same origin only. */

import { call } from './call.js';

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
