/* Extensions as Chromium asks them of its virtual authenticators, and what the server keeps of the answers. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newName, newPerson, startBrowser } from './support/person.js';
import { startServer } from './support/server.js';

const EXTENSIONS = `
  extensions:
    cred_protect: userVerificationRequired
    min_pin_length: true
    unsolicited: refuse
`;

let plain;
let configured;
let browser;
before(async () => {
  plain = await startServer();
  configured = await startServer({ edit: (yaml) => yaml.replace(/^rp:.*\n/m, `rp:${EXTENSIONS}`) });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await plain?.stop();
  await configured?.stop();
});

/* In the page: a whole ceremony by the browser's own JSON methods. */
async function ceremony([kind, ask]) {
  const post = async (path, body) => {
    const answer = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  };
  const options = (await post(`/${kind}/options`, ask)).body;
  const create = kind === 'attestation';
  const publicKey = create ? PublicKeyCredential.parseCreationOptionsFromJSON(options) : PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = create ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
  const response = credential.toJSON();
  return { options, results: response.clientExtensionResults, ...(await post(`/${kind}/result`, response)) };
}

async function personWith(server, authenticator) {
  const person = await newPerson(browser, server.url);
  await person.plugIn(authenticator);
  await person.open('/login');
  return {
    person,
    run: (kind, ask) => person.page.evaluate(ceremony, [kind, ask]),
  };
}

const security = { authenticatorSelection: { authenticatorAttachment: 'cross-platform', residentKey: 'required' } };
const named = (name) => ({ username: name, displayName: name });

test('prf: the key is made for it, the page gets the secret, the record knows that it can', async () => {
  const { person, run } = await personWith(plain, { hasPrf: true });
  const name = newName();
  const eval_ = { first: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8' };
  const made = await run('attestation', { ...named(name), ...security, extensions: { credProps: true, prf: {} } });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  assert.equal(made.results.prf.enabled, true);
  assert.deepEqual([made.body.credential.prf, made.body.credential.discoverable], [true, true]);
  const used = await run('assertion', { username: name, extensions: { prf: { eval: eval_ } } });
  assert.equal(used.status, 200, JSON.stringify(used.body));
  assert.equal(used.results.prf.results.first.length, 43);
  await person.leave();
});

test('largeBlob: written and read back', async () => {
  const { person, run } = await personWith(plain, { hasLargeBlob: true });
  const name = newName();
  const made = await run('attestation', { ...named(name), ...security, extensions: { largeBlob: { support: 'required' } } });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  assert.equal(made.body.credential.large_blob, true);
  const written = await run('assertion', { username: name, extensions: { largeBlob: { write: 'c2FrdXJh' } } });
  assert.deepEqual([written.status, written.results.largeBlob], [200, { written: true }]);
  const read = await run('assertion', { username: name, extensions: { largeBlob: { read: true } } });
  assert.deepEqual([read.status, read.results.largeBlob], [200, { blob: 'c2FrdXJh' }]);
  await person.leave();
});

test('what is asked by configuration, where nothing else may come back', async () => {
  const { person, run } = await personWith(configured, { hasMinPinLength: true, hasCredBlob: true });
  const name = newName();
  const made = await run('attestation', { ...named(name), ...security });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  const { credProps, credentialProtectionPolicy, minPinLength } = made.options.extensions;
  assert.deepEqual([credProps, credentialProtectionPolicy, minPinLength], [true, 'userVerificationRequired', true]);
  const { cred_protect, min_pin_length, discoverable } = made.body.credential;
  assert.equal(discoverable, true);
  /* whether Chromium's virtual authenticators know these differs from version to version */
  assert.ok([null, 'userVerificationRequired'].includes(cred_protect) && (min_pin_length === null || min_pin_length >= 4));
  assert.equal((await run('assertion', { username: name })).status, 200);
  await person.leave();
});

test('a U2F key without user verification registers and signs in by name', async () => {
  const { person, run } = await personWith(plain, { protocol: 'u2f', ctap2Version: undefined, hasResidentKey: false, hasUserVerification: false, isUserVerified: false });
  const name = newName();
  const selection = { authenticatorSelection: { authenticatorAttachment: 'cross-platform', residentKey: 'discouraged', userVerification: 'discouraged' } };
  const made = await run('attestation', { ...named(name), ...selection });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  assert.deepEqual([made.body.credential.discoverable, made.body.credential.uv_initialized], [false, false]);
  const used = await run('assertion', { username: name, userVerification: 'discouraged' });
  assert.equal(used.status, 200, JSON.stringify(used.body));
  assert.notEqual(used.body.session.acr, 'phr');
  await person.leave();
});
