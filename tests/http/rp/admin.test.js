import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { exchange } from '../support/http.js';
import { makeFolder, removeFolder, startProgram, stopProgram } from '../support/processes.js';
import { Rp } from '../support/rp.js';

let rp;
const browser = () => rp.browser();
before(async () => { rp = await Rp.start({ config: (text) => text.replace('registration: open', 'registration: invite') }); });
after(() => rp.done());

function refused(answer, status, error) {
  assert.equal(answer.status, status, answer.body);
  assert.equal(answer.json.error, error);
}

async function ticketFor(name, kind = 'invite') {
  const answer = await rp.admin('POST', `/users/${name}/${kind}`);
  assert.equal(answer.status, 201, answer.body);
  assert.equal(new URL(answer.json.url).searchParams.get('ticket'), answer.json.ticket);
  return answer.json.ticket;
}

test('by invitation only, a stranger makes no account', async () => {
  refused(await browser().post('/attestation/options', { username: 'ann', displayName: 'Ann' }), 403, 'invite_required');
});

test('an invitation makes an account and one passkey, once', async () => {
  const b = browser();
  const ticket = await ticketFor('bob');
  const options = await b.registrationOptions(null, { ticket });
  assert.equal(options.user.name, 'bob');
  const response = await b.authenticator.create(options, rp.origin);
  assert.equal((await b.post('/attestation/result', response)).json.session.username, 'bob');
  refused(await browser().post('/attestation/options', { ticket }), 403, 'ticket');
  refused(await browser().post('/attestation/options', { ticket: 'AAAA' }), 403, 'ticket');
});

test('two who open the same invitation: one gets in', async () => {
  const [one, two] = [browser(), browser()];
  const ticket = await ticketFor('cat');
  const ready = [];
  for (const b of [one, two]) ready.push([b, await b.authenticator.create(await b.registrationOptions(null, { ticket }), rp.origin)]);
  const answers = await Promise.all(ready.map(([b, response]) => b.post('/attestation/result', response)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 403]);
  assert.equal((await rp.admin('GET', '/users/cat/credentials')).json.length, 1);
});

test('an invitation is good for fifteen minutes', async () => {
  const ticket = await ticketFor('dan');
  rp.pass(901);
  refused(await browser().post('/attestation/options', { ticket }), 403, 'ticket');
});

test('SS-39 a recovery adds a passkey and ends every other session', async () => {
  const b = browser();
  await b.register(null, { ask: { ticket: await ticketFor('eve') } });
  const fresh = browser();
  const ticket = await ticketFor('eve', 'recovery');
  const done = await fresh.register(null, { ask: { ticket } });
  assert.equal(done.session.username, 'eve');
  assert.equal((await b.get('/session')).status, 401);
  assert.equal((await fresh.get('/session')).status, 200);
  refused(await rp.admin('POST', '/users/nobody/recovery'), 404, 'unknown_user');
});

test('operators add, list, disable, enable and delete accounts', async () => {
  assert.equal((await rp.admin('POST', '/users', { username: 'Fay', display_name: 'Fay F.' })).status, 201);
  refused(await rp.admin('POST', '/users', { username: 'FAY' }), 409, 'username_taken');
  refused(await rp.admin('POST', '/users', { username: '\u0001' }), 400, 'username');
  const list = (await rp.admin('GET', '/users')).json;
  const fay = list.find(({ username }) => username === 'Fay');
  assert.equal(fay.display_name, 'Fay F.');
  assert.equal(fay.disabled, false);
  assert.equal((await rp.admin('POST', '/users/fay/disable')).status, 200);
  assert.equal((await rp.admin('GET', '/users/fay')).json.disabled, true);
  assert.equal((await rp.admin('POST', '/users/fay/invite')).status, 409);
  assert.equal((await rp.admin('POST', '/users/fay/enable')).status, 200);
  assert.equal((await rp.admin('DELETE', '/users/fay')).status, 200);
  assert.equal((await rp.admin('GET', '/users/fay')).status, 404);
});

test('operators revoke passkeys and sessions', async () => {
  const b = browser();
  const { credential } = await b.register(null, { ask: { ticket: await ticketFor('gus') } });
  const [session] = (await rp.admin('GET', '/users/gus/sessions')).json;
  assert.equal((await rp.admin('DELETE', `/users/bob/sessions/${session.id}`)).status, 404);
  assert.equal((await rp.admin('DELETE', `/users/gus/sessions/${session.id}`)).status, 200);
  assert.equal((await b.get('/session')).status, 401);
  await b.login();
  assert.equal((await rp.admin('DELETE', `/users/gus/credentials/${credential.id}`)).status, 200);
  assert.equal((await b.get('/session')).status, 401);
  refused(await b.tryLogin(), 400, 'authentication_failed');
});

test('the operators\' socket is closed to others, and its routes are not public', async () => {
  const socket = path.join(rp.folder, 'run', 'rp-admin.sock');
  assert.equal(fs.statSync(socket).mode & 0o077, 0);
  for (const [method, target] of [['GET', '/users'], ['POST', '/users/bob/disable'], ['POST', '/users/bob/invite']]) {
    assert.equal((await browser().send(method, target)).status, 404);
  }
});

test('SIGHUP takes a right configuration and keeps the old one before a wrong one', async () => {
  const text = fs.readFileSync(rp.file, 'utf8');
  const kind = async () => (await browser().get('/site')).json.registration;
  const signal = async (expected) => {
    rp.program.child.kill('SIGHUP');
    for (let i = 0; i < 50 && !rp.program.log.includes(expected); i += 1) await new Promise((resolve) => { setTimeout(resolve, 50); });
    assert.ok(rp.program.log.includes(expected), rp.program.log);
  };
  fs.writeFileSync(rp.file, text.replace('registration: invite', 'registration: maybe'));
  await signal('config.kept');
  assert.equal(await kind(), 'invite');
  fs.writeFileSync(rp.file, text.replace('registration: invite', 'registration: open'));
  await signal('config.reloaded');
  assert.equal(await kind(), 'open');
  fs.writeFileSync(rp.file, text);
  await signal('config.reloaded');
});

test('--admin-only serves the operators\' socket alone; a second process is refused', async () => {
  const second = await startProgram('sekisho-rp', rp.folder, ['-c', rp.file]).catch((error) => error);
  assert.equal(second.exit?.code, 1, second.log);
  await stopProgram(rp.program);
  const admin = await startProgram('sekisho-rp', rp.folder, ['-c', rp.file, '--admin-only']);
  assert.equal((await rp.admin('GET', '/users')).status, 200);
  await assert.rejects(exchange({ port: rp.port }));
  assert.equal((await stopProgram(admin)).code, 0);
  await rp.run();
});

test('a key that others may read is refused, by name', async () => {
  const folder = makeFolder();
  fs.writeFileSync(path.join(folder, 'sekisho.yaml'), fs.readFileSync(rp.file));
  fs.mkdirSync(path.join(folder, 'keys'));
  fs.writeFileSync(path.join(folder, 'keys', 'rp.key'), Buffer.alloc(32, 1));
  fs.chmodSync(path.join(folder, 'keys', 'rp.key'), 0o644);
  const failed = await startProgram('sekisho-rp', folder, ['-c', path.join(folder, 'sekisho.yaml')]).catch((error) => error);
  assert.equal(failed.exit?.code, 1);
  assert.match(failed.log, /rp\.key/);
  removeFolder(folder);
});
