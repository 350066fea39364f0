import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Rp } from '../support/rp.js';

let rp;
const browser = () => rp.browser();
before(async () => {
  rp = await Rp.start({ config: (text) => text.replace('session: {idle: 30d, absolute: 90d}', 'session: {idle: 15m, absolute: 2h}') });
});
after(() => rp.done());

function refused(answer, status, error) {
  assert.equal(answer.status, status, answer.body);
  assert.equal(answer.json.status, 'failed');
  assert.equal(answer.json.error, error);
}

async function signedIn(name) {
  const b = browser();
  await b.register(name);
  await b.login();
  return b;
}

const withSession = (value) => ({ cookies: new Map([['sekisho', value]]), keep: false });

test('SS-01 cookies are HttpOnly, Lax, for the whole site and no other; signing out expires it', async () => {
  const b = browser();
  await b.register('ann');
  const answer = await b.tryLogin();
  const line = answer.headers['set-cookie'].find((each) => each.startsWith('sekisho='));
  assert.match(line, /; Path=\/(;|$)/);
  assert.match(line, /; HttpOnly/);
  assert.match(line, /; SameSite=Lax/);
  assert.ok(!/Domain=/.test(line));
  const out = await b.send('DELETE', '/session');
  assert.equal(out.status, 200);
  assert.match(out.headers['set-cookie'].find((each) => each.startsWith('sekisho=')), /Max-Age=0/);
});

test('SS-01 on https the cookies are __Host- and Secure', async () => {
  const secure = await Rp.start({ config: (text) => text.replace(/id: localhost\n/, 'id: login.example\n').replace(/origins: .*/, 'origins: ["https://login.example"]') });
  try {
    const b = secure.browser();
    const headers = { host: 'login.example', origin: 'https://login.example' };
    const asked = await b.post('/attestation/options', { username: 'x', displayName: 'x' }, { headers });
    assert.match(asked.headers['set-cookie'][0], /^__Host-sekisho-c-[0-9a-f]{16}=.*; Secure/);
    const response = await b.authenticator.create(asked.json, 'https://login.example');
    const done = await b.post('/attestation/result', response, { headers });
    assert.equal(done.status, 200, done.body);
    assert.ok(done.headers['set-cookie'].some((line) => /^__Host-sekisho=.*; Secure/.test(line) && /Path=\//.test(line)));
    const page = await b.get('/login', { headers: { host: 'login.example' } });
    assert.match(page.headers['strict-transport-security'], /max-age/);
  } finally {
    await secure.done();
  }
});

test('SS-03 a session that was signed out is dead everywhere', async () => {
  const b = await signedIn('bob');
  const copy = b.session;
  await b.send('DELETE', '/session');
  for (const [method, path] of [['GET', '/session'], ['GET', '/credentials'], ['GET', '/sessions'], ['DELETE', '/session'], ['DELETE', '/sessions']]) {
    refused(await b.send(method, path, undefined, withSession(copy)), 401, 'not_signed_in');
  }
});

test('SS-04 a session ends after its idle time, and use keeps it', async () => {
  const b = await signedIn('cat');
  rp.pass(899);
  assert.equal((await b.get('/session')).status, 200);
  await new Promise((resolve) => { setTimeout(resolve, 200); }); // the use is noted without anybody waiting for it
  rp.pass(899);
  assert.equal((await b.get('/session')).status, 200);
  await new Promise((resolve) => { setTimeout(resolve, 200); });
  rp.pass(901);
  refused(await b.get('/session'), 401, 'not_signed_in');
});

test('a session ends after its absolute time, however much it is used', async () => {
  const b = await signedIn('cleo');
  for (let i = 0; i < 9; i += 1) {
    rp.pass(795);
    assert.equal((await b.get('/session')).status, 200);
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  rp.pass(60);
  refused(await b.get('/session'), 401, 'not_signed_in');
});

test('SS-07 authenticating again starts both times anew, with a new cookie', async () => {
  const b = await signedIn('dan');
  const before = (await b.get('/session')).json;
  const old = b.session;
  rp.pass(600);
  await b.login({ requirement: { acr: 'phr', max_age: 60 } });
  const now = (await b.get('/session')).json;
  assert.ok(now.auth_time - before.auth_time >= 599);
  assert.ok(now.expires_at - before.expires_at >= 599);
  assert.notEqual(b.session, old);
  assert.equal(now.sub, before.sub);
  refused(await b.get('/session', withSession(old)), 401, 'not_signed_in');
});

test('/session says whether a requirement is satisfied, and until when', async () => {
  const b = await signedIn('eve');
  const start = (await b.get('/session')).json.auth_time;
  const good = (await b.get('/session?acr=phr&max_age=5m')).json;
  assert.equal(good.satisfied, true);
  assert.ok(Math.abs(good.satisfied_until - (start + 300)) <= 1);
  assert.equal((await b.get('/session?acr=phrh')).json.satisfied, false);
  rp.pass(302);
  assert.equal((await b.get('/session?acr=phr&max_age=300')).json.satisfied, false);
  assert.equal((await b.get('/session?acr=phr')).json.satisfied, true);
  assert.equal((await b.get('/session?acr=nothing')).status, 400);
  assert.equal((await b.get('/session?acr=phr&acr=phrh')).status, 400);
});

test('SS-09 a weaker login does not do what asks for the strongest', async () => {
  const b = browser();
  const { credential } = await b.register('fay');
  const weak = b.sibling();
  await weak.login({}, { uv: false });
  assert.notEqual((await weak.get('/session')).json.acr, 'phr');
  refused(await weak.send('DELETE', `/credentials/${credential.id}`), 401, 'insufficient_user_authentication');
  refused(await weak.post('/attestation/options', {}), 401, 'insufficient_user_authentication');
});

test('SS-10 made-up cookies are nobody', async () => {
  const b = await signedIn('gus');
  const real = b.session;
  const bytes = Buffer.from(real, 'base64url');
  bytes[39] ^= 1;
  for (const value of ['', 'x', 'true', '1', real.slice(1), `${real}A`, bytes.toString('base64url'), Buffer.alloc(40).toString('base64url')]) {
    refused(await b.get('/session', withSession(value)), 401, 'not_signed_in');
  }
});

test('SS-12 a ceremony that was begun gives no rights', async () => {
  const b = browser();
  await b.register('hal');
  b.cookies.clear();
  await b.loginOptions({ username: 'hal' });
  for (const path of ['/session', '/credentials', '/sessions']) refused(await b.get(path), 401, 'not_signed_in');
});

test('SS-18 the last passkey cannot be deleted without a way back in', async () => {
  const b = browser();
  const { credential } = await b.register('ida');
  refused(await b.send('DELETE', `/credentials/${credential.id}`), 409, 'last_credential');
  assert.equal((await rp.admin('POST', '/users/ida/recovery')).status, 201);
  assert.equal((await b.send('DELETE', `/credentials/${credential.id}`)).status, 200);
});

test('SS-19 deleting a passkey ends the account\'s other sessions, and what it proved', async () => {
  const b = browser();
  const first = await b.register('jan');
  const second = await b.register(null, { ignoreExclude: true });
  const other = b.sibling();
  await other.login({}, { credential: second.credential.id });
  await b.login({}, { credential: first.credential.id });
  assert.equal((await b.send('DELETE', `/credentials/${second.credential.id}`)).status, 200);
  refused(await other.get('/session'), 401, 'not_signed_in');
  assert.equal((await b.get('/session')).json.acr, 'phr');
  assert.equal((await b.get('/credentials')).json.length, 1);
  // deleting what one signed in with leaves a session that proves nothing
  const third = await b.register(null, { ignoreExclude: true });
  const fourth = b.sibling();
  await fourth.login({}, { credential: third.credential.id });
  assert.equal((await fourth.send('DELETE', `/credentials/${third.credential.id}`)).status, 200);
  const left = (await fourth.get('/session')).json;
  assert.equal(left.acr, undefined);
  refused(await fourth.post('/attestation/options', {}), 401, 'insufficient_user_authentication');
});

test('SS-30 a failed ceremony does not touch the session', async () => {
  const b = await signedIn('kai');
  const stranger = browser();
  const { credential } = await stranger.register('kurt');
  const before = (await b.get('/session')).json;
  const cookie = b.session;
  for (const username of ['kurt', 'nobody', undefined]) {
    const options = await b.loginOptions(username ? { username } : {});
    const response = await stranger.authenticator.get({ ...options, allowCredentials: [] }, rp.origin, { credential: credential.id, wrongKey: true });
    refused(await b.post('/assertion/result', response), 400, 'authentication_failed');
  }
  assert.equal(b.session, cookie);
  assert.deepEqual((await b.get('/session')).json, before);
});

test('SS-31 a step-up with another account\'s passkey is refused as such', async () => {
  const b = await signedIn('lea');
  const other = browser();
  await other.register('lars');
  const options = await b.loginOptions({ requirement: { acr: 'phr', max_age: 60 } });
  assert.equal(options.allowCredentials.length, 1);
  const response = await other.authenticator.get({ ...options, allowCredentials: [] }, rp.origin);
  refused(await b.post('/assertion/result', response), 403, 'wrong_user');
  assert.equal((await b.get('/session')).json.username, 'lea');
});

test('a step-up is finished in the session in which it was begun', async () => {
  const b = await signedIn('mia');
  const options = await b.loginOptions({ requirement: { max_age: 60 } });
  const response = await b.authenticator.get(options, rp.origin);
  const elsewhere = new Map([...b.cookies].filter(([name]) => name !== 'sekisho'));
  refused(await b.post('/assertion/result', response, { cookies: elsewhere, keep: false }), 400, 'authentication_failed');
});

test('SS-34 a step-up raises one session, not the account\'s others', async () => {
  const one = await signedIn('nina');
  const two = one.sibling();
  await two.login({}, { uv: false });
  await one.login({ requirement: { acr: 'phr', max_age: 60 } });
  assert.notEqual((await two.get('/session')).json.acr, 'phr');
});

test('SS-35 as documented, sessions are not limited in number but listed', async () => {
  const b = await signedIn('olaf');
  for (let i = 0; i < 12; i += 1) await b.sibling().login();
  assert.equal((await b.get('/sessions')).json.length, 13);
});

test('SS-36 people list and end their own sessions, and nobody else\'s', async () => {
  const b = await signedIn('pia');
  const phone = b.sibling();
  await phone.login();
  const list = (await b.get('/sessions')).json;
  assert.equal(list.length, 2);
  assert.equal(list.filter(({ current }) => current).length, 1);
  const foreign = await signedIn('paul');
  const [theirs] = (await foreign.get('/sessions')).json;
  refused(await b.send('DELETE', `/sessions/${theirs.id}`), 404, 'not_found');
  assert.equal((await foreign.get('/session')).status, 200);
  const other = list.find(({ current }) => !current);
  assert.equal((await b.send('DELETE', `/sessions/${other.id}`)).status, 200);
  refused(await phone.get('/session'), 401, 'not_signed_in');
  await phone.login();
  assert.equal((await b.send('DELETE', '/sessions')).status, 200);
  assert.equal(b.session, undefined);
  refused(await phone.get('/session'), 401, 'not_signed_in');
});

test('AB-09 foreign and unknown passkeys are not there', async () => {
  const b = await signedIn('rita');
  const other = browser();
  const { credential } = await other.register('rolf');
  for (const id of [credential.id, 'AAAA', '%20', 'x'.repeat(3000)]) {
    for (const [method, body] of [['GET'], ['PATCH', { nickname: 'x' }], ['DELETE']]) {
      const answer = await b.send(method, `/credentials/${id}`, body);
      assert.equal(answer.status, 404, `${method} ${id.slice(0, 20)}: ${answer.body}`);
    }
  }
  assert.equal((await other.get('/credentials')).json.length, 1);
});

test('passkeys are listed and renamed', async () => {
  const b = await signedIn('sue');
  const [one] = (await b.get('/credentials')).json;
  assert.ok(one.last_used_at >= one.created_at);
  assert.equal((await b.send('PATCH', `/credentials/${one.id}`, { nickname: '仕事 🔑' })).status, 200);
  assert.equal((await b.get(`/credentials/${one.id}`)).json.nickname, '仕事 🔑');
  for (const nickname of ['x'.repeat(65), 'a\u0001', 5, null]) {
    assert.equal((await b.send('PATCH', `/credentials/${one.id}`, { nickname })).status, 400);
  }
});

test('SS-37 other sites change nothing', async () => {
  const b = await signedIn('tom');
  const [{ id }] = (await b.get('/credentials')).json;
  const foreign = [{ origin: 'https://evil.test' }, { origin: 'null' }, { origin: null, 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'cross-site' }];
  for (const headers of foreign) {
    for (const [method, path, body] of [['DELETE', '/session'], ['DELETE', '/sessions'], ['DELETE', `/credentials/${id}`],
      ['PATCH', `/credentials/${id}`, { nickname: 'x' }], ['POST', '/assertion/options', {}], ['POST', '/attestation/options', {}],
      ['POST', '/continue/decline', {}], ['POST', '/continue/allow', {}]]) {
      refused(await b.send(method, path, body, { headers }), 403, 'cross_site');
    }
  }
  assert.equal((await b.send('POST', '/assertion/options', '{}', { headers: { 'content-type': 'text/plain' } })).status, 415);
  assert.equal((await b.get('/session')).json.username, 'tom');
});

test('SS-38 pages cannot be framed and run no foreign code', async () => {
  for (const path of ['/login', '/register', '/step-up', '/consent', '/account']) {
    const { status, headers } = await browser().get(path);
    assert.equal(status, 200);
    assert.match(headers['content-type'], /^text\/html/);
    assert.match(headers['content-security-policy'], /frame-ancestors 'none'/);
    assert.match(headers['content-security-policy'], /default-src 'none'/);
    assert.ok(!/unsafe/.test(headers['content-security-policy']));
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
  }
  assert.equal((await browser().get('/session')).headers['cache-control'], 'no-store');
});

test('the rate limit of one address answers 429, and says when to come back', async () => {
  const limited = await Rp.start({ config: (text) => text.replace('  database: rp.db', '  rate_limit: {burst: 5, per_minute: 1, loopback: true}\n  database: rp.db') });
  try {
    const b = limited.browser();
    const answers = [];
    for (let i = 0; i < 7; i += 1) answers.push(await b.post('/assertion/options', {}));
    assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 200, 200, 429, 429]);
    assert.equal(answers[6].json.error, 'too_many_requests');
    assert.equal(answers[6].headers['retry-after'], '60');
  } finally {
    await limited.done();
  }
});
