// A domain that asks for verified evidence, behind an honest login server: what people and their browsers meet.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { authorize, codeOf, continueOf, payload, place, redeem } from '../support/entry.js';
import { Rp } from '../support/rp.js';

let rp;
before(async () => {
  rp = await Rp.start({ authority: true, config: (text) => text.replace('evidence: domain}', 'evidence: verified}') });
});
after(() => rp.done());

/** From /authorize through one touch to the answer that the client gets. */
async function enterCoin(b, knobs, ask = {}) {
  const answer = await authorize(b, rp, {}, 'coin');
  const { redirect } = await b.login({ continue: continueOf(answer), ...ask }, knobs);
  return b.get(redirect);
}

test('a sign-in begun at the domain gives a token whose time of verification the domain knows itself', async () => {
  const b = rp.browser();
  await b.register('first');
  b.cookies.clear();
  const { json } = await redeem(rp, codeOf(await enterCoin(b), rp), 'coin');
  const { levels } = payload(json.access_token);
  assert.ok(levels.phr.verified > 0);
});

test('a touch opens one code: the next request asks for another, also within max_age', async () => {
  const b = rp.browser();
  await b.register('again');
  codeOf(await enterCoin(b), rp);
  const next = await authorize(b, rp, {}, 'coin');
  assert.equal(place(next, rp).pathname, '/step-up');
  codeOf(await enterCoin(b), rp);
});

test('a sign-in for another domain, or for nobody, opens nothing', async () => {
  const b = rp.browser();
  await b.register('elsewhere');
  codeOf(await authorize(b, rp), rp);
  assert.equal(place(await authorize(b, rp, {}, 'coin'), rp).pathname, '/step-up');
  const silent = await authorize(b, rp, { prompt: 'none' }, 'coin');
  assert.match(place(silent, rp).searchParams.get('error'), /_required$/);
});

test('the ceremony\'s challenge begins with the domain\'s own, is different each time, and no longer than 64 bytes', async () => {
  const b = rp.browser();
  await b.register('challenge');
  const handle = continueOf(await authorize(b, rp, {}, 'coin'));
  const challenges = [];
  for (let i = 0; i < 2; i++) challenges.push(Buffer.from((await b.loginOptions({ continue: handle })).challenge, 'base64url'));
  assert.deepEqual(challenges[0].subarray(0, 16), challenges[1].subarray(0, 16));
  assert.notDeepEqual(challenges[0], challenges[1]);
  assert.ok(challenges[0].length <= 64);
  const other = continueOf(await authorize(b, rp, {}, 'coin'));
  const third = Buffer.from((await b.loginOptions({ continue: other })).challenge, 'base64url');
  assert.notDeepEqual(third.subarray(0, 16), challenges[0].subarray(0, 16));
});

test('the rp still refuses a challenge that it did not seal, though the domain made it', async () => {
  const b = rp.browser();
  await b.register('sealed');
  const handle = continueOf(await authorize(b, rp, {}, 'coin'));
  const options = await b.loginOptions({ continue: handle });
  const bytes = Buffer.from(options.challenge, 'base64url');
  bytes[bytes.length - 1] ^= 1;
  const response = await b.authenticator.get({ ...options, challenge: bytes.toString('base64url') }, rp.origin);
  assert.equal((await b.post('/assertion/result', response)).status, 400);
});

test('whoever makes an account on the way is asked for one touch more: a registration signs no challenge of the domain', async () => {
  const b = rp.browser();
  const handle = continueOf(await authorize(b, rp, {}, 'coin'));
  const { redirect } = await b.register('newcomer', { ask: { continue: handle } });
  const more = await b.get(redirect ?? `/coin/authorize?continue=${handle}`);
  const { redirect: back } = await b.login({ continue: continueOf(more) });
  codeOf(await b.get(back), rp);
});

test('a second passkey is no way in until the operator gives a ticket', async () => {
  const b = rp.browser();
  const { credential: one } = await b.register('two-keys');
  codeOf(await enterCoin(b, { credential: one.id }), rp);
  const { credential: two } = await b.register(undefined, { ignoreExclude: true });
  const refused = await enterCoin(b, { credential: two.id });
  assert.equal(place(refused, rp).searchParams.get('error'), 'unmet_authentication_requirements');
  codeOf(await enterCoin(b, { credential: one.id }), rp);
});
