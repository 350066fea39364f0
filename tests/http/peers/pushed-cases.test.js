// Cases of pushed requests that a library cannot be made to send, and rows of the FAPI plan, with libraries around them.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import * as client from 'openid-client';
import { exchange, postForm } from '../support/http.js';
import { ask, CALLBACK, discover, signIn, startServer, visit } from '../support/peer.js';

let rp, browser;
before(async () => {
  rp = await startServer();
  browser = rp.browser();
  await browser.register('ann');
});
after(async () => { await rp?.done(); });

const host = () => ({ host: `localhost:${rp.authorityPort}` });
const push = async (fields) => postForm({ port: rp.authorityPort }, '/pay/par', { client_id: 'web', response_type: 'code', ...fields }, host());
async function pushed(id = 'web', more = {}) {
  const config = await discover(rp, id);
  const { checks, parameters } = await ask(config, more);
  return { config, checks, address: await client.buildAuthorizationUrlWithPAR(config, parameters) };
}
const open = (at) => browser.get(at.pathname + at.search);
async function page(at) {
  const answer = await open(at);
  assert.equal(answer.status, 400, `${answer.status} ${answer.headers.location}`);
  assert.equal(answer.headers.location, undefined);
}
const changed = (address, fields) => {
  const at = new URL(address);
  for (const [name, value] of Object.entries(fields)) at.searchParams.set(name, value);
  return at;
};
const bound = async (config) => ({ DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')) });

test('PR-01 PR-03 PR-10 what may be pushed', async () => {
  const { parameters } = await ask(await discover(rp, 'web'));
  const good = await push(parameters);
  assert.equal(good.status, 201, good.body);
  assert.match(good.json.request_uri, /^urn:ietf:params:oauth:request_uri:/);
  assert.ok(good.json.expires_in >= 5 && good.json.expires_in <= 600);
  for (const more of [{ request_uri: good.json.request_uri }, { request_uri: 'https://client.example/r' }, { redirect_uri: `${CALLBACK}/x` }, { redirect_uri: 'https://evil.example/' }]) {
    const answer = await push({ ...parameters, ...more });
    assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_request'], JSON.stringify(more));
  }
});

test('PR-04 PR-06 another client\'s name of a request, a guessed, cut, extended and late one; none of them uses it up', async () => {
  const { config, checks, address } = await pushed();
  const name = address.searchParams.get('request_uri');
  await page(changed(address, { client_id: 'basic' }));
  for (const wrong of [name.slice(0, -1), `${name}x`, `${name.slice(0, -8)}AAAAAAAA`, 'urn:ietf:params:oauth:request_uri:x']) await page(changed(address, { request_uri: wrong }));
  const { at } = await visit(browser, address);
  assert.ok((await client.authorizationCodeGrant(config, at, checks)).access_token, 'it was still good');
  await page(address);
  const late = await pushed();
  rp.pass(601);
  await page(late.address);
});

test('PR-07 parameters beside request_uri count for nothing', async () => {
  const { config, checks, address } = await pushed('web', { scope: 'openid' });
  const { at } = await visit(browser, changed(address, { scope: 'openid transfer', redirect_uri: 'https://evil.example/', state: 'x', nonce: 'y' }));
  assert.equal(at.origin + at.pathname, CALLBACK);
  const tokens = await client.authorizationCodeGrant(config, at, checks);
  assert.equal(tokens.scope, 'openid');
});

test('PR-09 methods and sizes', async () => {
  for (const method of ['GET', 'PUT', 'DELETE']) assert.equal((await exchange({ port: rp.authorityPort }, { method, path: '/pay/par', headers: host() })).status, 405, method);
  const large = await push({ state: 'x'.repeat(70000) }).catch((error) => ({ status: error.code }));
  assert.ok([413, 'EPIPE', 'ECONNRESET'].includes(large.status), `${large.status}`);
});

test('PR-12 a request_uri that is an address is not visited', async () => {
  let visits = 0;
  const server = http.createServer((_, response) => { visits += 1; response.end(); });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  server.on('connection', () => { visits += 1; });
  try {
    const { port } = server.address();
    for (const request_uri of [`http://127.0.0.1:${port}/r`, `http://localhost:${port}/r`, 'https://169.254.169.254/', 'file:///etc/passwd', `gopher://127.0.0.1:${port}/`]) {
      const config = await discover(rp, 'web');
      const answer = await open(client.buildAuthorizationUrl(config, (await ask(config, { request_uri })).parameters));
      assert.ok(answer.status === 400 || /error=(request_uri_not_supported|invalid_request)/.test(answer.headers.location), `${answer.status} ${answer.headers.location}`);
      assert.doesNotMatch(answer.headers.location ?? '', /[?&]code=/);
    }
    assert.equal(visits, 0);
  } finally {
    server.close();
  }
});

test('PR-15 OC-085 the key that pushed is the only one that redeems', async () => {
  const bank = await discover(rp, 'fintech', { domain: 'bank' });
  const options = await bound(bank);
  const { checks, parameters } = await ask(bank, { scope: 'openid accounts' });
  const { at } = await visit(browser, await client.buildAuthorizationUrlWithPAR(bank, parameters, options));
  await assert.rejects(client.authorizationCodeGrant(bank, at, checks, undefined, await bound(bank)), (thrown) => ['invalid_grant', 'invalid_dpop_proof'].includes(thrown.error));
  const mismatch = (await ask(bank, { scope: 'openid accounts', dpop_jkt: 'A'.repeat(43) })).parameters;
  await assert.rejects(client.buildAuthorizationUrlWithPAR(bank, mismatch, options), (thrown) => ['invalid_request', 'invalid_dpop_proof'].includes(thrown.error));
});

test('OC-068 OC-070 OC-071 without state, and with long state and nonce: whole or not at all', async () => {
  const bank = await discover(rp, 'fintech', { domain: 'bank' });
  const options = await bound(bank);
  const without = await signIn(browser, bank, { scope: 'openid accounts', state: undefined }, { options, pushed: true, checks: { expectedState: undefined } });
  assert.equal(without.at.searchParams.get('state'), null);
  for (const length of [64, 384]) {
    const text = 'n'.repeat(length);
    const long = await signIn(browser, bank, { scope: 'openid accounts', state: text, nonce: text }, { options, pushed: true, checks: { expectedState: text, expectedNonce: text } });
    assert.equal(long.tokens.claims().nonce, text);
  }
});
