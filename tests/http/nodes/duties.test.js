// What nodes owe one another: proofs that count once, calls that are made once, a lock that nobody keeps; and how they reach the database.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Authority } from '../support/authority.js';
import { DpopKey } from '../support/dpop.js';
import { twoAuthorities } from '../support/nodes.js';
import { Postgres } from '../support/postgres.js';
import { Receiver } from '../support/receiver.js';
import { until, wait } from '../support/site.js';

const PASSWORD = 'correct horse';
let server, receiver, one, two;
before(async () => {
  server = await Postgres.start({ password: PASSWORD });
  receiver = await Receiver.start(() => ({ status: 200 }));
  const told = `      - {id: told, public: true, redirect_uris: ["http://localhost:9001/callback"], backchannel_logout_uri: "${receiver.origin}/told"}\n`;
  [one, two] = await twoAuthorities(server.makeDatabase('duties'), (text) => text.replace('\n  - id: coin', `\n${told}\n  - id: coin`)
    .replace('  - id: coin\n', '  - id: coin\n    dpop_nonces: false\n'));
});
after(async () => {
  await one?.done();
  await two?.done();
  await receiver?.stop();
  await server?.done();
});

/** FNV-1a, as the driver numbers the lock of a schema's writers. */
function writersLock(schema) {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(schema)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return BigInt.asIntN(64, hash);
}

/** A token bound to the key, and what a node says to a proof of it. */
async function bound(key) {
  let nonce;
  const got = await one.code();
  const redeem = () => one.redeem(got, {}, { headers: { dpop: key.proof('POST', `${one.issuer()}/token`, { now: one.now(), nonce }) } });
  let answer = await redeem();
  if (answer.json.error === 'use_dpop_nonce') {
    nonce = answer.headers['dpop-nonce'];
    answer = await redeem();
  }
  assert.equal(answer.status, 200, answer.body);
  return { token: answer.json.access_token, nonce };
}
const show = (node, token, proof) => node.internal('/pay/check/nginx', {
  'x-original-uri': '/balance', 'x-original-method': 'GET', authorization: `DPoP ${token}`, dpop: proof,
});

test('a DPoP proof counts once over both nodes, however it comes; a nonce of one is taken by the other', async () => {
  const key = new DpopKey('ES256');
  const { token, nonce } = await bound(key);
  const proof = () => key.proof('GET', 'http://localhost:9001/balance', { now: one.now(), token, nonce });
  const first = proof();
  assert.equal((await show(one, token, first)).status, 200);
  const replayed = await show(two, token, first);
  assert.equal(replayed.status, 401);
  assert.match(replayed.headers['www-authenticate'], /^DPoP .*error="invalid_dpop_proof"/);
  assert.equal((await show(two, token, proof())).status, 200);
  const raced = proof();
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => show(i % 2 ? one : two, token, raced)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
});

test('back-channel logouts are sent by one node, whichever took the end of the session', async () => {
  for (const node of [one, two]) {
    receiver.requests.length = 0;
    const sids = Array.from({ length: 5 }, (_, i) => `sid-${node.port}-${i}`);
    for (const sid of sids) await node.tokens({ client_id: 'told' }, { sid });
    for (const sid of sids) assert.equal((await node.endSession(sid)).status, 204);
    await receiver.came(5);
    await wait(1500);
    assert.equal(receiver.requests.length, 5);
  }
});

test('the lead goes to the other node when its holder hangs', async () => {
  const leads = () => server.query("SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted", 'duties');
  assert.equal(leads(), '2', 'one connection a schema');
  one.program.child.kill('SIGSTOP');
  receiver.requests.length = 0;
  try {
    await two.tokens({ client_id: 'told' }, { sid: 'sid-hung' });
    assert.equal((await two.endSession('sid-hung')).status, 204);
    await receiver.came(1, 25000);
  } finally {
    one.program.child.kill('SIGCONT');
  }
  await until(async () => (await one.internal('/readyz')).status === 200, 'the node to go on', 10000);
});

test('DB-16 somebody who keeps the writers\' lock is waited for a bounded time, and answered 503', async () => {
  const holder = spawn('psql', ['-h', server.folder, '-p', `${server.port}`, '-U', 'owner', '-d', 'duties', '-X', '-q', '-c',
    `SELECT pg_advisory_lock(${writersLock('sekisho_domain_pay')}); SELECT pg_sleep(60)`], { stdio: 'ignore' });
  await until(() => server.query("SELECT count(*) FROM pg_stat_activity WHERE query ~ 'pg_sleep' AND state = 'active' AND pid <> pg_backend_pid()", 'duties') === '1', 'the lock');
  await wait(300);
  const begun = Date.now();
  await assert.rejects(two.code(), /503/);
  assert.ok(Date.now() - begun < 9000, `${Date.now() - begun}`);
  holder.kill('SIGKILL');
  server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ~ 'pg_sleep' AND pid <> pg_backend_pid()", 'duties');
  await until(async () => (await two.internal('/readyz')).status === 200, 'readyz', 10000);
  await two.code();
});

test('a role and a schema for each domain, a password from a file; and without it a refusal that says why', async () => {
  server.query('CREATE DATABASE apart TEMPLATE template0', 'postgres');
  for (const id of ['pay', 'coin'])
    server.query(`CREATE ROLE role_${id} LOGIN PASSWORD '${PASSWORD}'; CREATE SCHEMA sekisho_domain_${id} AUTHORIZATION role_${id}`, 'apart');
  const where = (folder) => `postgresql://role_{domain}@127.0.0.1:${server.port}/apart?sslmode=disable&passfile=${folder}/pgpass`;
  const start = (line) => {
    let folder;
    return Authority.start({
      prepare: (each) => {
        folder = each;
        fs.writeFileSync(path.join(folder, 'pgpass'), line, { mode: 0o600 });
        const file = path.join(folder, 'sekisho.yaml');
        fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('database: authority.db', `database: "${where(folder)}"`));
      },
    });
  };
  await assert.rejects(start('*:*:*:*:wrong\n'), /postgresql connection: .*password authentication failed/s);
  const authority = await start(`127.0.0.1:${server.port}:apart:*:${PASSWORD}\n`);
  assert.equal((await authority.redeem(await authority.code())).status, 200);
  await authority.done();
  assert.equal(server.query("SELECT tableowner FROM pg_tables WHERE schemaname = 'sekisho_domain_pay' AND tablename = 'grants'", 'apart'), 'role_pay');
  assert.throws(() => execFileSync('psql', ['-h', server.folder, '-p', `${server.port}`, '-U', 'role_coin', '-d', 'apart', '-X', '-c',
    'SELECT * FROM sekisho_domain_pay.grants'], { stdio: 'pipe', encoding: 'utf8' }), /permission denied/);
});

test('a server without TLS is refused unless the address allows it', async () => {
  const config = (text) => text.replace('database: authority.db', `database: "postgresql://owner@127.0.0.1:${server.port}/duties"`);
  await assert.rejects(Authority.start({ config }), /postgresql connection: .*(root certificate|SSL)/s);
});

test('a database of another encoding is refused', async () => {
  server.query("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0", 'postgres');
  const config = (text) => text.replace('database: authority.db', `database: "${server.address('latin')}"`);
  await assert.rejects(Authority.start({ config }), /not of encoding UTF8; make one that is/);
});
