// Back-channel logout: whoever was given something in a session learns of its end, also when nobody answers at first or the
// server is killed in between.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import * as jose from 'jose';
import { Authority, decode } from '../support/authority.js';
import { postJson } from '../support/http.js';
import { Receiver } from '../support/receiver.js';
import { until, wait } from '../support/site.js';

const CALLBACK = 'http://localhost:9001/callback';
const keys = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
let authority;
let server;
let answer;
before(async () => {
  server = await Receiver.start((request, count) => answer(request, count));
  const client = (id, more = '') => `      - {id: ${id}, public: true, redirect_uris: ["${CALLBACK}"], backchannel_logout_uri: "${server.origin}/${id}"${more}}\n`;
  const keyed = `      - {id: keyed, token_endpoint_auth_method: private_key_jwt, grant_types: [client_credentials], scope: balance.read, jwks_uri: "${server.origin}/keys"}\n`;
  authority = await Authority.start({
    config: (text) => text.replace('\n  - id: coin', `\n${client('first')}${client('second')}${client('deaf')}${client('refuses', ', backchannel_logout_session_required: true')}${keyed}\n  - id: coin`)
      .replace('      - {id: coin-web,', `${client('coin-first')}${client('coin-second')}      - {id: coin-web,`),
  });
});
after(async () => { await authority?.done(); await server?.stop(); });
beforeEach(() => {
  answer = () => ({ status: 200 });
  server.requests.length = 0;
});

let sessions = 0;
const newSession = () => `sid-${++sessions}`;
/** The client is given tokens in the session. */
const enter = (id, sid, more = {}) => authority.tokens({ client_id: id }, { sid, subject: `alice-${sid}`, ...more });
const enterAt = (domain, id, sid) => authority.tokens(domain === 'pay' ? { client_id: id } : { client_id: id, scope: 'openid' },
  { domain, sid, subject: `alice-${sid}`, ...(domain === 'coin' ? { evidence: [authority.evidence({ purpose: 'step_up', domain: 'coin' })] } : {}) });
const tokenOf = (request) => new URLSearchParams(request.body).get('logout_token');
const at = (path) => server.requests.filter((request) => request.path === path);

async function jwks() {
  return jose.createLocalJWKSet((await authority.get('/pay/jwks')).json);
}

test('each client of the session is told once, by a logout token of its own', async () => {
  const sid = newSession();
  await enter('first', sid);
  await enter('first', sid);
  await enter('second', sid);
  await enter('second', newSession());
  assert.equal((await authority.endSession(sid)).status, 204);
  await server.came(2);
  await wait(1500);
  assert.deepEqual(server.requests.map((request) => request.path).sort(), ['/first', '/second']);
  for (const request of server.requests) {
    assert.equal(request.method, 'POST');
    assert.equal(request.headers['content-type'], 'application/x-www-form-urlencoded');
    const id = request.path.slice(1);
    const { payload, protectedHeader } = await jose.jwtVerify(tokenOf(request), await jwks(), { issuer: authority.issuer(), audience: id, typ: 'logout+jwt' });
    assert.equal(protectedHeader.alg, 'ES256');
    assert.deepEqual(Object.keys(payload).sort(), ['aud', 'events', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub']);
    assert.deepEqual(payload.events, { 'http://schemas.openid.net/event/backchannel-logout': {} });
    assert.deepEqual([payload.sid, payload.sub], [sid, `alice-${sid}`]);
    assert.ok(payload.exp - payload.iat <= 120);
  }
  assert.notEqual(decode(tokenOf(server.requests[0])).payload.jti, decode(tokenOf(server.requests[1])).payload.jti);
});

test('TK-26 a logout token opens nothing here', async () => {
  const sid = newSession();
  await enter('first', sid);
  await authority.endSession(sid);
  await server.came(1);
  const token = tokenOf(server.requests[0]);
  assert.equal((await authority.userinfo(token)).status, 401);
  assert.equal((await authority.check(token)).status, 401);
  assert.notEqual((await authority.logout({ id_token_hint: token }, { session: sid })).outcome, 'end');
});

test('whoever was told nothing by us before, or asked for nothing, is not told', async () => {
  const sid = newSession();
  await authority.code({ client_id: 'first' }, { sid }); // never redeemed
  await enter('pay-web', sid); // has no address
  await authority.endSession(sid);
  await authority.endSession(newSession());
  await wait(1500);
  assert.equal(server.requests.length, 0);
});

test('it is told long after its tokens are gone', async () => {
  const sid = newSession();
  await enter('first', sid, { lasts: 7 * 86400 });
  authority.pass(2 * 86400);
  await wait(12000); // sweeps
  await authority.endSession(sid);
  await server.came(1);
});

test('who does not answer is tried again, with growing pauses, and holds nobody else up', async () => {
  const sid = newSession();
  let go;
  const hung = new Promise((resolve) => { go = resolve; });
  answer = (request, count) => (request.path !== '/deaf' ? { status: 204 } : count > 6 ? { status: 200 } : { status: 503 });
  await enter('deaf', sid);
  await enter('second', sid);
  await authority.endSession(sid);
  await until(() => at('/second').length === 1, 'the other one');
  for (let i = 1; i < 5; i++) {
    await until(() => at('/deaf').length >= i, `try ${i}`);
    const seen = at('/deaf').length;
    await wait(300);
    assert.equal(at('/deaf').length, seen, 'a pause');
    authority.pass(2 ** i);
  }
  answer = (request) => (request.path === '/deaf' ? { status: 200, hold: hung } : { status: 200 });
  authority.pass(700);
  const held = at('/deaf').length;
  await until(() => at('/deaf').length > held, 'one that hangs');
  const other = newSession();
  await enter('first', other);
  await authority.endSession(other);
  await until(() => at('/first').length === 1, 'another while one hangs');
  go();
  await until(() => (authority.program.log.match(/"event":"logout.told"/g) ?? []).length > 0 && at('/deaf').length > held, 'told');
  authority.pass(700);
  const told = at('/deaf').length;
  await wait(1500);
  assert.equal(at('/deaf').length, told, 'and no more');
  const tokens = at('/deaf').map((request) => decode(tokenOf(request)).payload);
  assert.equal(new Set(tokens.map((token) => token.jti)).size, tokens.length, 'each try has a token that is fresh');
});

test('a client that is slow, with much that waits for it, holds nobody else up', async () => {
  const gone = [];
  answer = (request) => (request.path === '/first' ? { status: 200, hold: new Promise((resolve) => { gone.push(resolve); }) } : { status: 200 });
  const slow = Array.from({ length: 40 }, newSession);
  for (const sid of slow) await enter('first', sid);
  for (const sid of slow) await authority.endSession(sid);
  await until(() => at('/first').length === 1, 'the slow one');
  const sid = newSession();
  await enter('second', sid);
  await authority.endSession(sid);
  await until(() => at('/second').length === 1, 'the other one', 3000);
  assert.equal(at('/first').length, 1, 'one at a time to each client');
  answer = () => ({ status: 200 });
  gone.forEach((resolve) => resolve());
  await until(() => at('/first').length >= 40, 'all of them, in the end', 60000);
});

test('receivers that hang at every domain leave fetches of keys room', async () => {
  const gone = [];
  answer = (request) => {
    if (request.path === '/keys') return { status: 200, body: JSON.stringify({ keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'one' }] }) };
    return { status: 200, hold: new Promise((resolve) => { gone.push(resolve); }) };
  };
  for (const [domain, ids] of [['pay', ['first', 'second']], ['coin', ['coin-first', 'coin-second']]]) {
    const sid = newSession();
    for (const id of ids) await enterAt(domain, id, sid);
    await authority.endSession(sid, { domain });
  }
  await until(() => gone.length === 2, 'two that hang');
  const now = Math.floor(authority.now() / 1000);
  const assertion = await new jose.SignJWT({ jti: 'one' }).setProtectedHeader({ alg: 'ES256', kid: 'one' }).setIssuer('keyed').setSubject('keyed')
    .setAudience(authority.issuer()).setExpirationTime(now + 60).sign(keys.privateKey);
  const began = Date.now();
  const granted = await authority.token({ grant_type: 'client_credentials', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: assertion });
  assert.equal(granted.status, 200, granted.body);
  assert.ok(at('/first').length + at('/second').length + at('/coin-first').length + at('/coin-second').length <= 2, `${Date.now() - began} ms`);
  answer = () => ({ status: 200 });
  gone.forEach((resolve) => resolve());
  await until(() => at('/coin-first').length > 0 && at('/coin-second').length > 0, 'the others in their turn');
});

test('a session that was renewed elsewhere is told of, after the end that it had here', async () => {
  const sid = newSession();
  await enter('first', sid, { lasts: 86400 });
  authority.pass(1.5 * 86400);
  await wait(12000); // sweeps
  await authority.endSession(sid);
  await server.came(1);
});

test('a stop is no try of the client\'s', async () => {
  const sid = newSession();
  const gone = [];
  answer = () => ({ status: 200, hold: new Promise((resolve) => { gone.push(resolve); }) });
  await enter('first', sid);
  await authority.endSession(sid);
  await server.came(1);
  const from = authority.program.log.length;
  assert.equal((await authority.stop()).code, 0);
  assert.doesNotMatch(authority.program.log.slice(from), /"event":"logout\./);
  gone.forEach((resolve) => resolve());
  answer = () => ({ status: 200 });
  server.requests.length = 0;
  await authority.run();
  await server.came(1);
  assert.equal(decode(tokenOf(server.requests[0])).payload.sid, sid);
});

test('the queue outlives the process', async () => {
  const sid = newSession();
  answer = () => ({ status: 500 });
  await enter('first', sid);
  await authority.endSession(sid);
  await server.came(1);
  await authority.stop('SIGKILL');
  answer = () => ({ status: 200 });
  server.requests.length = 0;
  authority.pass(60);
  await authority.run();
  await server.came(1);
  assert.equal(decode(tokenOf(server.requests[0])).payload.sid, sid);
});

test('400 says that it cannot be done; a day without an answer gives up; both are logged and counted', async () => {
  answer = () => ({ status: 400, body: '{"error":"invalid_request"}' });
  const sid = newSession();
  await enter('refuses', sid);
  await authority.endSession(sid);
  await server.came(1);
  await until(() => authority.program.log.includes('"event":"logout.given_up"'), 'given up');
  authority.pass(100);
  await wait(1500);
  assert.equal(server.requests.length, 1);
  answer = () => ({ status: 503 });
  await enter('deaf', sid + 'x');
  await authority.endSession(sid + 'x');
  await until(() => at('/deaf').length === 1, 'the first try');
  authority.pass(25 * 3600);
  await until(() => (authority.program.log.match(/"event":"logout.given_up"/g) ?? []).length === 2, 'given up after a day');
  const { body } = await authority.internal('/metrics');
  assert.match(body, /sekisho_logouts_total\{domain="pay",outcome="given_up"\} [12]/);
});

test('a redirect is not followed, nothing of it is believed', async () => {
  answer = (request) => (request.path === '/first' ? { status: 302, headers: { location: '/elsewhere' } } : { status: 200 });
  const sid = newSession();
  await enter('first', sid);
  await authority.endSession(sid);
  await server.came(1);
  await wait(500);
  assert.equal(at('/elsewhere').length, 0);
  answer = () => ({ status: 200 });
  authority.pass(10);
  await until(() => at('/first').length === 2, 'once more');
});

test('an end that is told twice by the login server is told to clients once', async () => {
  const sid = newSession();
  await enter('first', sid);
  await Promise.all([1, 2, 3].map((sequence) => authority.endSession(sid, { sequence })));
  await server.came(1);
  await wait(1500);
  assert.equal(server.requests.length, 1);
});

test('a client of the store is told; when it is removed, what waits for it is gone', async () => {
  const metadata = { client_name: 'Stored', token_endpoint_auth_method: 'none', redirect_uris: [CALLBACK], backchannel_logout_uri: `${server.origin}/stored` };
  const added = await postJson(authority.socket, '/admin/clients/pay', metadata);
  assert.equal(added.status, 200, added.body);
  answer = () => ({ status: 503 });
  const sid = newSession();
  await enter(added.json.client_id, sid);
  await authority.endSession(sid);
  await server.came(1);
  assert.equal((await authority.admin(`/admin/clients/pay/${added.json.client_id}`, 'DELETE')).status, 200);
  authority.pass(60);
  await wait(2500);
  assert.equal(server.requests.length, 1);
});

test('the metadata says so', async () => {
  const { json } = await authority.get('/pay/.well-known/openid-configuration');
  assert.deepEqual([json.backchannel_logout_supported, json.backchannel_logout_session_supported], [true, true]);
});
