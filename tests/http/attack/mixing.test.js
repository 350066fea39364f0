// Pieces of one ceremony, browser, request or moment used in another.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { authorize, codeOf, continueOf, payload, place, redeem } from '../support/entry.js';
import { exchange } from '../support/http.js';
import { Rp } from '../support/rp.js';
import { wait } from '../support/site.js';

let rp;
const ROUTES = '    routes:\n      - {match: GET /balance, scopes: [balance.read], service: ledger, grants: [ledger.read]}\n';
before(async () => {
  rp = await Rp.start({ authority: true, config: (text) => text.replace('    clients:\n      - {id: pay-web', `${ROUTES}    clients:\n      - {id: pay-web`) });
});
after(() => rp.done());

/** What pay's gateway is told about a token. */
const check = (token) => exchange({ port: rp.internalPort }, {
  path: '/pay/check/nginx', headers: { authorization: `Bearer ${token}`, 'x-original-method': 'GET', 'x-original-uri': '/balance' },
});

const parallel = (count, what) => Promise.all(Array.from({ length: count }, (_, i) => what(i)));
const ceremonyOf = (b) => [...b.cookies].filter(([name]) => name.startsWith('sekisho-c-'));
const okCount = (answers) => answers.filter(({ status }) => status === 200).length;

test('fifty parallel uses of one registration make one account and one passkey', async () => {
  const b = rp.browser();
  const options = await b.registrationOptions('many');
  const response = await b.authenticator.create(options, rp.origin);
  const cookies = new Map(b.cookies);
  const answers = await parallel(50, () => b.post('/attestation/result', response, { cookies, keep: false }));
  assert.equal(okCount(answers), 1);
  for (const { status, json } of answers.filter((each) => each.status !== 200)) {
    assert.ok(status >= 400 && status < 500);
    assert.ok(json.errorMessage.length > 0);
  }
  await b.login();
  assert.equal((await b.get('/credentials')).json.length, 1);
});

test('fifty people who want one name: one gets it (DB-03)', async () => {
  const each = rp.browser();
  const wanted = await parallel(12, async () => {
    const b = each.sibling();
    const options = await b.registrationOptions('wanted');
    return { b, response: await b.authenticator.create(options, rp.origin) };
  });
  const answers = await Promise.all(wanted.map(({ b, response }) => b.post('/attestation/result', response)));
  assert.equal(okCount(answers), 1);
  assert.ok(answers.every(({ status }) => status === 200 || status === 409));
});

test('fifty parallel uses of one request handle give one code, fifty of one code one token', async () => {
  const b = rp.browser();
  await b.register('races');
  b.cookies.clear();
  const handle = continueOf(await authorize(b, rp));
  const { redirect } = await b.login({ continue: handle });
  const answers = await parallel(50, () => b.get(redirect, { keep: false }));
  const codes = answers.filter(({ headers }) => headers.location?.includes('code=')).map((each) => place(each, rp).searchParams.get('code'));
  assert.equal(codes.length, 1);
  for (const { status, headers } of answers.filter((each) => !each.headers.location?.includes('code='))) {
    assert.equal(status, 400);
    assert.equal(headers.location, undefined);
  }
  const tokens = await parallel(50, () => redeem(rp, codes[0]));
  assert.equal(okCount(tokens), 1);
  assert.ok(tokens.every(({ status, json }) => status === 200 || json.error === 'invalid_grant'));
  const { access_token: token } = tokens.find(({ status }) => status === 200).json;
  assert.equal((await check(token)).status, 401, 'a replayed code takes the token with it');
});

test('declining and finishing one request at once: it ends one way', async () => {
  const b = rp.browser();
  await b.register('both');
  b.cookies.clear();
  for (let round = 0; round < 5; round += 1) {
    const handle = continueOf(await authorize(b, rp, { prompt: 'login' }));
    const { redirect } = await b.login({ continue: handle });
    const no = (await b.post('/continue/decline', { continue: handle })).json?.redirect;
    assert.ok(no, 'a way to decline');
    const answers = await Promise.all([b.get(redirect, { keep: false }), b.get(no, { keep: false }), b.get(redirect, { keep: false }), b.get(no, { keep: false })]);
    assert.equal(answers.filter(({ status }) => status === 303).length, 1);
  }
});

test('ceremony cookies of other ceremonies, swapped, cut, grown and doubled finish nothing', async () => {
  const b = rp.browser();
  await b.register('swap');
  b.cookies.clear();
  const one = await b.loginOptions({ username: 'swap' });
  const [[firstName, firstValue]] = ceremonyOf(b);
  await b.loginOptions({});
  const [, second] = ceremonyOf(b).find(([name]) => name !== firstName);
  const response = await b.authenticator.get(one, rp.origin);
  const tries = [
    second, firstValue.slice(0, -1), `${firstValue}A`, firstValue.slice(4), '', `${firstValue}=`, `'${firstValue}'`, 'A'.repeat(3000),
    firstValue.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')),
  ];
  for (const value of tries) {
    const answer = await b.post('/assertion/result', response, { cookies: new Map([[firstName, value]]), keep: false });
    assert.equal(answer.status, 400, value);
    assert.equal(answer.headers['set-cookie'], undefined);
  }
  const twice = await b.send('POST', '/assertion/result', response, {
    cookies: new Map(), keep: false, headers: { cookie: `${firstName}=${firstValue}; ${firstName}=${second}` },
  });
  assert.equal(twice.status, 400);
  // The real one still works: none of these was a try.
  assert.equal((await b.post('/assertion/result', response, { cookies: new Map([[firstName, firstValue]]) })).status, 200);
});

test('one name of a ceremony cookie with the value of a session, a continue handle or a browser cookie is nothing', async () => {
  const b = rp.browser();
  await b.register('kinds');
  const handle = continueOf(await authorize(b, rp, { prompt: 'login' }));
  const options = await b.loginOptions();
  const response = await b.authenticator.get(options, rp.origin);
  const [[name, sealed]] = ceremonyOf(b).slice(-1);
  for (const value of [b.session, handle, b.cookies.get('sekisho-browser')]) {
    const answer = await b.post('/assertion/result', response, { cookies: new Map([[name, value]]), keep: false });
    assert.equal(answer.status, 400);
  }
  const asHandle = await b.post('/assertion/options', { continue: sealed });
  assert.ok(asHandle.status >= 400 && asHandle.status < 500, asHandle.body);
  assert.equal((await b.get('/session', { cookies: new Map([['sekisho', sealed]]), keep: false })).status, 401);
});

test('a passkey cannot be added by whoever signs in on the same machine next', async () => {
  const owner = rp.browser();
  await owner.register('owner');
  const options = await owner.registrationOptions();
  const left = new Map(ceremonyOf(owner)); // stays in the browser
  await owner.send('DELETE', '/session');
  const thief = rp.browser();
  await thief.register('thief');
  const response = await thief.authenticator.create(options, rp.origin, { ignoreExclude: true });
  for (const [name, value] of left) thief.cookies.set(name, value);
  const answer = await thief.post('/attestation/result', response);
  assert.ok(answer.status >= 400 && answer.status < 500, answer.body);
  assert.equal((await thief.get('/session')).json.username, 'thief');
  await owner.login();
  assert.equal((await owner.get('/credentials')).json.length, 1);
});

test('a ceremony that was begun before a passkey was deleted does not bring it back', async () => {
  const b = rp.browser();
  await b.register('undo');
  const { credential } = await b.register(undefined, { ignoreExclude: true });
  await b.login({}, { credential: credential.id });
  const options = await b.loginOptions({ requirement: { acr: 'phr', max_age: 1 } });
  const response = await b.authenticator.get(options, rp.origin, { credential: credential.id });
  await b.login();
  const gone = await b.send('DELETE', `/credentials/${credential.id}`);
  assert.equal(gone.status, 200, gone.body);
  assert.equal((await b.post('/assertion/result', response)).status, 400);
});

test('SS-19 evidence of a deleted passkey does not come back by a step-up at the same moment', async () => {
  process.env.SEKISHO_FAILPOINTS = 'store.before_commit=delay:200'; // the deletion is still on its way to the disk
  const slow = await Rp.start().finally(() => { delete process.env.SEKISHO_FAILPOINTS; });
  try {
    const b = slow.browser();
    const { credential: first } = await b.register('revive');
    const { credential: plain } = await b.register(undefined, { ignoreExclude: true, uv: false });
    b.cookies.clear();
    await b.login({}, { credential: first.id });
    const presence = { acr: 'urn:sekisho:acr:presence', max_age: 1 };
    const options = await b.loginOptions({ requirement: presence, userVerification: 'discouraged' });
    const response = await b.authenticator.get(options, slow.origin, { credential: plain.id, uv: false });
    const cookies = new Map(b.cookies);
    const deleting = b.send('DELETE', `/credentials/${first.id}`, undefined, { cookies, keep: false });
    await wait(100);
    const up = await b.post('/assertion/result', response, { cookies });
    const gone = await deleting;
    assert.equal(gone.status, 200, gone.body);
    assert.notEqual(up.status, 500, up.body);
    for (const jar of [cookies, b.cookies]) {
      const { json } = await b.get('/session?acr=phr', { cookies: jar, keep: false });
      assert.ok(!json.satisfied, JSON.stringify(json));
    }
  } finally {
    await slow.done();
  }
});

test('two tabs step up at once: one session, no second one left behind', async () => {
  const b = rp.browser();
  await b.register('tabs');
  b.cookies.clear();
  await b.login({ username: 'tabs' });
  const before = (await b.get('/sessions')).json.length;
  const one = await b.loginOptions({ requirement: { acr: 'phr', max_age: 1 } });
  const two = await b.loginOptions({ requirement: { acr: 'phr', max_age: 1 } });
  const responses = [await b.authenticator.get(one, rp.origin), await b.authenticator.get(two, rp.origin)];
  const cookies = new Map(b.cookies);
  const old = b.session;
  const answers = await Promise.all(responses.map((each) => b.post('/assertion/result', each, { cookies })));
  assert.ok(okCount(answers) >= 1);
  assert.equal((await b.get('/sessions')).json.length, before);
  assert.equal((await b.get('/session', { cookies: new Map([['sekisho', old]]), keep: false })).status, 401, 'the old secret is dead');
});

test('SS-15 a continue handle in another browser leads nowhere, with or without a session of its own', async () => {
  const victim = rp.browser();
  await victim.register('victim');
  const mallory = rp.browser();
  await mallory.register('mallory');
  const handle = continueOf(await authorize(mallory, rp, { prompt: 'login' }));
  const { redirect } = await mallory.login({ continue: handle });
  for (const b of [victim, victim.sibling()]) {
    await b.get('/login');
    assert.equal((await b.post('/assertion/options', { continue: handle })).status, 400);
    assert.equal((await b.get(`/continue?${new URLSearchParams({ continue: handle })}`)).status, 400);
    assert.equal((await b.post('/continue/decline', { continue: handle })).status, 400);
    const answer = await b.get(redirect);
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.location, undefined);
  }
  codeOf(await mallory.get(redirect), rp); // nobody spent it
});

test('login CSRF: a foreign page cannot finish its own ceremony in a victim\'s browser', async () => {
  const mallory = rp.browser();
  await mallory.register('csrf-m');
  mallory.cookies.clear();
  const options = await mallory.loginOptions({ username: 'csrf-m' });
  const response = await mallory.authenticator.get(options, rp.origin);
  const victim = rp.browser();
  await victim.register('csrf-v');
  for (const headers of [
    { origin: 'https://evil.example' }, { origin: 'null' }, { origin: null, 'sec-fetch-site': 'cross-site' },
    { origin: rp.origin, 'sec-fetch-site': 'cross-site' }, { origin: null, 'sec-fetch-site': 'same-site' },
  ]) {
    const answer = await victim.send('POST', '/assertion/result', response, { headers });
    assert.equal(answer.status, 403, JSON.stringify(headers));
  }
  const without = await victim.send('POST', '/assertion/result', response, { headers: { origin: rp.origin } });
  assert.equal(without.status, 400); // the ceremony's cookie is in the other browser
  assert.equal((await victim.get('/session')).json.username, 'csrf-v');
});

test('select_account: another account takes over, and its token says so; the first session is over', async () => {
  const b = rp.browser();
  const { credential: one } = await b.register('first');
  const first = b.session;
  b.cookies.delete('sekisho');
  const { credential: two } = await b.register('second');
  await b.send('DELETE', '/session');
  await b.login({}, { credential: one.id });
  const answer = await authorize(b, rp, { prompt: 'select_account' });
  assert.equal(place(answer, rp).pathname, '/login');
  const held = b.session;
  const { redirect, session } = await b.login({ continue: continueOf(answer) }, { credential: two.id });
  assert.equal(session.username, 'second');
  const { json } = await redeem(rp, codeOf(await b.get(redirect), rp));
  const other = payload((await redeem(rp, codeOf(await authorize(b, rp), rp))).json.access_token);
  assert.equal(payload(json.access_token).sub, other.sub);
  for (const old of [first, held])
    assert.equal((await b.get('/session', { cookies: new Map([['sekisho', old]]), keep: false })).status, old === first ? 200 : 401);
});

test('a request that A began and B signed in for gives B\'s token, never A\'s', async () => {
  const b = rp.browser();
  const { credential: one } = await b.register('alpha');
  b.cookies.clear();
  const { credential: two } = await b.register('beta');
  await b.send('DELETE', '/session');
  await b.login({}, { credential: one.id });
  const subA = payload((await redeem(rp, codeOf(await authorize(b, rp), rp))).json.access_token).sub;
  const handle = continueOf(await authorize(b, rp, { prompt: 'login' }));
  const { redirect } = await b.login({ continue: handle }, { credential: one.id }); // alpha proves it for this request
  await b.send('DELETE', '/session');
  await b.login({}, { credential: two.id });
  const answer = await b.get(redirect);
  assert.ok(['/login', '/step-up'].includes(place(answer, rp).pathname), 'what alpha proved is not beta\'s');
  await b.send('DELETE', '/session');
  const out = await b.get(redirect);
  assert.equal(place(out, rp).pathname, '/login');
  const done = await b.login({ continue: continueOf(out) }, { credential: two.id });
  const sub = payload((await redeem(rp, codeOf(await b.get(done.redirect), rp))).json.access_token).sub;
  assert.notEqual(sub, subA);
});

test('forged, cut and foreign challenges cost no row and no session', async () => {
  const b = rp.browser();
  await b.register('forge');
  b.cookies.clear();
  const options = await b.loginOptions();
  const raw = Buffer.from(options.challenge, 'base64url');
  const flip = (at) => { const copy = Buffer.from(raw); copy[at] ^= 1; return copy; };
  for (const bytes of [...[0, 15, 16, 23, 24, 25, 40, 56].map(flip), raw.subarray(0, 56), Buffer.concat([raw, Buffer.from([0])]), Buffer.alloc(57), crypto.randomBytes(57), Buffer.alloc(0)]) {
    const response = await b.authenticator.get({ ...options, challenge: bytes.toString('base64url') }, rp.origin);
    const answer = await b.post('/assertion/result', response, { keep: false });
    assert.equal(answer.status, 400);
    assert.ok(!(answer.headers['set-cookie'] ?? []).some((line) => line.startsWith('sekisho=')));
  }
  const padded = await b.authenticator.get(options, rp.origin, { challenge: `${options.challenge}=` });
  assert.equal((await b.post('/assertion/result', padded, { keep: false })).status, 400);
  assert.equal((await b.post('/assertion/result', await b.authenticator.get(options, rp.origin))).status, 200);
});

test('a token of one kind is none of another: ID token, access token of the neighbour, unsigned', async () => {
  const b = rp.browser();
  await b.register('kindly');
  const { json: pay } = await redeem(rp, codeOf(await authorize(b, rp, { scope: 'openid balance.read' }), rp));
  const handle = continueOf(await authorize(b, rp, {}, 'coin'));
  const { redirect } = await b.login({ continue: handle });
  const { json: coin } = await redeem(rp, codeOf(await b.get(redirect), rp), 'coin');
  assert.equal((await check(pay.access_token)).status, 200);
  const [head, body, mac] = pay.access_token.split('.');
  const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
  for (const token of [pay.id_token, coin.access_token, coin.id_token, `${none}.${body}.`, `${none}.${body}.${mac}`, `${head}.${body}.`, `${head}.${body}`, `${pay.access_token}.`])
    assert.equal((await check(token)).status, 401, token.slice(0, 40));
});

test('OA-29 a HEAD, as scanners and previews send it, gives no code and spends nothing', async () => {
  const b = rp.browser();
  await b.register('head');
  b.cookies.clear();
  const { redirect } = await b.login({ continue: continueOf(await authorize(b, rp)) });
  for (const method of ['HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    const answer = await b.send(method, redirect, undefined, { keep: false });
    assert.equal(answer.status, 405, method);
    assert.equal(answer.headers.allow, 'GET, POST');
    assert.equal(answer.headers.location, undefined);
  }
  codeOf(await b.get(redirect), rp);
});

test('SS-39 domains hear at once that a session gave way to another account, or to a recovery', async () => {
  const b = rp.browser();
  const refusedSoon = async (token) => {
    for (let i = 0; i < 20; i += 1) {
      if ((await check(token)).status === 401) return true;
      await wait(100);
    }
    return false;
  };
  const enter = async () => (await redeem(rp, codeOf(await authorize(b, rp, { scope: 'openid balance.read' }), rp))).json.access_token;
  const { credential: one } = await b.register('before');
  b.cookies.clear();
  const { credential: two } = await b.register('after');
  await b.login({}, { credential: one.id });
  const first = await enter();
  assert.equal((await check(first)).status, 200);
  await b.login({}, { credential: two.id });
  assert.ok(await refusedSoon(first), 'another account');
  const second = await enter();
  assert.equal((await check(second)).status, 200);
  const { ticket } = (await rp.admin('POST', '/users/after/recovery')).json;
  const other = rp.browser();
  await other.register(null, { ask: { ticket } });
  assert.ok(await refusedSoon(second), 'a recovery');
});
