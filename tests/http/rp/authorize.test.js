import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { exchange } from '../support/http.js';
import { Rp } from '../support/rp.js';

let rp;
const browser = () => rp.browser();
before(async () => { rp = await Rp.start({ authority: true }); });
after(() => rp.done());

const verifier = 'v'.repeat(43);
const query = (more = {}) => new URLSearchParams({
  response_type: 'code',
  client_id: 'pay-web',
  redirect_uri: 'http://localhost:9001/callback',
  scope: 'openid balance.read',
  state: 'state-1',
  code_challenge: crypto.createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
  ...more,
});
const authorize = (b, more, domain = 'pay') => b.get(`/${domain}/authorize?${query(more)}`);
const place = (answer) => new URL(answer.headers.location, rp.origin);

function isPage(answer, page) {
  assert.equal(answer.status, 303, answer.body);
  const address = place(answer);
  assert.equal(address.pathname, page);
  return address.searchParams.get('continue');
}

function hasCode(answer, base = 'http://localhost:9001/callback') {
  assert.equal(answer.status, 303, answer.body);
  const address = place(answer);
  assert.equal(address.origin + address.pathname, base);
  assert.ok(address.searchParams.get('code'), answer.headers.location);
  assert.equal(address.searchParams.get('state'), 'state-1');
  assert.ok(address.searchParams.get('iss'));
  return address.searchParams.get('code');
}

async function soon(condition) {
  for (let i = 0; i < 50; i += 1) {
    if (await condition()) return true;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  return false;
}

async function account(name) {
  const b = browser();
  await b.register(name);
  b.cookies.clear();
  return b;
}

test('readiness says what it depends on', async () => {
  const ready = await browser().get('/readyz');
  assert.equal(ready.status, 200, ready.body);
  assert.deepEqual(ready.json, { status: 'ok', store: 'ok', authority: 'ok' });
  assert.equal((await browser().get('/healthz')).status, 200);
});

test('from /authorize through /login to a code', async () => {
  const b = await account('ann');
  const handle = isPage(await authorize(b), '/login');
  const waiting = await b.get(`/continue?${new URLSearchParams({ continue: handle })}`);
  assert.equal(waiting.status, 200, waiting.body);
  assert.equal(waiting.json.domain, 'pay');
  assert.equal(waiting.json.domain_name, 'Pay');
  assert.equal(waiting.json.client_name, 'Pay shop');
  assert.equal(waiting.json.requirement.acr, 'phr');
  assert.equal(waiting.json.username, null);
  assert.ok(waiting.json.reason.en.length > 0 && waiting.json.reason.ja.length > 0);
  assert.ok(waiting.json.scopes.some(({ title }) => title.en === 'See your balance' && title.ja === '残高の確認'));
  const options = await b.loginOptions({ continue: handle });
  assert.equal(options.userVerification, 'required');
  const done = await b.post('/assertion/result', await b.authenticator.get(options, rp.origin));
  assert.equal(done.status, 200, done.body);
  assert.match(done.json.redirect, /^\/pay\/authorize\?continue=/);
  hasCode(await b.get(done.json.redirect));
  hasCode(await authorize(b)); // the session is enough now
});

test('the whole way to a token', async () => {
  const b = await account('amy');
  const handle = isPage(await authorize(b), '/login');
  const { redirect } = await b.login({ continue: handle });
  const code = hasCode(await b.get(redirect));
  const answer = await fetch(`http://localhost:${rp.authorityPort}/pay/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'authorization_code', client_id: 'pay-web', redirect_uri: 'http://localhost:9001/callback', code, code_verifier: verifier }),
  });
  const tokens = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(tokens));
  const claims = JSON.parse(Buffer.from(tokens.access_token.split('.')[1], 'base64url'));
  assert.equal(claims.acr, 'phr');
  const { sub } = (await b.get('/session')).json;
  assert.notEqual(claims.sub, sub); // pairwise
});

test('POST /authorize becomes a GET', async () => {
  const b = browser();
  const answer = await b.send('POST', '/pay/authorize', query().toString(), { headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.location, `/pay/authorize?${query()}`);
  isPage(await b.get(answer.headers.location), '/login');
});

test('registering in the middle of a request leads on to it', async () => {
  const b = browser();
  const handle = isPage(await authorize(b), '/login');
  const { redirect } = await b.register('bob', { ask: { continue: handle } });
  hasCode(await b.get(redirect));
});

test('a scope whose time has passed asks for a step-up, and only that', async () => {
  const b = await account('cat');
  await b.login();
  hasCode(await authorize(b, { scope: 'openid transfer' }));
  rp.pass(301);
  hasCode(await authorize(b, { scope: 'openid balance.read' }));
  const handle = isPage(await authorize(b, { scope: 'openid transfer' }), '/step-up');
  const waiting = (await b.get(`/continue?${new URLSearchParams({ continue: handle })}`)).json;
  assert.equal(waiting.shortfall, 'age');
  assert.equal(waiting.username, 'cat');
  const old = b.session;
  const { redirect } = await b.login({ continue: handle });
  assert.notEqual(b.session, old);
  hasCode(await b.get(redirect));
});

test('crossing into coin asks again even right after', async () => {
  const b = await account('dan');
  await b.login();
  const coin = { client_id: 'coin-web', redirect_uri: 'http://localhost:9002/callback', scope: 'openid trade' };
  const handle = isPage(await authorize(b, coin, 'coin'), '/step-up');
  const { redirect } = await b.login({ continue: handle });
  hasCode(await b.get(redirect), 'http://localhost:9002/callback');
  hasCode(await authorize(b, coin, 'coin'), 'http://localhost:9002/callback');
});

test('SS-24 prompt=login asks, and is answered once', async () => {
  const b = await account('eve');
  await b.login();
  const handle = isPage(await authorize(b, { prompt: 'login' }), '/step-up');
  // going back without having done it leads to the page again
  const again = await b.get(`/pay/authorize?${new URLSearchParams({ continue: handle })}`);
  const second = isPage(again, '/step-up');
  const { redirect } = await b.login({ continue: second });
  hasCode(await b.get(redirect));
  assert.notEqual((await b.get(redirect)).status, 200);
  const replay = await b.get(redirect);
  assert.ok(replay.status === 400 || !replay.headers.location?.includes('code='), replay.headers.location);
});

test('SS-25 prompt=none never shows a page', async () => {
  const b = await account('fay');
  const answer = await authorize(b, { prompt: 'none' });
  assert.equal(place(answer).searchParams.get('error'), 'login_required');
  await b.login();
  hasCode(await authorize(b, { prompt: 'none' }));
});

test('SS-15 a request is finished in the browser in which it was begun', async () => {
  const attacker = await account('mallory');
  const handle = isPage(await authorize(attacker), '/login');
  const victim = await account('gil');
  await victim.login();
  for (const b of [victim, browser()]) {
    assert.equal((await b.get(`/continue?${new URLSearchParams({ continue: handle })}`)).status, 400);
    const options = await b.post('/assertion/options', { continue: handle });
    assert.equal(options.status, 400);
    assert.equal(options.json.error, 'continue');
    const direct = await b.get(`/pay/authorize?${new URLSearchParams({ continue: handle })}`);
    assert.equal(direct.status, 400);
    assert.equal(direct.headers.location, undefined);
  }
  // with a browser cookie of its own, too
  isPage(await authorize(victim, { prompt: 'login' }), '/step-up');
  assert.equal((await victim.post('/assertion/options', { continue: handle })).status, 400);
});

test('a handle is for one domain, for ten minutes, and unchanged', async () => {
  const b = await account('hal');
  const handle = isPage(await authorize(b), '/login');
  assert.equal((await b.get(`/coin/authorize?${new URLSearchParams({ continue: handle })}`)).status, 400);
  assert.equal((await b.get(`/continue?continue=${handle.slice(0, -1)}`)).status, 400);
  rp.pass(601);
  const late = await b.get(`/continue?${new URLSearchParams({ continue: handle })}`);
  assert.equal(late.status, 400);
  assert.equal(late.json.error, 'continue');
});

test('SS-12 a login that was begun gives no code', async () => {
  const b = await account('ida');
  const handle = isPage(await authorize(b), '/login');
  await b.loginOptions({ continue: handle, username: 'ida' });
  isPage(await b.get(`/pay/authorize?${new URLSearchParams({ continue: handle })}`), '/login');
});

test('SS-31 a step-up for a domain with another account\'s passkey is refused, the session stays', async () => {
  const b = await account('jan');
  await b.login();
  const other = browser();
  await other.register('jo');
  const handle = isPage(await authorize(b, { prompt: 'login' }), '/step-up');
  const options = await b.loginOptions({ continue: handle });
  const response = await other.authenticator.get({ ...options, allowCredentials: [] }, rp.origin);
  const answer = await b.post('/assertion/result', response);
  assert.equal(answer.status, 403);
  assert.equal(answer.json.error, 'wrong_user');
  assert.equal(answer.json.redirect, undefined);
  assert.equal((await b.get('/session')).json.username, 'jan');
});

test('declining tells the client', async () => {
  const b = await account('kim');
  await b.login();
  const handle = isPage(await authorize(b, { prompt: 'login' }), '/step-up');
  const answer = await b.post('/continue/decline', { continue: handle });
  assert.equal(answer.status, 200, answer.body);
  const end = place(await b.get(answer.json.redirect));
  assert.equal(end.searchParams.get('error'), 'access_denied');
  assert.equal(end.searchParams.get('state'), 'state-1');
});

test('form_post is a page that posts to the client, with a policy that lets it', async () => {
  const b = await account('lea');
  await b.login();
  const answer = await authorize(b, { response_mode: 'form_post' });
  assert.equal(answer.status, 200, answer.body);
  assert.match(answer.headers['content-security-policy'], /form-action [^;]*http:\/\/localhost:9001/);
  assert.match(answer.body, /<form method="post" action="http:\/\/localhost:9001\/callback">/);
  assert.match(answer.body, /name="code" value="[^"]+"/);
  assert.match(answer.body, /name="state" value="state-1"/);
});

test('what is not a client\'s own is an error page, never a redirect', async () => {
  const b = browser();
  for (const more of [{ client_id: 'nobody' }, { redirect_uri: 'http://evil.test/' }, { redirect_uri: 'http://localhost:9001/callback/../x' }, { client_id: '<script>' }]) {
    const answer = await authorize(b, more);
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.location, undefined);
    assert.match(answer.headers['content-type'], /text\/html/);
    assert.ok(!answer.body.includes('<script>'));
    assert.match(answer.headers['content-security-policy'], /frame-ancestors 'none'/);
  }
  const japanese = await b.get('/pay/authorize?client_id=nobody', { headers: { 'accept-language': 'ja,en;q=0.5' } });
  assert.match(japanese.body, /<html lang="ja">/);
  assert.equal((await b.get('/nowhere/authorize?client_id=x')).status, 404);
});

test('SS-03 signing out reaches the domains', async () => {
  const b = await account('mia');
  await b.login();
  const copy = new Map(b.cookies);
  hasCode(await authorize(b));
  const ended = async () => {
    const metrics = await exchange({ port: rp.internalPort }, { path: '/metrics' });
    return Number(/sessions_ended_total\{domain="pay"\} (\d+)/.exec(metrics.body)?.[1] ?? 0);
  };
  const before = await ended();
  await b.send('DELETE', '/session');
  isPage(await b.send('GET', `/pay/authorize?${query()}`, undefined, { cookies: copy, keep: false }), '/login');
  assert.ok(await soon(async () => (await ended()) > before), 'the outbox was not delivered');
});

test('without the authority the login server says so, and goes on', async () => {
  const alone = await Rp.start();
  try {
    const b = alone.browser();
    await b.register('nia');
    assert.equal((await b.get('/readyz')).status, 503);
    assert.equal((await b.get('/readyz')).json.authority, 'unreachable');
    const answer = await b.get(`/pay/authorize?${query()}`);
    assert.equal(answer.status, 503);
    assert.match(answer.headers['content-type'], /text\/html/);
    assert.equal((await b.get('/session')).status, 200);
  } finally {
    await alone.done();
  }
});
