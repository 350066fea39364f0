// What an authenticator or a client may get wrong, sent to the real server: it is refused with a code, nothing is
// stored, the challenge is spent as soon as it could be read, and the same ceremony done right succeeds.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Rp } from '../support/rp.js';

let rp, person, count = 0;
before(async () => { rp = await Rp.start(); person = rp.browser(); });
after(() => rp.done());

const b64 = (bytes) => Buffer.from(bytes).toString('base64url');
const hex = (text) => Buffer.from(text.replaceAll(' ', ''), 'hex');

async function begin() {
  person.cookies.clear();
  const name = `case-${count += 1}`;
  const options = await person.registrationOptions(name, { attestation: 'direct' });
  return { name, options, cookies: new Map(person.cookies) };
}

const send = ({ cookies }, response) => person.post('/attestation/result', response, { cookies, keep: false });

/** Refused with that code, and without a trace. */
async function expectRefusal(ceremony, response, error, { spent = true, status = 400 } = {}) {
  const answer = await send(ceremony, response);
  const what = `${error}: ${answer.status} ${answer.body.slice(0, 300)}`;
  assert.equal(answer.status, status, what);
  assert.equal(answer.json.status, 'failed', what);
  assert.ok(answer.json.errorMessage.length > 0, what);
  assert.equal(answer.json.error, error, what);
  assert.ok(!(answer.headers['set-cookie'] ?? []).some((line) => line.startsWith('sekisho=')), what);
  assert.equal((await rp.admin('GET', `/users/${ceremony.name}`)).status, 404, what);
  const honest = await person.authenticator.create(ceremony.options, rp.origin);
  const again = await send(ceremony, honest);
  assert.equal(again.status, spent ? 400 : 200, `${what}; then ${again.body}`);
  if (spent) assert.equal(again.json.error, 'challenge', what);
}

/** The authenticator misbehaves as the knobs say. */
async function refuses(error, knobs, more) {
  const ceremony = await begin();
  await expectRefusal(ceremony, await person.authenticator.create(ceremony.options, rp.origin, knobs), error, more);
}

async function accepts(knobs = {}) {
  const ceremony = await begin();
  const answer = await send(ceremony, await person.authenticator.create(ceremony.options, rp.origin, knobs));
  assert.equal(answer.status, 200, `${JSON.stringify(knobs)}: ${answer.body}`);
  assert.equal((await rp.admin('GET', `/users/${ceremony.name}`)).status, 200);
}

/** An honest response without attestation, changed on its way. */
async function refusesChanged(error, change, more) {
  const ceremony = await begin();
  const response = await person.authenticator.create(ceremony.options, rp.origin, { format: 'none' });
  await expectRefusal(ceremony, change(response) ?? response, error, more);
}

/** The attestation object with some bytes replaced. */
const withObject = (change) => (response) => {
  response.response.attestationObject = b64(change(Buffer.from(response.response.attestationObject, 'base64url')));
};
const replaced = (from, to) => withObject((object) => {
  const at = object.indexOf(from);
  assert.ok(at >= 0);
  return Buffer.concat([object.subarray(0, at), Buffer.from(to), object.subarray(at + from.length)]);
});

test('every format of honest authenticators', async () => {
  for (const format of ['none', 'packed-self', 'packed', 'fido-u2f', 'tpm', 'android-key', 'apple', 'compound']) {
    await accepts({ format });
  }
  await accepts({ format: 'tpm', algorithm: -257, statementAlgorithm: -65535 });
  for (const algorithm of [-7, -8, -35, -257]) await accepts({ format: 'packed-self', algorithm });
});

test('AT-04 packed certificates that break a rule of 8.2.1', async () => {
  for (const certificate of ['version-1', 'no-country', 'long-country', 'digit-country', 'no-organisation', 'no-unit', 'other-unit',
    'two-units', 'no-name', 'is-ca', 'no-basic-constraints', 'constraints-twice', 'aaguid-differs', 'aaguid-critical', 'aaguid-bare',
    'aaguid-short', 'aaguid-twice', 'firmware-critical', 'firmware-negative', 'firmware-octets', 'serial-critical']) {
    await refuses('attestation_certificate', { format: 'packed', certificate });
  }
  for (const certificate of ['good', 'aaguid-matches', 'device']) await accepts({ format: 'packed', certificate });
});

test('AT-06 chains out of order, doubled, too long, too large, of what is no CA', async () => {
  for (const chain of ['duplicate', 'root-twice', 'trailing', 'skipped', 'unrelated', 'issuer-not-ca', 'issuer-without-constraints',
    'issuer-may-not-sign', 'issuer-other-key', 'path-length-exceeded', 'issuer-huge-rsa', 'issuer-rsa-exponent', 'issuer-explicit-curve',
    'issuer-x25519', 'issuer-signs-by-md5', 'huge']) {
    await refuses('attestation_certificate', { format: 'packed', chain });
  }
  for (const chain of ['reversed', 'nine', 'fifty', 'empty']) await refuses('attestation', { format: 'packed', chain });
  for (const certificate of ['crowded', 'crowded-value']) await refuses('attestation_certificate', { format: 'packed', certificate });
  await refuses('attestation_untrusted', { format: 'packed', chain: 'with-root' });
  await refusesChanged('too_large', replaced('', Buffer.alloc(1024 * 1024)), { spent: false, status: 413 });
  for (const chain of ['intermediate', 'eight', 'path-length-enough', 'full']) await accepts({ format: 'packed', chain });
});

test('AT-07 certificates out of time', async () => {
  for (const format of ['packed', 'fido-u2f', 'tpm', 'android-key', 'apple']) {
    for (const certificate of ['expired', 'not-yet-valid']) await refuses('attestation_certificate', { format, certificate });
  }
  for (const format of ['packed', 'tpm', 'android-key', 'apple']) {
    for (const chain of ['intermediate-expired', 'issuer-not-yet-valid']) await refuses('attestation_certificate', { format, chain });
    await accepts({ format, chain: 'intermediate' });
  }
});

test('AT-09 fido-u2f with an AAGUID, two certificates, another curve or message', async () => {
  await refuses('attestation', { format: 'fido-u2f', aaguid: b64(Buffer.alloc(16, 1)) });
  await refuses('attestation', { format: 'fido-u2f', chain: 'intermediate' });
  for (const certificate of ['other-curve', 'explicit-curve']) await refuses('attestation', { format: 'fido-u2f', certificate });
  for (const statementFault of ['packed-message', 'reserved-byte', 'other-point', 'half-point', 'alg-member', 'no-sig', 'no-x5c']) {
    await refuses('attestation', { format: 'fido-u2f', statementFault });
  }
  await accepts({ format: 'fido-u2f' });
});

test('a fido-u2f statement signs no flags: UV beside it is a claim that counts for nothing', async () => {
  for (const [format, acr] of [['fido-u2f', 'urn:sekisho:acr:presence'], ['packed', 'phr']]) {
    const ceremony = await begin();
    const answer = await send(ceremony, await person.authenticator.create(ceremony.options, rp.origin, { format }));
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.json.session.acr, acr);
    assert.equal(answer.json.credential.uv_initialized, acr === 'phr');
  }
});

test('AT-10 fido-u2f with credential ids of every size', async () => {
  const id = (length) => b64(Buffer.alloc(length, length % 251));
  for (const length of [1, 255, 1023]) await accepts({ format: 'fido-u2f', credentialId: id(length) });
  for (const length of [1024, 12000]) await refuses('attestation', { format: 'fido-u2f', credentialId: id(length) });
  await refuses('too_large', { format: 'fido-u2f', credentialId: id(60000) }, { spent: false, status: 413 });
});

test('AT-13 TPMs by every hash of names, and what contradicts the key or the certificate', async () => {
  for (const statementFault of ['name-sha1', 'name-sha384', 'name-sha512', 'scheme', 'kdf', 'one-rdn', 'usage-more']) {
    await accepts({ format: 'tpm', statementFault });
  }
  for (const statementFault of ['name-unknown', 'name-bare', 'name-other', 'other-unique', 'other-curve', 'unknown-curve', 'other-type',
    'public-trailing', 'public-cut', 'magic', 'type-quote', 'extra-data-other', 'extra-data-sha384', 'certify-trailing', 'certify-cut',
    'ver-1', 'no-ver']) {
    await refuses('attestation', { format: 'tpm', statementFault });
  }
  for (const statementFault of ['subject', 'no-san', 'san-not-critical', 'san-twice', 'san-dns', 'no-manufacturer', 'no-model', 'model-empty',
    'no-version', 'manufacturer-twice', 'vendor-unknown', 'vendor-long', 'vendor-bare', 'no-usage', 'usage-other']) {
    await refuses('attestation_certificate', { format: 'tpm', statementFault });
  }
});

test('Android\'s keystore: key descriptions that say something else', async () => {
  for (const statementFault of ['challenge-other', 'challenge-short', 'all-applications', 'all-applications-software', 'purpose-missing',
    'purpose-empty', 'purpose-decrypt', 'purpose-sign-verify', 'purpose-twice', 'origin-missing', 'origin-imported', 'origin-mixed',
    'origin-twice', 'no-hardware-list', 'description-cut', 'no-description', 'other-key']) {
    await refuses('attestation', { format: 'android-key', statementFault });
  }
  for (const statementFault of ['software', 'unsorted', 'keymint']) await accepts({ format: 'android-key', statementFault });
});

test('AT-16 Apple: the nonce and the key', async () => {
  for (const statementFault of ['nonce-missing', 'nonce-other', 'nonce-client-data', 'nonce-short', 'nonce-tag', 'nonce-trailing', 'other-key',
    'no-x5c', 'sig-member']) {
    await refuses('attestation', { format: 'apple', statementFault });
  }
  await refuses('attestation_certificate', { format: 'apple', statementFault: 'nonce-twice' });
  await accepts({ format: 'apple', statementFault: 'alg-member' });
});

test('compound: less than two, nested, with one that does not verify', async () => {
  for (const statementFault of ['one', 'nine', 'second-bad', 'integers', 'nested', 'unknown-format', 'no-statement', 'extra-member']) {
    await refuses('attestation', { format: 'compound', statementFault });
  }
  await accepts({ format: 'compound', statementFault: 'with-tpm' });
});

test('AT-17 SafetyNet is refused by name', async () => {
  await refuses('unsupported_attestation_format', { format: 'android-safetynet' });
});

test('AT-18 formats match exactly', async () => {
  for (const formatName of ['Packed', 'PACKED', 'packed2', 'fmt-unknown', '', ' none', 'none ', 'x'.repeat(20000)]) {
    await refuses('unsupported_attestation_format', { format: 'packed', formatName });
  }
  await refusesChanged('cbor', replaced('dnone', 'fnone\0x')); // no name has a NUL
  await refusesChanged('too_large', replaced('dnone', Buffer.concat([hex('7a00100000'), Buffer.alloc(1 << 20, 'x')])), { spent: false, status: 413 });
});

test('AT-19 the attestation object\'s keys match exactly', async () => {
  for (const [from, to] of [['cfmt', 'af'], ['cfmt', '`'], ['cfmt', 'bfm'], ['cfmt', 'dfmtX'], ['gattStmt', 'eattSt'], ['gattStmt', 'hattStmtX'],
    ['hauthData', 'gauthDat'], ['cfmt', 'Cfmt']]) {
    await refusesChanged('attestation_object', replaced(from, to));
  }
  await refusesChanged('cbor', replaced(hex('a363666d74646e6f6e65'), hex('a4 63666d74 646e6f6e65 63666d74 646e6f6e65')));
  const ceremony = await begin(); // an unknown member is ignored
  const response = await person.authenticator.create(ceremony.options, rp.origin, { format: 'none' });
  withObject((object) => Buffer.concat([hex('a4'), object.subarray(1), hex('6178 01')]))(response);
  assert.equal((await send(ceremony, response)).status, 200);
});

test('AT-20 none with a statement', async () => {
  for (const statement of ['a1 63736967 4100', 'a1 63616c67 26', '80', '00', 'f6']) {
    await refuses('attestation', { format: 'none', statement: b64(hex(statement)) });
  }
});

test('AT-21 ECDAA, and packed statements of other forms', async () => {
  for (const statement of ['a3 63616c67 26 63736967 4100 6a65636461614b65794964 4100', 'a1 63736967 4100', 'a1 63616c67 26',
    'a2 63616c67 26 63736967 6161', 'a2 63616c67 6126 63736967 4100', 'a3 63616c67 26 63736967 4100 63783563 80',
    'a3 63616c67 26 63736967 4100 63783563 8140', 'a3 63616c67 26 63736967 4100 6178 01', 'a0', '80']) {
    await refuses('attestation', { format: 'packed', statement: b64(hex(statement)) });
  }
  await refuses('unsupported_algorithm', { format: 'packed', statementAlgorithm: -65535 });
  await refuses('attestation', { format: 'packed-self', statementAlgorithm: -257 });
});

test('WR-18 client data with a member twice is not read at all', async () => {
  for (const [first, second] of [['"type":"webauthn.get"', '"type":"webauthn.create"'], ['"type":"webauthn.create"', '"type":"webauthn.get"']]) {
    const ceremony = await begin();
    const clientData = `{${first},${second},"challenge":"${ceremony.options.challenge}","origin":"${rp.origin}"}`;
    const response = await person.authenticator.create(ceremony.options, rp.origin, { clientDataJSON: b64(clientData) });
    await expectRefusal(ceremony, response, 'client_data', { spent: false });
  }
  for (const member of ['challenge', 'origin']) {
    for (const wrongFirst of [true, false]) {
      const ceremony = await begin();
      const good = { challenge: ceremony.options.challenge, origin: rp.origin };
      const pair = [`"${member}":"AAAA"`, `"${member}":"${good[member]}"`];
      const other = member === 'challenge' ? 'origin' : 'challenge';
      const text = `{"type":"webauthn.create",${(wrongFirst ? pair : pair.reverse()).join()},"${other}":"${good[other]}"}`;
      const response = await person.authenticator.create(ceremony.options, rp.origin, { clientDataJSON: b64(text) });
      await expectRefusal(ceremony, response, 'client_data', { spent: false });
    }
  }
});

test('WR-21 client data that is no object, or deep', async () => {
  for (const text of ['[]', '"x"', '1', '{}', 'null', '', `{"a":${'['.repeat(4000)}${']'.repeat(4000)}}`, '{"type":"webauthn.create"']) {
    const change = (response) => { response.response.clientDataJSON = b64(text); };
    await refusesChanged(text === '' ? 'malformed' : 'client_data', change, { spent: false });
  }
  const change = (response) => { response.response.clientDataJSON = b64('['.repeat(100 * 1024)); };
  await refusesChanged('too_large', change, { spent: false, status: 413 });
  await refusesChanged('malformed', () => '['.repeat(60 * 1024), { spent: false });
});

test('WR-24 a credential id longer than what is there', async () => {
  for (const length of ['ffff', '0100', '0400']) { // of 32 bytes
    await refusesChanged('authenticator_data', withObject((object) => {
      const at = object.indexOf('hauthData') + 9 + 2 + 37 + 16;
      assert.equal(object.readUInt16BE(at), 32);
      hex(length).copy(object, at);
      return object;
    }));
  }
  const toTheEnd = 32 + 77; // the id and the key behind it: no key is left
  await refusesChanged('authenticator_data', withObject((object) => {
    object.writeUInt16BE(toTheEnd, object.indexOf('hauthData') + 9 + 2 + 37 + 16);
    return object;
  }));
});

test('WR-25 authenticator data cut at every byte', async () => {
  const whole = 37 + 16 + 2 + 32 + 77;
  for (let length = 0; length < whole; length += length < 60 ? 4 : 7) await refuses('authenticator_data', { truncate: length });
  await refuses('authenticator_data', { truncate: whole - 1 });
  await refuses('authenticator_data', { cose: 'truncated' });
  await refuses('authenticator_data', { trailing: b64([0]) });
  await accepts();
});

test('WR-27 extensions are one map, where the flag says so', async () => {
  await refuses('authenticator_data', { ed: true });
  for (const extensions of ['01', '80', '6161', 'a0a0', 'a0 00', 'bfff', 'a1 6161', 'ba08000000', 'a2 6162f5 6161f5']) {
    await refuses('authenticator_data', { extensions: b64(hex(extensions)) });
  }
  await refuses('authenticator_data', { extensions: b64(hex('a1 6161f5')), ed: false });
  for (const extensions of ['a0', 'a1 6161f5']) await accepts({ extensions: b64(hex(extensions)) });
});

test('WR-29 backed up, but not eligible', async () => {
  await refuses('backup_flags', { bs: true });
  await accepts({ be: true, bs: true });
  await accepts({ be: true });

  const name = `case-${count += 1}`;
  person.cookies.clear();
  await person.register(name);
  person.cookies.clear();
  const login = await person.tryLogin({ username: name }, { bs: true });
  assert.equal(login.status, 400, login.body);
  assert.equal(login.json.error, 'authentication_failed');
  await person.login({ username: name });
});

test('WR-33 the hash of another RP ID', async () => {
  for (const rpId of ['example', 'LOCALHOST', 'rp.localhost', rp.origin, 'localhost.']) await refuses('rp_id', { rpId });
  await refuses('rp_id', { rpIdHash: b64(Buffer.alloc(32)) });
  await accepts({ rpId: 'localhost' });
});

test('PM-01 five bytes that claim a gigabyte', async () => {
  for (const claim of ['9a08000000', 'ba08000000', '9b0000000100000000', '5a7fffffff', '7a7fffffff', 'bb7fffffffffffffff']) {
    await refusesChanged('cbor', withObject(() => hex(claim)));
    await refuses('authenticator_data', { coseKey: b64(hex(claim)) });
    await refuses('authenticator_data', { extensions: b64(hex(claim)) });
    await refuses('cbor', { statement: b64(hex(claim)) });
  }
  await accepts();
});

test('PM-03 indefinite lengths, tags, floats and other simple values', async () => {
  for (const item of ['bfff', '9fff', '5f4100ff', 'c0 00', 'd9d9f7 a0', 'f90000', 'fa00000000', 'fb0000000000000000', 'f7', 'f0', 'f820', '1800',
    '5800']) {
    await refuses('cbor', { statement: b64(hex(item)) });
    await refuses('authenticator_data', { extensions: b64(hex(`a1 6161 ${item}`)) });
  }
  await refuses('authenticator_data', { cose: 'indefinite' });
  await refuses('authenticator_data', { cose: 'nonminimal' });
  await refusesChanged('cbor', withObject((object) => Buffer.concat([hex('bf'), object.subarray(1), hex('ff')])));
  await refusesChanged('cbor', withObject((object) => Buffer.concat([hex('d9d9f7'), object])));
});

test('PM-04 keys that come twice', async () => {
  await refuses('authenticator_data', { cose: 'duplicate-label' });
  await refuses('authenticator_data', { cose: 'duplicate-alg' });
  await refuses('cbor', { format: 'packed', statement: b64(hex('a3 63616c67 26 63616c67 26 63736967 4100')) });
  await refuses('authenticator_data', { extensions: b64(hex('a2 6161f5 6161f5')) });
  await refusesChanged('cbor', withObject((object) => Buffer.concat([hex('a4'), object.subarray(1), hex('686175746844617461 4100')])));
});

/** An EC2 key on no curve in particular; alg as it is encoded. */
const keyWith = (algorithm) => Buffer.concat([hex(`a5 0102 03 ${algorithm} 2001 215820`), Buffer.alloc(32, 1), hex('225820'), Buffer.alloc(32, 1)]);

test('PM-06 algorithms at the limits of integers', async () => {
  for (const [algorithm, error] of [['26', 'bad_key'], ['1b8000000000000000', 'bad_key'], ['3b8000000000000000', 'bad_key'],
    ['1bffffffffffffffff', 'bad_key'], ['3b7fffffffffffffff', 'unsupported_algorithm'], ['3b0000000100000006', 'unsupported_algorithm'],
    ['1afffffff9', 'unsupported_algorithm'], ['41 26', 'bad_key'], ['f6', 'bad_key']]) {
    await refuses(error, { coseKey: b64(keyWith(algorithm)) });
  }
  for (const statement of ['a2 63616c67 1bffffffffffffffff 63736967 4100', 'a2 63616c67 3bffffffffffffffff 63736967 4100']) {
    await refuses('attestation', { format: 'packed', statement: b64(hex(statement)) });
  }
});

test('keys whose type, algorithm and curve do not agree, and points on no curve', async () => {
  for (const cose of ['extra-member', 'off-curve', 'compressed', 'no-alg', 'long-x']) await refuses('bad_key', { cose });
  for (const curve of ['00', '02', '03', '06', '08']) {
    await refuses('bad_key', { coseKey: b64(Buffer.concat([hex(`a5 0102 0326 20${curve} 215820`), Buffer.alloc(32, 1), hex('225820'), Buffer.alloc(32, 1)])) });
  }
  for (const byte of [0, 0xff]) { // infinity, and numbers beyond the field
    await refuses('bad_key', { coseKey: b64(Buffer.concat([hex('a5 0102 0326 2001 215820'), Buffer.alloc(32, byte), hex('225820'), Buffer.alloc(32, byte)])) });
  }
  for (const x of [Buffer.alloc(32), Buffer.from([1, ...Buffer.alloc(31)]), Buffer.alloc(31, 1), Buffer.alloc(32, 0xff)]) {
    const head = Buffer.concat([hex('a4 0101 0327 2006 21'), x.length === 32 ? hex('5820') : hex('581f')]);
    await refuses('bad_key', { coseKey: b64(Buffer.concat([head, x])) }); // small order, too short, not canonical
  }
  for (const algorithm of [-47, -36, -37, -53, -258, -65535, -48]) { // not offered, or not for credentials
    const number = -1 - algorithm;
    const encoded = number < 24 ? [0x20 | number] : number < 256 ? [0x38, number] : [0x39, number >> 8, number & 255];
    const answer = ['unsupported_algorithm', 'bad_key'];
    const ceremony = await begin();
    const response = await person.authenticator.create(ceremony.options, rp.origin, { coseKey: b64(keyWith(Buffer.from(encoded).toString('hex'))) });
    const refused = await send(ceremony, response);
    assert.equal(refused.status, 400, refused.body);
    assert.ok(answer.includes(refused.json.error), refused.body);
  }
});

test('WR-01 algorithms that were not offered are refused, though we know them', async () => {
  for (const algorithm of [-47, -36, -37, -38, -39, -53, -19, -9, -258, -259]) {
    await refuses('unsupported_algorithm', { format: 'packed-self', algorithm });
  }
});

/** {1: 3, 3: -257, -1: n, -2: e} */
function rsaKey(modulus, exponent) {
  const text = Buffer.concat([hex('59'), Buffer.from([modulus.length >> 8, modulus.length & 255]), modulus]);
  const short = modulus.length < 256 ? Buffer.concat([hex('58'), Buffer.from([modulus.length]), modulus]) : text;
  return b64(Buffer.concat([hex('a4 0103 03390100 20'), short, hex('21'), Buffer.from([0x40 | exponent.length]), exponent]));
}
const modulus = (length, first, last) => Buffer.concat([Buffer.from([first]), Buffer.alloc(length - 2, 0x5a), Buffer.from([last])]);

test('WA-13 RSA keys of tiny and huge moduli and of odd exponents', async () => {
  const f4 = hex('010001');
  for (const coseKey of [rsaKey(modulus(64, 0x80, 1), f4), rsaKey(modulus(128, 0x80, 1), f4), rsaKey(modulus(256, 0x7f, 1), f4),
    rsaKey(modulus(1025, 1, 1), f4), rsaKey(modulus(2048, 0x80, 1), f4), rsaKey(modulus(256, 0x80, 2), f4), rsaKey(modulus(257, 0, 1), f4),
    rsaKey(modulus(256, 0x80, 1), hex('01')), rsaKey(modulus(256, 0x80, 1), hex('02')), rsaKey(modulus(256, 0x80, 1), hex('00010001')),
    rsaKey(modulus(256, 0x80, 1), hex('0100000001'))]) {
    await refuses('bad_key', { coseKey });
  }
  for (const length of [256, 384, 512]) await accepts({ format: 'none', coseKey: rsaKey(modulus(length, 0x80, 1), f4) });
  await accepts({ format: 'packed-self', algorithm: -257 });
});

test('PM-07 bytes behind the attestation object', async () => {
  for (const more of ['00', 'a0', 'ff', 'f6f6f6']) await refusesChanged('cbor', withObject((object) => Buffer.concat([object, hex(more)])));
  await accepts();
});

test('PM-09 base64url has one form', async () => {
  const forms = [(text) => `${text}=`, (text) => `${text}\n`, (text) => ` ${text}`, (text) => `${text}\r\n`, (text) => `${text}A`.slice(0, -1) + '+',
    (text) => `/${text.slice(1)}`, (text) => `${text.slice(0, 4)} ${text.slice(5)}`, (text) => `${text}\u0000`, (text) => `é${text.slice(1)}`];
  for (const form of forms) {
    const isJson = !form('AAAAAAAA').includes('\u0000'); // then the challenge can be read
    for (const member of ['clientDataJSON', 'attestationObject']) {
      const change = (response) => { response.response[member] = form(response.response[member]); };
      await refusesChanged('malformed', change, { spent: isJson && member === 'attestationObject' });
    }
    const change = (response) => { response.id = response.rawId = form(response.id); };
    await refusesChanged('malformed', change, { spent: isJson });
  }
  const trailingBits = (text) => `${text.slice(0, -1)}${String.fromCharCode(text.charCodeAt(text.length - 1) + 1)}`;
  await refusesChanged('malformed', (response) => { response.id = response.rawId = trailingBits(response.id); }); // of 32 bytes
});

test('PM-09 base64url has one form in logins, too', async () => {
  const name = `case-${count += 1}`;
  person.cookies.clear();
  await person.register(name);
  const attempt = async (change) => {
    person.cookies.clear();
    const options = await person.loginOptions({ username: name });
    const response = await person.authenticator.get(options, rp.origin);
    change(response);
    return person.post('/assertion/result', response, { keep: false });
  };
  const forms = [(text) => `${text}=`, (text) => `${text}\n`, (text) => ` ${text}`, (text) => `${text}A`.slice(0, -1) + '+', (text) => `/${text.slice(1)}`,
    (text) => `${text}\u0000`];
  for (const form of forms) {
    for (const member of ['clientDataJSON', 'authenticatorData', 'signature', 'userHandle']) {
      const answer = await attempt((response) => { response.response[member] = form(response.response[member]); });
      assert.equal(answer.status, 400, `${member}: ${answer.body}`);
      assert.equal(answer.json.status, 'failed');
      assert.equal(answer.json.error, 'malformed', `${member}: ${answer.body}`);
      assert.ok(!(answer.headers['set-cookie'] ?? []).some((line) => line.startsWith('sekisho=')));
    }
    for (const members of [['id'], ['rawId'], ['id', 'rawId']]) {
      const answer = await attempt((response) => { for (const member of members) response[member] = form(response[member]); });
      assert.equal(answer.json.error, 'malformed', `${members}: ${answer.body}`);
    }
    const challenge = await attempt((response) => {
      const data = JSON.parse(Buffer.from(response.response.clientDataJSON, 'base64url'));
      response.response.clientDataJSON = b64(JSON.stringify({ ...data, challenge: form(data.challenge) }));
    });
    assert.equal(challenge.status, 400, challenge.body);
  }
  person.cookies.clear();
  await person.login({ username: name });
});

test('WA-12 ECDSA signatures in other encodings', async () => {
  const name = `case-${count += 1}`;
  person.cookies.clear();
  await person.register(name);
  for (const signature of ['flip', 'empty', 'truncated', 'trailing', 'ber-length', 'leading-zero', 'negative-r', 'r-zero', 's-zero', 'r-order', 'raw']) {
    person.cookies.clear();
    const options = await person.loginOptions({ username: name });
    const cookies = new Map(person.cookies);
    const response = await person.authenticator.get(options, rp.origin, { signature });
    const answer = await person.post('/assertion/result', response, { cookies, keep: false });
    assert.equal(answer.status, 400, signature);
    assert.equal(answer.json.status, 'failed', signature);
    assert.equal(answer.json.error, signature === 'empty' ? 'malformed' : 'authentication_failed', signature);
    assert.ok(!(answer.headers['set-cookie'] ?? []).some((line) => line.startsWith('sekisho=')), signature);
    const honest = await person.authenticator.get(options, rp.origin);
    const again = await person.post('/assertion/result', honest, { cookies, keep: false });
    assert.equal(again.status, 400, signature);
  }
  person.cookies.clear();
  await person.login({ username: name }, { signature: 'high-s' });
});
