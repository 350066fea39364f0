/* Chromium's virtual authenticators in all their kinds, at a service for passkeys, as sekisho is unless told otherwise, and at
 * one that takes keys which keep nothing themselves (rp.create.resident_key: discouraged). Each registers and signs in through
 * our pages, or is told why not. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newName, newPerson, startBrowser } from './support/person.js';
import { startServer } from './support/server.js';

const LENIENT = `  attestation: direct
  create: {resident_key: discouraged}
  extensions: {min_pin_length: true}
  registration: open`;

let passkeys;
let keys;
let browser;
before(async () => {
  passkeys = await startServer();
  keys = await startServer({
    edit: (yaml) => yaml.replace(/^ {2}attestation: .*\n/m, '').replace('  registration: open', LENIENT),
  });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await passkeys?.stop();
  await keys?.stop();
});

const skip = process.env.SEKISHO_URL && 'needs servers of its own';

const NO_UV = { hasUserVerification: false, isUserVerified: false };
const U2F = { protocol: 'u2f', ctap2Version: undefined, hasResidentKey: false, ...NO_UV };
const PHR = 'phr';
const PRESENCE = 'urn:sekisho:acr:presence';

/* transports: as the browser names them. passkey, key: the level that the kind reaches at the one and at the other service, or
 * null where nothing can be made. fmt: its attestation at the second. */
const KINDS = {
  'the device itself': { kind: {}, transports: ['internal'], passkey: PHR, key: PHR, fmt: 'packed' },
  'the device itself, CTAP 2.0': { kind: { ctap2Version: 'ctap2_0' }, transports: ['internal'], passkey: PHR, key: PHR, fmt: 'packed' },
  'the device itself, without verification': { kind: NO_UV, transports: ['internal'], passkey: PRESENCE, key: PRESENCE, fmt: 'packed' },
  'the device itself, keeping no passkeys': { kind: { hasResidentKey: false }, transports: ['internal'], passkey: null, key: PHR, fmt: 'packed' },
  'a phone': { kind: { transport: 'hybrid' }, transports: ['ble', 'hybrid'], passkey: PHR, key: PHR, fmt: 'packed' },
  'a USB key': { kind: { transport: 'usb' }, transports: ['usb'], passkey: PHR, key: PHR, fmt: 'packed' },
  'a USB key, CTAP 2.0': { kind: { transport: 'usb', ctap2Version: 'ctap2_0' }, transports: ['usb'], passkey: PHR, key: PHR, fmt: 'packed' },
  'an NFC key': { kind: { transport: 'nfc' }, transports: ['nfc'], passkey: PHR, key: PHR, fmt: 'packed' },
  'a Bluetooth key': { kind: { transport: 'ble' }, transports: ['ble'], passkey: PHR, key: PHR, fmt: 'packed' },
  'a smart card': { kind: { transport: 'smart-card' }, transports: ['nfc', 'smart-card'], passkey: PHR, key: PHR, fmt: 'packed' },
  'a USB key, keeping no passkeys': { kind: { transport: 'usb', hasResidentKey: false }, transports: ['usb'], passkey: null, key: PHR, fmt: 'packed' },
  'a USB key without verification': { kind: { transport: 'usb', ...NO_UV }, transports: ['usb'], passkey: null, key: PRESENCE, fmt: 'packed' },
  'a USB key with nothing but presence': {
    kind: { transport: 'usb', hasResidentKey: false, ...NO_UV }, transports: ['usb'], passkey: null, key: PRESENCE, fmt: 'packed',
  },
  'a USB key that does not recognise the person': { kind: { transport: 'usb', isUserVerified: false }, passkey: null, key: null },
  'the device that does not recognise the person': { kind: { isUserVerified: false }, passkey: null, key: null },
  'a U2F key, USB': { kind: { ...U2F, transport: 'usb' }, transports: ['usb'], passkey: null, key: PRESENCE, fmt: 'fido-u2f' },
  'a U2F key, NFC': { kind: { ...U2F, transport: 'nfc' }, transports: ['nfc'], passkey: null, key: PRESENCE, fmt: 'fido-u2f' },
  'a U2F key, Bluetooth': { kind: { ...U2F, transport: 'ble' }, transports: ['ble'], passkey: null, key: PRESENCE, fmt: 'fido-u2f' },
};

/* Everything at a service with one kind: registration, what is known of it then, and a login by name. */
async function walk(server, { kind, transports }, level) {
  const person = await newPerson(browser, server.url, { kind });
  const name = newName();
  await person.open('/register');
  await person.page.fill('#username', name);
  await person.page.click('#go');
  if (level === null) {
    await person.page.waitForSelector('#notice[data-kind=info]');
    assert.match(await person.notice(), /^No passkey was made\. .* Try again, or choose another one\.$/);
    assert.equal((await person.fetch('GET', '/session')).status, 401);
    assert.equal((await person.authenticator.credentials()).length, 0);
    await person.leave();
    return null;
  }
  await person.atAccount(name);
  const [record] = (await person.fetch('GET', '/credentials')).body;
  assert.deepEqual(record.transports, transports);
  await person.signOut();
  await person.openLogin();
  await person.page.fill('#username', name);
  await person.page.click('#go');
  await person.atAccount(name);
  const session = (await person.fetch('GET', '/session')).body;
  assert.equal(session.acr, level);
  assert.equal(session.amr.includes('mfa'), level === PHR);
  await person.leave();
  return record;
}

for (const [name, row] of Object.entries(KINDS)) {
  test(`for passkeys: ${name} ${row.passkey ? `reaches ${row.passkey}` : 'makes none'}`, { skip }, () => walk(passkeys, row, row.passkey));
  test(`for keys too: ${name} ${row.key ? `reaches ${row.key}` : 'makes none'}`, { skip }, async () => {
    const record = await walk(keys, row, row.key);
    assert.equal(record?.fmt, row.fmt);
  });
}

/* --- what else they can do --- */

async function registered(server, kind, request = {}, extensions = {}) {
  const person = await newPerson(browser, server.url, { kind });
  const name = newName();
  await person.authenticator.touch(false);
  await person.open('/register');
  await person.authenticator.touch(true);
  const made = await person.create({ username: name, displayName: name, ...request }, extensions);
  return { person, name, made };
}

const salt = (fill) => Buffer.alloc(32, fill).toString('base64url');

for (const [what, kind] of Object.entries({
  'the device': { hasPrf: true },
  'a USB key': { transport: 'usb', hasPrf: true },
  'a phone': { transport: 'hybrid', hasPrf: true },
}))
  test(`prf: secrets from ${what}, the same for the same salt, and only for it`, async () => {
    const { person, made } = await registered(passkeys, kind, { extensions: { prf: {} } });
    assert.equal(made.status, 200, JSON.stringify(made));
    assert.equal(made.credential.clientExtensionResults.prf.enabled, true);
    assert.equal(made.body.credential.prf, true);
    const secrets = [];
    for (const evaluate of [{ first: salt(1), second: salt(2) }, { first: salt(1) }, { first: salt(2) }]) {
      const used = await person.get({ extensions: { prf: { eval: evaluate } } });
      assert.equal(used.status, 200, JSON.stringify(used));
      secrets.push(used.credential.clientExtensionResults.prf.results);
    }
    assert.equal(Buffer.from(secrets[0].first, 'base64url').length, 32);
    assert.equal(secrets[1].first, secrets[0].first);
    assert.equal(secrets[2].first, secrets[0].second);
    assert.notEqual(secrets[0].first, secrets[0].second);
    await person.leave();
  });

test('prf: an authenticator without it says so, and registers all the same', async () => {
  const { person, made } = await registered(passkeys, {}, { extensions: { prf: {} } });
  assert.equal(made.status, 200);
  assert.equal(made.credential.clientExtensionResults.prf?.enabled ?? false, false);
  assert.notEqual(made.body.credential.prf, true);
  await person.leave();
});

test('largeBlob: written at one login, read at the next', async () => {
  const { person, made } = await registered(passkeys, { hasLargeBlob: true }, { extensions: { largeBlob: { support: 'required' } } });
  assert.equal(made.status, 200, JSON.stringify(made));
  assert.equal(made.credential.clientExtensionResults.largeBlob.supported, true);
  assert.equal(made.body.credential.large_blob, true);
  const { id } = made.credential;
  const blob = Buffer.from('a certificate, for example').toString('base64url');
  /* Only one credential may be named where something is written: the step-up of the account names its own. */
  const write = await person.get({ requirement: { max_age: 0 }, extensions: { largeBlob: { write: blob } } });
  assert.equal(write.status, 200, JSON.stringify(write));
  assert.deepEqual(write.options.allowCredentials.map((one) => one.id), [id]);
  assert.equal(write.credential.clientExtensionResults.largeBlob.written, true);
  const read = await person.get({ extensions: { largeBlob: { read: true } } });
  assert.equal(read.status, 200);
  assert.equal(read.credential.clientExtensionResults.largeBlob.blob, blob);
  await person.leave();
});

test('largeBlob: where it is required, an authenticator without it registers nothing', async () => {
  const { person, made } = await registered(passkeys, {}, { extensions: { largeBlob: { support: 'required' } } });
  assert.equal(made.failure, 'NotAllowedError');
  assert.equal((await person.fetch('GET', '/session')).status, 401);
  await person.leave();
});

test('credBlob: kept with the passkey and handed out at a login', async () => {
  const bytes = [...Buffer.from('thirty-two bytes are its most')];
  const { person, made } = await registered(passkeys, { hasCredBlob: true }, {}, { credBlob: { bytes } });
  assert.equal(made.status, 200, JSON.stringify(made));
  assert.equal(made.credential.clientExtensionResults.credBlob, true);
  const used = await person.get({}, { getCredBlob: true });
  assert.equal(used.status, 200, JSON.stringify(used));
  const data = Buffer.from(used.credential.response.authenticatorData, 'base64url');
  assert.ok(data.includes(Buffer.from(bytes)));
  await person.leave();
});

test('minPinLength: told to a service that asks, and kept', { skip }, async () => {
  const { person, made } = await registered(keys, { transport: 'usb', hasMinPinLength: true });
  assert.equal(made.status, 200, JSON.stringify(made));
  assert.equal(made.options.extensions.minPinLength, true);
  assert.ok(made.body.credential.min_pin_length >= 4, JSON.stringify(made.body.credential));
  await person.leave();
});

test('attestation is verified with every extension of the authenticator', { skip }, async () => {
  const kind = { transport: 'usb', hasPrf: true, hasCredBlob: true, hasMinPinLength: true };
  const asked = { extensions: { prf: {}, credentialProtectionPolicy: 'userVerificationOptionalWithCredentialIDList' } };
  const { person, made } = await registered(keys, kind, asked, { credBlob: { bytes: [1, 2, 3] } });
  assert.equal(made.status, 200, JSON.stringify(made));
  const { fmt, prf, min_pin_length: length, cred_protect: protection } = made.body.credential;
  assert.deepEqual([fmt, prf, length >= 4, protection], ['packed', true, true, 'userVerificationOptionalWithCredentialIDList']);
  await person.leave();
});

test('all extensions at once, at an authenticator that has them all', async () => {
  const kind = { hasPrf: true, hasLargeBlob: true, hasCredBlob: true, hasMinPinLength: true };
  const asked = { extensions: { prf: {}, largeBlob: { support: 'preferred' }, credProps: true, minPinLength: true } };
  const { person, made } = await registered(passkeys, kind, asked, { credBlob: { bytes: [1, 2, 3] } });
  assert.equal(made.status, 200, JSON.stringify(made));
  const { prf, largeBlob, credProps, credBlob } = made.credential.clientExtensionResults;
  assert.deepEqual([prf.enabled, largeBlob.supported, credProps.rk, credBlob], [true, true, true, true]);
  assert.equal((await person.get({})).status, 200);
  await person.leave();
});

for (const [eligible, state, word] of [
  [false, false, 'This device only'],
  [true, false, 'Synced'],
  [true, true, 'Synced'],
])
  test(`backup: eligible ${eligible}, backed up ${state}, shown as «${word}»`, async () => {
    const person = await newPerson(browser, passkeys.url, { kind: { defaultBackupEligibility: eligible, defaultBackupState: state } });
    const name = newName();
    await person.register(name);
    const [record] = (await person.fetch('GET', '/credentials')).body;
    assert.deepEqual([record.backup_eligible, record.backed_up], [eligible, state]);
    assert.match(await person.page.locator('#passkeys .facts').innerText(), new RegExp(word));
    await person.signOut();
    await person.page.goto(`${passkeys.url}/login`);
    await person.atAccount(name);
    await person.leave();
  });

test('verification that is required is not asked of an authenticator that cannot', { skip }, async () => {
  const { person, made } = await registered(keys, { transport: 'usb', ...NO_UV });
  assert.equal(made.status, 200, JSON.stringify(made));
  const higher = await person.get({ requirement: { acr: PHR } });
  assert.equal(higher.options.userVerification, 'required');
  assert.equal(higher.failure, 'NotAllowedError');
  assert.equal((await person.fetch('GET', `/session?acr=${PHR}`)).body.satisfied, false);
  await person.leave();
});

test('a U2F key gives presence, and the account asks for no more than it can', { skip }, async () => {
  const person = await newPerson(browser, keys.url, { kind: { ...U2F, transport: 'usb' } });
  await person.register(newName());
  await person.page.click('.rename');
  await person.page.fill('#new-name', 'Old key');
  await person.page.keyboard.press('Enter');
  await person.page.locator('#passkeys h3', { hasText: 'Old key' }).waitFor();
  const second = await person.plugIn();
  await person.authenticator.touch(false);
  await person.page.click('#add');
  await person.page.locator('#notice[data-kind=done]', { hasText: 'Passkey added.' }).waitFor();
  assert.equal((await second.credentials()).length, 1);
  await person.leave();
});
