// A server whose clients are programs that others wrote, and the person who sits at the browser between them.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import * as client from 'openid-client';
import './web-crypto.js';
import { exchange } from './http.js';
import { Rp } from './rp.js';

export const CALLBACK = 'http://localhost:9001/callback';
export const AFTER_LOGOUT = 'http://localhost:9001/bye';
const SECRETS = { basic: "b%s:c+1/&=0123456789abcdefghijklmnopq", post: "p%ss:w+rd/&=0123456789abcdefghijklmnop" };

export const generate = (name, options) => crypto.generateKeyPairSync(name, options);
const keys = generate('ec', { namedCurve: 'P-256' });
const publicJwk = JSON.stringify({ ...keys.publicKey.export({ format: 'jwk' }), kid: 'one' });

const clientsOf = (more) => `
      - {id: web, public: true, ${more}}
      - {id: app, public: true, first_party: true, ${more}}
      - {id: basic, token_endpoint_auth_method: client_secret_basic, client_secret_file: basic.secret, ${more}}
      - {id: post, token_endpoint_auth_method: client_secret_post, client_secret_file: post.secret, ${more}}
      - {id: keyed, token_endpoint_auth_method: private_key_jwt, jwks: {keys: [${publicJwk}]}, ${more}}`;

const domain = (id, algorithm, pub) => `
  - id: ${id}
    issuer: http://localhost:${pub}/${id}
    algorithm: ${algorithm}
    external_url: http://localhost:9001
    entry: {acr: phr, max_age: 12h}
    scopes:
      balance.read: {}
      transfer: {acr: phr, max_age: 5m}
      audit: {}
    routes:
      - {match: GET /balance, scopes: [balance.read], service: ledger, grants: [ledger.read]}
    clients:${clientsOf(`redirect_uris: ["${CALLBACK}"], post_logout_redirect_uris: ["${AFTER_LOGOUT}"]`)}
      - {id: cron-basic, token_endpoint_auth_method: client_secret_basic, client_secret_file: basic.secret, grant_types: [client_credentials], scope: audit}
      - {id: cron-post, token_endpoint_auth_method: client_secret_post, client_secret_file: post.secret, grant_types: [client_credentials], scope: audit}
      - {id: cron-keyed, token_endpoint_auth_method: private_key_jwt, jwks: {keys: [${publicJwk}]}, grant_types: [client_credentials], scope: audit}
      - {id: dpop-web, public: true, dpop: required, redirect_uris: ["${CALLBACK}"]}
      - {id: pushing, public: true, require_pushed_authorization_requests: true, redirect_uris: ["${CALLBACK}"]}
`;

/** A domain of FAPI 2.0, whose one client has a key and nothing else. */
const fapi = (pub) => `
  - id: bank
    issuer: http://localhost:${pub}/bank
    profile: fapi2
    entry: {acr: phr, max_age: 12h}
    scopes:
      accounts: {}
    clients:
      - {id: fintech, token_endpoint_auth_method: private_key_jwt, jwks: {keys: [${publicJwk}]}, grant_types: [authorization_code, refresh_token], redirect_uris: ["${CALLBACK}"]}
`;

/** How each client shows who it is, by the library's own means. */
export async function authenticationOf(id) {
  const kind = id.replace(/^cron-/, '');
  if (kind === 'basic') return client.ClientSecretBasic(SECRETS.basic);
  if (kind === 'post') return client.ClientSecretPost(SECRETS.post);
  if (['keyed', 'fintech'].includes(kind)) return client.PrivateKeyJwt({ key: await importKey(), kid: 'one' });
  return client.None();
}

export function importKey() {
  return globalThis.crypto.subtle.importKey('pkcs8', keys.privateKey.export({ format: 'der', type: 'pkcs8' }), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
}

/** Three domains, one an algorithm: pay ES256, eddy EdDSA, rosa RS256; and bank, of FAPI 2.0. change: of the configuration. */
export async function startServer(change = (text) => text) {
  return Rp.start({
    authority: true,
    config: (text) => {
      const pub = /listen: 127.0.0.1:(\d+)\n  internal/.exec(text)[1];
      const domains = [['pay', 'ES256'], ['eddy', 'EdDSA'], ['rosa', 'RS256']].map(([id, algorithm]) => domain(id, algorithm, pub));
      return change(`${text.slice(0, text.indexOf('\ndomains:'))}\ndomains:${domains.join('')}${fapi(pub)}`);
    },
    prepare: (folder) => {
      for (const [name, secret] of Object.entries(SECRETS)) fs.writeFileSync(path.join(folder, `${name}.secret`), secret, { mode: 0o600 });
    },
  });
}

export const issuerOf = (rp, id = 'pay') => `http://localhost:${rp.authorityPort}/${id}`;

/** The library's view of the issuer, at the time of the test's clock. */
export async function discover(rp, id, { domain: at = 'pay', algorithm = 'oidc', metadata = {}, authentication } = {}) {
  return client.discovery(new URL(issuerOf(rp, at)), id, { ...metadata, [client.clockSkew]: rp.clock }, authentication ?? await authenticationOf(id),
    { algorithm, execute: [client.allowInsecureRequests] });
}

const unescape = (text) => text.replace(/&(quot|#34|lt|#60|gt|#62|#39|amp|#38);/g, (_, name) =>
  ({ quot: '"', '#34': '"', lt: '<', '#60': '<', gt: '>', '#62': '>', '#39': "'", amp: '&', '#38': '&' })[name]);

/** The page of form_post, as the browser that sends it on. */
function submit(page) {
  const [, action] = /<form[^>]* action="([^"]*)"/.exec(page) ?? [];
  assert.ok(action, page);
  const fields = new URLSearchParams();
  for (const [tag] of page.matchAll(/<input[^>]*>/g)) {
    const at = (name) => unescape(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '');
    if (at('name')) fields.append(at('name'), at('value'));
  }
  return new Request(unescape(action), { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: fields.toString() });
}

/** What happens in the browser until it leaves the login server: the address it goes to, or the form that it posts.
 * prompts: how often the person was asked for the passkey. */
export async function visit(browser, address) {
  const rp = browser.rp;
  let at = new URL(address);
  let prompts = 0;
  for (let i = 0; i < 8; i++) {
    const own = at.origin === rp.origin;
    const ask = own && ['/login', '/step-up'].includes(at.pathname) && at.searchParams.get('continue');
    if (ask) {
      prompts += 1;
      at = new URL((await browser.login({ continue: ask })).redirect, rp.origin);
      continue;
    }
    if (!own && at.port !== `${rp.authorityPort}`) return { at, prompts };
    const answer = own ? await browser.get(at.pathname + at.search)
      : await exchange({ port: rp.authorityPort }, { path: at.pathname + at.search, headers: { host: at.host } });
    if (answer.status === 200 && /<form/.test(answer.body)) return { at: submit(answer.body), prompts };
    assert.ok([302, 303].includes(answer.status), `${at}: ${answer.status} ${answer.body}`);
    at = new URL(answer.headers.location, rp.origin);
  }
  throw new Error(`no way out of ${address}`);
}

/** An authorization request as the library builds it; checks: what it holds the answer against. */
export async function ask(config, more = {}) {
  const checks = { pkceCodeVerifier: client.randomPKCECodeVerifier(), expectedState: client.randomState(), expectedNonce: client.randomNonce() };
  const parameters = {
    redirect_uri: CALLBACK, scope: 'openid balance.read', state: checks.expectedState, nonce: checks.expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier), code_challenge_method: 'S256', ...more,
  };
  for (const name of Object.keys(parameters)) if (parameters[name] === undefined) delete parameters[name];
  return { checks, parameters };
}

/** The whole code flow. */
export async function signIn(browser, config, more = {}, { options, checks: extra = {}, pushed = false } = {}) {
  const { checks, parameters } = await ask(config, more);
  const address = pushed ? await client.buildAuthorizationUrlWithPAR(config, parameters, options) : client.buildAuthorizationUrl(config, parameters);
  const { at, prompts } = await visit(browser, address);
  const tokens = await client.authorizationCodeGrant(config, at, { ...checks, idTokenExpected: /openid/.test(parameters.scope), ...extra }, undefined, options);
  return { tokens, prompts, at, checks };
}
