// Pushed authorization requests (RFC 9126), and a domain of the FAPI 2.0 Security Profile.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Authority, authorizationRequest, b64, decode } from '../support/authority.js';
import { DpopKey } from '../support/dpop.js';
import { postForm, postJson } from '../support/http.js';

const SECRET = 'Zx8vq2LhTn4yWc7sKj1pRf6mBd3gHa5e';
const CALLBACK = 'http://localhost:9002/callback';
const keys = { ES256: new DpopKey(), PS256: new DpopKey('PS256'), RS256: new DpopKey('RS256') };
const flow = (value) => JSON.stringify(value);
let authority;
before(async () => {
  authority = await Authority.start({
    config: (text) => text
      .replace('      - {id: pay-web,', `      - {id: pushing, public: true, require_pushed_authorization_requests: true, redirect_uris: ["http://localhost:9001/callback"]}
      - {id: back, token_endpoint_auth_method: client_secret_post, client_secret_file: back.secret, redirect_uris: ["http://localhost:9001/callback"]}
      - {id: pay-web,`)
      .replace('  - id: coin\n', '  - id: coin\n    profile: fapi2\n')
      .replace('      - {id: coin-web, public: true, redirect_uris: ["http://localhost:9002/callback"]}', `      - id: coin-web
        token_endpoint_auth_method: private_key_jwt
        grant_types: [authorization_code, refresh_token]
        jwks: {keys: [${Object.entries(keys).map(([alg, key]) => flow({ ...key.jwk, ...(alg === 'ES256' ? {} : { alg }), kid: alg })).join(', ')}]}
        redirect_uris: ["${CALLBACK}"]`),
    prepare: (folder) => fs.writeFileSync(path.join(folder, 'back.secret'), SECRET, { mode: 0o600 }),
  });
});
after(async () => { await authority?.done(); });

const push = (fields, { domain = 'pay', headers = {} } = {}) => postForm({ port: authority.port }, `/${domain}/par`, fields, { host: `localhost:${authority.port}`, ...headers });
const asked = async (fields, options) => {
  const answer = await push(fields, options);
  assert.equal(answer.status, 201, answer.body);
  assert.match(answer.json.request_uri, /^urn:ietf:params:oauth:request_uri:[\w-]{54}$/);
  assert.equal(answer.headers['cache-control'], 'no-store');
  return answer.json;
};
const refused = (answer, error, status = 400) => {
  assert.deepEqual([answer.status, answer.json.error], [status, error], answer.body);
  assert.equal(answer.json.request_uri, undefined);
};
const begin = (client_id, request_uri, more = {}, options = {}) => authority.begin({ client_id, request_uri, ...more }, { session: authority.session(options), ...options });
const parametersOf = (answer) => new URL(answer.location).searchParams;
const errorPage = (answer, error) => assert.deepEqual([answer.outcome, answer.error], ['error_page', error], JSON.stringify(answer));

test('OC-059 a pushed request is used by its name alone; what the browser adds does not count', async () => {
  const { fields, verifier } = authorizationRequest();
  const { request_uri, expires_in } = await asked(fields);
  assert.equal(expires_in, 90);
  const answer = await begin('pay-web', request_uri, { scope: 'openid transfer', state: 'forged', redirect_uri: 'http://localhost:9001/other?x=1' });
  const parameters = parametersOf(answer);
  assert.deepEqual([parameters.get('state'), new URL(answer.location).pathname], ['state-1', '/callback']);
  const redeemed = await authority.redeem({ fields, verifier, code: parameters.get('code') });
  assert.equal(redeemed.json.scope, 'openid balance.read', redeemed.body);
  errorPage(await begin('pay-web', request_uri), 'pushed_request');
  const document = (await authority.get('/pay/.well-known/openid-configuration')).json;
  assert.deepEqual([document.pushed_authorization_request_endpoint, document.require_pushed_authorization_requests], [`${authority.issuer()}/par`, false]);
});

test('OC-055 OC-056 it may be visited again until it gave its code, and not after its time', async () => {
  const { fields } = authorizationRequest();
  const { request_uri } = await asked(fields);
  const first = await authority.begin({ client_id: 'pay-web', request_uri });
  assert.equal(first.outcome, 'authenticate');
  const second = await authority.begin({ client_id: 'pay-web', request_uri });
  assert.equal(second.outcome, 'authenticate');
  authority.pass(100);
  try {
    errorPage(await begin('pay-web', request_uri), 'pushed_request');
    const done = await authority.finish(first.handle, { session: authority.session() });
    assert.ok(parametersOf(done).get('code'), 'who began in time may take a while');
    errorPage(await authority.finish(second.handle, { session: authority.session() }), 'pushed_request');
  } finally {
    authority.pass(-100);
  }
});

test('one code, however many browsers bring it at once', async () => {
  const { request_uri } = await asked(authorizationRequest().fields);
  const answers = await Promise.all(Array.from({ length: 20 }, () => begin('pay-web', request_uri)));
  assert.equal(answers.filter(({ outcome }) => outcome === 'respond').length, 1);
  for (const answer of answers.filter(({ outcome }) => outcome !== 'respond')) errorPage(answer, 'pushed_request');
});

test('it is its client’s and its domain’s alone', async () => {
  const { request_uri } = await asked(authorizationRequest().fields);
  errorPage(await begin('pay-app', request_uri), 'pushed_request');
  errorPage(await begin(undefined, request_uri), 'pushed_request');
  errorPage(await begin('pay-web', `${request_uri.slice(0, -3)}AAA`), 'pushed_request');
  errorPage(await begin('coin-web', request_uri, {}, { domain: 'coin' }), 'pushed_request');
  assert.ok(parametersOf(await begin('pay-web', request_uri)).get('code'));
});

test('OC-050 OC-058 what is wrong is said when it is pushed, and nothing is stored', async () => {
  const { fields } = authorizationRequest();
  const { code_challenge, ...bare } = fields;
  refused(await push(bare), 'invalid_request');
  refused(await push({ ...fields, request_uri: 'urn:ietf:params:oauth:request_uri:x' }), 'invalid_request');
  refused(await push({ ...fields, request: 'e30.e30.' }), 'request_not_supported');
  refused(await push({ ...fields, redirect_uri: 'http://localhost:9001/callback/' }), 'invalid_request');
  refused(await push({ ...fields, redirect_uri: undefined }), 'invalid_request');
  refused(await push({ ...fields, scope: 'nothing' }), 'invalid_scope');
  refused(await push({ ...fields, response_type: 'code id_token' }), 'unsupported_response_type');
  refused(await push({ ...fields, response_type: 'token' }), 'unsupported_response_type');
  refused(await push({ ...fields, client_id: 'nobody' }), 'invalid_client', 401);
  refused(await push({ ...fields, client_id: 'back' }), 'invalid_client', 401);
  refused(await push(`${new URLSearchParams(fields)}&scope=openid`), 'invalid_request');
  assert.equal((await authority.get('/pay/par')).status, 405);
});

test('clients that keep a secret prove themselves, and the secret is not kept', async () => {
  const { fields } = authorizationRequest({ client_id: 'back' });
  const { request_uri } = await asked({ ...fields, client_secret: SECRET });
  assert.ok(parametersOf(await begin('back', request_uri)).get('code'));
  await authority.stop();
  for (const name of fs.readdirSync(authority.folder).filter((each) => each.startsWith('authority-')))
    assert.ok(!fs.readFileSync(path.join(authority.folder, name), 'latin1').includes(SECRET), name);
  await authority.run();
});

test('a client that must push is told so at /authorize', async () => {
  const { fields } = authorizationRequest({ client_id: 'pushing' });
  const answer = await authority.begin(fields, { session: authority.session() });
  assert.equal(parametersOf(answer).get('error'), 'invalid_request');
  assert.match(parametersOf(answer).get('error_description'), /pushed_authorization_request_endpoint/);
  assert.ok(parametersOf(await begin('pushing', (await asked(fields)).request_uri)).get('code'));
  for (const request_uri of ['https://pay.example/request.jwt', 'urn:other:x'])
    assert.equal(parametersOf(await authority.begin({ ...authorizationRequest().fields, request_uri })).get('error'), 'request_uri_not_supported');
});

test('OC-082 OC-083 a proof at the endpoint binds the code to its key', async () => {
  const key = new DpopKey();
  const { fields, verifier } = authorizationRequest();
  const proof = (nonce) => ({ headers: { dpop: key.proof('POST', `${authority.issuer()}/par`, { now: authority.now(), nonce }) } });
  const first = await push(fields, proof());
  refused(first, 'use_dpop_nonce');
  const nonce = first.headers['dpop-nonce'];
  refused(await push({ ...fields, dpop_jkt: new DpopKey().thumbprint }, proof(nonce)), 'invalid_request');
  const { request_uri } = await asked({ ...fields, dpop_jkt: key.thumbprint }, proof(nonce));
  const code = parametersOf(await begin('pay-web', request_uri)).get('code');
  const redeem = (other) => authority.redeem({ fields, verifier, code }, {}, { headers: { dpop: other.proof('POST', `${authority.issuer()}/token`, { now: authority.now(), nonce }) } });
  refused(await redeem(new DpopKey()), 'invalid_grant');
  const again = await asked(fields, proof(nonce));
  const answer = await begin('pay-web', again.request_uri);
  const bound = await authority.redeem({ fields, verifier, code: parametersOf(answer).get('code') }, {}, { headers: { dpop: key.proof('POST', `${authority.issuer()}/token`, { now: authority.now(), nonce }) } });
  assert.equal(bound.json.token_type, 'DPoP', bound.body);
});

/* --- FAPI 2.0 --- */

const own = { domain: 'coin', evidence: undefined };
const coinSession = () => ({ domain: 'coin', evidence: [authority.evidence({ domain: 'coin', purpose: 'step_up' })] });
const assertion = (alg = 'ES256', claims = {}) => ({
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: keys[alg].sign({ alg, kid: alg }, { iss: 'coin-web', sub: 'coin-web', aud: authority.issuer('coin'), exp: Math.floor(authority.now() / 1000) + 60, jti: crypto.randomUUID(), ...claims }),
});
const coinRequest = (extra = {}) => authorizationRequest({ client_id: 'coin-web', redirect_uri: CALLBACK, scope: 'trade', ...extra });
async function coinCode(request = coinRequest()) {
  const { request_uri } = await asked({ ...request.fields, ...assertion() }, own);
  const answer = await begin('coin-web', request_uri, {}, coinSession());
  const parameters = parametersOf(answer);
  assert.equal(parameters.get('iss'), authority.issuer('coin'));
  return { ...request, code: parameters.get('code') };
}
let coinNonce;
async function coinToken(fields, key, alg = 'ES256') {
  for (let attempt = 0; ; attempt++) {
    const dpop = key?.proof('POST', `${authority.issuer('coin')}/token`, { now: authority.now(), nonce: coinNonce });
    const answer = await authority.token({ ...fields, ...assertion(alg) }, { domain: 'coin', headers: dpop ? { dpop } : {} });
    if (answer.json.error !== 'use_dpop_nonce' || attempt > 0) return answer;
    coinNonce = answer.headers['dpop-nonce'];
  }
}
const redemption = ({ fields, verifier, code }) => ({ grant_type: 'authorization_code', redirect_uri: fields.redirect_uri, code, code_verifier: verifier });

test('OC-047 fapi2: pushed, by a key, bound by DPoP; refresh tokens stay', async () => {
  const key = new DpopKey();
  const answer = await coinToken(redemption(await coinCode()), key, 'PS256');
  assert.equal(answer.status, 200, answer.body);
  assert.deepEqual([answer.json.token_type, decode(answer.json.access_token).payload.cnf.jkt], ['DPoP', key.thumbprint]);
  const refresh = { grant_type: 'refresh_token', refresh_token: answer.json.refresh_token };
  for (const each of [key, new DpopKey()]) {
    const again = await coinToken(refresh, each);
    assert.equal(again.status, 200, again.body);
    assert.equal(again.json.refresh_token, answer.json.refresh_token);
    assert.equal(decode(again.json.access_token).payload.cnf.jkt, each.thumbprint);
  }
  const document = (await authority.get('/coin/.well-known/openid-configuration')).json;
  assert.equal(document.require_pushed_authorization_requests, true);
  assert.equal(document.authorization_response_iss_parameter_supported, true);
  assert.deepEqual(document.code_challenge_methods_supported, ['S256']);
  for (const endpoint of ['token', 'revocation', 'introspection']) {
    assert.deepEqual(document[`${endpoint}_endpoint_auth_methods_supported`], ['private_key_jwt']);
    assert.deepEqual(document[`${endpoint}_endpoint_auth_signing_alg_values_supported`], ['ES256', 'EdDSA', 'PS256']);
  }
});

test('OC-052 OC-053 OC-061 OC-062 OC-064 OC-065 OC-067 fapi2: what is less is refused', async () => {
  const key = new DpopKey();
  const { fields } = coinRequest();
  const plain = await authority.begin(fields, { session: authority.session(coinSession()), domain: 'coin' });
  assert.equal(parametersOf(plain).get('error'), 'invalid_request');
  refused(await push(fields, own), 'invalid_client', 401);
  for (const wrong of [assertion('RS256'), assertion('ES256', { aud: [authority.issuer('coin')] }), assertion('ES256', { aud: `${authority.issuer('coin')}/par` }), assertion('ES256', { aud: `${authority.issuer('coin')}/token` }), assertion('ES256', { aud: authority.issuer('pay') })])
    refused(await push({ ...fields, ...wrong }, own), 'invalid_client', 401);
  for (const [more, error] of [[{ redirect_uri: undefined }, 'invalid_request'], [{ redirect_uri: `${CALLBACK}/x` }, 'invalid_request'], [{ response_type: 'code id_token' }, 'unsupported_response_type'], [{ response_type: 'code token' }, 'unsupported_response_type'], [{ code_challenge: undefined }, 'invalid_request'], [{ code_challenge_method: 'plain' }, 'invalid_request']])
    refused(await push({ ...fields, ...more, ...assertion() }, own), error);
  refused(await coinToken(redemption(await coinCode())), 'invalid_dpop_proof');
  refused(await coinToken({ ...redemption(await coinCode()), code_verifier: undefined }, key), 'invalid_grant');
  refused(await coinToken({ ...redemption(await coinCode()), code_verifier: b64(crypto.randomBytes(32)) }, key), 'invalid_grant');
  const once = assertion();
  await asked({ ...fields, ...once }, own);
  refused(await push({ ...fields, ...once }, own), 'invalid_client', 401);
});

test('OC-073 OC-074 fapi2: a code is good once, for a minute', async () => {
  const key = new DpopKey();
  const got = redemption(await coinCode());
  const { json } = await coinToken(got, key);
  refused(await coinToken(got, key), 'invalid_grant');
  const check = await authority.internal('/coin/check/nginx', { 'x-original-uri': '/health', 'x-original-method': 'GET', authorization: `DPoP ${json.access_token}` });
  assert.equal(check.status, 200, 'public');
  const dead = await postForm({ port: authority.internalPort }, '/coin/introspect', { token: json.access_token });
  assert.equal(dead.json.active, false);
  const late = redemption(await coinCode());
  authority.pass(61);
  try { refused(await coinToken(late, key), 'invalid_grant'); } finally { authority.pass(-61); }
});

test('OC-049 OC-076 fapi2: a person’s no is told; a refresh token is nothing without the client’s key', async () => {
  const request = coinRequest();
  const { request_uri } = await asked({ ...request.fields, ...assertion() }, own);
  const { handle } = await authority.begin({ client_id: 'coin-web', request_uri }, { domain: 'coin' });
  const said = parametersOf(await authority.finish(handle, { domain: 'coin', declined: true }));
  assert.deepEqual([said.get('error'), said.get('iss'), said.get('code')], ['access_denied', authority.issuer('coin'), null]);
  const key = new DpopKey();
  const { json } = await coinToken(redemption(await coinCode()), key);
  const bare = { grant_type: 'refresh_token', refresh_token: json.refresh_token };
  const dpop = () => key.proof('POST', `${authority.issuer('coin')}/token`, { now: authority.now(), nonce: coinNonce });
  refused(await authority.token({ ...bare, client_id: 'coin-web' }, { domain: 'coin', headers: { dpop: dpop() } }), 'invalid_client', 401);
  const stranger = new DpopKey().sign({ alg: 'ES256' }, { iss: 'coin-web', sub: 'coin-web', aud: authority.issuer('coin'), exp: Math.floor(authority.now() / 1000) + 60, jti: crypto.randomUUID() });
  refused(await authority.token({ ...bare, ...assertion(), client_assertion: stranger }, { domain: 'coin', headers: { dpop: dpop() } }), 'invalid_client', 401);
  refused(await coinToken(bare), 'invalid_dpop_proof');
  assert.equal((await coinToken(bare, key)).status, 200);
});

test('fapi2: the store takes no other clients either', async () => {
  const add = (metadata) => postJson(authority.socket, '/admin/clients/coin', { client_name: 'New', redirect_uris: [CALLBACK], ...metadata });
  for (const token_endpoint_auth_method of ['none', 'client_secret_basic', 'client_secret_post']) assert.equal((await add({ token_endpoint_auth_method })).status, 400);
  const added = await add({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [keys.ES256.jwk] } });
  assert.equal(added.status, 200, added.body);
});
