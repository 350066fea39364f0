// The OpenID Foundation's basic, config and dynamic certification plans, row by row, as far as no other test has the row.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { ask, authenticationOf, CALLBACK, discover, issuerOf, signIn, startServer, visit } from '../support/peer.js';
import { build } from '../support/processes.js';
import { sekisho } from '../support/site.js';

let rp, browser, config;
before(async () => {
  rp = await startServer((text) => text.replaceAll(`redirect_uris: ["${CALLBACK}"]`, `redirect_uris: ["${CALLBACK}", "${CALLBACK}?from=here"]`));
  browser = rp.browser();
  await browser.register('ann');
  config = await discover(rp, 'basic');
});
after(async () => { await rp?.done(); });

async function address(more = {}) {
  const { parameters } = await ask(config, more);
  const at = client.buildAuthorizationUrl(config, parameters);
  for (const [name, value] of Object.entries(more)) if (value === undefined) at.searchParams.delete(name);
  return at;
}
const open = async (more, by = browser) => {
  const at = await address(more);
  return by.get(at.pathname + at.search);
};
/** An error that the application gets, and no code beside it. */
async function answered(more, errors, by) {
  const answer = await open(more, by);
  assert.equal(answer.status, 303, answer.body);
  const at = new URL(answer.headers.location);
  assert.equal(at.origin + at.pathname, CALLBACK);
  assert.ok(errors.includes(at.searchParams.get('error')), at.href);
  assert.equal(at.searchParams.get('iss'), issuerOf(rp));
  assert.equal(at.searchParams.get('code'), null);
}
/** A page of ours: the browser goes nowhere. */
async function page(more) {
  const answer = await open(more);
  assert.equal(answer.status, 400, `${answer.status} ${answer.headers.location}`);
  assert.equal(answer.headers.location, undefined);
  assert.match(answer.headers['content-type'], /^text\/html/);
}

test('OC-002 no response_type', () => answered({ response_type: undefined }, ['invalid_request', 'unsupported_response_type']));

test('OC-004 unsigned ID tokens are neither offered nor given', async () => {
  assert.deepEqual(config.serverMetadata().id_token_signing_alg_values_supported, ['ES256']);
  const { tokens } = await signIn(browser, config);
  assert.equal(JSON.parse(Buffer.from(tokens.id_token.split('.')[0], 'base64url')).alg, 'ES256');
  assert.ok(tokens.id_token.split('.')[2].length > 80);
});

test('OC-010 another order of parameters and scopes', async () => {
  const { checks, parameters } = await ask(config, { scope: 'balance.read openid' });
  const at = client.buildAuthorizationUrl(config, parameters);
  at.search = new URLSearchParams([...at.searchParams].reverse()).toString();
  const { at: back } = await visit(browser, at);
  const tokens = await client.authorizationCodeGrant(config, back, checks);
  assert.deepEqual(tokens.scope.split(' ').sort(), ['balance.read', 'openid']);
});

test('OC-011 OC-019 parameters that change nothing here make no error', async () => {
  for (const more of [{ display: 'page' }, { display: 'popup' }, { login_hint: 'ann' }, { ui_locales: 'fr-CA fr en' }, { claims_locales: 'se' }])
    assert.ok((await signIn(browser, config, more)).tokens.id_token, JSON.stringify(more));
});

test('OC-013 prompt=none and nobody signed in', () => answered({ prompt: 'none' }, ['login_required'], rp.browser()));

test('OC-014 prompt=none and somebody signed in: silent, the same person at the same time', async () => {
  const first = await signIn(browser, config);
  const hinted = await signIn(browser, config, { prompt: 'none', id_token_hint: first.tokens.id_token });
  assert.equal(hinted.prompts, 0);
  for (const name of ['sub', 'auth_time', 'acr', 'sid']) assert.equal(hinted.tokens.claims()[name], first.tokens.claims()[name], name);
});

test('OC-023 OC-034 a redirect_uri that is not registered, or has a query that is not', async () => {
  for (const redirect_uri of ['http://localhost:9001/other', `${CALLBACK}?from=there`, `${CALLBACK}?from=here&x=1`, `${CALLBACK}/`, undefined]) await page({ redirect_uri });
});

test('OC-032 a redirect_uri that is registered with a query keeps it', async () => {
  const redirect_uri = `${CALLBACK}?from=here`;
  const { checks, parameters } = await ask(config, { redirect_uri });
  const { at } = await visit(browser, client.buildAuthorizationUrl(config, parameters));
  assert.equal(at.searchParams.get('from'), 'here');
  // openid-client drops the query; oauth4webapi beneath it leaves the redirect_uri to its caller.
  const server = config.serverMetadata();
  const self = { client_id: 'basic' };
  const authentication = await authenticationOf('basic');
  const redeem = async (uri) => oauth.authorizationCodeGrantRequest(server, self, authentication, oauth.validateAuthResponse(server, self, at, checks.expectedState), uri,
    checks.pkceCodeVerifier, { [oauth.allowInsecureRequests]: true });
  await assert.rejects(oauth.processAuthorizationCodeResponse(server, self, await redeem(CALLBACK)), (thrown) => thrown.error === 'invalid_grant');
  const again = await visit(browser, client.buildAuthorizationUrl(config, parameters));
  at.search = again.at.search;
  const tokens = await oauth.processAuthorizationCodeResponse(server, self, await redeem(redirect_uri), { expectedNonce: checks.expectedNonce, requireIdToken: true });
  assert.ok(tokens.id_token);
});

test('OC-025 OC-026 OC-028 request and request_uri are refused by their names, whatever is in them', async () => {
  const unsigned = (claims) => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;
  await answered({ request_uri: 'https://client.example/request.jwt' }, ['request_uri_not_supported']);
  await answered({ request: unsigned({ scope: 'openid transfer' }) }, ['request_not_supported']);
  await answered({ request: unsigned({ redirect_uri: 'http://localhost:9001/other' }) }, ['request_not_supported']);
  await page({ request: unsigned({ redirect_uri: CALLBACK }), redirect_uri: undefined });
});

test('OC-035 a redirect_uri with a fragment cannot be registered', async () => {
  const file = `${rp.folder}/fragment.yaml`;
  fs.writeFileSync(file, fs.readFileSync(rp.file, 'utf8').replace(`"${CALLBACK}"`, `"${CALLBACK}#part"`));
  const done = await sekisho(['check-config', file]);
  assert.equal(done.code, 1, build);
  assert.match(done.stderr, /redirect_uris.*fragment/);
  assert.equal((await sekisho(['check-config', rp.file])).code, 0);
});
