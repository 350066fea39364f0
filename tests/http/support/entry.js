// A client of a domain, and what comes back to it: the way from /authorize to tokens.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { postForm } from './http.js';

const PORTS = { pay: 9001, coin: 9002 };
const verifier = 'v'.repeat(43);
const challenge = crypto.createHash('sha256').update(verifier).digest('base64url');
const callback = (domain) => `http://localhost:${PORTS[domain]}/callback`;

/** The query of an authorization request; more: what is to differ, undefined to leave out. */
export function request(domain = 'pay', more = {}) {
  const fields = {
    response_type: 'code', client_id: `${domain}-web`, redirect_uri: callback(domain), scope: 'openid', state: 'state-1', nonce: 'nonce-1',
    code_challenge: challenge, code_challenge_method: 'S256', ...more,
  };
  return new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== undefined)).toString();
}

export const authorize = (browser, site, more, domain = 'pay') => browser.get(`/${domain}/authorize?${request(domain, more)}`);
export const place = (answer, site) => new URL(answer.headers.location, site.origin);

/** The handle of the page that /authorize leads to. */
export function continueOf(answer) {
  assert.equal(answer.status, 303, answer.body);
  const address = new URL(answer.headers.location, 'http://page');
  assert.ok(['/login', '/step-up'].includes(address.pathname), answer.headers.location);
  return address.searchParams.get('continue');
}

export function codeOf(answer, site) {
  assert.equal(answer.status, 303, answer.body);
  const code = place(answer, site).searchParams.get('code');
  assert.ok(code, answer.headers.location);
  return code;
}

/** port: of the public listener of the authority. */
export function redeem(site, code, domain = 'pay', more = {}) {
  const port = site.authorityPort ?? site.port + 1;
  return postForm({ port }, `/${domain}/token`, {
    grant_type: 'authorization_code', client_id: `${domain}-web`, redirect_uri: callback(domain), code, code_verifier: verifier, ...more,
  }, { host: `localhost:${port}` });
}

/** For a session that is enough: the token endpoint's answer. */
export async function enter(browser, site, more, domain = 'pay') {
  return redeem(site, codeOf(await authorize(browser, site, more, domain), site), domain);
}

export const payload = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
