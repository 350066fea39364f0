// Refresh tokens for when nobody is there (OpenID Connect Core §11): where the domain says so they go on after the session, and
// end with everything of the person's. Passkeys that are gone take along what they gave.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { authorize, codeOf, enter, payload, redeem } from '../support/entry.js';
import { postForm } from '../support/http.js';
import { Rp } from '../support/rp.js';
import { until } from '../support/site.js';

let rp;
before(async () => {
  rp = await Rp.start({
    authority: true,
    config: (text) => text.replace('    entry: {acr: phr, max_age: 12h}\n', '    entry: {acr: phr, max_age: 30d}\n    access_token: {lifetime: 5m}\n    refresh_token: {ends_with_session: false, idle: 20d, absolute: 60d}\n')
      .replace('    entry: {acr: phr, max_age: 10m, evidence: domain}\n', '    entry: {acr: phr, max_age: 12h}\n'),
  });
});
after(() => rp?.done());

const OFFLINE = { scope: 'openid balance.read offline_access' };
const tokensOf = async (browser, more = OFFLINE, domain = 'pay') => (await enter(browser, rp, more, domain)).json;
const refresh = (token, domain = 'pay') => postForm({ port: rp.authorityPort }, `/${domain}/token`, { grant_type: 'refresh_token', client_id: `${domain}-web`, refresh_token: token }, { host: `localhost:${rp.authorityPort}` });
const active = async (token, domain = 'pay') => (await postForm({ port: rp.internalPort }, `/${domain}/introspect`, { token })).json.active;
const dead = (token, domain) => until(async () => !await active(token, domain), 'the token to end');
async function person(name) {
  const browser = rp.browser();
  await browser.register(name);
  return browser;
}

test('what offline_access gave goes on when the session has ended; all else ends, here and at a domain that says nothing', async () => {
  const ann = await person('ann');
  const offline = await tokensOf(ann);
  const online = await tokensOf(ann, { scope: 'openid balance.read' });
  const coin = await tokensOf(ann, { scope: 'openid offline_access' }, 'coin');
  const pending = codeOf(await authorize(ann, rp, OFFLINE), rp);
  await ann.send('DELETE', '/session');
  await dead(online.access_token);
  await dead(coin.access_token, 'coin');
  assert.equal((await refresh(coin.refresh_token, 'coin')).json.error, 'invalid_grant');
  assert.equal((await redeem(rp, pending)).json.error, 'invalid_grant', 'a code that nobody used is no grant yet');
  assert.equal(await active(offline.access_token), true);
  const renewed = await refresh(offline.refresh_token);
  assert.equal(renewed.status, 200, renewed.body);
  assert.deepEqual([payload(renewed.json.access_token).sid, payload(renewed.json.access_token).auth_time], [payload(offline.access_token).sid, payload(offline.access_token).auth_time]);
});

test('its level lapses by the clock like any other, and its own end comes', async () => {
  const bob = await person('bob');
  let { refresh_token: token } = await tokensOf(bob);
  await bob.send('DELETE', '/session');
  const start = rp.clock;
  try {
    for (let day = 0; day < 28; day += 14) {
      rp.pass(14 * 24 * 3600);
      const answer = await refresh(token);
      assert.equal(answer.status, 200, answer.body);
      token = answer.json.refresh_token;
    }
    rp.pass(3 * 24 * 3600);
    const lapsed = await refresh(token);
    assert.deepEqual([lapsed.status, lapsed.json.error], [400, 'invalid_grant'], 'the entry asks for the last 30 days');
  } finally {
    rp.pass(start - rp.clock);
  }
});

for (const [how, end] of [
  ['is signed out everywhere', (browser) => browser.send('DELETE', '/sessions')],
  ['is disabled', (browser, name) => rp.admin('POST', `/users/${name}/disable`)],
  ['is deleted', (browser, name) => rp.admin('DELETE', `/users/${name}`)],
  ['has all sessions ended by the operator', (browser, name) => rp.admin('DELETE', `/users/${name}/sessions`)],
]) {
  test(`it ends when the person ${how}, also long after the session, and nobody else’s does`, async () => {
    const name = how.replaceAll(' ', '-');
    const [browser, other] = [await person(name), await person(`${name}-not`)];
    const [early, late, theirs] = [await tokensOf(browser), await tokensOf(await signedInAgain(browser, name)), await tokensOf(other)];
    const answer = await end(browser, name);
    assert.ok(answer.status < 300, answer.body);
    for (const tokens of [early, late]) {
      await dead(tokens.access_token);
      assert.equal((await refresh(tokens.refresh_token)).json.error, 'invalid_grant');
    }
    assert.equal((await refresh(theirs.refresh_token)).status, 200);
  });
}

/** The session ends and another begins, in the same browser. */
async function signedInAgain(browser, name) {
  await browser.send('DELETE', '/session');
  await browser.login({ username: name });
  return browser;
}

test('it ends by its client, as ever', async () => {
  const cat = await person('cat');
  const tokens = await tokensOf(cat);
  await cat.send('DELETE', '/session');
  await postForm({ port: rp.authorityPort }, '/pay/revoke', { client_id: 'pay-web', token: tokens.refresh_token }, { host: `localhost:${rp.authorityPort}` });
  assert.equal(await active(tokens.access_token), false);
});

test('a passkey that is deleted takes along what it gave, in the session that goes on and in all others', async () => {
  const dan = rp.browser();
  const first = await dan.register('dan');
  const second = await dan.register(null, { ignoreExclude: true });
  const other = dan.sibling();
  await other.login({}, { credential: second.credential.id });
  await dan.login({}, { credential: first.credential.id });
  const [kept, theirs, atCoin] = [await tokensOf(dan), await tokensOf(other), await tokensOf(dan, { scope: 'openid' }, 'coin')];
  assert.equal((await dan.send('DELETE', `/credentials/${second.credential.id}`)).status, 200);
  for (const [tokens, domain] of [[kept, 'pay'], [theirs, 'pay'], [atCoin, 'coin']]) await dead(tokens.access_token, domain);
  assert.equal((await refresh(kept.refresh_token)).json.error, 'invalid_grant');
  const again = await tokensOf(dan);
  assert.equal(payload(again.access_token).acr, 'phr', 'the session goes on with what its other passkey gives');
  assert.equal(await active(again.access_token), true);
  assert.equal((await refresh(again.refresh_token)).status, 200);
});
