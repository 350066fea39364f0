// Attempts at a level, a time or a domain's trust that was not earned.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { authorize, codeOf, continueOf, enter, payload, place, redeem } from '../support/entry.js';
import { Rp } from '../support/rp.js';
import { wait } from '../support/site.js';

let rp;
before(async () => { rp = await Rp.start({ authority: true }); });
after(() => rp.done());

const PRESENCE = 'urn:sekisho:acr:presence';
const session = async (b, query = '') => (await b.get(`/session${query}`)).json;

/** An account with a passkey that knows its user, and a key without a PIN; returns their ids. */
async function withPlainKey(b, name) {
  const { credential: strong } = await b.register(name);
  const { credential: plain } = await b.register(undefined, { uv: false, ignoreExclude: true });
  return { strong: strong.id, plain: plain.id };
}

test('WA-16 a key that was enrolled without verification does not reach phr by a PIN that its finder set', async () => {
  const b = rp.browser();
  const { plain } = await withPlainKey(b, 'plain');
  const thief = b.sibling();
  const { session: opened } = await thief.login({ username: 'plain' }, { credential: plain, uv: true });
  assert.equal(opened.acr, PRESENCE);
  assert.ok(!opened.amr.includes('mfa'));
  assert.equal((await session(thief, '?acr=phr')).satisfied, false);
  const add = await thief.post('/attestation/options', {});
  assert.equal(add.status, 401, add.body);
  assert.equal((await thief.login({ username: 'plain' }, { credential: plain, uv: true })).session.acr, PRESENCE); // not at the second try either
  const answer = await authorize(thief, rp);
  const { redirect } = await thief.login({ continue: continueOf(answer) }, { credential: plain, uv: true });
  assert.equal(place(await thief.get(redirect), rp).pathname, '/step-up');
});

test('a key enrolled without verification reaches phr once its owner shows the account\'s other passkey', async () => {
  const b = rp.browser();
  const { strong, plain } = await withPlainKey(b, 'owner');
  await b.login({}, { credential: strong });
  await b.login({ username: 'owner' }, { credential: plain, uv: true });
  const later = b.sibling();
  assert.equal((await later.login({ username: 'owner' }, { credential: plain, uv: true })).session.acr, 'phr');
});

test('an account\'s only key reaches phr when it first verifies its user', async () => {
  const b = rp.browser();
  await b.register('single', { uv: false });
  assert.equal((await session(b)).acr, PRESENCE);
  assert.equal((await b.login()).session.acr, 'phr');
});

test('WA-16 verification is what the assertion says, not what the passkey could', async () => {
  const b = rp.browser();
  await b.register('could');
  b.cookies.clear();
  const { session: opened } = await b.login({ userVerification: 'discouraged' }, { uv: false });
  assert.equal(opened.acr, PRESENCE);
  const asked = continueOf(await authorize(b, rp));
  const answer = await b.tryLogin({ continue: asked, userVerification: 'discouraged' }, { uv: false });
  assert.equal(answer.status, 400);
});

test('RL-10 after a clock that ran ahead people sign in as before', async () => {
  const b = rp.browser();
  await b.register('early');
  rp.pass(20 * 24 * 3600);
  const ahead = b.sibling();
  await ahead.login({ username: 'early' });
  await ahead.login({ requirement: { acr: 'phr', max_age: 60 } });
  assert.equal((await session(ahead, '?acr=phr&max_age=60')).satisfied, true);
  rp.pass(-20 * 24 * 3600);
  assert.equal((await session(ahead, '?acr=phr&max_age=60')).satisfied, false, 'evidence of the future counts for nothing');
  const done = await ahead.tryLogin({ requirement: { acr: 'phr', max_age: 60 } });
  assert.equal(done.status, 200, done.body);
  assert.equal((await session(ahead, '?acr=phr&max_age=60')).satisfied, true);
  assert.ok(done.json.session.auth_time <= Date.now() / 1000 + rp.clock + 1);
  assert.equal((await b.sibling().tryLogin({ username: 'early' })).status, 200);
});

test('RL-10 a sweep while the clock ran ahead locks nobody out, and frees no spent challenge', async () => {
  const b = rp.browser();
  await b.register('swept');
  b.cookies.clear();
  const options = await b.loginOptions({ username: 'swept' });
  const cookies = new Map(b.cookies);
  const response = await b.authenticator.get(options, rp.origin);
  assert.equal((await b.post('/assertion/result', response)).status, 200);
  rp.pass(400 * 24 * 3600);
  const future = await b.loginOptions({ username: 'swept' });
  const futureCookies = new Map(b.cookies);
  const futureResponse = await b.authenticator.get(future, rp.origin);
  await rp.restart(); // sweeps when it starts
  await wait(500);
  rp.pass(-400 * 24 * 3600);
  await rp.restart();
  await wait(500);
  assert.equal((await b.post('/assertion/result', response, { cookies, keep: false })).status, 400);
  assert.equal((await b.post('/assertion/result', futureResponse, { cookies: futureCookies, keep: false })).status, 400);
  await wait(1100);
  assert.equal((await b.sibling().tryLogin({ username: 'swept' })).status, 200);
});

test('SS-24 max_age=0 and prompt=login take no evidence of another request, however new', async () => {
  const b = rp.browser();
  await b.register('twice');
  for (const more of [{ max_age: '0' }, { prompt: 'login' }, { prompt: 'select_account' }]) {
    const one = continueOf(await authorize(b, rp, more));
    const two = continueOf(await authorize(b, rp, more));
    const { redirect } = await b.login({ continue: one, ...(more.prompt === 'select_account' ? { username: 'twice' } : {}) });
    const path = new URL(redirect, rp.origin).pathname;
    const other = await b.get(`${path}?${new URLSearchParams({ continue: two })}`);
    assert.ok(['/login', '/step-up'].includes(place(other, rp).pathname), other.headers.location);
    codeOf(await b.get(redirect), rp);
    await b.login(); // without a continue
    const again = await b.get(`${path}?${new URLSearchParams({ continue: two })}`);
    assert.ok(['/login', '/step-up'].includes(place(again, rp).pathname), again.headers.location);
  }
});

test('SS-25 requests can only ask for more: acr_values, claims and max_age that are weaker change nothing', async () => {
  const b = rp.browser();
  await b.register('weak');
  b.cookies.clear();
  await b.login({ userVerification: 'discouraged' }, { uv: false }); // presence only
  const acr = (value) => JSON.stringify({ id_token: { acr: value } });
  for (const more of [
    { acr_values: PRESENCE },
    { acr_values: `${PRESENCE} phr` },
    { claims: acr({ essential: true, value: PRESENCE }) },
    { claims: acr({ essential: false, values: [PRESENCE, 'urn:unknown'] }) },
    { max_age: '9999999999' },
    { acr_values: PRESENCE, max_age: '9999999999', scope: 'openid transfer' },
    { scope: '' },
    { scope: 'openid' },
  ]) {
    const answer = await authorize(b, rp, more);
    assert.equal(answer.status, 303, answer.body);
    assert.equal(place(answer, rp).pathname, '/step-up', `${JSON.stringify(more)}: ${answer.headers.location}`);
  }
});

test('OA-30 an essential acr that nobody has is an error, never a lesser token', async () => {
  const b = rp.browser();
  await b.register('ess');
  await b.login();
  const claims = JSON.stringify({ id_token: { acr: { essential: true, values: ['phrh'] } } });
  const answer = await authorize(b, rp, { claims });
  assert.equal(place(answer, rp).pathname, '/step-up');
  const { redirect } = await b.login({ continue: continueOf(answer) });
  const back = place(await b.get(redirect), rp);
  assert.equal(back.searchParams.get('code'), null);
  assert.equal(back.searchParams.get('error'), 'unmet_authentication_requirements');
});

test('a token says what was done: acr, auth_time and levels after a weaker sign-in', async () => {
  const b = rp.browser();
  await b.register('truth');
  await b.login();
  const strong = (await session(b)).auth_time;
  rp.pass(120);
  await b.login({ userVerification: 'discouraged' }, { uv: false });
  const { json: tokens } = await enter(b, rp);
  const claims = payload(tokens.access_token);
  assert.equal(claims.acr, 'phr');
  assert.equal(claims.auth_time, strong);
  assert.equal(claims.levels.phr.any, strong);
  assert.equal(claims.levels.phr.domain, undefined);
  assert.equal(payload(tokens.id_token).auth_time, strong);
  const answer = await authorize(b, rp, { scope: 'openid transfer', max_age: '60' });
  assert.equal(place(answer, rp).pathname, '/step-up', 'the newer sign-in was not phr');
});

test('evidence for pay, however new and strong, does not open coin; and coin\'s is coin\'s alone', async () => {
  const b = rp.browser();
  await b.register('cross');
  b.cookies.clear();
  const pay = continueOf(await authorize(b, rp));
  const { redirect } = await b.login({ continue: pay });
  const coin = await authorize(b, rp, {}, 'coin');
  assert.equal(place(coin, rp).pathname, '/step-up');
  const moved = await b.get(redirect.replace('/pay/', '/coin/'));
  assert.equal(moved.status, 400);
  const text = new URL(redirect, rp.origin).searchParams.get('continue');
  assert.equal((await b.get(`/coin/authorize?${new URLSearchParams({ continue: text })}`)).status, 400);
  codeOf(await b.get(redirect), rp);
  const again = continueOf(await authorize(b, rp, {}, 'coin'));
  const done = await b.login({ continue: again });
  const { json: tokens } = await redeem(rp, codeOf(await b.get(done.redirect), rp), 'coin');
  assert.ok(payload(tokens.access_token).levels.phr.domain > 0);
  const refused = await redeem(rp, codeOf(await authorize(b, rp), rp), 'coin');
  assert.equal(refused.json.error, 'invalid_grant');
});

test('a scope whose time has passed is not in the token of a request that asks for it silently', async () => {
  const b = rp.browser();
  await b.register('stale');
  await b.login();
  rp.pass(301);
  const answer = place(await authorize(b, rp, { scope: 'openid balance.read transfer', prompt: 'none' }), rp);
  assert.equal(answer.searchParams.get('code'), null);
  assert.match(answer.searchParams.get('error'), /login_required|interaction_required/);
  const { json } = await enter(b, rp);
  assert.ok(!json.scope.split(' ').includes('transfer'));
  assert.equal((await redeem(rp, codeOf(await authorize(b, rp), rp), 'pay', { scope: 'openid transfer' })).json.scope?.includes('transfer'), false);
});
