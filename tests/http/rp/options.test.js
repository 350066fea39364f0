// What options say: by the configuration, by the request, and how the two agree (WebAuthn L3 §5.4, §5.5, §5.8).
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { refused, serve } from '../support/ceremonies.js';

const CONFIGURED = `
  attestation: indirect
  attestation_formats: [packed, tpm]
  algorithms: [Ed448, PS384, ES512, ES256]
  challenge_lifetime: 10m
  create: {hints: [security-key], resident_key: preferred, user_verification: required, timeout: 2m, conditional: true}
  get: {hints: [hybrid, client-device], user_verification: discouraged, timeout: 1m}`;

let plain, configured;
before(async () => { [plain, configured] = await Promise.all([serve('  attestation: none'), serve(CONFIGURED)]); });
after(() => Promise.all([plain.done(), configured.done()]));

const create = (rp, more) => rp.browser().registrationOptions('ann', more);
const tryCreate = (rp, more) => rp.browser().post('/attestation/options', { username: 'ann', displayName: 'Ann', ...more });
const tryGet = (rp, more) => rp.browser().post('/assertion/options', more);

test('the configuration says what is offered', async () => {
  const options = await create(configured);
  assert.deepEqual(options.pubKeyCredParams.map(({ alg }) => alg), [-53, -38, -36, -7]);
  assert.equal(options.attestation, 'indirect');
  assert.deepEqual(options.attestationFormats, ['packed', 'tpm']);
  assert.deepEqual(options.hints, ['security-key']);
  assert.deepEqual(options.authenticatorSelection, {
    requireResidentKey: false, residentKey: 'preferred', authenticatorAttachment: 'cross-platform', userVerification: 'required',
  });
  assert.equal(options.timeout, 120000);
  const login = await configured.browser().loginOptions();
  assert.deepEqual(login.hints, ['hybrid', 'client-device']);
  assert.equal(login.userVerification, 'discouraged');
  assert.equal(login.timeout, 60000);
});

test('without any, options are those of passkeys', async () => {
  const options = await create(plain);
  assert.deepEqual(options.authenticatorSelection, { requireResidentKey: true, residentKey: 'required', userVerification: 'preferred' });
  assert.equal(options.attestation, 'none');
  assert.equal(options.attestationFormats, undefined);
  assert.equal(options.hints, undefined);
  assert.equal(options.timeout, 300000);
  assert.deepEqual(options.extensions, { credProps: true });
});

test('what was not offered is not taken, each that was is', async () => {
  for (const algorithm of [-53, -38, -36, -7]) await configured.browser().register(`alg${-algorithm}`, { algorithm });
  refused(await configured.browser().tryRegister('alg35', { algorithm: -35 }), 400, 'unsupported_algorithm');
});

test('a request may say its own', async () => {
  const options = await create(configured, {
    attestation: 'direct',
    attestationFormats: ['apple', 'none', 'x-unknown', 'apple'],
    hints: ['client-device', 'telepathy', 'client-device'],
    authenticatorSelection: { residentKey: 'required', userVerification: 'discouraged' },
    timeout: 30000,
  });
  assert.equal(options.attestation, 'direct');
  assert.deepEqual(options.attestationFormats, ['apple', 'none']);
  assert.deepEqual(options.hints, ['client-device']);
  assert.deepEqual(options.authenticatorSelection, {
    requireResidentKey: true, residentKey: 'required', authenticatorAttachment: 'platform', userVerification: 'discouraged',
  });
  assert.equal(options.timeout, 30000);
});

test('timeouts never outlive the challenge', async () => {
  assert.equal((await create(plain, { timeout: 3600000 })).timeout, 300000);
  assert.equal((await plain.browser().loginOptions({ timeout: 4294967295 })).timeout, 300000);
  assert.equal((await plain.browser().loginOptions({ timeout: 1 })).timeout, 1);
});

test('WA-40 autofill waits as long as the challenge lives, whatever other logins may', async () => {
  const options = await configured.browser().loginOptions({ mediation: 'conditional' });
  assert.deepEqual(options.allowCredentials, []);
  assert.equal(options.timeout, 600000);
  assert.ok((await plain.browser().loginOptions({ mediation: 'conditional' })).timeout >= 300000);
});

test('requireResidentKey and residentKey say one thing', async () => {
  const selected = async (selection) => (await create(plain, { authenticatorSelection: selection })).authenticatorSelection;
  const cases = [
    [{}, true, 'required'],
    [{ residentKey: 'discouraged' }, false, 'discouraged'],
    [{ residentKey: 'preferred', requireResidentKey: true }, false, 'preferred'],
    [{ residentKey: 'required', requireResidentKey: false }, true, 'required'],
    [{ requireResidentKey: true }, true, undefined],
    [{ requireResidentKey: false }, false, undefined],
  ];
  for (const [asked, require, resident] of cases) {
    const { requireResidentKey, residentKey } = await selected(asked);
    assert.deepEqual([requireResidentKey, residentKey], [require, resident], JSON.stringify(asked));
  }
});

test('hints become an attachment for browsers that know no hints', async () => {
  const cases = [
    [{ hints: ['security-key'] }, 'cross-platform'],
    [{ hints: ['hybrid'] }, 'cross-platform'],
    [{ hints: ['hybrid', 'security-key'] }, 'cross-platform'],
    [{ hints: ['client-device'] }, 'platform'],
    [{ hints: ['client-device', 'hybrid'] }, undefined],
    [{ hints: [] }, undefined],
    [{ hints: ['telepathy'] }, undefined],
    [{ hints: ['client-device'], authenticatorSelection: { authenticatorAttachment: 'cross-platform' } }, 'cross-platform'],
  ];
  for (const [asked, attachment] of cases) {
    assert.equal((await create(plain, asked)).authenticatorSelection.authenticatorAttachment, attachment, JSON.stringify(asked));
  }
});

test('members of another type or an unknown word are refused', async () => {
  const both = [{ hints: 'hybrid' }, { hints: [1] }, { hints: Array(17).fill('hybrid') }, { timeout: '60000' }, { timeout: 0 }, { timeout: -1 },
    { timeout: 1.5 }, { timeout: null }, { mediation: 'telepathic' }, { mediation: 1 }, { extensions: [] }];
  const creation = [{ attestationFormats: {} }, { attestationFormats: [null] }, { attestation: 'some' }, { authenticatorSelection: { residentKey: 'yes' } },
    { authenticatorSelection: { requireResidentKey: 'yes' } }, { authenticatorSelection: { authenticatorAttachment: 'pocket' } },
    { authenticatorSelection: { userVerification: 'maybe' } }, { authenticatorSelection: [] }];
  for (const more of [...both, ...creation]) refused(await tryCreate(plain, more), 400, 'malformed');
  for (const more of both) refused(await tryGet(plain, more), 400, 'malformed');
});

test('WR-30 a registration without user presence is refused, unless it is a conditional one', async () => {
  const b = configured.browser();
  refused(await b.tryRegister('cleo', { up: false }), 400, 'user_presence');
  await b.register('cleo');
  refused(await b.tryRegister(null, { up: false, ignoreExclude: true }), 400, 'user_presence');
  const ask = { mediation: 'conditional', authenticatorSelection: { userVerification: 'preferred' } };
  const { credential, session } = await b.register(null, { ask, up: false, uv: false, ignoreExclude: true });
  assert.equal(session, undefined);
  assert.equal(credential.uv_initialized, false);
  assert.equal((await b.get('/session')).json.acr, 'phr'); /* by the passkey from before */
  assert.equal((await b.get('/credentials')).json.length, 2);
});

test('WR-30 a passkey made in the background proves nobody: it opens no session, and is no fresh evidence', async () => {
  const b = configured.browser();
  await b.register('dora');
  configured.pass(290);
  const ask = { mediation: 'conditional', authenticatorSelection: { userVerification: 'preferred' } };
  await b.register(null, { ask, up: false, uv: false, ignoreExclude: true });
  configured.pass(20);
  refused(await b.post('/attestation/options', ask), 401, 'insufficient_user_authentication');
});

test('conditional create is for who is signed in, fresh, and where it is configured', async () => {
  const ask = { mediation: 'conditional' };
  refused(await tryCreate(plain, ask), 403, 'conditional_create');
  refused(await tryCreate(configured, ask), 401, 'not_signed_in');
  const b = configured.browser();
  await b.register('emma');
  refused(await b.post('/attestation/options', { ...ask, username: 'other', displayName: 'Other' }), 403, 'conditional_create');
  const { ticket } = (await configured.admin('POST', '/users/emma/recovery')).json;
  refused(await b.post('/attestation/options', { ...ask, ticket }), 403, 'conditional_create');
});

test('an algorithm that OpenSSL lacks is refused by name, before anything listens', async (t) => {
  const version = execFileSync('openssl', ['version'], { encoding: 'utf8' });
  const [, major, minor] = /OpenSSL (\d+)\.(\d+)/.exec(version).map(Number);
  if (major > 3 || (major === 3 && minor >= 5)) return t.skip('this OpenSSL has ML-DSA');
  const file = path.join(plain.folder, 'ml-dsa.yaml');
  fs.writeFileSync(file, fs.readFileSync(plain.file, 'utf8').replace('  attestation: none', '  algorithms: [ES256, ML-DSA-65]'));
  for (const [program, args] of [['sekisho', ['check-config', file]], ['sekisho-rp', ['-c', file]]]) {
    const ended = spawnSync(path.join(process.env.SEKISHO_BUILD ?? 'build', program), args, { encoding: 'utf8' });
    assert.equal(ended.status, 1, ended.stderr);
    assert.match(ended.stderr, /rp\.algorithms: ML-DSA-65 is not in the linked OpenSSL/);
  }
  return undefined;
});

test('WR-15 ceremonies in frames are refused unless configured, and only below listed sites', async (t) => {
  const framed = await serve('  cross_origin: {allow: true, top_origins: ["https://shop.example"]}');
  t.after(() => framed.done());
  refused(await plain.browser().tryRegister('fay', { crossOrigin: true }), 400, 'cross_origin');
  const b = framed.browser();
  const { credential: { id } } = await b.register('fay', { crossOrigin: true });
  await b.register(null, { crossOrigin: true, topOrigin: 'https://shop.example', ignoreExclude: true });
  refused(await b.tryRegister(null, { crossOrigin: true, topOrigin: 'https://thief.example', ignoreExclude: true }), 400, 'cross_origin');
  await b.login({}, { credential: id, crossOrigin: true, topOrigin: 'https://shop.example' });
  refused(await b.tryLogin({}, { credential: id, crossOrigin: true, topOrigin: 'https://thief.example' }), 400, 'authentication_failed');
  const outside = plain.browser();
  await outside.register('fay');
  refused(await outside.tryLogin({}, { crossOrigin: true }), 400, 'authentication_failed');
  refused(await outside.tryLogin({}, { topOrigin: 'https://shop.example' }), 400, 'authentication_failed');
});
