import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Rp } from '../support/rp.js';

let rp;
const browser = () => rp.browser();
before(async () => { rp = await Rp.start(); });
after(() => rp.done());

const credentialsOf = async (name) => (await rp.admin('GET', `/users/${encodeURIComponent(name)}/credentials`)).json;

function refused(answer, status, error) {
  assert.equal(answer.status, status, answer.body);
  assert.equal(answer.json.status, 'failed');
  assert.ok(answer.json.errorMessage.length > 0);
  assert.equal(answer.json.error, error);
}

test('a new account gets a passkey and a session', async () => {
  const b = browser();
  const done = await b.register('ann', { result: { nickname: 'Work laptop' } });
  assert.equal(done.status, 'ok');
  assert.equal(done.errorMessage, '');
  assert.equal(done.credential.nickname, 'Work laptop');
  assert.equal(done.credential.alg, -7);
  assert.match(done.credential.aaguid, /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
  assert.equal(done.session.username, 'ann');
  const session = await b.get('/session');
  assert.equal(session.status, 200);
  assert.equal(session.json.username, 'ann');
  assert.equal(session.json.acr, 'phr');
  assert.ok(Math.abs(session.json.auth_time - Date.now() / 1000) < 5);
  assert.equal(session.json.satisfied, true);
});

test('WR-44 options have the members that browsers parse', async () => {
  const options = await browser().registrationOptions('bea', { attestation: 'direct', extensions: { 'example.extension': 'x' } });
  assert.equal(options.rp.id, 'localhost');
  assert.equal(options.rp.name, 'Example');
  assert.match(options.user.id, /^[A-Za-z0-9_-]{43}$/);
  assert.match(options.challenge, /^[A-Za-z0-9_-]+$/);
  const length = Buffer.from(options.challenge, 'base64url').length;
  assert.ok(length >= 16 && length <= 64);
  assert.deepEqual(options.pubKeyCredParams.map(({ alg }) => alg), [-7, -8, -35, -257]);
  assert.equal(options.attestation, 'direct');
  assert.deepEqual(options.extensions, { 'example.extension': 'x' });
  assert.ok(options.timeout >= 300000);
  assert.deepEqual(options.excludeCredentials, []);
  assert.ok(!JSON.stringify(options).includes('null'));
});

test('WR-04 the same credential id twice is refused, the first stays', async () => {
  const b = browser();
  const id = Buffer.alloc(16, 4).toString('base64url');
  await b.register('cleo', { credentialId: id });
  await b.login({}, { credential: id });
  const before = await credentialsOf('cleo');
  refused(await b.tryRegister(null, { credentialId: id, ignoreExclude: true }), 409, 'credential_exists');
  assert.deepEqual(await credentialsOf('cleo'), before);
});

test('WR-03 a credential id of another account is refused, its owner still signs in', async () => {
  const owner = browser(), thief = browser();
  const id = Buffer.alloc(16, 3).toString('base64url');
  await owner.register('dora', { credentialId: id });
  refused(await thief.tryRegister('dieb', { credentialId: id }), 409, 'credential_exists');
  assert.equal((await rp.admin('GET', '/users/dieb')).status, 404);
  await owner.login({ username: 'dora' });
});

test('WR-06 a registration is finished once', async () => {
  const b = browser();
  const options = await b.registrationOptions('emma');
  const response = await b.authenticator.create(options, rp.origin);
  const kept = new Map(b.cookies);
  assert.equal((await b.post('/attestation/result', response)).status, 200);
  refused(await b.post('/attestation/result', response, { cookies: kept, keep: false }), 400, 'challenge');
  assert.equal((await credentialsOf('emma')).length, 1);
});

test('WR-09 a challenge for create does not work for get, nor the reverse', async () => {
  const b = browser();
  await b.register('fay');
  const forLogin = await b.loginOptions();
  const creation = await b.registrationOptions('fay2').catch(({ answer }) => answer);
  const created = await b.authenticator.create({ ...creation, challenge: forLogin.challenge }, rp.origin);
  assert.equal((await b.post('/attestation/result', created)).status, 400);

  const forCreation = await b.registrationOptions('fay3');
  const got = await b.authenticator.get({ ...forLogin, challenge: forCreation.challenge }, rp.origin);
  refused(await b.post('/assertion/result', got), 400, 'authentication_failed');
  assert.equal((await rp.admin('GET', '/users/fay3')).status, 404);
});

test('WR-10 a challenge that is too old is refused', async () => {
  const b = browser();
  const options = await b.registrationOptions('gil');
  const response = await b.authenticator.create(options, rp.origin);
  const kept = new Map(b.cookies);
  rp.pass(options.timeout / 1000 + 1);
  refused(await b.post('/attestation/result', response, { cookies: kept }), 400, 'challenge');
  assert.equal((await rp.admin('GET', '/users/gil')).status, 404);
});

test('a result without the cookie of its options, or with that of others, is refused', async () => {
  const b = browser();
  const options = await b.registrationOptions('hal');
  const other = await browser().registrationOptions('hal');
  assert.notEqual(options.challenge, other.challenge);
  const response = await b.authenticator.create(options, rp.origin);
  refused(await b.post('/attestation/result', response, { cookies: new Map(), keep: false }), 400, 'challenge');
  const [name, value] = [...b.cookies].find(([key]) => key.startsWith('sekisho-c-'));
  const changed = new Map([[name, value.slice(0, -2) + (value.endsWith('AA') ? 'BB' : 'AA')]]);
  refused(await b.post('/attestation/result', response, { cookies: changed, keep: false }), 400, 'challenge');
  assert.equal((await b.post('/attestation/result', response)).status, 200);
});

test('four ceremonies overlap, the oldest gives way to a fifth', async () => {
  const b = browser();
  const options = [];
  for (let i = 0; i < 5; i += 1) {
    options.push(await b.registrationOptions(`ivy${i}`));
    rp.pass(1);
  }
  assert.equal([...b.cookies.keys()].filter((name) => name.startsWith('sekisho-c-')).length, 4);
  const answers = [];
  for (const each of options) {
    const response = await b.authenticator.create(each, rp.origin);
    answers.push((await b.sibling().post('/attestation/result', response, { cookies: b.cookies })).status);
  }
  assert.deepEqual(answers, [400, 200, 200, 200, 200]);
});

test('WR-32 required user verification survives a restart', async () => {
  const b = browser();
  const options = await b.registrationOptions('jan', { authenticatorSelection: { userVerification: 'required' } });
  const response = await b.authenticator.create(options, rp.origin, { uv: false });
  await rp.restart();
  refused(await b.post('/attestation/result', response), 400, 'user_verification');
});

test('WR-34 user.id is random, of 32 bytes, and stays the same for an account', async () => {
  const b = browser();
  const first = await b.registrationOptions('alice@example.com');
  const second = await b.registrationOptions('alice@example.com');
  assert.notEqual(first.user.id, second.user.id);
  assert.equal(Buffer.from(first.user.id, 'base64url').length, 32);
  await b.register('alice@example.com');
  const [one, two] = [await b.registrationOptions(), await b.registrationOptions('alice@example.com')];
  assert.equal(one.user.id, two.user.id);
});

test('WR-35 a stranger learns nothing about an existing account, and gets nothing', async () => {
  const owner = browser(), stranger = browser();
  await owner.register('kim');
  const taken = await stranger.registrationOptions('kim');
  const free = await stranger.registrationOptions('kim-who-is-free');
  assert.deepEqual(taken.excludeCredentials, []);
  assert.deepEqual(Object.keys(taken), Object.keys(free));
  refused(await stranger.tryRegister('kim'), 409, 'username_taken');
  assert.equal(stranger.session, undefined);
  assert.equal((await credentialsOf('kim')).length, 1);
});

test('WR-36 nobody enrols a passkey on an account without any', async () => {
  assert.equal((await rp.admin('POST', '/users', { username: 'leo' })).status, 201);
  refused(await browser().tryRegister('leo'), 409, 'username_taken');
  assert.deepEqual(await credentialsOf('leo'), []);
});

test('WR-37 there are no other doors', async () => {
  const b = browser();
  for (const path of ['/register/begin', '/admin', '/users', '/users/kim', '/test', '/conformance', '/metrics', '/debug',
    '/q/webauthn/login', '/assets/../sekisho.yaml', '/assets/%2e%2e/sekisho.yaml', '/unknown/authorize']) {
    const answer = await b.get(path);
    assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
  }
  assert.equal(b.session, undefined);
});

test('WR-38 adding a passkey needs a login of the strongest level in the last five minutes', async () => {
  const b = browser();
  await b.register('mia');
  assert.equal((await b.registrationOptions()).excludeCredentials.length, 1);
  rp.pass(301);
  const late = await b.post('/attestation/options', { username: 'mia', displayName: 'Mia' });
  refused(late, 401, 'insufficient_user_authentication');
  assert.deepEqual(late.json.requirement, { acr: 'phr', max_age: 300 });
  assert.equal(late.headers['set-cookie'], undefined);

  const weak = b.sibling();
  await weak.login({}, { uv: false });
  refused(await weak.post('/attestation/options', {}), 401, 'insufficient_user_authentication');

  await b.login({ requirement: { acr: 'phr', max_age: 300 } });
  const added = await b.tryRegister(null, { ignoreExclude: true });
  assert.equal(added.status, 200);
  assert.equal(added.json.session, undefined);
  assert.equal((await credentialsOf('mia')).length, 2);
});

test('WR-39 one name, one account, however it is typed', async () => {
  await browser().register('Admin');
  for (const name of ['ADMIN', 'admin ', ' admin', 'ａｄｍｉｎ', 'ＡＤＭＩＮ']) {
    refused(await browser().tryRegister(name), 409, 'username_taken');
  }
  for (const name of ['ad\u0001min', 'admin\u200d', 'ad\u202emin', '   ', 'a  b', 'x'.repeat(129)]) {
    refused(await browser().post('/attestation/options', { username: name, displayName: 'x' }), 400, 'username');
  }
  assert.equal((await browser().post('/attestation/options', '{"username":"admin\\u0000x","displayName":"x"}')).status, 400);
  await browser().register('a\u0307dmin'); // another letter, another account
});

test('WR-40 display names of any script round-trip, broken ones are refused', async () => {
  for (const displayName of ['🧑‍🚀'.repeat(20), '山田 太郎', '', '"<script>&\\']) {
    const options = await browser().registrationOptions('nia', { displayName });
    assert.equal(options.user.displayName, displayName);
  }
  for (const displayName of ['a\u202eb', 'x'.repeat(257), '\u0007', 5, null, {}]) {
    const answer = await browser().post('/attestation/options', { username: 'nia', displayName });
    assert.equal(answer.status, 400, JSON.stringify(displayName));
    assert.equal(answer.json.status, 'failed');
  }
  assert.equal((await browser().post('/attestation/options', '{"username":"nia","displayName":"\\ud800"}')).status, 400);
});

test('SS-33 only the key inside of the authenticator data is stored', async () => {
  const b = browser();
  const done = await b.register('ola', { result: { publicKey: 'AAAA', verified: true, user: { id: 'AAAA' } } });
  assert.equal(done.status, 'ok');
  await b.login({ username: 'ola' });
});
