// Tokens used for more, for longer, or elsewhere than they were given for.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Authority, b64, decode } from '../support/authority.js';

let authority;
before(async () => { authority = await Authority.start(); });
after(() => authority.done());

test('SS-41 the time of the sign-in counts at the gateway, not that of the token', async () => {
  const { access_token: token } = await authority.tokens({ scope: 'openid transfer' }, { evidence: [authority.evidence({ age: 200 })] });
  const call = () => authority.check(token, { method: 'POST', uri: '/transfers' });
  assert.equal((await call()).status, 200);
  authority.pass(101); // the token is 101 seconds old, the sign-in 301
  const answer = await call();
  assert.equal(answer.status, 401);
  assert.match(answer.headers['www-authenticate'], /insufficient_user_authentication/);
  assert.match(answer.headers['www-authenticate'], /max_age="300"/);
});

test('RL-10 a token made while the clock ran ahead is not good until then', async () => {
  authority.pass(30 * 24 * 3600);
  const { access_token: token } = await authority.tokens();
  assert.equal((await authority.check(token)).status, 200);
  authority.pass(-30 * 24 * 3600);
  assert.equal((await authority.check(token)).status, 401);
  const { access_token: own } = await authority.tokens();
  assert.equal((await authority.check(own)).status, 200);
});

test('RL-10 a clock set back a few seconds, as clocks are, refuses nobody', async () => {
  const { access_token: token } = await authority.tokens();
  authority.pass(-20);
  assert.equal((await authority.check(token)).status, 200);
  authority.pass(20);
});

test('RL-10 a code made while the clock ran ahead is not good until then', async () => {
  authority.pass(24 * 3600);
  const got = await authority.code();
  authority.pass(-24 * 3600);
  assert.equal((await authority.redeem(got)).json.error, 'invalid_grant');
});

test('GW-22 an internal token is no external one: not at the check, not in another domain, not for a token', async () => {
  const { access_token: token } = await authority.tokens();
  const internal = (await authority.check(token)).headers['txn-token'];
  assert.equal(decode(internal).header.typ, 'txntoken+jwt');
  assert.equal((await authority.check(internal)).status, 401);
  assert.equal((await authority.check(internal, { domain: 'coin', uri: '/x' })).status === 200, false);
  const got = await authority.code();
  assert.equal((await authority.redeem({ ...got, code: internal })).json.error, 'invalid_grant');
  assert.equal((await authority.redeem({ ...got, code: token })).json.error, 'invalid_grant');
});

test('references of one kind are none of another: handles are no codes, codes no handles', async () => {
  const { fields, verifier } = await authority.code();
  const waiting = await authority.begin(fields);
  assert.equal(waiting.outcome, 'authenticate');
  assert.equal((await authority.redeem({ fields, verifier, code: waiting.handle })).json.error, 'invalid_grant');
  const other = await authority.code();
  const answer = await authority.finish(other.code, { session: authority.session() });
  assert.equal(answer.outcome, 'error_page');
  const coin = await authority.finish(waiting.handle, { domain: 'coin', session: authority.session() });
  assert.equal(coin.outcome, 'error_page');
  const done = await authority.finish(waiting.handle, { session: authority.session() });
  assert.equal(done.outcome, 'respond'); // none of these was a try
});

test('codes changed by one bit, cut, grown, padded or in another alphabet are unknown, and burn nothing', async () => {
  const got = await authority.code();
  const raw = Buffer.from(got.code, 'base64url');
  const changed = [0, 7, 8, raw.length - 1].map((at) => { const copy = Buffer.from(raw); copy[at] ^= 1; return b64(copy); });
  for (const code of [...changed, got.code.slice(0, -1), `${got.code}A`, `${got.code}=`, ` ${got.code}`, `${got.code}\u0000`, raw.toString('base64'), 'A'.repeat(7000)]) {
    if (code === got.code) continue;
    const { status, json } = await authority.redeem({ ...got, code });
    assert.equal(status, 400, code);
    assert.match(json.error, /invalid_(grant|request)/);
  }
  assert.equal((await authority.redeem(got)).status, 200);
});

test('a token request names its parameters once, in the body, in its own form', async () => {
  const got = await authority.code();
  const fields = { grant_type: 'authorization_code', client_id: got.fields.client_id, redirect_uri: got.fields.redirect_uri, code: got.code, code_verifier: got.verifier };
  const body = new URLSearchParams(fields).toString();
  for (const [name, value] of Object.entries(fields)) {
    const { status, json } = await authority.token(`${body}&${new URLSearchParams({ [name]: value })}`);
    assert.equal(status, 400, name);
    assert.equal(json.error, 'invalid_request');
  }
  const inQuery = await authority.token({ grant_type: 'authorization_code', client_id: fields.client_id }, { query: `?${body}` });
  assert.ok(inQuery.status >= 400);
  const asJson = await authority.token(JSON.stringify(fields), { headers: { 'content-type': 'application/json' } });
  assert.ok(asJson.status >= 400 && asJson.status < 500);
  const coin = await authority.token(fields, { domain: 'coin' });
  assert.ok(coin.status >= 400);
  assert.equal((await authority.token(fields)).status, 200);
});
