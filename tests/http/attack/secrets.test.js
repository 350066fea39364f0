// PM-23: whatever is wrong with a secret, the answer is one; and no process starts with an empty one. That each is compared in
// constant time is what tests/lint/check_secret_compares holds.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { authorize, codeOf, continueOf, redeem } from '../support/entry.js';
import { exchange } from '../support/http.js';
import { startProgram, stopProgram } from '../support/processes.js';
import { clientData, stored } from '../support/refusal.js';
import { Rp } from '../support/rp.js';

let rp;
const ROUTES = '    routes:\n      - {match: GET /balance, scopes: [balance.read], service: ledger, grants: [ledger.read]}\n';
before(async () => {
  rp = await Rp.start({ authority: true, config: (text) => text.replace('    clients:\n      - {id: pay-web', `${ROUTES}    clients:\n      - {id: pay-web`) });
});
after(() => rp.done());

/** The text with one byte of the secret changed: its first, its middle, its last. from, to: where the secret stands. */
function wrongOnes(text, from = 0, to = Buffer.from(text, 'base64url').length) {
  const changed = (at) => { const bytes = Buffer.from(text, 'base64url'); bytes[at] ^= 1; return bytes.toString('base64url'); };
  return [changed(from), changed((from + to) >> 1), changed(to - 1)];
}

/** All answers are refusals, and alike. */
function alike(answers, status) {
  const said = answers.map(({ status: code, json }) => JSON.stringify({ code, ...json, request_id: undefined }));
  for (const answer of answers) assert.equal(answer.status, status, answer.body);
  assert.equal(new Set(said).size, 1, said.join('\n'));
}

const each = async (values, ask) => { const answers = []; for (const value of values) answers.push(await ask(value)); return answers; };

test('PM-23 a session\'s secret', async () => {
  const b = rp.browser();
  await b.register('ann');
  const ask = (value) => b.get('/session', { cookies: new Map([['sekisho', value]]), keep: false });
  alike(await each([...wrongOnes(b.session, 8), Buffer.from(b.session, 'base64url').subarray(0, 8).toString('base64url')], ask), 401);
  assert.equal((await ask(b.session)).status, 200);
});

test('PM-23 the MAC of a challenge', async () => {
  const b = rp.browser();
  await b.register('bob');
  b.cookies.clear();
  const options = await b.loginOptions();
  const cookies = new Map(b.cookies);
  const ask = async (challenge) => {
    const response = await b.authenticator.get(options, rp.origin, { clientDataJSON: clientData('webauthn.get', { challenge }, rp.origin) });
    return b.post('/assertion/result', response, { cookies, keep: false });
  };
  const before = stored(rp);
  const length = Buffer.from(options.challenge, 'base64url').length;
  alike(await each(wrongOnes(options.challenge, length - 32), ask), 400);
  alike(await each([options.challenge.slice(0, -4), `${options.challenge}AAAA`, ''], ask), 400);
  assert.equal(stored(rp), before);
  assert.equal((await ask(options.challenge)).status, 200, 'none of these was a try');
});

test('PM-23 a ticket', async () => {
  await rp.admin('POST', '/users', { username: 'cat' });
  const { ticket } = (await rp.admin('POST', '/users/cat/invite')).json;
  const b = rp.browser();
  const ask = (value) => b.post('/attestation/options', { ticket: value });
  alike(await each(wrongOnes(ticket), ask), (await ask(wrongOnes(ticket)[0])).status);
  assert.ok((await ask(wrongOnes(ticket)[0])).status >= 400);
  assert.equal((await ask(ticket)).status, 200);
});

test('PM-23 a waiting request\'s handle', async () => {
  const b = rp.browser();
  await b.register('dan');
  b.cookies.clear();
  const handle = continueOf(await authorize(b, rp));
  const ask = (value) => b.post('/assertion/options', { continue: value });
  alike(await each(wrongOnes(handle), ask), 400);
  assert.equal((await ask(handle)).status, 200);
});

test('PM-23 a code, its verifier, and a token\'s signature', async () => {
  const b = rp.browser();
  await b.register('eve');
  const code = codeOf(await authorize(b, rp, { scope: 'openid balance.read' }), rp);
  alike(await each(wrongOnes(code), (value) => redeem(rp, value)), 400);
  const granted = await redeem(rp, code);
  assert.equal(granted.status, 200, granted.body);
  for (const verifier of [`w${'v'.repeat(42)}`, `${'v'.repeat(42)}w`, 'v'.repeat(44)]) {
    const other = codeOf(await authorize(b, rp, {}), rp);
    const answer = await redeem(rp, other, 'pay', { code_verifier: verifier });
    assert.equal(answer.json.error, 'invalid_grant');
  }
  const token = granted.json.access_token;
  const at = token.lastIndexOf('.') + 1;
  const check = (value) => exchange({ port: rp.internalPort }, {
    path: '/pay/check/nginx', headers: { authorization: `Bearer ${value}`, 'x-original-method': 'GET', 'x-original-uri': '/balance' },
  });
  for (const warm of [false, true]) { // before and after the cache knows the token
    alike(await each(wrongOnes(token.slice(at)).map((signature) => token.slice(0, at) + signature), check), 401);
    if (!warm) assert.equal((await check(token)).status, 200);
  }
});

test('PM-23 no process starts with an empty key, or one of another length, or one that others may read', async () => {
  const server = await Rp.start({ authority: true });
  await stopProgram(server.program);
  await stopProgram(server.authority);
  const folder = path.join(server.folder, 'keys');
  const keys = fs.readdirSync(folder).filter((name) => name.endsWith('.key'));
  assert.ok(keys.includes('rp.key') && keys.some((name) => name.startsWith('authority-')), keys.join());
  for (const name of keys) {
    const file = path.join(folder, name);
    const good = fs.readFileSync(file);
    const start = () => startProgram(name === 'rp.key' ? 'sekisho-rp' : 'sekisho-authority', server.folder, ['-c', server.file]);
    for (const [bytes, mode] of [[Buffer.alloc(0), 0o600], [good.subarray(0, 31), 0o600], [Buffer.concat([good, good]), 0o600], [Buffer.from('secret\n'), 0o600], [good, 0o644]]) {
      fs.writeFileSync(file, bytes);
      fs.chmodSync(file, mode);
      await assert.rejects(start(), (error) => error.exit.code === 1 && error.log.includes(name), `${name}: ${bytes.length} bytes, ${mode.toString(8)}`);
    }
    fs.writeFileSync(file, good);
    fs.chmodSync(file, 0o600);
  }
  server.authority = await startProgram('sekisho-authority', server.folder, ['-c', server.file]);
  await server.run();
  await server.done();
});
