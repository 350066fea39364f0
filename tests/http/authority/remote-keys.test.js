// Clients whose keys are at an address: fetched when an assertion comes, kept, fetched again when a key is new; and what is
// not to be had lets nobody in.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { Authority } from '../support/authority.js';
import { postJson } from '../support/http.js';
import { Receiver } from '../support/receiver.js';
import { until } from '../support/site.js';

const ec = () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEYS = { a: ec(), b: ec(), other: ec(), rsa: crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }) };
const jwk = (name, more = {}) => ({ ...KEYS[name].publicKey.export({ format: 'jwk' }), kid: name, ...more });
const set = (...keys) => ({ status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ keys }) });

let authority;
let server;
let answers; // by path
before(async () => {
  answers = { '/keys': () => set(jwk('a')) };
  server = await Receiver.start((request) => (answers[request.path] ?? (() => ({ status: 404 })))(request));
  const client = (id, path) => `      - {id: ${id}, token_endpoint_auth_method: private_key_jwt, grant_types: [client_credentials], scope: balance.read, jwks_uri: "${server.origin}${path}"}\n`;
  const names = ['keys', 'turn', 'slow', 'down', 'moved', 'html', 'secret', 'none', 'many', 'large', 'mixed', 'stale', 'pss'];
  authority = await Authority.start({
    config: (text) => text.replace('\n  - id: coin', `\n${names.map((name) => client(name, `/${name}`)).join('')}${client('gone', '/x').replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1')}\n  - id: coin`)
      .replace('vault: {acr: phrh}', 'vault: {acr: phrh}\n      audit: {}'),
  });
});
after(async () => { await authority?.done(); await server?.stop(); });

const SIGN = { rsa: (input, key) => crypto.sign('sha256', input, key), pss: (input, key) => crypto.sign('sha256', input, { key, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }) };
function assertion(id, name, header = { kid: name }, how = undefined) {
  const now = Math.floor(authority.now() / 1000);
  const input = [{ alg: how === 'pss' ? 'PS256' : name === 'rsa' ? 'RS256' : 'ES256', ...header }, { iss: id, sub: id, aud: authority.issuer(), exp: now + 60, jti: crypto.randomUUID() }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const sign = SIGN[how ?? name] ?? ((bytes, key) => crypto.sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }));
  return `${input}.${sign(Buffer.from(input), KEYS[name].privateKey).toString('base64url')}`;
}
const ask = (id, name, header, how) => authority.token({
  grant_type: 'client_credentials', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: assertion(id, name, header, how),
});
const fetches = (path) => server.requests.filter((request) => request.path === path).length;
async function accepted(answer, what) {
  const { status, body } = await answer;
  assert.equal(status, 200, `${what}: ${body}`);
}
async function refused(answer, what) {
  const { status, json } = await answer;
  assert.deepEqual([status, json?.error], [401, 'invalid_client'], what);
}

test('the keys are fetched once, however many ask at once', async () => {
  await Promise.all(Array.from({ length: 20 }, () => accepted(ask('keys', 'a'), 'one of many')));
  await accepted(ask('keys', 'a', {}), 'without kid');
  assert.equal(fetches('/keys'), 1);
  const [request] = server.requests;
  assert.equal(request.method, 'GET');
  assert.match(request.headers['user-agent'], /^sekisho\//);
});

test('JW-19 a key that is not there lets nobody in, and floods nobody', async () => {
  await accepted(ask('keys', 'a'), 'known');
  authority.pass(20);
  const before = fetches('/keys');
  for (let i = 0; i < 10; i++) await refused(ask('keys', 'other', { kid: `made-up-${i}` }), 'a kid of no key');
  assert.equal(fetches('/keys'), before + 1);
  await refused(ask('keys', 'other', { kid: 'a' }), 'the kid of another key');
  await refused(ask('keys', 'other', {}), 'no kid');
});

test('a new key is found by its kid, and one that was withdrawn is good no more', async () => {
  answers['/turn'] = () => set(jwk('a'));
  await accepted(ask('turn', 'a'), 'the first');
  answers['/turn'] = () => set(jwk('b'));
  await refused(ask('turn', 'b'), 'fetched just now: nobody asks again so soon');
  authority.pass(11);
  await accepted(ask('turn', 'b'), 'the second');
  await refused(ask('turn', 'a'), 'withdrawn');
});

test('Cache-Control says how long a set is fresh; then it is fetched beside the request', async () => {
  answers['/stale'] = () => ({ ...set(jwk('a')), headers: { 'cache-control': 'public, max-age=120' } });
  await accepted(ask('stale', 'a'), 'fetched');
  authority.pass(100);
  await accepted(ask('stale', 'a'), 'fresh');
  assert.equal(fetches('/stale'), 1);
  authority.pass(30);
  await accepted(ask('stale', 'a'), 'good while a newer one is fetched');
  await until(() => fetches('/stale') === 2, 'the second fetch');
  answers['/stale'] = () => ({ status: 503 });
  for (let hour = 0; hour < 23; hour++) {
    authority.pass(3600);
    await accepted(ask('stale', 'a'), `${hour} hours without an answer`);
  }
  authority.pass(2 * 3600);
  await refused(ask('stale', 'a'), 'a day without an answer');
  answers['/stale'] = () => set(jwk('a'));
  authority.pass(11);
  await accepted(ask('stale', 'a'), 'back again');
});

test('JW-18 what is no key set of public keys at that very address lets nobody in, and says why', async () => {
  answers['/moved'] = () => ({ status: 302, headers: { location: '/keys' } });
  answers['/html'] = () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' });
  answers['/secret'] = () => set({ ...KEYS.a.privateKey.export({ format: 'jwk' }), kid: 'a' });
  answers['/none'] = () => set();
  answers['/many'] = () => set(...Array.from({ length: 65 }, (_, i) => jwk('a', { kid: `k${i}` })));
  answers['/large'] = () => ({ status: 200, body: JSON.stringify({ keys: [jwk('a')], pad: 'x'.repeat(200000) }) });
  for (const id of ['down', 'moved', 'html', 'secret', 'none', 'many', 'large', 'gone']) {
    const from = authority.program.log.length;
    await refused(ask(id, 'a'), id);
    assert.match(authority.program.log.slice(from), /"event":"keys\.fetch_failed"/, id);
  }
  assert.match(authority.program.log, /redirects are not followed/);
});

test('keys of other kinds and for other uses are passed over', async () => {
  answers['/mixed'] = () => set({ kty: 'EC', crv: 'secp521-of-tomorrow', x: 'AA', y: 'AA', kid: 'x' }, jwk('other', { use: 'enc' }), jwk('b', { key_ops: ['verify'] }), jwk('rsa'));
  await accepted(ask('mixed', 'b'), 'the one for signatures');
  await accepted(ask('mixed', 'rsa'), 'RSA without alg is for RS256');
  await refused(ask('mixed', 'other'), 'for encryption');
});

test('one client with a server that hangs keeps nobody else waiting', async () => {
  let go;
  answers['/slow'] = () => ({ ...set(jwk('a')), hold: new Promise((resolve) => { go = resolve; }) });
  const waiting = ask('slow', 'a');
  await until(() => fetches('/slow') === 1, 'the fetch');
  await accepted(ask('keys', 'a'), 'another client');
  await accepted(authority.get('/pay/jwks'), 'everybody else');
  go();
  await accepted(waiting, 'at last');
});

test('a client of the store may have its keys at an address', async () => {
  answers['/stored'] = () => set(jwk('b'));
  const metadata = { client_name: 'Stored', token_endpoint_auth_method: 'private_key_jwt', grant_types: ['client_credentials'], scope: 'balance.read', jwks_uri: `${server.origin}/stored` };
  const answer = await postJson(authority.socket, '/admin/clients/pay', metadata);
  assert.equal(answer.status, 200, answer.body);
  await accepted(ask(answer.json.client_id, 'b'), 'it');
  await authority.stop();
  await authority.run();
  await accepted(ask(answer.json.client_id, 'b'), 'after a restart');
  const row = (await authority.admin('/admin/clients')).json.clients.find((each) => each.id === answer.json.client_id);
  assert.equal(row.jwks_uri, metadata.jwks_uri);
  const cases = [['jwks beside it', { jwks: { keys: [jwk('a')] } }], ['plain http', { jwks_uri: 'http://keys.example/' }], ['a fragment', { jwks_uri: 'https://keys.example/#a' }],
    ['no text', { jwks_uri: 7 }], ['another method', { token_endpoint_auth_method: 'client_secret_basic' }], ['a member of no meaning', { jwks_url: 'https://keys.example/' }]];
  for (const [what, more] of cases) {
    const bad = await postJson(authority.socket, '/admin/clients/pay', { ...metadata, ...more });
    assert.deepEqual([bad.status, bad.json.error], [400, 'invalid_client_metadata'], what);
  }
});

test('while somebody waits for keys, the server stops in time and answers', async () => {
  answers['/down'] = () => ({ ...set(jwk('a')), hold: new Promise(() => {}) });
  authority.pass(20);
  const waiting = ask('down', 'a');
  const count = fetches('/down');
  await until(() => fetches('/down') > count, 'the fetch');
  const ended = await authority.stop();
  assert.equal(ended.code, 0);
  await refused(waiting, 'nobody');
  await authority.run();
});
