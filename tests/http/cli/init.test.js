// `sekisho init` and `check-config`: the first minute of an operator.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { makeFolder, removeFolder } from '../support/processes.js';
import { sekisho } from '../support/site.js';

let folder;
before(() => { folder = makeFolder(); });
after(() => { removeFolder(folder); });

/** Every file below, with its bytes and mode. */
function snapshot(directory) {
  return Object.fromEntries(fs.readdirSync(directory, { withFileTypes: true }).filter((entry) => !entry.isSocket()).sort().flatMap((entry) => {
    const file = path.join(directory, entry.name);
    const mode = (fs.statSync(file).mode & 0o777).toString(8);
    return entry.isDirectory() ? [[file, mode], ...Object.entries(snapshot(file))] : [[file, `${mode} ${fs.readFileSync(file).toString('base64')}`]];
  }));
}

test('makes configuration, keys and databases, closed to others', async () => {
  const dir = path.join(folder, 'first');
  const done = await sekisho(['init', dir, '--port', '18080']);
  assert.deepEqual([done.code, done.stderr], [0, '']);
  assert.match(done.stdout, /sekisho serve -c .*first\/sekisho\.yaml/);
  const made = snapshot(dir);
  for (const name of ['sekisho.yaml', 'rp.db', 'authority-pay.db', 'authority-coin.db', 'keys/rp.key', 'keys/authority-pay.key', 'keys/authority-coin.key'])
    assert.match(made[path.join(dir, name)], /^600 /, name);
  for (const name of ['keys', 'run']) assert.equal(made[path.join(dir, name)], '700');
  assert.equal(fs.statSync(path.join(dir, 'keys', 'rp.key')).size, 32);
  const check = await sekisho(['check-config', path.join(dir, 'sekisho.yaml')]);
  assert.deepEqual([check.code, check.stdout], [0, `${path.join(dir, 'sekisho.yaml')}: ok, 2 domains\n`]);
});

test('never overwrites', async () => {
  const dir = path.join(folder, 'first');
  const before = snapshot(dir);
  const again = await sekisho(['init', dir, '--port', '19000']);
  assert.deepEqual([again.code, again.lines.length], [1, 1], again.stderr);
  assert.match(again.stderr, /sekisho\.yaml: .*never overwrites/);
  assert.deepEqual(snapshot(dir), before);
});

test('leaves what it did not make', async () => {
  const dir = path.join(folder, 'used');
  fs.mkdirSync(dir, { mode: 0o700 });
  fs.writeFileSync(path.join(dir, 'sekisho.yaml'), 'mine\n');
  const done = await sekisho(['init', dir]);
  assert.equal(done.code, 1);
  assert.deepEqual(fs.readdirSync(dir), ['sekisho.yaml']);
  assert.equal(fs.readFileSync(path.join(dir, 'sekisho.yaml'), 'utf8'), 'mine\n');
  fs.rmSync(path.join(dir, 'sekisho.yaml'));
  fs.symlinkSync(path.join(folder, 'target'), path.join(dir, 'sekisho.yaml'));
  assert.equal((await sekisho(['init', dir])).code, 1);
  assert.ok(!fs.existsSync(path.join(folder, 'target')), 'a link is not followed');
});

test('another RP ID gives its own addresses', async () => {
  const dir = path.join(folder, 'public');
  assert.equal((await sekisho(['init', dir, '--rp-id', 'login.example.com', '--port', '18090'])).code, 0);
  const text = fs.readFileSync(path.join(dir, 'sekisho.yaml'), 'utf8');
  assert.match(text, /id: login\.example\.com\n/);
  assert.match(text, /origins: \["https:\/\/login\.example\.com"\]/);
  assert.match(text, /listen: 127\.0\.0\.1:18090\n/);
});

test('refusals say what to do and leave nothing half made', async () => {
  const bad = path.join(folder, 'bad');
  const rpId = await sekisho(['init', bad, '--rp-id', 'https://example.com']);
  assert.equal(rpId.code, 1);
  assert.match(rpId.stderr, /host name like login\.example\.com/);
  const file = path.join(folder, 'file');
  fs.writeFileSync(file, '');
  const notFolder = await sekisho(['init', file]);
  assert.deepEqual([notFolder.code, notFolder.lines.length], [1, 1]);
  const open = path.join(folder, 'open');
  fs.mkdirSync(open);
  fs.chmodSync(open, 0o777);
  const shared = await sekisho(['init', open]);
  assert.deepEqual([shared.code, shared.lines.length], [1, 1]);
  assert.match(shared.stderr, /chmod go-w/);
  for (const args of [[], [bad, 'x'], [bad, '--port'], [bad, '--port', '0'], [bad, '--port', '65535'], [bad, '--port', '80x'], ['--nonsense', bad]]) {
    const usage = await sekisho(['init', ...args]);
    assert.equal(usage.code, 2, args.join(' '));
    assert.match(usage.stderr, /usage: sekisho init /);
  }
});
