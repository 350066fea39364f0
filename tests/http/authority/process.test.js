import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Authority, authorizationRequest } from '../support/authority.js';
import { exchange } from '../support/http.js';
import { startProgram } from '../support/processes.js';

let authority;
before(async () => { authority = await Authority.start(); });
after(async () => { await authority?.done(); });

const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

test('OA-30 IR-12 nothing that is generated follows the Host or a forwarding header', async () => {
  const host = `localhost:${authority.port}`;
  const metadata = (await authority.get('/pay/.well-known/openid-configuration')).json;
  assert.equal(metadata.issuer, authority.issuer());
  assert.equal(metadata.token_endpoint, `${authority.issuer()}/token`);
  assert.equal(metadata.jwks_uri, `${authority.issuer()}/jwks`);
  assert.equal(metadata.authorization_endpoint, `http://localhost:${authority.rpPort}/pay/authorize`);
  for (const headers of [{ 'x-forwarded-host': 'evil.test' }, { 'x-forwarded-proto': 'javascript' }, { forwarded: 'host=evil.test' }])
    assert.deepEqual((await authority.get('/pay/.well-known/openid-configuration', headers)).json, metadata);
  for (const bad of ['evil.test', `evil.test:${authority.port}`, `${host}.evil.test`])
    assert.ok([400, 421].includes((await authority.get('/pay/.well-known/openid-configuration', { host: bad })).status), bad);
});

test('OA-31 metadata at both addresses, byte for byte the issuer', async () => {
  const openid = await authority.get('/coin/.well-known/openid-configuration');
  const oauth = await authority.get('/.well-known/oauth-authorization-server/coin');
  assert.equal(openid.body, oauth.body);
  assert.equal(openid.json.issuer, authority.issuer('coin'));
  assert.equal(openid.headers['content-type'], 'application/json');
});

test('IR-12 unknown and odd paths are 404', async () => {
  for (const odd of ['/', '/pay', '/pay/', '//pay/jwks', '/pay//jwks', '/pay/jwks/', '/nobody/jwks', '/pay/.well-known/oauth-authorization-server',
    '/.well-known/openid-configuration', '/PAY/jwks', '/pay/coin/jwks', '/pay%2fjwks', '/handoff/authz_begin', '/admin/clients', '/metrics', '/pay/check/nginx'])
    assert.ok([400, 404].includes((await authority.get(odd)).status), odd);
});

test('IR-18 health on both listeners, metrics on the internal one', async () => {
  for (const probe of ['/healthz', '/readyz']) {
    assert.equal((await authority.get(probe)).status, 200);
    assert.equal((await authority.internal(probe)).status, 200);
    assert.equal((await authority.internal(`/pay${probe}`)).status, 200);
  }
  const metrics = await authority.internal('/metrics');
  assert.match(metrics.headers['content-type'], /^text\/plain/);
  assert.match(metrics.body, /# TYPE sekisho_authorizations_total counter/);
  assert.match(metrics.body, /domain="coin"/);
  assert.doesNotMatch((await authority.internal('/pay/metrics')).body, /domain="coin"/);
  assert.equal((await authority.internal('/nobody/metrics')).status, 404);
});

test('what the command line asks', async () => {
  const clients = (await authority.admin('/admin/clients')).json.clients;
  assert.deepEqual(clients.map((client) => `${client.domain}/${client.id}`), ['pay/pay-web', 'pay/pay-app', 'pay/pay-spa', 'coin/coin-web']);
  assert.deepEqual((await authority.admin('/admin/keys/pay')).json.keys.map((key) => key.state), ['next', 'current']);
  assert.equal((await authority.admin('/admin/keys/nobody')).status, 404);
  await authority.tokens();
  const verdict = (await authority.admin('/admin/audit/pay/verify')).json;
  assert.equal(verdict.whole, true);
  assert.ok(verdict.last_seq >= 2);
  const page = (await authority.admin('/admin/audit/pay?limit=1')).json.events;
  assert.equal(page.length, 1);
});

test('RL-01 kill -9 between code and token: the code survives, and so does what was used up', async () => {
  const used = await authority.code();
  assert.equal((await authority.redeem(used)).status, 200);
  const got = await authority.code();
  const asked = authorizationRequest();
  const { handle } = await authority.begin(asked.fields);
  await authority.stop('SIGKILL');
  await authority.run();
  assert.equal((await authority.redeem(got)).status, 200);
  assert.equal((await authority.redeem(used)).json.error, 'invalid_grant');
  const answer = await authority.finish(handle, { session: authority.session() });
  assert.equal(answer.outcome, 'respond');
});

test('DB-21 codes, handles and private keys are not in the database as they are', async () => {
  const got = await authority.code();
  const { handle } = await authority.begin(authorizationRequest().fields);
  const files = fs.readdirSync(authority.folder).filter((name) => name.startsWith('authority-pay.db'));
  for (const name of files) {
    const bytes = fs.readFileSync(path.join(authority.folder, name));
    for (const secret of [got.code, handle]) {
      assert.equal(bytes.indexOf(secret), -1);
      assert.equal(bytes.indexOf(Buffer.from(secret, 'base64url').subarray(8)), -1);
    }
    assert.equal(bytes.indexOf('PRIVATE KEY'), -1);
    assert.equal(bytes.indexOf(Buffer.from('06082a8648ce3d030107', 'hex')), -1, 'no PKCS #8 of P-256');
  }
});

test('a second process on the same databases is refused', async () => {
  await assert.rejects(startProgram('sekisho-authority', authority.folder, ['-c', authority.file]), /another process/i);
});

test('SIGHUP takes a good configuration and keeps the old one when the new one is wrong', async () => {
  const request = () => authority.begin(authorizationRequest({ scope: 'transfer' }).fields, { session: authority.session({ evidence: [authority.evidence({ age: 200 })] }) });
  assert.equal((await request()).outcome, 'respond');
  const reload = async (text, event) => {
    fs.writeFileSync(authority.file, text);
    const seen = authority.program.log.length;
    authority.program.child.kill('SIGHUP');
    for (let i = 0; i < 100 && !authority.program.log.slice(seen).includes(event); i++) await wait(20);
    assert.ok(authority.program.log.slice(seen).includes(event), authority.program.log.slice(seen));
  };
  await reload(authority.config.replace('max_age: 5m', 'max_age: 2m'), 'config.reloaded');
  assert.equal((await request()).outcome, 'authenticate');
  await reload(authority.config.replace('max_age: 5m', 'max_age: banana'), 'config.kept');
  assert.equal((await request()).outcome, 'authenticate');
  await reload(authority.config.replace(`issuer: ${authority.issuer()}`, 'issuer: http://localhost:1/pay'), 'config.kept');
  await reload(authority.config, 'config.reloaded');
  assert.equal((await request()).outcome, 'respond');
  assert.equal((await authority.tokens()).token_type, 'Bearer');
});

test('a lost key file stops the start and says what to do', async () => {
  const other = await Authority.start();
  await other.stop();
  const key = path.join(other.folder, 'keys', 'authority-pay.key');
  fs.renameSync(key, `${key}.lost`);
  await assert.rejects(other.run(), /authority-pay\.key is missing.*put it back/s);
  fs.writeFileSync(key, Buffer.alloc(32, 1), { mode: 0o600 });
  await assert.rejects(other.run(), /does not open signing key/);
  fs.renameSync(`${key}.lost`, key);
  await other.run();
  await other.done();
});

test('--domain serves one domain, --admin-only no TCP listener', async () => {
  const other = await Authority.start();
  await other.stop();
  const one = await startProgram('sekisho-authority', other.folder, ['-c', other.file, '--domain', 'coin']);
  assert.equal((await other.get('/coin/jwks')).status, 200);
  assert.equal((await other.get('/pay/jwks')).status, 404);
  one.child.kill('SIGTERM');
  assert.equal((await one.ended).code, 0);
  await assert.rejects(startProgram('sekisho-authority', other.folder, ['-c', other.file, '--domain', 'nobody']), /no domain nobody/);
  const admin = await startProgram('sekisho-authority', other.folder, ['-c', other.file, '--admin-only']);
  assert.equal((await exchange(other.socket, { path: '/admin/clients' })).status, 200);
  await assert.rejects(other.get('/pay/jwks'));
  admin.child.kill('SIGTERM');
  assert.equal((await admin.ended).code, 0);
  await other.run();
  await other.done();
});

test('HT-22 SIGTERM under load: what is under way is answered, the process exits with 0', async () => {
  const other = await Authority.start();
  const pending = Array.from({ length: 20 }, () => other.tokens().then(() => 'done', () => 'refused'));
  await wait(15);
  const ended = await other.stop();
  assert.deepEqual(ended, { code: 0, signal: null }, other.program.log);
  await Promise.all(pending);
  await other.run();
  await other.done();
});
