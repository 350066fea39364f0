// The supervisor and the life of what it starts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { authorizationRequest, b64, BROWSER } from '../support/authority.js';
import { form, postJson } from '../support/http.js';
import { Site, sekisho, until, wait } from '../support/site.js';

let site;
before(async () => {
  site = await Site.make();
  await site.serve();
});
after(async () => { await site?.done(); });

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

async function isServing(at = site) {
  try {
    const answers = await Promise.all([at.get('rp', '/readyz'), at.get('authority', '/readyz'), at.get('internal', '/readyz')]);
    return answers.every(({ status }) => status === 200);
  } catch {
    return false;
  }
}

/** What the domain asks of somebody who is not signed in. */
async function asked(at, scope) {
  const { fields } = authorizationRequest({ scope: `openid ${scope}` });
  const message = { domain: 'pay', query: form(fields), browser: b64(BROWSER) };
  const answer = await postJson({ socketPath: path.join(at.dir, 'run', 'authority.sock') }, '/handoff/authz_begin', message);
  assert.equal(answer.status, 200, answer.body);
  return answer.json.requirement.max_age_ms;
}

/** Rewrites the configuration and waits until both processes have said what they made of it. */
async function reload(at, change, event) {
  const before = at.events(event).length;
  fs.writeFileSync(at.file, change(fs.readFileSync(at.file, 'utf8')));
  at.server.child.kill('SIGHUP');
  await until(() => at.events(event).length >= before + 2, `two times ${event}`);
  assert.equal(at.events(event).length, before + 2);
}

/** Refused with one line beside the log's. */
function refused(done, pattern) {
  const lines = done.lines.filter((line) => !line.startsWith('{'));
  assert.equal(done.code, 1, done.stderr);
  assert.equal(lines.length, 1, done.stderr);
  assert.match(lines[0], pattern);
}

test('says once that it is ready, with both addresses', async () => {
  assert.deepEqual(site.server.log.split('\n').filter((line) => line.startsWith('sekisho:')),
    [`sekisho: ready, rp http://127.0.0.1:${site.port} authority http://127.0.0.1:${site.port + 1}`]);
  assert.ok(await isServing());
  assert.deepEqual(site.events('rp.ready').length + site.events('authority.ready').length, 2);
});

test('RL-15 a second serve on the folder is refused, the first goes on', async () => {
  refused(await site.run('serve', '-c', site.file), /\.db: another process has this database open/);
  assert.ok(await isServing());
});

test('RL-15 a taken port is refused, whichever it is', async () => {
  for (const offset of [0, 1, 2]) {
    const other = await Site.make();
    const holder = net.createServer();
    await new Promise((resolve) => { holder.listen(other.port + offset, '127.0.0.1', resolve); });
    refused(await other.run('serve', '-c', other.file), new RegExp(`127\\.0\\.0\\.1:${other.port + offset}`));
    await new Promise((resolve) => { holder.close(resolve); });
    await other.serve();
    await other.done();
  }
});

test('a child that is killed comes back, and sessions with it (RL-22)', async () => {
  const browser = site.browser();
  await browser.register('carol');
  for (const name of ['rp', 'authority']) {
    const before = site.children();
    process.kill(before[name], 'SIGKILL');
    await until(() => ![undefined, before[name]].includes(site.children()[name]), `another ${name}`);
    await until(isServing, 'service');
    const other = name === 'rp' ? 'authority' : 'rp';
    assert.equal(site.children()[other], before[other], 'the other is left alone');
    assert.equal((await browser.get('/session')).json.username, 'carol');
  }
  assert.equal(site.events('child.died').length, 2);
  assert.equal((await browser.login({ username: 'carol' })).status, 'ok');
});

test('RL-22 a restart of everything keeps sessions; challenges under way fail clean or live on', async () => {
  const browser = site.browser();
  await browser.register('dave');
  const options = await browser.loginOptions({ username: 'dave' });
  const response = await browser.authenticator.get(options, site.origin);
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    const { rp, authority } = site.children();
    await site.stop(signal);
    await until(() => !isAlive(rp) && !isAlive(authority), 'the end of both');
    await site.serve();
    assert.equal((await browser.get('/session')).status, 200, signal);
  }
  assert.equal((await browser.post('/assertion/result', response)).status, 200);
  assert.equal((await browser.post('/assertion/result', response)).status, 400, 'but only once');
});

test('children end with the supervisor, however it ends', async () => {
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT']) {
    const { rp, authority } = site.children();
    assert.ok(isAlive(rp) && isAlive(authority));
    const ended = await site.stop(signal);
    assert.deepEqual(ended, signal === 'SIGKILL' ? { code: null, signal } : { code: 0, signal: null });
    await until(() => !isAlive(rp) && !isAlive(authority), `the children's end after ${signal}`);
    await assert.rejects(site.get('rp', '/healthz'));
    await site.serve();
  }
});

test('RL-12 SIGTERM drains: what was asked before is answered, then exit 0', async () => {
  const socket = net.connect(site.port, '127.0.0.1');
  await new Promise((resolve) => { socket.once('connect', resolve); });
  let text = '';
  socket.on('data', (chunk) => { text += chunk; });
  const body = JSON.stringify({});
  socket.write(`POST /assertion/options HTTP/1.1\r\nHost: localhost:${site.port}\r\nOrigin: ${site.origin}\r\nContent-Type: application/json\r\n`
    + `Content-Length: ${body.length}\r\n\r\n${body.slice(0, 1)}`);
  await wait(200);
  const ended = site.stop();
  await wait(200);
  socket.write(body.slice(1));
  await until(() => text.includes('"challenge"'), 'the answer');
  socket.destroy();
  assert.deepEqual(await ended, { code: 0, signal: null });
  await site.serve();
});

test('RL-12 SIGHUP takes a good file and keeps the old one for a wrong one', async () => {
  assert.equal(await asked(site, 'transfer'), 300000);
  const children = site.children();
  await reload(site, (text) => text.replace('max_age: 5m', 'max_age: 7m').replace('registration: open', 'registration: invite'), 'config.reloaded');
  assert.equal(await asked(site, 'transfer'), 420000);
  const stranger = site.browser();
  assert.equal((await stranger.post('/attestation/options', { username: 'eve', displayName: 'eve' })).json.error, 'invite_required');

  await reload(site, (text) => text.replace('max_age: 7m', 'max_age: 7'), 'config.kept');
  assert.ok(site.server.log.includes('sekisho.yaml:'), 'the line is named');
  assert.equal(await asked(site, 'transfer'), 420000);
  assert.ok(await isServing());

  await reload(site, (text) => text.replace('max_age: 7,', 'max_age: 6m').replace(/max_age: 7$/m, 'max_age: 6m').replace('registration: invite', 'registration: open'), 'config.reloaded');
  assert.equal(await asked(site, 'transfer'), 360000);
  assert.deepEqual(site.children(), children, 'nothing was restarted');
  assert.ok(site.events('config.error').every(({ line }) => line.includes('sekisho.yaml:')));

  await reload(site, (text) => text.replace(`listen: 127.0.0.1:${site.port}\n`, 'listen: 127.0.0.1:1\n').replace(`listen: 127.0.0.1:${site.port + 1} `, 'listen: 127.0.0.1:2 '), 'config.kept');
  assert.deepEqual(site.events('config.kept').slice(-2).map(({ detail }) => detail).sort(),
    ['authority.listen or authority.internal changed: that needs a restart', 'rp.listen changed: that needs a restart']);
  await reload(site, (text) => text.replace('127.0.0.1:1\n', `127.0.0.1:${site.port}\n`).replace('127.0.0.1:2 ', `127.0.0.1:${site.port + 1} `), 'config.reloaded');
});

test('RL-12 a flood of signals is survived', async () => {
  const { rp, authority } = site.children();
  for (let i = 0; i < 50; i++)
    for (const pid of [rp, authority, site.server.child.pid]) {
      process.kill(pid, 'SIGPIPE');
      process.kill(pid, 'SIGCHLD');
      process.kill(pid, 'SIGHUP');
    }
  await until(isServing, 'service');
  assert.deepEqual(site.children(), { rp, authority });
});

test('RL-16 readiness names the part that is missing, life goes on; a child is tried again until it can start', async () => {
  const good = fs.readFileSync(site.file, 'utf8');
  const { rp, authority } = site.children();
  fs.writeFileSync(site.file, good.replace('max_age: 6m', 'max_age: 6'));
  process.kill(authority, 'SIGKILL');
  await until(async () => (await site.get('rp', '/readyz')).status === 503, 'the authority to be missed');
  assert.equal((await site.get('rp', '/readyz')).json.authority, 'unreachable');
  assert.equal((await site.get('rp', '/healthz')).status, 200);
  const deaths = site.events('child.died').length;
  await until(() => site.events('child.died').length > deaths, 'another try');
  fs.writeFileSync(site.file, good);
  await until(isServing, 'service');
  assert.equal(site.children().rp, rp);
});

test('both processes are in their sandbox', async () => {
  for (const pid of Object.values(site.children())) {
    const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    assert.match(status, /^Seccomp:\s+2$/m);
  }
});

test('SIGHUP rereads within the sandbox, and reads nothing outside', async () => {
  const caged = await Site.make('/var/tmp'); // test builds leave /tmp open
  const elsewhere = fs.mkdtempSync('/var/tmp/sekisho-roots-');
  try {
    await caged.serve();
    await reload(caged, (text) => text.replace('max_age: 5m', 'max_age: 7m'), 'config.reloaded');
    assert.equal(await asked(caged, 'transfer'), 420000);
    const roots = path.join(elsewhere, 'roots.pem');
    fs.writeFileSync(roots, fs.readFileSync(new URL('./roots.pem', import.meta.url)));
    fs.writeFileSync(caged.file, fs.readFileSync(caged.file, 'utf8').replace('attestation: none', `attestation: direct\n  trust_roots: ${roots}`));
    assert.equal((await caged.run('check-config', caged.file)).code, 0);
    caged.server.child.kill('SIGHUP');
    await until(() => caged.events('config.kept').length > 0, 'the refusal');
    assert.match(caged.events('config.kept')[0].detail, /trust_roots/);
    await caged.stop();
    await caged.serve(); // a restart opens the new place

    fs.rmSync(roots);
    execFileSync('mkfifo', [roots]); // nobody will ever write there
    caged.server.child.kill('SIGHUP');
    await until(() => caged.events('config.kept').length > 0, 'the refusal of a FIFO');
    assert.match(caged.events('config.kept')[0].detail, /trust_roots/);
    assert.deepEqual(await caged.stop(), { code: 0, signal: null });
    fs.rmSync(roots);
    fs.writeFileSync(roots, fs.readFileSync(new URL('./roots.pem', import.meta.url)));
    await caged.serve();
  } finally {
    fs.rmSync(elsewhere, { recursive: true });
    await caged.done();
  }
});

test('a broken or missing file is refused before anything starts', async () => {
  const other = await Site.make();
  const absent = await other.run('serve', '-c', path.join(other.dir, 'absent.yaml'));
  refused(absent, /absent\.yaml/);
  fs.writeFileSync(other.file, fs.readFileSync(other.file, 'utf8').replace('max_age: 5m', 'max_age: 5').replace('name: Pay', 'nmae: Pay'));
  const wrong = await other.run('serve', '-c', other.file);
  assert.deepEqual([wrong.code, wrong.lines.length], [1, 2], wrong.stderr);
  assert.ok(wrong.lines.every((line) => /sekisho\.yaml:\d+: /.test(line)));
  assert.deepEqual((await other.run('serve', 'x')).code, 2);
  assert.deepEqual((await other.run('serve', '--nonsense')).code, 2);
  await other.done();
});

test('rp and authority alone', async () => {
  const other = await Site.make();
  for (const args of [['rp'], ['authority', '--nonsense']]) {
    const done = await other.run(...args);
    assert.equal(done.code, 2, done.stderr);
    assert.match(done.stderr, /usage: /);
  }
  refused(await other.run('authority', '-c', other.file, '--domain', 'nowhere'), /no domain nowhere/);
  await other.done();
});

test('serve makes what a new domain lacks', async () => {
  const other = await Site.make();
  const text = fs.readFileSync(other.file, 'utf8');
  fs.writeFileSync(other.file, text.replaceAll('id: coin', 'id: mint').replaceAll('/coin', '/mint'));
  await other.serve();
  assert.ok(fs.existsSync(path.join(other.dir, 'authority-mint.db')));
  assert.equal(fs.statSync(path.join(other.dir, 'keys', 'authority-mint.key')).mode & 0o777, 0o600);
  assert.equal((await other.get('authority', '/mint/jwks')).status, 200);
  await other.done();
});

test('no command at all, an unknown one, help and version', async () => {
  assert.equal((await sekisho([])).code, 2);
  const unknown = await sekisho(['nonsense']);
  assert.deepEqual([unknown.code, unknown.lines.length], [2, 1]);
  const help = await sekisho(['help']);
  assert.equal(help.code, 0);
  for (const name of ['init', 'serve', 'rp', 'authority', 'demo', 'check-config', 'user', 'invite', 'recovery', 'credential', 'session', 'client', 'key', 'audit',
    'policy', 'graph', 'verify', 'help', '--version']) {
    assert.match(help.stdout, new RegExp(`^  ${name} `, 'm'));
    const one = await sekisho(['help', name]);
    assert.equal(one.code, 0);
    assert.match(one.stdout, new RegExp(`^usage: sekisho ${name}\\b|^usage: sekisho ${name}$`, 'm'));
  }
  assert.equal((await sekisho(['help', 'nonsense'])).code, 2);
  const version = await sekisho(['--version']);
  assert.equal(version.code, 0);
  for (const library of ['openssl', 'libfido2', 'libcbor', 'libmicrohttpd', 'sqlite3', 'libpq', 'jansson', 'libyaml', 'libcurl', 'libseccomp'])
    assert.match(version.stdout, new RegExp(`^${library} \\d+\\.`, 'm'));
  assert.match(version.stdout, /^test hooks: yes/m);
});
