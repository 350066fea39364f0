// Applications of ours without a browser: sign-in, step-up, refusals, and what is theirs alone.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { DpopKey } from '../support/dpop.js';
import { exchange, postForm } from '../support/http.js';
import { Rp } from '../support/rp.js';

const APP_ORIGIN = 'android:apk-key-hash:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU';
const verifier = 'v'.repeat(43);
const challenge = crypto.createHash('sha256').update(verifier).digest('base64url');
let rp;
before(async () => {
  const client = (id, more) => `      - {id: ${id}, public: true, redirect_uris: ["http://localhost:9001/callback"]${more}}\n`;
  rp = await Rp.start({
    authority: true,
    config: (text) => text.replace(/origins: \[(.*)\]/, `origins: [$1, "${APP_ORIGIN}"]`)
      .replace('\n  - id: coin', `\n${client('app', ', first_party: true')}${client('bound', ', first_party: true, dpop: required')}${client('lone', ', first_party: true, scope: balance.read')}\n  - id: coin`)
      .replace('    clients:\n      - {id: coin-web', '    clients:\n      - {id: app, public: true, first_party: true, redirect_uris: ["http://localhost:9002/x"]}\n      - {id: coin-web'),
  });
});
after(() => rp.done());

let people = 0;
/** An account with a passkey, and no browser. */
async function person() {
  const b = rp.browser();
  const name = `native-${++people}`;
  await b.register(name);
  b.cookies.clear();
  return { name, authenticator: b.authenticator };
}
const address = (domain = 'pay') => `${rp.origin}/${domain}/challenge`;
const call = (fields, { domain = 'pay', headers = {} } = {}) => postForm({ port: rp.port }, `/${domain}/challenge`, fields, { host: new URL(rp.origin).host, ...headers });
const FIELDS = { client_id: 'app', scope: 'openid balance.read', code_challenge: challenge, code_challenge_method: 'S256', nonce: 'n-1' };
const begin = (more = {}, options) => call({ ...FIELDS, ...more }, options);
async function answerOf(who, begun, { knobs = {}, origin = APP_ORIGIN } = {}) {
  return { auth_session: begun.json.auth_session, passkey_response: JSON.stringify(await who.authenticator.get(begun.json.passkey, origin, knobs)) };
}
const redeem = (code, more = {}, { domain = 'pay', headers = {} } = {}) => postForm({ port: rp.authorityPort }, `/${domain}/token`, { grant_type: 'authorization_code', client_id: 'app', code, code_verifier: verifier, ...more }, { host: `localhost:${rp.authorityPort}`, ...headers });
const payload = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
function asks(answer) {
  assert.deepEqual([answer.status, answer.json?.error], [400, 'insufficient_authorization'], answer.body);
  return answer;
}
function refused(answer, error, status = 400) {
  assert.deepEqual([answer.status, answer.json?.error], [status, error], answer.body);
  assert.ok(answer.json.error_description, answer.body);
  assert.equal(answer.json.authorization_code, undefined);
}

test('from nothing to tokens: two calls and a passkey', async () => {
  const who = await person();
  const begun = asks(await begin());
  assert.equal(begun.headers['set-cookie'], undefined);
  assert.equal(begun.headers['cache-control'], 'no-store');
  assert.equal(begun.json.passkey.rpId, 'localhost');
  assert.equal(begun.json.passkey.userVerification, 'required');
  assert.deepEqual(Object.keys(begun.json.passkey).filter((name) => ['status', 'errorMessage'].includes(name)), []);
  assert.equal(begun.json.request.domain, 'pay');
  assert.ok(begun.json.request.reason.ja);
  assert.equal(begun.json.expires_in, 600);
  const done = await call(await answerOf(who, begun));
  assert.equal(done.status, 200, done.body);
  assert.deepEqual(Object.keys(done.json), ['authorization_code'], 'without a key no session is given out');
  assert.equal(done.headers['set-cookie'], undefined);
  const tokens = await redeem(done.json.authorization_code);
  assert.equal(tokens.status, 200, tokens.body);
  const id = payload(tokens.json.id_token);
  assert.deepEqual([id.aud, id.nonce, id.acr], ['app', 'n-1', 'phr']);
  assert.equal((await redeem(done.json.authorization_code)).json.error, 'invalid_grant');
});

test('a name brings the person\'s own passkeys; unknown names look like others', async () => {
  const who = await person();
  const begun = asks(await begin({ username: who.name }));
  assert.equal(begun.json.passkey.allowCredentials.length, 1);
  assert.equal((await call(await answerOf(who, begun))).status, 200);
  const nobody = asks(await begin({ username: 'nobody-at-all' }));
  assert.ok(nobody.json.passkey.allowCredentials.length > 0);
  assert.deepEqual(Object.keys(nobody.json).sort(), Object.keys(begun.json).sort());
});

test('with a key: the code, the tokens and the session are its holder\'s; step-up goes on in the session', async () => {
  const who = await person();
  const key = new DpopKey();
  const proof = (to = address()) => ({ headers: { dpop: key.proof('POST', to, { now: Date.now() + rp.clock * 1000 }) } });
  const begun = asks(await begin({ client_id: 'bound' }, proof()));
  const answer = await answerOf(who, begun);
  refused(await call(answer), 'invalid_session');
  const thief = new DpopKey();
  refused(await call(answer, { headers: { dpop: thief.proof('POST', address(), { now: Date.now() + rp.clock * 1000 }) } }), 'invalid_session');
  const done = await call(answer, proof());
  assert.equal(done.status, 200, done.body);
  assert.ok(done.json.auth_session);
  const tokenAt = `http://localhost:${rp.authorityPort}/pay/token`;
  const first = await redeem(done.json.authorization_code, { client_id: 'bound' }, proof(tokenAt));
  const nonce = first.headers['dpop-nonce'];
  const tokens = await redeem(done.json.authorization_code, { client_id: 'bound' }, { headers: { dpop: key.proof('POST', tokenAt, { nonce, now: Date.now() + rp.clock * 1000 }) } });
  assert.equal(tokens.json.token_type, 'DPoP', tokens.body);
  const sid = payload(tokens.json.access_token).sid;

  // fresh enough: a code at once, in the same session
  const again = await begin({ client_id: 'bound', auth_session: done.json.auth_session, scope: 'openid transfer' }, proof());
  assert.equal(again.status, 200, again.body);
  rp.pass(400);
  const step = asks(await begin({ client_id: 'bound', auth_session: again.json.auth_session, scope: 'openid transfer' }, proof()));
  assert.equal(step.json.request.shortfall, 'age');
  assert.equal(step.json.request.username, who.name);
  assert.equal(step.json.passkey.allowCredentials.length, 1);
  const stepped = await call(await answerOf(who, step), proof());
  assert.equal(stepped.status, 200, stepped.body);
  const asked = await redeem(stepped.json.authorization_code, { client_id: 'bound' }, proof(tokenAt));
  const fresh = asked.status === 200 ? asked : await redeem(stepped.json.authorization_code, { client_id: 'bound' }, { headers: { dpop: key.proof('POST', tokenAt, { nonce: asked.headers['dpop-nonce'], now: Date.now() + rp.clock * 1000 }) } });
  assert.equal(payload(fresh.json.access_token).sid, sid);
  refused(await begin({ client_id: 'bound', auth_session: stepped.json.auth_session, scope: 'openid' }), 'invalid_session');
  refused(await begin({ client_id: 'app', auth_session: stepped.json.auth_session, scope: 'openid' }, proof()), 'invalid_session');
});

test('max_age=0 and prompt=login ask for this very request', async () => {
  const who = await person();
  const key = new DpopKey();
  const proof = () => ({ headers: { dpop: key.proof('POST', address(), { now: Date.now() + rp.clock * 1000 }) } });
  const done = await call(await answerOf(who, asks(await begin({}, proof()))), proof());
  for (const more of [{ max_age: '0' }, { prompt: 'login' }]) {
    const step = asks(await begin({ ...more, auth_session: done.json.auth_session }, proof()));
    assert.equal((await call(await answerOf(who, step), proof())).status, 200);
  }
  refused(await begin({ prompt: 'none' }), 'login_required');
  const unmet = await begin({ claims: JSON.stringify({ id_token: { acr: { essential: true, values: ['phrh'] } } }) });
  asks(unmet);
});

test('what a passkey did not sign for this very sign-in is refused, and begins anew', async () => {
  const who = await person();
  const first = asks(await begin());
  const second = asks(await begin());
  const answer = await answerOf(who, first);
  refused(await call({ ...answer, auth_session: second.json.auth_session }), 'access_denied');
  assert.equal((await call(answer)).status, 200, 'another sign-in has not spent it');
  refused(await call(answer), 'access_denied');
  refused(await call(await answerOf(who, asks(await begin()), { origin: 'android:apk-key-hash:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' })), 'access_denied');
  refused(await call(await answerOf(who, asks(await begin()), { knobs: { uv: false } })), 'access_denied');
  const broken = asks(await begin());
  refused(await call({ auth_session: broken.json.auth_session, passkey_response: '{"id":' }), 'invalid_request');
  refused(await call({ auth_session: broken.json.auth_session, passkey_response: '[]' }), 'invalid_request');
});

test('an auth_session is of its domain, its client and its time', async () => {
  const who = await person();
  const begun = asks(await begin());
  const answer = await answerOf(who, begun);
  refused(await call(answer, { domain: 'coin' }), 'invalid_session');
  refused(await call({ ...answer, client_id: 'lone' }), 'invalid_session');
  refused(await call({ ...answer, auth_session: `${answer.auth_session.slice(0, -4)}AAAA` }), 'invalid_session');
  refused(await call({ passkey_response: answer.passkey_response }), 'invalid_session');
  refused(await call({ passkey_response: answer.passkey_response, client_id: 'app' }), 'invalid_session');
  rp.pass(601);
  refused(await call(answer), 'invalid_session');
});

test('only first-party clients, and only what they are registered for', async () => {
  refused(await begin({ client_id: 'pay-web' }), 'unauthorized_client');
  refused(await begin({ client_id: 'nobody' }), 'unauthorized_client');
  refused(await begin({ client_id: undefined }), 'invalid_request');
  refused(await begin({ client_id: 'lone', scope: 'openid transfer' }), 'invalid_scope');
  refused(await begin({ code_challenge: undefined }), 'invalid_request');
  refused(await begin({ code_challenge_method: 'plain' }), 'invalid_request');
  assert.equal((await begin({}, { domain: 'nowhere' })).status, 404);
  // where the answer goes is not the application's to say
  asks(await begin({ redirect_uri: 'https://evil.example/', response_mode: 'form_post', state: 'x', response_type: 'token', request_uri: 'urn:x' }));
});

test('what needs a page is for the browser', async () => {
  asks(await begin({ prompt: 'select_account' }), 'the platform lets people choose');
  const who = await person();
  const key = new DpopKey();
  const proof = () => ({ headers: { dpop: key.proof('POST', address(), { now: Date.now() + rp.clock * 1000 }) } });
  const done = await call(await answerOf(who, asks(await begin({}, proof()))), proof());
  refused(await begin({ auth_session: done.json.auth_session, prompt: 'consent' }, proof()), 'redirect_to_web');
});

test('a browser is not served, nor led there', async () => {
  refused(await begin({}, { headers: { origin: 'https://evil.example' } }), 'access_denied', 403);
  refused(await begin({}, { headers: { 'sec-fetch-site': 'same-origin' } }), 'access_denied', 403);
  const who = await person();
  const b = rp.browser();
  b.authenticator = who.authenticator;
  await b.login();
  const query = new URLSearchParams({ response_type: 'code', client_id: 'app', redirect_uri: 'urn:sekisho:native', scope: 'openid', code_challenge: challenge, code_challenge_method: 'S256' });
  const answer = await b.get(`/pay/authorize?${query}`);
  assert.equal(answer.status, 400);
  assert.equal(answer.headers.location, undefined);
  // cookies count for nothing here
  asks(await begin({}, { headers: { cookie: [...b.cookies].map(([name, value]) => `${name}=${value}`).join('; ') } }));
  // and a code of the browser's cannot be redeemed as one without an address
  const code = new URL((await b.get(`/pay/authorize?${new URLSearchParams({ ...Object.fromEntries(query), redirect_uri: 'http://localhost:9001/callback' })}`)).headers.location).searchParams.get('code');
  assert.equal((await redeem(code)).json.error, 'invalid_grant');
  const pushed = await postForm({ port: rp.authorityPort }, '/pay/par', Object.fromEntries(query), { host: `localhost:${rp.authorityPort}` });
  assert.equal(pushed.status, 400, pushed.body);
});

test('a proof that is none is refused', async () => {
  const key = new DpopKey();
  const now = Date.now() + rp.clock * 1000;
  const cases = [['another address', key.proof('POST', `${rp.origin}/coin/challenge`, { now })], ['another method', key.proof('GET', address(), { now })],
    ['too old', key.proof('POST', address(), { now: now - 120000 })], ['ahead', key.proof('POST', address(), { now: now + 60000 })], ['nothing', 'x.y.z']];
  for (const [what, dpop] of cases) {
    const answer = await begin({}, { headers: { dpop } });
    assert.deepEqual([answer.status, answer.json?.error], [400, 'invalid_dpop_proof'], `${what}: ${answer.body}`);
  }
  const answer = await begin({ client_id: 'bound' });
  asks(answer);
});

test('the metadata names the endpoint', async () => {
  const answer = await exchange({ port: rp.authorityPort }, { path: '/pay/.well-known/openid-configuration', headers: { host: `localhost:${rp.authorityPort}` } });
  assert.equal(answer.json.authorization_challenge_endpoint, address());
});
