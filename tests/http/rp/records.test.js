// Credential records (WebAuthn L3 §4): what is kept, and how counters, backup state and user verification move.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { AAGUID, audited, credentialsOf, refused, serve } from '../support/ceremonies.js';

let plain, alerting, bound;
before(async () => {
  [plain, alerting, bound] = await Promise.all([serve(), serve('  sign_count: alert'), serve('  backup: {eligible: allow, change: refuse}')]);
});
after(() => Promise.all([plain.done(), alerting.done(), bound.done()]));

const hashOf = (id) => crypto.createHash('sha256').update(Buffer.from(id, 'base64url')).digest('base64url');
const only = async (rp, name) => (await credentialsOf(rp, name))[0];

test('the record has what the standard asks for, and the owner sees it', async () => {
  const b = plain.browser();
  const { credential } = await b.register('ann', { signCount: 7, be: true, result: { nickname: 'Key' } });
  const [record] = await credentialsOf(plain, 'ann');
  assert.deepEqual((await b.get('/credentials')).json[0], record);
  assert.deepEqual({ ...credential }, record);
  const { created_at, ...rest } = record;
  assert.ok(Math.abs(created_at - Date.now() / 1000) < 60);
  assert.deepEqual(rest, {
    id: credential.id, aaguid: AAGUID, alg: -7, nickname: 'Key', fmt: 'none', attestation_type: 'none', attested: false, hardware: false,
    certification: 'none', sign_count: 7, uv_initialized: true, backup_eligible: true, backed_up: false, discoverable: true, prf: null,
    large_blob: null, cred_protect: null, min_pin_length: null, transports: ['usb'], last_used_at: null,
  });
});

test('WA-18 a counter that does not grow is refused, audited, and never lowered', async () => {
  const b = plain.browser();
  const { credential } = await b.register('bea');
  await b.login({}, { signCount: 10 });
  for (const signCount of [10, 9]) {
    refused(await b.tryLogin({}, { signCount }), 400, 'authentication_failed');
    assert.equal((await only(plain, 'bea')).sign_count, 10);
    const [event] = await audited(plain, 'credential.sign_count');
    assert.deepEqual(event.detail, { credential: hashOf(credential.id), stored: 10, sent: signCount });
    assert.equal((await audited(plain, 'login.refused'))[0].detail.error, 'sign_count');
  }
  await b.login({}, { signCount: 11 });
  assert.equal((await only(plain, 'bea')).sign_count, 11);
  assert.equal((await audited(plain, 'credential.sign_count')).length, 2);
});

test('WA-18 where it is only reported, the login goes on, and the counter is never lowered', async () => {
  const b = alerting.browser();
  const { credential } = await b.register('bea');
  await b.login({}, { signCount: 10 });
  for (const signCount of [10, 9, 0]) {
    assert.equal((await b.login({}, { signCount })).session.acr, 'phr');
    assert.equal((await only(alerting, 'bea')).sign_count, 10);
    assert.deepEqual((await audited(alerting, 'credential.sign_count'))[0].detail, { credential: hashOf(credential.id), stored: 10, sent: signCount });
  }
  assert.match(alerting.program.log, /"level":"warning".*"event":"credential.sign_count"/);
  await b.login({}, { signCount: 11 });
  assert.equal((await only(alerting, 'bea')).sign_count, 11);
  assert.equal((await audited(alerting, 'credential.sign_count')).length, 3);
});

test('a counter that nobody signed is no finding', async () => {
  const b = plain.browser();
  await b.register('bob');
  await b.login({}, { signCount: 10 });
  const findings = (await audited(plain, 'credential.sign_count')).length;
  refused(await b.tryLogin({}, { signCount: 3, wrongKey: true }), 400, 'authentication_failed');
  assert.equal((await audited(plain, 'credential.sign_count')).length, findings);
});

test('WA-18 logins at the same time with one counter: one is in, the others are findings', async () => {
  for (const [rp, most] of [[plain, 1], [alerting, 4]]) {
    const b = rp.browser();
    await b.register('cat');
    const answers = await Promise.all(Array.from({ length: 4 }, async () => {
      const other = b.sibling();
      return other.tryLogin({ username: 'cat' }, { signCount: 50 });
    }));
    assert.equal(answers.filter(({ status }) => status === 200).length, most);
    assert.equal((await only(rp, 'cat')).sign_count, 50);
    const found = (await audited(rp, 'credential.sign_count')).filter(({ detail }) => detail.sent === 50);
    assert.deepEqual(found.map(({ detail }) => detail.stored), [50, 50, 50]);
  }
});

test('WA-19 a counter that was used and comes back as zero is refused', async () => {
  const b = plain.browser();
  await b.register('dan', { signCount: 5 });
  refused(await b.tryLogin({}, { signCount: 0 }), 400, 'authentication_failed');
  assert.equal((await only(plain, 'dan')).sign_count, 5);
});

test('WA-22 counters have 32 bits', async () => {
  const b = plain.browser();
  await b.register('eve');
  for (const signCount of [0x7fffffff, 0x80000000, 0xffffffff]) {
    await b.login({}, { signCount });
    assert.equal((await only(plain, 'eve')).sign_count, signCount);
  }
  refused(await b.tryLogin({}, { signCount: 0xffffffff }), 400, 'authentication_failed');
});

test('WA-23 a counter that is not used stays at zero', async () => {
  const b = plain.browser();
  await b.register('fay', { signCount: 0 });
  for (let i = 0; i < 3; i += 1) await b.login({}, { signCount: 0 });
  assert.equal((await only(plain, 'fay')).sign_count, 0);
});

test('WA-24 backup eligibility never changes', async () => {
  for (const be of [false, true]) {
    const b = plain.browser();
    await b.register(`gil-${be}`, { be });
    refused(await b.tryLogin({}, { be: !be }), 400, 'authentication_failed');
    assert.equal((await only(plain, `gil-${be}`)).backup_eligible, be);
    await b.login({}, { be });
  }
});

test('WA-25 the backup state follows the authenticator, and changes are audited', async () => {
  const b = plain.browser();
  const { credential } = await b.register('hal', { be: true, bs: false });
  await b.login({}, { be: true, bs: false });
  assert.deepEqual(await audited(plain, 'credential.backup_changed'), []);
  for (const [from, to] of [[false, true], [true, false]]) {
    await b.login({}, { be: true, bs: to });
    assert.equal((await only(plain, 'hal')).backed_up, to);
    assert.deepEqual((await audited(plain, 'credential.backup_changed'))[0].detail, { credential: hashOf(credential.id), from, to });
  }
});

test('WA-25 where changes are refused, nothing moves', async () => {
  const b = bound.browser();
  await b.register('hal', { be: true, bs: false });
  refused(await b.tryLogin({}, { be: true, bs: true }), 400, 'authentication_failed');
  const { error, step } = (await audited(bound, 'login.refused'))[0].detail;
  assert.deepEqual([error, step], ['backup_state', 'backup-eligibility']);
  assert.equal((await only(bound, 'hal')).backed_up, false);
  await b.login({}, { be: true, bs: false });
});

test('WR-29 BS without BE is refused, at registration and at login', async () => {
  refused(await plain.browser().tryRegister('ida', { be: false, bs: true }), 400, 'backup_flags');
  const b = plain.browser();
  await b.register('ida');
  refused(await b.tryLogin({}, { be: false, bs: true }), 400, 'authentication_failed');
});

test('passkeys that can be synced are refused where so configured', async (t) => {
  const rp = await serve('  backup: {eligible: refuse}');
  t.after(() => rp.done());
  refused(await rp.browser().tryRegister('jan', { be: true }), 400, 'backup_eligible');
  const [event] = await audited(rp, 'registration.refused');
  assert.deepEqual(event.detail, { error: 'backup_eligible', step: 'backup-eligibility' });
  assert.equal((await rp.admin('GET', '/users/jan')).status, 404);
  await rp.browser().register('jan');
});

test('uvInitialized: the first verification counts when no passkey of the account has verified before', async () => {
  const b = plain.browser();
  await b.register('kim', { uv: false });
  assert.equal((await only(plain, 'kim')).uv_initialized, false);
  assert.equal((await b.login({}, { uv: true })).session.acr, 'phr');
  assert.equal((await only(plain, 'kim')).uv_initialized, true);
  await b.login({}, { uv: false });
  assert.equal((await only(plain, 'kim')).uv_initialized, true); /* once is enough */
});

test('uvInitialized: beside others it is raised only with their evidence in the same session', async () => {
  const b = plain.browser();
  const { credential: strong } = await b.register('lea');
  const { credential: weak } = await b.register(null, { uv: false, ignoreExclude: true });
  const flag = async () => (await credentialsOf(plain, 'lea')).find(({ id }) => id === weak.id).uv_initialized;
  const finder = b.sibling(); /* who found the key, and has set a PIN */
  const { session } = await finder.login({}, { credential: weak.id, uv: true });
  assert.notEqual(session.acr, 'phr');
  assert.equal(await flag(), false);
  plain.pass(301);
  const late = await b.login({ requirement: { max_age: 60 } }, { credential: weak.id, uv: true });
  assert.equal(await flag(), false, 'evidence of the strongest level is too old');
  assert.equal(late.session.username, 'lea');
  await b.login({ requirement: { max_age: 60 } }, { credential: strong.id });
  await b.login({ requirement: { max_age: 60 } }, { credential: weak.id, uv: true });
  assert.equal(await flag(), true);
  assert.equal((await b.sibling().login({}, { credential: weak.id })).session.acr, 'phr');
});
