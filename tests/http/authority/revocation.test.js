import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Authority, forge, decode } from '../support/authority.js';
import { exchange, postForm } from '../support/http.js';

const OFFLINE = { scope: 'openid balance.read offline_access' };

let authority;
before(async () => { authority = await Authority.start(); });
after(async () => { await authority?.done(); });

const host = () => ({ host: `localhost:${authority.port}` });
const revoke = (token, extra = {}, { headers = {}, domain = 'pay' } = {}) => postForm(
  { port: authority.port }, `/${domain}/revoke`, { token, client_id: 'pay-web', ...extra }, { ...host(), ...headers });
const refresh = (refresh_token) => authority.token({ grant_type: 'refresh_token', client_id: 'pay-web', refresh_token });
const active = async (token) => (await postForm({ port: authority.internalPort }, '/pay/introspect', { token })).json.active;

async function isDead(tokens) {
  assert.equal((await authority.check(tokens.access_token)).status, 401);
  assert.equal(await active(tokens.access_token), false);
  if (!tokens.refresh_token) return;
  assert.equal(await active(tokens.refresh_token), false);
  const answer = await refresh(tokens.refresh_token);
  assert.equal(answer.status, 400);
  assert.equal(answer.json.error, 'invalid_grant');
}

async function isAlive(tokens) {
  assert.equal((await authority.check(tokens.access_token)).status, 200);
  assert.equal(await active(tokens.access_token), true);
}

test('IR-07 a revoked refresh token takes the whole grant with it, at once and for good', async () => {
  const first = await authority.tokens(OFFLINE);
  const second = (await refresh(first.refresh_token)).json;
  const beside = await authority.tokens(OFFLINE);
  await isAlive(first);
  const answer = await revoke(second.refresh_token);
  assert.equal(answer.status, 200);
  assert.equal(answer.body, '');
  assert.match(answer.headers['cache-control'], /no-store/);
  await isDead(second);
  assert.equal((await authority.check(first.access_token)).status, 401);
  await isAlive(beside);
  const audit = (await authority.admin('/admin/audit/pay')).json.events;
  assert.ok(audit.some((row) => row.event === 'grant.revoked' && row.actor === 'pay-web'));
  await authority.stop('SIGKILL');
  await authority.run();
  await isDead(second);
  await isAlive(beside);
});

test('IR-07 a revoked access token takes its grant with it', async () => {
  const tokens = await authority.tokens(OFFLINE);
  assert.equal((await revoke(tokens.access_token)).status, 200);
  await isDead(tokens);
  const plain = await authority.tokens();
  assert.equal((await revoke(plain.access_token)).status, 200);
  await isDead(plain);
  assert.equal((await revoke(plain.access_token)).status, 200, 'once more');
});

test('IR-07 a rotated refresh token still revokes its family', async () => {
  const first = await authority.tokens(OFFLINE);
  const second = (await refresh(first.refresh_token)).json;
  assert.equal((await revoke(first.refresh_token)).status, 200);
  await isDead(second);
});

test('IR-07 unknown tokens are answered 200', async () => {
  const alive = await authority.tokens(OFFLINE);
  const { header, payload } = decode(alive.access_token);
  const tokens = ['garbage', 'a.b.c', 'A'.repeat(80), alive.id_token, (await authority.code()).code, forge(payload, { kid: header.kid }), `${alive.refresh_token}x`];
  for (const token of tokens) {
    const answer = await revoke(token);
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.body, '');
  }
  await isAlive(alive);
  assert.equal((await refresh(alive.refresh_token)).status, 200);
});

test('IR-07 another client\'s token is untouched, and nothing is told of it', async () => {
  const tokens = await authority.tokens(OFFLINE);
  for (const token of [tokens.access_token, tokens.refresh_token]) {
    const answer = await revoke(token, { client_id: 'pay-spa' });
    assert.equal(answer.status, 200);
    assert.equal(answer.body, '');
    assert.equal((await revoke(token, { client_id: 'coin-web' }, { domain: 'coin' })).status, 200);
  }
  await isAlive(tokens);
  assert.equal((await refresh(tokens.refresh_token)).status, 200);
});

test('IR-07 who does not authenticate as it is registered revokes nothing', async () => {
  const tokens = await authority.tokens(OFFLINE);
  const tries = [
    [{ client_id: undefined }, {}], [{ client_id: 'nobody' }, {}], [{ client_id: '' }, {}], [{ client_secret: 'x' }, {}],
    [{ client_id: undefined }, { authorization: `Basic ${Buffer.from('pay-web:').toString('base64')}` }],
  ];
  for (const [fields, headers] of tries) {
    const answer = await revoke(tokens.refresh_token, fields, { headers });
    assert.equal(answer.status, 401, answer.body);
    assert.equal(answer.json.error, 'invalid_client');
  }
  for (const body of ['client_id=pay-web', 'client_id=pay-web&token=', `client_id=pay-web&token=${tokens.access_token}&token=x`]) {
    const answer = await postForm({ port: authority.port }, '/pay/revoke', body, host());
    assert.equal(answer.status, 400);
    assert.equal(answer.json.error, 'invalid_request');
  }
  await isAlive(tokens);
});

test('IR-06 a wrong or unknown hint changes nothing', async () => {
  for (const token_type_hint of ['access_token', 'refresh_token', 'saml']) {
    const [one, two] = [await authority.tokens(OFFLINE), await authority.tokens(OFFLINE)];
    assert.equal((await revoke(one.refresh_token, { token_type_hint })).status, 200);
    assert.equal((await revoke(two.access_token, { token_type_hint })).status, 200);
    await isDead(one);
    await isDead(two);
  }
});

test('TK-28 pages of the public clients may revoke, and no others', async () => {
  const preflight = (origin) => exchange({ port: authority.port }, {
    method: 'OPTIONS', path: '/pay/revoke', headers: { ...host(), origin, 'access-control-request-method': 'POST' },
  });
  assert.equal((await preflight('https://app.example')).headers['access-control-allow-origin'], 'https://app.example');
  assert.equal((await preflight('https://evil.example')).headers['access-control-allow-origin'], undefined);
  const tokens = await authority.tokens(OFFLINE);
  const answer = await revoke(tokens.refresh_token, {}, { headers: { origin: 'https://app.example' } });
  assert.equal(answer.headers['access-control-allow-origin'], 'https://app.example');
  assert.equal((await authority.get('/pay/revoke')).status, 405);
});

test('revoked and refreshed at once: whoever comes first, nothing is alive afterwards', async () => {
  for (let i = 0; i < 5; i++) {
    const tokens = await authority.tokens(OFFLINE);
    const answers = await Promise.all([refresh(tokens.refresh_token), revoke(tokens.refresh_token), refresh(tokens.refresh_token)]);
    assert.equal(answers[1].status, 200);
    for (const answer of [answers[0], answers[2]]) if (answer.status === 200) await isDead(answer.json);
    await isDead(tokens);
  }
});

test('TK-21 a store that fails while revoking is told of, and the token stays for the next try', async () => {
  const tokens = await authority.tokens(OFFLINE);
  const used = await authority.tokens(OFFLINE);
  const next = (await refresh(used.refresh_token)).json;
  const got = await authority.code(OFFLINE);
  const replayed = (await authority.redeem(got)).json;
  await authority.stop();
  await authority.run({ SEKISHO_FAILPOINTS: 'store.before_commit=error' });
  const tries = [
    () => revoke(tokens.refresh_token), () => revoke(tokens.access_token),
    () => refresh(used.refresh_token), () => refresh(next.refresh_token), () => authority.redeem(got),
  ];
  for (const attempt of tries) {
    const answer = await attempt();
    assert.equal(answer.status, 503, answer.body);
    assert.equal(answer.json.error, 'temporarily_unavailable');
    assert.equal(answer.json.access_token, undefined);
  }
  for (const alive of [tokens, next, replayed]) await isAlive(alive);
  await authority.stop();
  await authority.run();
  for (const alive of [tokens, next, replayed]) await isAlive(alive);
  assert.equal((await revoke(tokens.refresh_token)).status, 200);
  await isDead(tokens);
  assert.equal((await refresh(used.refresh_token)).status, 400);
  await isDead(next);
  assert.equal((await authority.redeem(got)).status, 400);
  await isDead(replayed);
});
