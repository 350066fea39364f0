// Extensions: what may be asked, what travels with the ceremony, what may be answered (WebAuthn L3 §9, §10; CTAP 2.2 §12).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { audited, credentialsOf, outputs, refused, serve } from '../support/ceremonies.js';

const APPID = 'https://example.com/appid.json';
const STRICT = `
  extensions:
    cred_protect: userVerificationOptionalWithCredentialIDList
    cred_protect_enforced: true
    min_pin_length: true
    uvm: true
    prf: false
    large_blob: false
    appid: ${APPID}
    unsolicited: refuse`;

let plain, strict, protecting;
before(async () => {
  [plain, strict, protecting] = await Promise.all([serve(), serve(STRICT),
    serve('  extensions: {cred_protect: userVerificationRequired, cred_props: false}')]);
});
after(() => Promise.all([plain.done(), strict.done(), protecting.done()]));

const create = async (rp, extensions) => (await rp.browser().registrationOptions('ann', { extensions })).extensions;
const get = async (rp, extensions) => (await rp.browser().loginOptions({ extensions })).extensions;
const tryCreate = (rp, extensions) => rp.browser().post('/attestation/options', { username: 'ann', displayName: 'Ann', extensions });
const tryGet = (rp, extensions) => rp.browser().post('/assertion/options', { extensions });

test('the configuration asks for its own, beside what the caller asks', async () => {
  const own = { credProps: true, credentialProtectionPolicy: 'userVerificationOptionalWithCredentialIDList', enforceCredentialProtectionPolicy: true, minPinLength: true, uvm: true, appidExclude: APPID };
  assert.deepEqual(await create(strict), own);
  assert.deepEqual(await create(strict, { credBlob: 'AAEC' }), { credBlob: 'AAEC', ...own });
  assert.deepEqual(await get(strict), { uvm: true, appid: APPID });
  assert.deepEqual(await get(strict, { appid: 'https://other.example' }), { uvm: true, appid: APPID });
  assert.deepEqual(await create(protecting), { credentialProtectionPolicy: 'userVerificationRequired' });
  assert.deepEqual(await create(plain), { credProps: true });
  assert.equal(await get(plain), undefined);
});

test('callers may ask for more protection than configured, never for less', async () => {
  const policy = async (rp, asked) => (await create(rp, { credentialProtectionPolicy: asked })).credentialProtectionPolicy;
  assert.equal(await policy(strict, 'userVerificationRequired'), 'userVerificationRequired');
  assert.equal(await policy(strict, 'userVerificationOptional'), 'userVerificationOptionalWithCredentialIDList');
  assert.equal((await create(strict, { enforceCredentialProtectionPolicy: false })).enforceCredentialProtectionPolicy, true);
});

test('what is not known here is passed on as it came, within bounds', async () => {
  const unknown = { 'example.extension': { deep: [1, 'x', null] } };
  assert.deepEqual(await create(plain, unknown), unknown);
  assert.deepEqual(await get(plain, unknown), unknown);
  assert.deepEqual(await get(plain, { credProps: 'of another ceremony' }), { credProps: 'of another ceremony' });
  refused(await tryCreate(plain, { 'example.extension': 'x'.repeat(20000) }), 413, 'too_large');
});

test('known extensions are asked for in their own form', async () => {
  const pair = { first: 'AAEC', second: 'AAED' };
  const good = [
    [create, { credProps: true }], [create, { minPinLength: false }], [create, { credBlob: 'AAEC' }], [create, { hmacCreateSecret: true }],
    [create, { largeBlob: { support: 'required' } }], [create, { largeBlob: { support: 'preferred' } }], [create, { prf: {} }], [create, { prf: { eval: pair } }],
    [create, { appidExclude: APPID }], [create, { payment: { isPayment: true } }],
    [get, { appid: APPID }], [get, { getCredBlob: true }], [get, { hmacGetSecret: { salt1: 'AAEC', salt2: 'AAED' } }], [get, { largeBlob: { read: true } }],
    [get, { largeBlob: { write: 'AAEC' } }], [get, { prf: { eval: { first: 'AAEC' }, evalByCredential: { AAEC: pair } } }], [get, { uvm: true }],
  ];
  for (const [ask, extensions] of good) {
    const [[name, value]] = Object.entries(extensions);
    assert.deepEqual((await ask(plain, extensions))[name], value, JSON.stringify(extensions));
  }
  const bad = [
    [tryCreate, { credProps: 'x' }], [tryCreate, { minPinLength: 1 }], [tryCreate, { uvm: null }], [tryCreate, { credBlob: 'A' }], [tryCreate, { credBlob: 'A'.repeat(2000) }],
    [tryCreate, { credBlob: 'AA+/' }], [tryCreate, { credentialProtectionPolicy: 'none' }], [tryCreate, { credentialProtectionPolicy: 3 }],
    [tryCreate, { enforceCredentialProtectionPolicy: 'true' }], [tryCreate, { hmacCreateSecret: {} }], [tryCreate, { largeBlob: { support: 'perhaps' } }],
    [tryCreate, { largeBlob: { read: true } }], [tryCreate, { largeBlob: true }], [tryCreate, { prf: 'x' }], [tryCreate, { prf: { eval: {} } }],
    [tryCreate, { prf: { eval: { first: 'AAEC', second: 5 } } }], [tryCreate, { prf: { evalByCredential: {} } }], [tryCreate, { appidExclude: '' }],
    [tryCreate, { payment: true }],
    [tryGet, { appid: 5 }], [tryGet, { appid: 'x'.repeat(1025) }], [tryGet, { largeBlob: { read: true, write: 'AAEC' } }], [tryGet, { largeBlob: {} }],
    [tryGet, { largeBlob: { support: 'required' } }], [tryGet, { largeBlob: { write: 'AA=' } }], [tryGet, { prf: { evalByCredential: { '': pair } } }],
    [tryGet, { prf: { evalByCredential: { AAEC: { first: 1 } } } }], [tryGet, { prf: { evalByCredential: [] } }], [tryGet, { hmacGetSecret: { salt2: 'AAEC' } }],
    [tryGet, { getCredBlob: 'AAEC' }],
    [tryGet, { prf: { evalByCredential: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`id${i}`, pair])) } }],
  ];
  for (const [ask, extensions] of bad) refused(await ask(plain, extensions), 400, 'extension_input');
  for (const ask of [tryCreate, tryGet]) refused(await ask(strict, { prf: { eval: pair } }), 400, 'extension_input');
  refused(await tryCreate(strict, { largeBlob: {} }), 400, 'extension_input');
});

test('what the extensions said is on the record, and secrets are not', async () => {
  const b = plain.browser();
  const { credential } = await b.register('bea', { ask: { extensions: { credProps: true, prf: {}, largeBlob: {}, minPinLength: true, credentialProtectionPolicy: 'userVerificationRequired' } } });
  const facts = ({ discoverable, prf, large_blob, min_pin_length, cred_protect }) => ({ discoverable, prf, large_blob, min_pin_length, cred_protect });
  const expected = { discoverable: true, prf: true, large_blob: true, min_pin_length: 6, cred_protect: 'userVerificationRequired' };
  assert.deepEqual(facts(credential), expected);
  assert.deepEqual(facts((await b.get(`/credentials/${credential.id}`)).json), expected);
  assert.deepEqual(facts((await credentialsOf(plain, 'bea'))[0]), expected);
  const options = await b.loginOptions({ extensions: { prf: { eval: { first: 'AAEC' } } } });
  const response = await b.authenticator.get(options, plain.origin);
  assert.ok(response.clientExtensionResults.prf.results.first);
  const answer = await b.post('/assertion/result', response);
  assert.equal(answer.status, 200, answer.body);
  const { first } = response.clientExtensionResults.prf.results;
  assert.ok(!answer.body.includes(first) && !plain.program.log.includes(first) && !JSON.stringify((await plain.admin('GET', '/audit')).json).includes(first));
});

test('nothing said is nothing known', async () => {
  const { credential } = await plain.browser().register('cleo', { result: { clientExtensionResults: {} } });
  const { discoverable, prf, large_blob, min_pin_length, cred_protect } = credential;
  assert.deepEqual([discoverable, prf, large_blob, min_pin_length, cred_protect], [null, null, null, null, null]);
  const said = await plain.browser().register('cleo2', { result: { clientExtensionResults: { credProps: { rk: false } } } });
  assert.equal(said.credential.discoverable, false);
});

const five = { a: 1, bb: 'x', ccc: true, dddd: [1], eeeee: { f: 1 } };

test('WR-45 outputs that nobody asked for are ignored, where so configured', async () => {
  const b = plain.browser();
  const { credential } = await b.register('dora', { extensions: outputs(five), result: { clientExtensionResults: { prf: { enabled: true }, 'x.y': [[[]]] } } });
  assert.equal(credential.prf, null);
  await b.login({}, { extensions: outputs({ ...five, uvm: 'not even read' }) });
  const pin = await plain.browser().register('dora2', { extensions: outputs({ minPinLength: 8, credBlob: true }) });
  assert.equal(pin.credential.min_pin_length, null);
});

test('WR-45 and refused, where so configured', async () => {
  const policy = { credProtect: 2, uvm: [[2, 4, 2]], minPinLength: 6 };
  const honest = { extensions: outputs(policy) };
  const cases = [
    { extensions: outputs({ ...policy, ...five }) },
    { extensions: outputs({ ...policy, credBlob: true }) },
    { extensions: outputs({ ...policy, 'hmac-secret-mc': Buffer.alloc(32) }) },
    { ...honest, result: { clientExtensionResults: { prf: { enabled: true } } } },
    { ...honest, result: { clientExtensionResults: { 'x.y': true } } },
  ];
  for (const knobs of cases) refused(await strict.browser().tryRegister('emma', knobs), 400, 'extension');
  const b = strict.browser();
  const { credential } = await b.register('emma');
  for (const knobs of [{ extensions: outputs({ x: 1 }) }, { extensions: outputs({ 'hmac-secret': Buffer.alloc(32) }) }]) {
    refused(await b.tryLogin({}, { ...knobs, credential: credential.id }), 400, 'authentication_failed');
  }
  await b.login({}, { credential: credential.id });
  /* asked for by a name that is not known here, unknown ones are what was asked for */
  await strict.browser().register('emma2', { ask: { extensions: { x: true } }, extensions: outputs({ ...policy, x: 1 }) });
  /* and browsers prepare keys for prf on their own */
  await strict.browser().register('emma3', { extensions: outputs({ ...policy, 'hmac-secret': true }) });
});

test('WR-46 client outputs of a wrong type are refused where they are read', async () => {
  const all = { credProps: true, prf: {}, largeBlob: {}, uvm: true, credBlob: 'AAEC', hmacCreateSecret: true, appidExclude: APPID };
  const bad = [
    { credProps: 'x' }, { credProps: { rk: 1 } }, { credProps: null }, { prf: [] }, { prf: { enabled: 'yes' } }, { prf: { results: {} } },
    { prf: { results: { first: 5 } } }, { prf: { results: { first: 'A'.repeat(200) } } }, { largeBlob: true }, { largeBlob: { supported: 1 } },
    { largeBlob: { blob: 'x'.repeat(50000) } }, { largeBlob: { written: 'x' } }, { uvm: [] }, { uvm: [[1, 2]] }, { uvm: [[1, 2, -3]] }, { uvm: [[1, 2, 4294967296]] },
    { uvm: [[1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3]] }, { uvm: [1] }, { credBlob: 'AAEC' }, { hmacCreateSecret: 1 }, { appidExclude: 'x' },
  ];
  for (const clientExtensionResults of bad) {
    const answer = await plain.browser().tryRegister('fay', { ask: { extensions: all }, result: { clientExtensionResults } });
    refused(answer, 400, 'extension');
  }
  const b = plain.browser();
  await b.register('fay');
  for (const clientExtensionResults of [{ prf: 5 }, { largeBlob: 5 }, { uvm: {} }, { appid: 'true' }]) {
    const options = await b.loginOptions({ extensions: { prf: {}, largeBlob: { read: true }, uvm: true, appid: APPID } });
    const response = await b.authenticator.get(options, plain.origin);
    refused(await b.post('/assertion/result', { ...response, clientExtensionResults }), 400, 'authentication_failed');
  }
});

test('WR-46 what is not read is ignored, and everything is bounded', async () => {
  const send = (clientExtensionResults, more) => plain.browser().tryRegister(`gil${Math.random()}`, { ask: { extensions: { 'x.y': 1 } }, result: { clientExtensionResults }, ...more });
  assert.equal((await send({ credProps: 'x', prf: 5, other: 'x'.repeat(30000) })).status, 200);
  refused(await send({ other: 'x'.repeat(70000) }), 413, 'too_large');
  const b = plain.browser();
  const options = await b.registrationOptions('gus');
  const text = JSON.stringify(await b.authenticator.create(options, plain.origin));
  const deep = text.replace('"clientExtensionResults":{', `"clientExtensionResults":{"x":${'['.repeat(3000)}${']'.repeat(3000)},`);
  refused(await b.post('/attestation/result', deep), 400, 'malformed');
  refused(await b.post('/attestation/result', text.replace(/"clientExtensionResults":\{[^}]*\}\}/, '"clientExtensionResults":[]')), 400, 'malformed');
});

test('authenticator outputs that were asked for have their types', async () => {
  const ask = { extensions: { credentialProtectionPolicy: 'userVerificationOptional', minPinLength: true, uvm: true, prf: {}, credBlob: 'AAEC', payment: { isPayment: true }, hmacGetSecret: { salt1: 'AAEC' } } };
  const bad = [{ credProtect: 0 }, { credProtect: 4 }, { credProtect: 'x' }, { credProtect: true }, { minPinLength: 0 }, { minPinLength: 64 }, { minPinLength: -4 },
    { uvm: [] }, { uvm: [[1, 2]] }, { uvm: [[1, 2, -3]] }, { uvm: [[1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3]] }, { uvm: { a: 1 } },
    { 'hmac-secret': 1 }, { 'hmac-secret': Buffer.alloc(32) }, { 'hmac-secret-mc': true }, { credBlob: Buffer.alloc(3) }, { thirdPartyPayment: 1 }];
  for (const map of bad) refused(await plain.browser().tryRegister('hal', { ask, extensions: outputs(map) }), 400, 'extension');
  const good = { credProtect: 1, minPinLength: 63, uvm: [[1, 2, 3], [4, 5, 6], [7, 8, 9]], 'hmac-secret': false, 'hmac-secret-mc': Buffer.alloc(32), credBlob: false, thirdPartyPayment: true };
  const { credential } = await plain.browser().register('hal', { ask, extensions: outputs(good), result: { clientExtensionResults: {} } });
  assert.deepEqual([credential.cred_protect, credential.min_pin_length, credential.prf], ['userVerificationOptional', 63, false]);
});

test('credProtect: weaker than asked is refused where enforced, and shown where not', async () => {
  const weaker = { uvm: [[2, 4, 2]], minPinLength: 6 };
  refused(await strict.browser().tryRegister('ida', { extensions: outputs({ ...weaker, credProtect: 1 }) }), 400, 'cred_protect');
  refused(await strict.browser().tryRegister('ida', { extensions: outputs(weaker) }), 400, 'cred_protect');
  for (const level of [2, 3]) await strict.browser().register(`ida${level}`, { extensions: outputs({ ...weaker, credProtect: level }) });
  const own = { credentialProtectionPolicy: 'userVerificationRequired' };
  refused(await strict.browser().tryRegister('ida4', { ask: { extensions: own }, extensions: outputs({ ...weaker, credProtect: 2 }) }), 400, 'cred_protect');
  const { credential } = await protecting.browser().register('ida', { extensions: outputs({ credProtect: 1 }) });
  assert.equal(credential.cred_protect, 'userVerificationOptional');
});

test('a passkey that is to be used with verification only is made with it', async () => {
  const asked = async (rp, ask) => (await rp.browser().registrationOptions('jo', ask)).authenticatorSelection.userVerification;
  const extensions = { credentialProtectionPolicy: 'userVerificationRequired' };
  assert.equal(await asked(protecting), 'required');
  assert.equal(await asked(plain, { extensions, authenticatorSelection: { userVerification: 'discouraged' } }), 'required');
  assert.equal(await asked(strict), 'preferred');
  refused(await protecting.browser().tryRegister('jo', { uv: false, extensions: outputs({ credProtect: 3 }) }), 400, 'user_verification');
});

test('credProtect that a browser asked for by itself is shown too', async () => {
  const { credential } = await plain.browser().register('jan', { extensions: outputs({ credProtect: 2 }) });
  assert.equal(credential.cred_protect, 'userVerificationOptionalWithCredentialIDList');
});

test('how the user was verified is in the audit log, when asked', async () => {
  const b = strict.browser();
  await b.register('kim');
  await b.login();
  assert.deepEqual((await audited(strict, 'credential.registered'))[0].detail.uvm, [[2, 4, 2]]);
  assert.deepEqual((await audited(strict, 'login.succeeded'))[0].detail.uvm, [[2, 4, 2]]);
  const plainly = plain.browser();
  await plainly.register('kim');
  assert.equal((await audited(plain, 'credential.registered'))[0].detail.uvm, undefined);
});

test('a key of U2F times signs in by the AppID, where that is configured and the browser says so', async () => {
  const b = strict.browser();
  const { credential } = await b.register('lea');
  const attempt = async (rp, browser, knobs, results) => {
    const options = await browser.loginOptions({ username: 'lea' });
    const response = await browser.authenticator.get(options, rp.origin, knobs);
    return browser.post('/assertion/result', results === undefined ? response : { ...response, clientExtensionResults: results });
  };
  const byAppid = { credential: credential.id, rpId: APPID };
  assert.equal((await attempt(strict, b, byAppid)).status, 200);
  refused(await attempt(strict, b, byAppid, { appid: false }), 400, 'authentication_failed');
  refused(await attempt(strict, b, byAppid, {}), 400, 'authentication_failed');
  refused(await attempt(strict, b, { credential: credential.id }, { appid: true }), 400, 'authentication_failed');
  refused(await attempt(strict, b, { ...byAppid, rpId: 'https://other.example' }, { appid: true }), 400, 'authentication_failed');
  assert.equal((await attempt(strict, b, { credential: credential.id })).status, 200);
  const elsewhere = plain.browser();
  await elsewhere.register('lea');
  refused(await attempt(plain, elsewhere, { rpId: APPID }, { appid: true }), 400, 'authentication_failed');
});
