// RP-initiated logout from the application's link to its own page again, with real cookies and both processes.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { exchange } from '../support/http.js';
import { Rp } from '../support/rp.js';
import { until } from '../support/site.js';

const BACK = 'http://localhost:9001/bye';
let rp;
before(async () => {
  rp = await Rp.start({ authority: true, config: (text) => text.replace('redirect_uris: ["http://localhost:9001', `post_logout_redirect_uris: ["${BACK}"], redirect_uris: ["http://localhost:9001`) });
});
after(() => rp.done());

const verifier = 'v'.repeat(43);
async function tokensOf(b) {
  const query = new URLSearchParams({
    response_type: 'code', client_id: 'pay-web', redirect_uri: 'http://localhost:9001/callback', scope: 'openid balance.read',
    code_challenge: crypto.createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
  });
  const answer = await b.get(`/pay/authorize?${query}`);
  const code = new URL(answer.headers.location).searchParams.get('code');
  const reply = await fetch(`http://localhost:${rp.authorityPort}/pay/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'authorization_code', client_id: 'pay-web', redirect_uri: 'http://localhost:9001/callback', code, code_verifier: verifier }),
  });
  return reply.json();
}

async function person(name) {
  const b = rp.browser();
  await b.register(name);
  return { b, tokens: await tokensOf(b) };
}

/** What the browser gets in the end: {at: the last address, answer}. */
async function endSession(b, fields, headers = {}) {
  const first = await exchange({ port: rp.authorityPort }, { path: `/pay/end_session?${new URLSearchParams(fields)}`, headers: { host: `localhost:${rp.authorityPort}` } });
  assert.equal(first.status, 303, first.body);
  const address = new URL(first.headers.location);
  assert.equal(address.origin, rp.origin);
  return b.get(address.pathname + address.search, { headers });
}

const signedIn = async (b) => (await b.get('/session')).status === 200;
const userinfo = (token) => exchange({ port: rp.authorityPort }, { path: '/pay/userinfo', headers: { host: `localhost:${rp.authorityPort}`, authorization: `Bearer ${token}` } });

test('IR-16 the application\'s ID token signs the person out: cookie, session and tokens of every client', async () => {
  const { b, tokens } = await person('ann');
  const other = await tokensOf(b);
  const stolen = b.sibling();
  b.cookies.forEach((value, name) => stolen.cookies.set(name, value));
  const answer = await endSession(b, { id_token_hint: tokens.id_token, post_logout_redirect_uri: BACK, state: 'st' });
  assert.equal(answer.status, 303, answer.body);
  assert.equal(answer.headers.location, `${BACK}?state=st`);
  assert.ok(!b.session, 'the cookie is gone');
  assert.equal(await signedIn(stolen), false, 'SS-03: ended at the server');
  await until(async () => (await userinfo(tokens.access_token)).status === 401, 'the token to end');
  assert.equal((await userinfo(other.access_token)).status, 401);
  const audit = (await rp.admin('GET', '/audit')).json.events.find((row) => row.event === 'session.ended');
  assert.deepEqual(JSON.parse(audit.detail), { domain: 'pay' });
});

test('IR-15 cross-site GET and POST of logout without hint: the page asks, the session lives', async () => {
  const { b } = await person('bea');
  const crossSite = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example', referer: 'https://evil.example/' };
  const answer = await endSession(b, { client_id: 'pay-web', post_logout_redirect_uri: BACK }, crossSite);
  assert.equal(answer.status, 303);
  const page = new URL(answer.headers.location, rp.origin);
  assert.equal(page.pathname, '/logout');
  assert.equal(await signedIn(b), true);
  assert.equal((await b.get(page.pathname + page.search)).status, 200);
  assert.equal(await signedIn(b), true, 'to see the page ends nothing');
  const posted = await b.send('POST', '/pay/logout', 'client_id=pay-web', { headers: { 'content-type': 'application/x-www-form-urlencoded', ...crossSite } });
  assert.equal(posted.status, 405);
  const forced = await b.send('DELETE', '/session', undefined, { headers: crossSite });
  assert.equal(forced.status, 403);
  assert.equal(await signedIn(b), true);
  const said = await b.get(`/logout/request${page.search}`);
  assert.deepEqual(said.json, { client_name: 'Pay shop', domain_name: 'Pay', redirect: BACK });
});

test('the handle of the page is good in its browser, for ten minutes, as it was made', async () => {
  const { b } = await person('cat');
  const page = new URL((await endSession(b, { client_id: 'pay-web', post_logout_redirect_uri: BACK })).headers.location, rp.origin);
  const handle = page.searchParams.get('handle');
  const other = rp.browser();
  await other.register('cat2');
  await endSession(other, {});
  const refused = async (browser, text) => {
    const answer = await browser.get(`/logout/request?${new URLSearchParams({ handle: text })}`);
    assert.equal(answer.status, 400, answer.body);
    assert.equal(answer.json.error, 'continue');
  };
  await refused(other, handle);
  await refused(rp.browser(), handle);
  for (const text of ['', 'x', handle.slice(1), `${handle.slice(0, -2)}AA`, 'A'.repeat(11500)]) await refused(b, text);
  rp.pass(601);
  await refused(b, handle);
});

test('the hint of another session ends nothing without being asked', async () => {
  const { tokens } = await person('dan');
  const { b } = await person('eve');
  const answer = await endSession(b, { id_token_hint: tokens.id_token, post_logout_redirect_uri: BACK });
  assert.match(answer.headers.location, /^\/logout\?handle=/);
  assert.equal(await signedIn(b), true);
});

test('an address that is not registered: an error page, no redirect, the session lives', async () => {
  const { b, tokens } = await person('flo');
  const answer = await endSession(b, { id_token_hint: tokens.id_token, post_logout_redirect_uri: 'https://evil.example/' });
  assert.equal(answer.status, 400);
  assert.match(answer.headers['content-type'], /^text\/html/);
  assert.match(answer.body, /post_logout_redirect_uri/);
  assert.equal(answer.headers.location, undefined);
  assert.equal(await signedIn(b), true);
  assert.equal((await b.get('/nowhere/logout')).status, 404);
});

test('signed out already, or without an address: our own page says so', async () => {
  const { b, tokens } = await person('gus');
  const first = await endSession(b, { id_token_hint: tokens.id_token });
  assert.equal(first.headers.location, '/logout');
  assert.ok(!b.session);
  const again = await endSession(b, { id_token_hint: tokens.id_token, post_logout_redirect_uri: BACK });
  assert.equal(again.headers.location, BACK);
});
