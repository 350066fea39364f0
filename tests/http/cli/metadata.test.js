// `sekisho metadata`, with the server up and down.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { SoftAuthenticator } from '../../authenticator/softauthn.mjs';
import { day, MODEL } from '../support/metadata.js';
import { Site } from '../support/site.js';

let site, tool;
const statement = { aaguid: MODEL, description: 'Pocket Key', attestationTypes: ['basic_full'], keyProtection: ['hardware'] };
const entry = { aaguid: MODEL, metadataStatement: statement, statusReports: [{ status: 'FIDO_CERTIFIED_L2', effectiveDate: '2024-01-01' }, { status: 'REVOKED', effectiveDate: '2025-01-01' }] };
const file = (name) => path.join(site.dir, name);

async function write(number, { fault, nextUpdate = day(30), name = 'blob.jwt' } = {}) {
  const { blob, roots } = await tool.metadata({ no: number, nextUpdate, entries: [entry] }, fault);
  fs.writeFileSync(file(name), blob);
  fs.writeFileSync(file('mds.pem'), roots);
}

before(async () => {
  site = await Site.make();
  tool = new SoftAuthenticator();
  await write(3);
  fs.writeFileSync(site.file, fs.readFileSync(site.file, 'utf8').replace(/^rp:.*\n/m, 'rp:\n  metadata: {file: blob.jwt, roots: mds.pem}\n'));
});
after(async () => { tool.close(); await site.done(); });

test('show and update without a server', async () => {
  const shown = await site.json('metadata', 'show');
  assert.deepEqual([shown.state, shown.number, shown.models, shown.revocation_checked], ['ok', 3, 1, false]);
  await write(4);
  assert.equal((await site.json('metadata', 'update')).number, 4);
  await write(1);
  const refused = await site.operator('metadata', 'update');
  assert.deepEqual([refused.code, refused.lines.length], [1, 1], refused.stderr);
  const words = await site.operator('metadata', 'show');
  assert.equal(words.code, 0, words.stderr);
  assert.match(words.stdout, /NUMBER +4/);
});

test('show and update with a server', async () => {
  await site.serve();
  await write(5);
  assert.equal((await site.json('metadata', 'update')).number, 5);
  await write(2);
  const refused = await site.operator('metadata', 'update');
  assert.equal(refused.code, 1);
  assert.match(refused.lines.join(), /numbers never go back/);
  assert.equal(refused.lines.length, 1);
  assert.equal((await site.json('metadata', 'show')).number, 5);
  assert.equal((await site.json('metadata', 'show', MODEL)).problem, 'REVOKED');
  const words = await site.operator('metadata', 'show', MODEL);
  assert.match(words.stdout, /NAME +Pocket Key[^]*FIDO_CERTIFIED_L2 +2024-01-01[^]*REVOKED/);
  assert.equal((await site.json('metadata', 'show', '--all')).length, 1);
  const unknown = await site.operator('metadata', 'show', '22222222-2222-4333-8444-555555555555');
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /knows no such model/);
});

test('AT-22 check says yes or no without any server', async () => {
  await write(9, { name: 'good.jwt' });
  for (const args of [['-c', site.file], ['--roots', file('mds.pem')]]) {
    const good = await site.run('metadata', 'check', file('good.jwt'), ...args);
    assert.equal(good.code, 0, good.stderr);
    assert.match(good.stdout, /ok, number 9, good until .* 1 models/);
  }
  for (const fault of ['bad-signature', 'other-root', 'alg-none', 'gzip', 'expired-leaf', 'cut']) {
    await write(9, { name: 'bad.jwt', fault });
    const bad = await site.run('metadata', 'check', file('bad.jwt'), '-c', site.file);
    assert.equal(bad.code, 1, fault);
    assert.match(bad.stderr, /refused: /);
    assert.equal(bad.lines.length, 1);
    assert.equal(bad.stdout, '');
  }
  await write(9, { name: 'old.jwt', nextUpdate: day(-3) });
  assert.equal((await site.run('metadata', 'check', file('old.jwt'), '-c', site.file)).code, 1);
  assert.equal((await site.run('metadata', 'check', file('old.jwt'), '-c', site.file, '--at', `${day(-5)}T00:00:00Z`)).code, 0);
});

test('check: revocation lists, the signer’s name, statements, JSON', async () => {
  const check = (name, ...args) => site.run('metadata', 'check', file(name), '--roots', file('mds.pem'), ...args);
  for (const [revoked, code] of [['none', 0], ['leaf', 1], ['intermediate', 1]]) {
    fs.writeFileSync(file('crls.pem'), await tool.metadataCrls(revoked));
    assert.equal((await check('good.jwt', '--crls', file('crls.pem'))).code, code, revoked);
  }
  assert.equal((await check('good.jwt', '--signer', 'mds.soft.example')).code, 0);
  assert.equal((await check('good.jwt', '--signer', 'mds.fidoalliance.org')).code, 1);
  assert.deepEqual(JSON.parse((await check('good.jwt', '--json')).stdout).number, 9);
  const refused = await check('bad.jwt', '--json');
  assert.deepEqual([refused.code, JSON.parse(refused.stdout).ok, JSON.parse(refused.stdout).error], [1, false, 'metadata']);
  fs.writeFileSync(file('one.json'), JSON.stringify(statement));
  assert.match((await check('one.json')).stdout, /a statement of Pocket Key/);
  fs.writeFileSync(file('one.json'), '{"aaguid":"x"}');
  assert.equal((await check('one.json')).code, 1);
});

test('wrong usage', async () => {
  for (const args of [[], ['check'], ['check', 'a', 'b'], ['show', 'a', 'b'], ['update', 'now'], ['forget'], ['check', 'x', '--at', 'noon']])
    assert.equal((await site.run('metadata', ...args)).code, 2, args.join(' '));
  assert.equal((await site.run('metadata', 'check', file('absent'), '--roots', file('mds.pem'))).code, 1);
});
