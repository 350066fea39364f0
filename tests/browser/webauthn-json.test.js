/* The stand-in for WebAuthn's JSON methods does what the browser's own do: the same options in, the same credential out. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newPerson, startBrowser } from './support/person.js';
import { startServer } from './support/server.js';

let server;
let browser;
let person;
before(async () => {
  server = await startServer();
  browser = await startBrowser();
  person = await newPerson(browser, server.url, { kind: { hasPrf: true, hasLargeBlob: true } });
  await person.authenticator.touch(false);
  await person.open('/login');
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const text = (bytes) => Buffer.from(bytes).toString('base64url');
const salt = (fill) => text(new Uint8Array(32).fill(fill));

const CREATION = {
  challenge: text([0, 1, 62, 63, 250, 255]),
  rp: { id: 'localhost', name: 'Example' },
  user: { id: text(new Uint8Array(32).fill(255)), name: 'mina', displayName: '高橋 美奈' },
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  timeout: 300000,
  excludeCredentials: [{ type: 'public-key', id: text([251, 240]), transports: ['usb'] }],
  authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'preferred' },
  hints: ['security-key', 'hybrid'],
  attestation: 'direct',
  attestationFormats: ['packed', 'tpm'],
  extensions: {
    credProps: true,
    minPinLength: true,
    credentialProtectionPolicy: 'userVerificationRequired',
    enforceCredentialProtectionPolicy: true,
    largeBlob: { support: 'preferred' },
    prf: { eval: { first: salt(1), second: salt(2) } },
  },
};

const REQUEST = {
  challenge: text([0, 1, 62, 63, 250, 255]),
  rpId: 'localhost',
  timeout: 300000,
  allowCredentials: [{ type: 'public-key', id: text([251, 240]), transports: ['usb', 'nfc'] }],
  userVerification: 'required',
  hints: ['client-device'],
  extensions: {
    largeBlob: { write: text([1, 2, 3]) },
    prf: { eval: { first: salt(1) }, evalByCredential: { [text([251, 240])]: { first: salt(3), second: salt(4) } } },
  },
};

/* Chromium does not know attestationFormats yet: ours carries them all the same.
 *
 * Runs in the page: parses by hand and by the browser; both with bytes written out, and without flags that are
 * not set. */
async function parseBoth([name, json]) {
  const fallback = await import('/assets/webauthn-json.js');
  const show = (value) => {
    if (value instanceof ArrayBuffer) return `bytes ${[...new Uint8Array(value)]}`;
    if (ArrayBuffer.isView(value)) return `bytes ${[...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)]}`;
    if (Array.isArray(value)) return value.map(show);
    if (value && typeof value === 'object') return Object.fromEntries(Object.keys(value).sort().filter((key) => value[key] !== false).map((key) => [key, show(value[key])]));
    return value;
  };
  const method = `parse${name}OptionsFromJSON`;
  const native = PublicKeyCredential[method];
  const theirs = native.call(PublicKeyCredential, json);
  PublicKeyCredential[method] = undefined;
  const ours = fallback[`parse${name}Options`](json);
  PublicKeyCredential[method] = native;
  return { ours: show(ours), theirs: show(theirs) };
}

for (const [name, full] of Object.entries({ Creation: CREATION, Request: REQUEST })) {
  test(`${name.toLowerCase()} options with every member`, async () => {
    const { ours, theirs } = await person.page.evaluate(parseBoth, [name, full]);
    assert.deepEqual(ours, full.attestationFormats ? { attestationFormats: full.attestationFormats, ...theirs } : theirs);
  });

  test(`${name.toLowerCase()} options without extensions`, async () => {
    const bare = { ...full };
    delete bare.extensions;
    delete bare.attestationFormats;
    const { ours, theirs } = await person.page.evaluate(parseBoth, [name, bare]);
    assert.deepEqual(ours, theirs);
  });
}

/* Runs in the page: a registration and a login whose credentials are written by hand and by the browser. */
async function writeBoth([creation, request]) {
  const { credentialToJson } = await import('/assets/webauthn-json.js');
  const both = (credential) => {
    const theirs = credential.toJSON();
    credential.toJSON = undefined;
    return { ours: credentialToJson(credential), theirs };
  };
  const made = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(creation) });
  const id = made.id;
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON({
    ...request,
    allowCredentials: [{ type: 'public-key', id }],
    extensions: { prf: { eval: request.extensions.prf.eval }, largeBlob: { write: request.extensions.largeBlob.write } },
  });
  const used = await navigator.credentials.get({ publicKey });
  const read = await navigator.credentials.get({
    publicKey: { ...publicKey, extensions: { largeBlob: { read: true }, prf: { eval: publicKey.extensions.prf.eval } } },
  });
  return { made: both(made), used: both(used), read: both(read) };
}

test('credentials of a registration and a login, with what their extensions say', async () => {
  await person.open('/register');
  await person.authenticator.touch(true);
  const { largeBlob, prf } = CREATION.extensions;
  const creation = { ...CREATION, excludeCredentials: [], extensions: { credProps: true, largeBlob, prf } };
  const { made, used, read } = await person.page.evaluate(writeBoth, [creation, REQUEST]);
  for (const { ours, theirs } of [made, used, read]) assert.deepEqual(ours, theirs);
  assert.equal(made.ours.clientExtensionResults.credProps.rk, true);
  assert.equal(read.ours.clientExtensionResults.largeBlob.blob, text([1, 2, 3]));
  assert.equal(Buffer.from(read.ours.clientExtensionResults.prf.results.first, 'base64url').length, 32);
  await person.leave();
});
