// check-config and policy explain, as an operator runs them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build, makeFolder, removeFolder } from '../support/processes.js';

const whole = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname),
  '../../unit/data/full.yaml');
let folder;
before(() => { folder = makeFolder(); });
after(() => removeFolder(folder));

function sekisho(...args) {
  const { status, stdout, stderr } = spawnSync(path.join(build, 'sekisho'), args, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

function write(name, text) {
  const file = path.join(folder, name);
  fs.writeFileSync(file, text);
  return file;
}

function explain(evidence, ...more) {
  const file = write('evidence.json', typeof evidence === 'string' ? evidence : JSON.stringify(evidence));
  return sekisho('policy', 'explain', '-c', whole, '--domain', 'pay', '--evidence', file, ...more);
}

const passkey = (age, more = {}) => ({ age, user_verified: true, backup_eligible: true, ...more });

test('check-config accepts a whole file and notes what is not used yet', () => {
  const { status, stdout, stderr } = sekisho('check-config', whole);
  assert.equal(status, 0);
  assert.equal(stderr, '');
  assert.match(stdout, /full\.yaml:63: domains\[0\]\.trusts: accepted, not used by this version/);
  assert.match(stdout, /full\.yaml: ok, 2 domains\n$/);
});

test('AB-16 check-config names every error at once with file, line and key', () => {
  const text = fs.readFileSync(whole, 'utf8')
    .replace('registration: open', 'registration: shut')
    .replace('issuer: http://localhost:8081/pay', 'issuer: http://pay.example/')
    .replace('name: Pay on the web', 'nmae: Pay on the web');
  const file = write('wrong.yaml', text);
  const { status, stderr } = sekisho('check-config', file);
  assert.equal(status, 1);
  const lines = stderr.trimEnd().split('\n');
  assert.equal(lines.length, 3);
  assert.ok(lines[0].startsWith(`${file}:7: rp.registration: `) && lines[0].endsWith('allowed: open, invite'));
  assert.ok(lines[1].startsWith(`${file}:21: domains[0].issuer: `));
  assert.equal(lines[2], `${file}:39: domains[0].clients[0].nmae: unknown key, did you mean name?`);
});

test('check-config without a file is a usage error, with an absent one a refusal', () => {
  assert.equal(sekisho('check-config').status, 2);
  const { status, stderr } = sekisho('check-config', path.join(folder, 'absent.yaml'));
  assert.equal(status, 1);
  assert.match(stderr, /absent\.yaml:1: file: cannot be read/);
});

test('a scope lapses when its max_age has passed, entry holds on', () => {
  const entry = explain([passkey('12m', { domain: 'pay' })]);
  assert.equal(entry.status, 0);
  assert.match(entry.stdout, /decision: satisfied until /);
  const scope = explain([passkey('12m', { domain: 'pay' })], '--scope', 'transfer');
  assert.equal(scope.status, 1);
  assert.match(scope.stdout, /decision: step_up, missing: age/);
  assert.match(scope.stdout, /within the last 5 min; yours was used 12 min ago\./);
  assert.match(scope.stdout, /5分以内の.*前回の認証は12分前でした。/);
});

test('--json carries the same decision', () => {
  const { status, stdout } = explain([passkey('3m', { purpose: 'step_up', domain: 'coin' })],
    '--scope', 'transfer', '--json');
  assert.equal(status, 1);
  const answer = JSON.parse(stdout);
  assert.equal(answer.verdict, 'step_up');
  assert.equal(answer.missing, 'domain');
  assert.deepEqual(answer.requirement, { acr: 'phr', max_age: 300, evidence: 'domain', this_request: false });
  assert.equal(answer.basis.domain, 'coin');
  assert.deepEqual(answer.basis.amr, ['pop', 'swk', 'user', 'mfa']);
  assert.match(answer.explanation.en, /was used 3 min ago for coin/);
});

test('--now decides at that time: the last second counts, the next does not', () => {
  const evidence = [{ time: '2026-01-31T12:00:00Z', user_verified: true }];
  assert.equal(explain(evidence, '--now', '2026-02-01T00:00:00Z').status, 0);
  assert.equal(explain(evidence, '--now', '2026-02-01T00:00:01Z').status, 1);
});

test('routes ask for themselves and their scopes', () => {
  const hardware = { age: '1m', user_verified: true, attested_hardware: true, domain: 'pay' };
  assert.equal(explain([hardware], '--route', 'POST /transfers/{id}').status, 0);
  assert.match(explain([passkey('1m', { domain: 'pay' })], '--route', 'POST /transfers/{id}').stdout, /missing: level/);
  assert.match(explain([{ ...hardware, age: '3m' }], '--route', 'POST /transfers/{id}').stdout, /missing: age/);
});

test('request parameters only raise', () => {
  assert.match(explain([passkey('1m')], '--acr', 'phrh').stdout, /missing: level/);
  assert.equal(explain([passkey('1m')], '--acr', 'urn:sekisho:acr:presence').status, 0);
  assert.match(explain([passkey('13h')], '--acr', 'urn:sekisho:acr:presence', '--max-age', '30d').stdout, /missing: age/);
  assert.match(explain([passkey('0s')], '--max-age', '0').stdout, /missing: request/);
  assert.equal(explain([passkey('0s', { this_request: true })], '--max-age', '0').status, 0);
});

test('names that the file does not have are usage errors', () => {
  for (const more of [['--scope', 'nope'], ['--route', 'GET /nope'], ['--acr', 'nope'], ['--now', 'soon'], ['--max-age', 'x']]) {
    const { status, stderr } = explain([], ...more);
    assert.equal(status, 2, more.join(' '));
    assert.match(stderr, /^sekisho: /);
  }
  assert.equal(sekisho('policy').status, 2);
});

test('evidence that cannot be read is refused by its place', () => {
  const rows = [
    ['{', /not JSON/], ['{}', /not a JSON array/], ['[1]', /evidence 0 is not an object/],
    [[passkey('1m'), {}], /evidence 1 needs either time/], [[passkey('5')], /evidence 0 needs either time/],
    [[passkey('1m', { uv: true })], /evidence 0 has an unknown member uv/],
    [[passkey('1m', { backed_up: 1 })], /evidence 0 has a flag/], [[passkey('1m', { purpose: 'x' })], /evidence 0: purpose/],
  ];
  for (const [evidence, wanted] of rows) {
    const { status, stderr } = explain(evidence);
    assert.equal(status, 1);
    assert.match(stderr, wanted);
  }
});
