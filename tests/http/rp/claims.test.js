// What operators say about accounts, and how it gets to the domains that ask.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { exchange } from '../support/http.js';
import { Rp } from '../support/rp.js';
import { until } from '../support/site.js';

let rp;
before(async () => { rp = await Rp.start({ authority: true }); });
after(() => rp.done());

const verifier = 'v'.repeat(43);
const query = (scope) => new URLSearchParams({
  response_type: 'code', client_id: 'pay-web', redirect_uri: 'http://localhost:9001/callback', scope, state: 's',
  code_challenge: crypto.createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
});

const set = (name, change) => rp.admin('PATCH', `/users/${name}/claims`, change);
const shown = async (name) => (await rp.admin('GET', `/users/${name}/claims`)).json.claims;

async function did(answer) {
  assert.equal((await answer).status, 200, (await answer).body);
}

/** A browser with a session, and what userinfo says to a token of the scope. */
async function person(name) {
  const b = rp.browser();
  await b.register(name);
  return b;
}

async function token(b, scope, path = `/pay/authorize?${query(scope)}`) {
  const answer = await b.get(path);
  assert.equal(answer.status, 303, answer.body);
  const code = new URL(answer.headers.location, rp.origin).searchParams.get('code');
  assert.ok(code, answer.headers.location);
  const reply = await fetch(`http://localhost:${rp.authorityPort}/pay/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'authorization_code', client_id: 'pay-web', redirect_uri: 'http://localhost:9001/callback', code, code_verifier: verifier }),
  });
  return (await reply.json()).access_token;
}

function userinfo(access) {
  return exchange({ port: rp.authorityPort }, { path: '/pay/userinfo', headers: { host: `localhost:${rp.authorityPort}`, authorization: `Bearer ${access}` } });
}

test('from the operator to userinfo: by scope, and nothing that nobody set', async () => {
  const b = await person('ann');
  const bare = (await userinfo(await token(b, 'openid profile email'))).json;
  assert.deepEqual(Object.keys(bare), ['sub'], 'no name is made of the account\'s name');
  await did(set('ann', { set: { name: 'Ann Other', email: 'ann@example.com', email_verified: 'true', 'address.locality': 'Kyoto' } }));
  const { updated_at, ...said } = (await userinfo(await token(b, 'openid profile email address'))).json;
  assert.deepEqual(said, { name: 'Ann Other', email: 'ann@example.com', email_verified: true, address: { locality: 'Kyoto' }, sub: bare.sub });
  assert.ok(Math.abs(updated_at - Date.now() / 1000) < 60);
  const audit = (await rp.admin('GET', '/audit')).json.events;
  const changed = audit.find((row) => row.event === 'user.claims_changed');
  assert.equal(changed.actor, 'operator');
  assert.deepEqual(JSON.parse(changed.detail).set.sort(), ['address.locality', 'email', 'email_verified', 'name']);
  const told = audit.filter((row) => row.event === 'claims.disclosed').map((row) => JSON.parse(row.detail));
  assert.deepEqual(told[0], { domain: 'pay', scopes: 'profile email address' });
  assert.ok(!JSON.stringify(audit).includes('ann@example.com'));
});

test('by way of the login page, which says what will be told', async () => {
  const b = await person('abe');
  await did(set('abe', { set: { email: 'abe@example.com', phone_number: '+1 555 0100' } }));
  b.cookies.clear();
  const first = await b.get(`/pay/authorize?${query('openid email')}`);
  const handle = new URL(first.headers.location, rp.origin).searchParams.get('continue');
  const waiting = (await b.get(`/continue?${new URLSearchParams({ continue: handle })}`)).json;
  assert.deepEqual(waiting.scopes, [{ title: { en: 'See your email address', ja: 'メールアドレスの確認' } }]);
  const { redirect } = await b.login({ continue: handle });
  const said = (await userinfo(await token(b, '', redirect))).json;
  assert.deepEqual(Object.keys(said).sort(), ['email', 'sub']);
});

test('IR-10 claims that change reach the domains that were told; the scopes are those it was told', async () => {
  const b = await person('bea');
  await did(set('bea', { set: { email: 'bea@old.example', email_verified: 'true', name: 'Bea' } }));
  const access = await token(b, 'openid email');
  assert.equal((await userinfo(access)).json.email, 'bea@old.example');
  await did(set('bea', { set: { email: 'bea@new.example' } }));
  await until(async () => (await userinfo(access)).json.email === 'bea@new.example', 'the new address');
  assert.equal((await userinfo(access)).json.email_verified, undefined, 'nobody has verified the new address');
  assert.equal((await userinfo(access)).json.name, undefined);
  await did(set('bea', { clear: ['email'] }));
  await until(async () => (await userinfo(access)).json.email === undefined, 'the address to go');
});

test('IR-10 a disabled account: 401', async () => {
  const b = await person('cat');
  const access = await token(b, 'openid email');
  assert.equal((await userinfo(access)).status, 200);
  assert.equal((await rp.admin('POST', '/users/cat/disable')).status, 200);
  await until(async () => (await userinfo(access)).status === 401, 'the token to end');
});

test('what is verified falls with what it was said about', async () => {
  await rp.admin('POST', '/users', { username: 'dan' });
  await did(set('dan', { set: { email: 'a@b.c', email_verified: 'true', phone_number: '+1 555 0100', phone_number_verified: 'true' } }));
  await did(set('dan', { set: { email: 'd@e.f' } }));
  await did(set('dan', { clear: ['phone_number'] }));
  const { updated_at, ...rest } = await shown('dan');
  assert.deepEqual(rest, { email: 'd@e.f' });
  assert.match(updated_at, /^\d{10}$/);
  await did(set('dan', { set: { email: 'g@h.i', email_verified: 'true' } }));
  assert.equal((await shown('dan')).email_verified, 'true', 'said together');
});

test('a claim that is none, or a value that is none of it, changes nothing', async () => {
  await rp.admin('POST', '/users', { username: 'eve' });
  await did(set('eve', { set: { name: 'Eve' } }));
  const before = await shown('eve');
  const bad = [
    ['sub', 'x'], ['admin', 'true'], ['', 'x'], ['updated_at', '1'], ['address', 'x'], ['Name', 'x'], ['name', ''], ['name', 'a\u202eb'], ['name', 'x'.repeat(257)], ['name', 'a\nb'],
    ['email', 'a'], ['email', '@'], ['email', 'a@b@c'], ['email', 'a b@c'], ['email_verified', 'yes'], ['email_verified', true], ['phone_number', '03-1234'], ['phone_number', '+'],
    ['phone_number', '+81;ext=x'], ['picture', 'javascript:alert(1)'], ['website', 'https://a b'], ['birthdate', '2000-13-01'], ['birthdate', '01.01.2000'],
  ];
  for (const [name, value] of bad) {
    const answer = await set('eve', { set: { nickname: 'E', [name]: value } });
    assert.equal(answer.status, 400, `${name}=${value}`);
    assert.equal(answer.json.error, 'account_claim');
  }
  for (const body of [{}, { set: {} }, { set: [] }, { clear: {} }, { clear: ['sub'] }, { clear: [7] }, []])
    assert.equal((await set('eve', body)).status, 400, JSON.stringify(body));
  assert.deepEqual(await shown('eve'), before);
  assert.equal((await set('nobody', { set: { name: 'x' } })).status, 404);
  await did(set('eve', { set: { phone_number: '+81 (3) 1234-5678;ext=12', birthdate: '0000-02-29', zoneinfo: 'Asia/Tokyo', picture: 'https://example.com/e.png' } }));
});

test('claims go with the account', async () => {
  await rp.admin('POST', '/users', { username: 'flo' });
  await did(set('flo', { set: { name: 'Flo' } }));
  assert.equal((await rp.admin('DELETE', '/users/flo')).status, 200);
  await rp.admin('POST', '/users', { username: 'flo' });
  assert.deepEqual(await shown('flo'), {});
});
