// Two authorities over one PostgreSQL database: what one has done counts at the other.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { authorizationRequest, decode, verify } from '../support/authority.js';
import { exchange, postForm } from '../support/http.js';
import { twoAuthorities } from '../support/nodes.js';
import { Postgres } from '../support/postgres.js';
import { until, wait } from '../support/site.js';

const OFFLINE = { scope: 'openid balance.read offline_access' };
let server, one, two, address;
before(async () => {
  server = await Postgres.start();
  address = server.makeDatabase('nodes');
  [one, two] = await twoAuthorities(address, (text) => text.replace('{id: pay-web, name: Pay, public: true,',
    '{id: pay-web, name: Pay, public: true, grant_types: [authorization_code, refresh_token],'));
});
after(async () => {
  await one?.done();
  await two?.done();
  await server?.done();
});

const refresh = (node, token) => node.token({ grant_type: 'refresh_token', client_id: 'pay-web', refresh_token: token });
const okCount = (answers) => answers.filter(({ status }) => status === 200).length;
const atBoth = (count, send) => Promise.all(Array.from({ length: count }, (_, i) => send(i % 2 ? one : two)));

/** Asks until it is refused; the time that it took. */
async function refusedWithin(node, token, limit) {
  const begun = Date.now();
  await until(async () => (await node.check(token)).status === 401, 'the refusal', limit);
  return Date.now() - begun;
}

test('fifty redemptions of a code at once, at two nodes: one is answered, and its tokens die with the replay', async () => {
  const got = await one.code();
  const answers = await atBoth(50, (node) => node.redeem(got));
  assert.equal(okCount(answers), 1);
  for (const { status, json } of answers.filter(({ status }) => status !== 200)) assert.deepEqual([status, json.error], [400, 'invalid_grant']);
  const { access_token: token } = answers.find(({ status }) => status === 200).json;
  await Promise.all([refusedWithin(one, token, 1000), refusedWithin(two, token, 1000)]);
});

test('a code of one node is redeemed at the other, and its token is good at both', async () => {
  const { status, json } = await two.redeem(await one.code());
  assert.equal(status, 200);
  for (const node of [one, two]) assert.equal((await node.check(json.access_token)).status, 200);
  const { json: jwks } = await exchange({ port: two.port }, { path: '/pay/jwks', headers: { host: `localhost:${one.port}` } });
  assert.ok(verify(json.access_token, jwks));
});

test('a request that one node began is finished at the other', async () => {
  const begun = await one.begin(authorizationRequest().fields);
  const done = await two.finish(begun.handle, { session: two.session() });
  assert.equal(done.outcome, 'respond');
  assert.ok(new URL(done.location).searchParams.get('code'));
});

test('a refresh token that twenty send at once, at two nodes, is rotated once', async () => {
  const { refresh_token: token } = await one.tokens(OFFLINE);
  const answers = await atBoth(20, (node) => refresh(node, token));
  const made = new Set(answers.filter(({ status }) => status === 200).map(({ json }) => json.refresh_token));
  assert.ok(made.size <= 1, 'one generation, however often its answer was given');
});

test('a refresh token goes on at the other node, and the old one ends the family at both', async () => {
  const first = await one.tokens(OFFLINE);
  const second = (await refresh(two, first.refresh_token)).json;
  const third = (await refresh(one, second.refresh_token)).json;
  assert.equal((await two.check(third.access_token)).status, 200);
  two.pass(120);
  one.pass(120);
  assert.equal((await refresh(two, first.refresh_token)).status, 400);
  await Promise.all([one, two].map((node) => refusedWithin(node, third.access_token, 1000)));
  assert.equal((await refresh(one, third.refresh_token)).status, 400);
});

test('a session that ended at one node is refused at the other within a second, introspection too', async () => {
  for (const [there, here] of [[one, two], [two, one]]) {
    const sid = `sid-${here.port}`;
    const { access_token: token } = await here.tokens({}, { sid });
    assert.equal((await here.check(token)).status, 200);
    assert.equal((await there.endSession(sid)).status, 204);
    assert.equal((await there.check(token)).status, 401, 'at once where it ended');
    await refusedWithin(here, token, 1000);
    const { json } = await postForm({ port: here.internalPort }, '/pay/introspect', { token });
    assert.deepEqual(json, { active: false });
  }
});

test('a token that was revoked at one node is refused at the other within a second', async () => {
  const { access_token: token } = await one.tokens();
  assert.equal((await two.check(token)).status, 200);
  const revoked = await postForm({ port: one.port }, '/pay/revoke', { token, client_id: 'pay-web' }, { host: `localhost:${one.port}` });
  assert.equal(revoked.status, 200);
  await refusedWithin(two, token, 1000);
});

test('a rotation at one node is known at the other, before a token of the new key comes', async () => {
  const kid = async (node) => decode((await node.tokens()).access_token).header.kid;
  const old = await kid(one);
  assert.equal(await kid(two), old);
  assert.equal((await one.admin('/admin/keys/pay/rotate', 'POST')).status, 200);
  const fresh = await one.tokens();
  assert.notEqual(decode(fresh.access_token).header.kid, old);
  assert.equal((await two.check(fresh.access_token)).status, 200, 'it was the next key, which is published');
  await until(async () => await kid(two) !== old, 'the new key at the other node', 1000);
});

test('two rotations at once, at two nodes, are one after the other or one is refused', async () => {
  const answers = await Promise.all([one, two].map((node) => node.admin('/admin/keys/pay/rotate', 'POST')));
  assert.ok(okCount(answers) >= 1);
  for (const { status } of answers) assert.ok([200, 409].includes(status), `${status}`);
  await wait(500);
  const kids = await Promise.all([one, two].map(async (node) => decode((await node.tokens()).access_token).header.kid));
  assert.equal(kids[0], kids[1]);
});

test('the audit log of two nodes that write at once is one chain', async () => {
  await Promise.all(Array.from({ length: 40 }, async (_, i) => {
    const node = i % 2 ? one : two;
    const got = await node.code();
    assert.equal((await node.redeem(got)).status, 200);
  }));
  const broken = server.query('SELECT count(*) FROM (SELECT seq, previous, lag(hash) OVER (ORDER BY seq) AS before, lag(seq) OVER (ORDER BY seq) AS prior '
    + 'FROM sekisho_domain_pay.audit) AS chain WHERE before IS NOT NULL AND (previous <> before OR seq <> prior + 1)', 'nodes');
  assert.equal(broken, '0');
  assert.ok(Number(server.query('SELECT count(*) FROM sekisho_domain_pay.audit', 'nodes')) > 80);
});

test('one domain does not see the other\'s tables', () => {
  assert.equal(server.query('SELECT count(*) FROM sekisho_domain_coin.grants', 'nodes'), '0');
  assert.notEqual(server.query('SELECT count(*) FROM sekisho_domain_pay.grants', 'nodes'), '0');
});

test('DB-10 without the server nothing is answered from memory, and all comes back with it', async () => {
  const { access_token: token } = await one.tokens();
  await server.stop('immediate');
  await until(async () => (await one.internal('/readyz')).status === 503, 'readyz to tell', 3000);
  await until(async () => (await one.check(token)).status !== 200, 'the check to stop', 1500);
  assert.equal((await one.check(token)).status, 503, 'nothing is wrong with the token');
  const refused = await one.token({ grant_type: 'refresh_token', client_id: 'pay-web', refresh_token: 'x' });
  assert.notEqual(refused.status, 200);
  await assert.rejects(one.code(), /503 .*(unavailable|store)/);
  await server.run();
  await until(async () => (await one.internal('/readyz')).status === 200, 'readyz to recover', 8000);
  assert.equal((await one.check(token)).status, 200);
  assert.equal((await two.redeem(await one.code())).status, 200);
});

test('DB-10 a server that was started again between two requests is noticed by nobody', async () => {
  await server.stop();
  await server.run();
  await until(async () => (await two.internal('/readyz')).status === 200, 'readyz to recover', 8000);
  assert.equal((await two.redeem(await two.code())).status, 200);
});

test('DB-10 a server that does not answer any more holds nobody up', async () => {
  const { access_token: token } = await one.tokens();
  server.freeze('SIGSTOP');
  try {
    await until(async () => (await one.check(token)).status === 503, 'the check to stop', 1500);
    assert.equal((await one.internal('/readyz')).status, 503);
    const begun = Date.now();
    await Promise.all(Array.from({ length: 20 }, async () => assert.equal((await one.check(token)).status, 503)));
    for (let i = 0; i < 10; i += 1) assert.equal((await one.userinfo(token)).status, 503);
    assert.ok(Date.now() - begun < 1000, `${Date.now() - begun} ms`);
  } finally {
    server.freeze('SIGCONT');
  }
  await until(async () => (await one.internal('/readyz')).status === 200, 'readyz to recover', 12000);
  assert.equal((await one.check(token)).status, 200);
});

test('a node whose connections are taken away in the middle goes on', async () => {
  const kill = () => server.query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'sekisho'", 'nodes');
  for (let round = 0; round < 5; round += 1) {
    const running = Array.from({ length: 10 }, (_, i) => (i % 2 ? one : two).code().then(() => true, () => false));
    kill();
    await Promise.all(running);
  }
  await until(async () => (await one.internal('/readyz')).status === 200 && (await two.internal('/readyz')).status === 200, 'both', 8000);
  const got = await one.code();
  assert.equal(okCount(await atBoth(10, (node) => node.redeem(got))), 1);
});
