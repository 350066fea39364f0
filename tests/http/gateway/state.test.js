// What the check remembers between calls: verified tokens, revocations, internal tokens in their reuse window, keys.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Authority, decode, verify } from '../support/authority.js';
import { askEnvoy, askForwarded, askNginx, txnToken, withRoutes } from '../support/check.js';

let plain, reusing;
before(async () => {
  plain = await Authority.start({ config: withRoutes });
  reusing = await Authority.start({ config: (text) => withRoutes(text).replace('reuse: 0s', 'reuse: 20s') });
});
after(async () => {
  await plain?.done();
  await reusing?.done();
});

const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const accessToken = async (authority, extra, options) => (await authority.tokens(extra, options)).access_token;
const txn = async (authority, token, options = {}) => decode(txnToken(await askNginx(authority, { token, ...options }))).payload.txn;

async function ended(authority, token, forms = [askNginx, askForwarded, askEnvoy]) {
  for (const ask of forms) {
    const answer = await ask(authority, { token });
    assert.equal(answer.status, 401);
    assert.match(answer.headers['www-authenticate'][0], /error="invalid_token"/);
    assert.equal(answer.headers['txn-token'], undefined);
  }
}

test('GW-24 a replayed code ends the token at the next check', async () => {
  for (const authority of [plain, reusing]) {
    const got = await authority.code();
    const token = (await authority.redeem(got)).json.access_token;
    for (const ask of [askNginx, askForwarded, askEnvoy]) assert.equal((await ask(authority, { token })).status, 200);
    assert.equal((await authority.redeem(got)).status, 400);
    await ended(authority, token);
  }
});

test('GW-24 the end of a session ends its tokens at the next check, and no other\'s', async () => {
  for (const authority of [plain, reusing]) {
    const token = await accessToken(authority, {}, { sid: 'sid-ending' });
    const other = await accessToken(authority, {}, { sid: 'sid-staying' });
    await txn(authority, token);
    await txn(authority, other);
    assert.ok((await authority.endSession('sid-ending')).status < 300);
    await ended(authority, token);
    assert.equal((await askNginx(authority, { token: other })).status, 200);
    await authority.stop('SIGKILL');
    await authority.run();
    await ended(authority, token);
    assert.equal((await askNginx(authority, { token: other })).status, 200);
  }
});

test('JW-12 an expired token is refused, though it was seen before', async () => {
  for (const authority of [plain, reusing]) {
    const token = await accessToken(authority);
    await txn(authority, token);
    authority.pass(598);
    const { payload } = decode(txnToken(await askNginx(authority, { token })));
    assert.ok(payload.exp <= decode(token).payload.exp, 'an internal token never outlives the external one');
    authority.pass(3);
    await ended(authority, token);
  }
});

test('without a reuse window every call is a transaction of its own', async () => {
  const token = await accessToken(plain);
  const seen = new Set();
  for (let i = 0; i < 20; i++) seen.add(await txn(plain, token));
  assert.equal(seen.size, 20);
});

test('within the reuse window equal calls share a transaction, after it they do not', async () => {
  const token = await accessToken(reusing);
  const first = await txn(reusing, token);
  assert.equal(await txn(reusing, token), first);
  assert.equal(await txn(reusing, token, { target: '/balance?page=2' }), first);
  reusing.pass(15);
  assert.equal(await txn(reusing, token), first);
  reusing.pass(8);
  const second = await txn(reusing, token);
  assert.notEqual(second, first);
  assert.equal(await txn(reusing, token), second);
});

test('a reused internal token is of the same external token, route and method', async () => {
  const token = await accessToken(reusing, { scope: 'balance.read transfer' });
  const sibling = await accessToken(reusing, { scope: 'balance.read transfer' });
  const calls = [
    ['GET', '/balance', token], ['GET', '/statement', token], ['HEAD', '/balance', token], ['GET', '/accounts/1', token], ['GET', '/balance', sibling], ['GET', '/both', token],
  ];
  const seen = new Map();
  for (const round of [1, 2]) {
    for (const [method, target, credential] of calls) {
      const { payload } = decode(txnToken(await askNginx(reusing, { token: credential, method, target })));
      assert.equal(payload.rctx.method, method, `round ${round}`);
      assert.equal(payload.rctx.path, target.replace('/1', '/{id}'));
      const key = `${method} ${target} ${credential}`;
      for (const [other, value] of seen) if (value === payload.txn) assert.equal(other, key);
      seen.set(key, payload.txn);
    }
  }
  assert.equal(new Set(seen.values()).size, calls.length);
  for (const method of ['GET', 'POST', 'GET', 'PUT'])
    assert.equal(decode(txnToken(await askEnvoy(reusing, { token, method, target: '/any/x' }))).payload.rctx.method, method, 'routes for any method');
  for (const ask of [askForwarded, askEnvoy]) assert.equal(decode(txnToken(await ask(reusing, { token, method: 'HEAD' }))).payload.rctx.method, 'HEAD');
});

test('a reused internal token needs what a new one needs', async () => {
  const token = await accessToken(reusing, { scope: 'transfer balance.read' }, { evidence: [reusing.evidence({ age: 290 })] });
  await txn(reusing, token, { target: '/both' });
  reusing.pass(12);
  assert.equal((await askNginx(reusing, { token, target: '/both' })).status, 401);
  assert.equal((await askNginx(reusing, { token, target: '/vault' })).status, 403);
});

test('a reload ends the reuse, and the next internal token is of the new settings', async () => {
  const token = await accessToken(reusing);
  const first = await txn(reusing, token);
  const text = fs.readFileSync(reusing.file, 'utf8');
  const reload = async (changed) => {
    fs.writeFileSync(reusing.file, changed);
    const seen = reusing.program.log.length;
    reusing.program.child.kill('SIGHUP');
    for (let i = 0; i < 100 && !reusing.program.log.slice(seen).includes('config.reloaded'); i++) await wait(20);
  };
  await reload(text.replace('match: GET /balance, scopes: [balance.read], service: ledger, grants: [ledger.read]', 'match: GET /balance, scopes: [balance.read], service: books, grants: [books.read]'));
  const { payload } = decode(txnToken(await askNginx(reusing, { token })));
  assert.notEqual(payload.txn, first);
  assert.deepEqual(payload.aud, ['pay.internal', 'books']);
  assert.equal(payload.scope, 'books.read');
  await reload(text);
});

test('JW-16 RL-13 keys rotate while calls are checked, and none is refused', async () => {
  for (const authority of [plain, reusing]) {
    const tokens = [await accessToken(authority)];
    let running = true;
    const counts = [];
    const kids = new Set();
    const caller = async (index) => {
      let count = 0;
      for (; running; count++) {
        const answer = await [askNginx, askForwarded, askEnvoy][index % 3](authority, { token: tokens[(count + index) % tokens.length] });
        assert.equal(answer.status, 200, answer.headers['www-authenticate']?.[0]);
        const text = txnToken(answer);
        kids.add(decode(text).header.kid);
        if (count % 5 === 0) assert.ok(verify(text, (await authority.get('/pay/jwks')).json), 'signed by a published key');
      }
      counts.push(count);
    };
    const callers = Promise.all(Array.from({ length: 6 }, (_, index) => caller(index)));
    for (let i = 0; i < 3; i++) {
      await wait(100);
      assert.ok((await authority.admin('/admin/keys/pay/rotate', 'POST')).status < 300);
      tokens.push(await accessToken(authority));
    }
    await wait(100);
    running = false;
    await callers;
    assert.ok(counts.every((count) => count > 3), `${counts}`);
    assert.ok(kids.size >= 2);
  }
});

test('no check writes to the database', async () => {
  const token = await accessToken(plain);
  const state = () => fs.readdirSync(plain.folder).filter((name) => name.startsWith('authority-')).sort().map((name) => {
    const { size, mtimeNs } = fs.statSync(path.join(plain.folder, name), { bigint: true });
    return `${name} ${size} ${mtimeNs}`;
  });
  await wait(300);
  const before = state();
  assert.ok(before.some((line) => /authority-pay\.db-wal [1-9]/.test(line)), 'there is a log to watch');
  for (let i = 0; i < 40; i++) {
    for (const ask of [askNginx, askForwarded, askEnvoy]) {
      assert.equal((await ask(plain, { token })).status, 200);
      assert.equal((await ask(plain, { token: 'junk' })).status, 401);
      assert.equal((await ask(plain, { token, target: '/vault' })).status, 403);
      assert.equal((await ask(plain, { target: '/health' })).status, 200);
      assert.equal((await ask(plain, { token, target: '/no//where' })).status, 403);
    }
  }
  assert.deepEqual(state(), before);
  await accessToken(plain);
  assert.notDeepEqual(state(), before, 'a token does write, and is seen here');
});

test('TK-29 no token gets into the log, and a refusal says why', async () => {
  const token = await accessToken(plain);
  const internal = txnToken(await askNginx(plain, { token }));
  await askNginx(plain, { token, target: '/vault' });
  await askNginx(plain, { token: `${token}x` });
  for (let i = 0; i < 50 && !plain.program.log.includes('insufficient_scope'); i++) await wait(20);
  for (const text of [token, internal, token.split('.')[2]]) assert.ok(!plain.program.log.includes(text));
  const line = plain.program.log.split('\n').filter((text) => text.includes('check.refused')).map((text) => JSON.parse(text)).find((event) => event.route === '/vault');
  assert.equal(line.domain, 'pay');
});
