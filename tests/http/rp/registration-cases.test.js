// Registrations that must be refused, each with what it leaves: no account, no passkey, no session, a spent challenge.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { b64, clientData, exists, query, refused, refusesLogin, refusesRegistration, stored } from '../support/refusal.js';
import { Rp } from '../support/rp.js';
import { until } from '../support/site.js';

let rp;
before(async () => { rp = await Rp.start(); });
after(() => rp.done());

/** After the refusals of a name the honest registration for it succeeds, and what it made signs in. */
async function registersAfterAll(b, name, more) {
  assert.equal(exists(b.rp, name), false);
  await b.register(name, { ignoreExclude: true, ...more });
  assert.equal((await b.login()).session.username, name);
}

async function withServer(start, use) {
  const server = await Rp.start(start);
  try {
    await use(server);
  } finally {
    await server.done();
  }
}

const EVERY_ALGORITHM = [-7, -8, -35, -36, -37, -38, -39, -47, -257, -258, -259, -65535];

test('WR-01 an algorithm that was not offered is refused, self-attested or not', async () => {
  const b = rp.browser();
  const offered = (await b.registrationOptions('ann')).pubKeyCredParams.map(({ alg }) => alg);
  const others = EVERY_ALGORITHM.filter((algorithm) => !offered.includes(algorithm));
  assert.ok(offered.includes(-257) && others.includes(-65535));
  for (const algorithm of others)
    for (const format of ['none', 'packed-self'])
      await refusesRegistration(b, 'ann', { ask: { attestation: 'direct' }, knobs: { algorithm, format }, error: 'unsupported_algorithm', what: `${format} ${algorithm}` });
  await refusesRegistration(b, 'ann', { ask: { attestation: 'direct' }, knobs: { algorithm: -7, format: 'packed-self', statementAlgorithm: -257 }, error: 'attestation', what: 'ES256 that says RS256' });
  await registersAfterAll(b, 'ann', { ask: { attestation: 'direct' }, algorithm: -257, format: 'packed-self' });
});

test('WR-01 where only ES256 is offered, RS256 and EdDSA are refused', () => withServer({
  config: (text) => text.replace('  attestation: none\n', '  attestation: none\n  algorithms: [ES256]\n'),
}, async (server) => {
  const b = server.browser();
  assert.deepEqual((await b.registrationOptions('bob')).pubKeyCredParams, [{ type: 'public-key', alg: -7 }]);
  for (const algorithm of [-257, -8, -35])
    for (const format of ['none', 'packed-self'])
      await refusesRegistration(b, 'bob', { ask: { attestation: 'direct' }, knobs: { algorithm, format }, error: 'unsupported_algorithm', what: `${format} ${algorithm}` });
  await registersAfterAll(b, 'bob');
}));

const HOST = 'rp.example';
const FINGERPRINT = 'Kx-_uT4zZ1QH1p0GfN9mXJ2qVbE3sYc6aLwRtDoI8Pk';
const ANDROID = `android:apk-key-hash:${FINGERPRINT}`;
const LOOK_ALIKES = [
  'https://rp.example.evil.test', 'https://evilrp.example', 'http://rp.example', 'https://rp.example:8443', 'https://rp.example/', 'https://RP.EXAMPLE',
  'https://rp.example@evil.test', 'https://rp.example%00.evil.test', 'null', '',
  // scheme
  'HTTPS://rp.example', 'Https://rp.example', 'wss://rp.example', 'ftp://rp.example', 'file://rp.example', 'rp.example', '//rp.example', 'https:rp.example', 'https:/rp.example',
  'https:///rp.example', 'https:\\\\rp.example', 'https//rp.example', 'xhttps://rp.example', 'https://https://rp.example', 'blob:https://rp.example/1', 'view-source:https://rp.example',
  'chrome-extension://rp.example', 'javascript:https://rp.example',
  // host
  'https://rp.example.', 'https://rp.exampl', 'https://rp', 'https://example', 'https://rp-example', 'https://rpxexample', 'https://rp..example', 'https://.rp.example', 'https://*.rp.example',
  'https://rp.examples', 'https://rp.example.evil', 'https://r\u0440.example', 'https://rp.ex\u0430mple', 'https://xn--rp-nlc.example', 'https://rp.xn--exmple-4nf', 'https://\uff52\uff50.example',
  'https://rp\u3002example', 'https://rp.example\u200b', 'https://r\u00adp.example', 'https://rp%2eexample', 'https://[rp.example]', 'https://127.0.0.1', 'https://localhost',
  // userinfo
  'https://user@rp.example', 'https://user:word@rp.example', 'https://@rp.example', 'https://rp.example:x@evil.test', 'https://evil.test#@rp.example', 'https://evil.test\\@rp.example',
  // port
  'https://rp.example:443', 'https://rp.example:0', 'https://rp.example:', 'https://rp.example:00443', 'https://rp.example:65979', 'https://rp.example:-1', 'https://rp.example:443@evil.test',
  // what follows, and blanks
  'https://rp.example/x', 'https://rp.example//', 'https://rp.example?', 'https://rp.example?x', 'https://rp.example#', 'https://rp.example#x', 'https://rp.example\\', 'https://rp.example;',
  'https://rp.example,https://rp.example', 'https://rp.example https://evil.test', ' https://rp.example', 'https://rp.example ', 'https://rp.example\t', 'https://rp.example\n', '\ufeffhttps://rp.example',
  'https://rp.example\u2028', `https://rp.example${'/'.repeat(3000)}`, 'NULL', 'undefined', 'about:blank',
  // apps
  `android:apk-key-hash:${FINGERPRINT.toLowerCase()}`, `android:apk-key-hash:${FINGERPRINT}=`, `android:apk-key-hash:${FINGERPRINT.replace('-', '+').replace('_', '/')}`, `android:apk-key-hash:${FINGERPRINT.slice(0, -1)}`,
  `android:apk-key-hash:${FINGERPRINT}A`, `ANDROID:apk-key-hash:${FINGERPRINT}`, `android:APK-KEY-HASH:${FINGERPRINT}`, `android:apk-key-hash:`, 'android:apk-key-hash', 'android:', `android:${FINGERPRINT}`, FINGERPRINT,
  `android:apk-key-hash-sha256:${FINGERPRINT}`, `android:apk-key-hash: ${FINGERPRINT}`, `android:apk-key-hash:${FINGERPRINT}.evil`, `android://apk-key-hash:${FINGERPRINT}`, `https://android:apk-key-hash:${FINGERPRINT}`,
  `android:apk-key-hash:https://rp.example`, 'ios:bundle-id:example.rp', 'https://rp.example:android',
];
const NO_TEXT = [null, 5, true, ['https://rp.example'], { origin: 'https://rp.example' }, undefined];

test('WR-12 origins that look like ours are none of ours, at registration and at login', () => withServer({
  origin: `https://${HOST}`,
  config: (text) => text.replace('id: localhost\n', `id: ${HOST}\n`).replace(/origins: .*/, `origins: ["https://${HOST}", "${ANDROID}"]`),
}, async (server) => {
  const b = server.browser(), known = server.browser();
  await known.register('known');
  known.cookies.clear();
  const saying = (type, origin) => (options) => ({ clientDataJSON: clientData(type, options, server.origin, { origin }) });
  for (const origin of LOOK_ALIKES) {
    const what = JSON.stringify(origin).slice(0, 60);
    await refusesRegistration(b, 'cleo', { knobs: saying('webauthn.create', origin), error: 'origin', what });
    await refusesLogin(known, { knobs: saying('webauthn.get', origin), what });
  }
  for (const origin of NO_TEXT) {
    await refusesRegistration(b, 'cleo', { knobs: saying('webauthn.create', origin), error: 'client_data', what: JSON.stringify(origin) });
    await refusesLogin(known, { knobs: saying('webauthn.get', origin), error: 'client_data', what: JSON.stringify(origin) });
  }
  for (const origin of ['https://rp.example\u0000', 'https://rp.example\u0000.evil.test'])
    await refusesRegistration(b, 'cleo', { knobs: saying('webauthn.create', origin), error: 'client_data', what: 'NUL' });
  await registersAfterAll(b, 'cleo');
  const options = await b.loginOptions();
  const fromApp = await b.authenticator.get(options, server.origin, saying('webauthn.get', ANDROID)(options));
  assert.equal((await b.post('/assertion/result', fromApp)).status, 200);
}));

test('WR-13 a subdomain is another origin, although the RP ID is its own', () => withServer({
  origin: `https://${HOST}`,
  config: (text) => text.replace('id: localhost\n', `id: ${HOST}\n`).replace(/origins: .*/, `origins: ["https://${HOST}"]`),
}, async (server) => {
  const b = server.browser(), known = server.browser();
  await known.register('known');
  known.cookies.clear();
  for (const origin of ['https://blog.rp.example', 'https://a.b.rp.example', 'https://www.rp.example', 'https://xrp.example']) {
    await refusesRegistration(b, 'dan', { knobs: (o) => ({ clientDataJSON: clientData('webauthn.create', o, origin) }), error: 'origin', what: origin });
    await refusesLogin(known, { knobs: (o) => ({ clientDataJSON: clientData('webauthn.get', o, origin) }), what: origin });
  }
  await registersAfterAll(b, 'dan');
}));

test('WR-13 where the subdomain is configured, its passkeys are taken', () => withServer({
  origin: `https://${HOST}`,
  config: (text) => text.replace('id: localhost\n', `id: ${HOST}\n`).replace(/origins: .*/, `origins: ["https://${HOST}", "https://blog.${HOST}"]`),
}, async (server) => {
  const b = server.browser();
  const options = await b.registrationOptions('eve');
  const response = await b.authenticator.create(options, `https://blog.${HOST}`);
  const answer = await b.post('/attestation/result', response);
  assert.equal(answer.status, 200, answer.body);
}));

const prefix = (id, length) => b64(Buffer.from(id, 'base64url').subarray(0, length));

test('WR-22 id, rawId and the id in the authenticator data must be one in full', async () => {
  const b = rp.browser(), owner = rp.browser();
  const { credential: other } = await owner.register('owner');
  const forms = {
    'rawId empty': (r) => ({ ...r, rawId: '' }),
    'rawId of one byte': (r) => ({ ...r, rawId: prefix(r.id, 1) }),
    'rawId of another': (r) => ({ ...r, rawId: other.id }),
    'id of another': (r) => ({ ...r, id: other.id }),
    'id of one byte': (r) => ({ ...r, id: prefix(r.id, 1) }),
    'rawId padded': (r) => ({ ...r, rawId: `${r.id}==` }),
    'rawId longer': (r) => ({ ...r, rawId: `${r.id}AA` }),
    'id absent': ({ id, ...r }) => r,
    'id null': (r) => ({ ...r, id: null }),
    'id empty, and rawId': (r) => ({ ...r, id: '', rawId: '' }),
    'both padded': (r) => ({ ...r, id: `${r.id}==`, rawId: `${r.id}==` }),
    'rawId a number': (r) => ({ ...r, rawId: 5 }),
    'rawId null': (r) => ({ ...r, rawId: null }),
    'rawId in an array': (r) => ({ ...r, rawId: [r.id] }),
  };
  for (const [what, edit] of Object.entries(forms)) await refusesRegistration(b, 'fay', { edit, error: 'malformed', what });
  const ids = {
    'both of another passkey': () => other.id,
    'both one byte of it': ({ id }) => prefix(id, 1),
    'both all but one byte of it': ({ id }) => prefix(id, Buffer.from(id, 'base64url').length - 1),
    'both it and one byte more': ({ id }) => b64(Buffer.concat([Buffer.from(id, 'base64url'), Buffer.alloc(1)])),
  };
  for (const [what, make] of Object.entries(ids))
    await refusesRegistration(b, 'fay', { edit: (r) => ({ ...r, id: make(r), rawId: make(r) }), error: 'credential_id', what });
  await refusesRegistration(b, 'fay', { edit: ({ rawId, ...r }) => ({ ...r, id: other.id }), error: 'credential_id', what: 'no rawId, id of another' });

  // the transport binding profile knows no rawId
  const options = await b.registrationOptions('fay');
  const { rawId, ...profile } = await b.authenticator.create(options, rp.origin);
  assert.equal((await b.post('/attestation/result', profile)).status, 200);
  assert.equal((await owner.login()).session.username, 'owner');
});

test('WR-31 required user verification is required, whatever else the flags say', async () => {
  const b = rp.browser();
  const ask = { authenticatorSelection: { userVerification: 'required' } };
  assert.equal((await b.registrationOptions('gil', ask)).authenticatorSelection.userVerification, 'required');
  for (const knobs of [{ uv: false }, { uv: false, be: true, bs: true }, { uv: false, reservedFlags: 0x22 }, { uv: false, format: 'packed-self' }])
    await refusesRegistration(b, 'gil', { ask, knobs, error: 'user_verification', what: JSON.stringify(knobs) });
  await registersAfterAll(b, 'gil', { ask });
  for (const userVerification of ['preferred', 'discouraged']) {
    const done = await rp.browser().register(`gil-${userVerification}`, { ask: { authenticatorSelection: { userVerification } }, uv: false });
    assert.notEqual(done.session.acr, 'phr');
  }
});

test('WR-31 adding a passkey with required user verification leaves the account as it was', async () => {
  const b = rp.browser();
  await b.register('hal');
  await refusesRegistration(b, undefined, { ask: { authenticatorSelection: { userVerification: 'required' } }, knobs: { uv: false }, error: 'user_verification' });
  assert.equal((await b.get('/session')).json.username, 'hal');
  assert.equal((await b.get('/credentials')).json.length, 1);
});

test('WR-43 transports: unknown names are dropped, wrong types refused, nothing comes back raw', async () => {
  const b = rp.browser();
  const saying = (transports) => (r) => { r.response.transports = transports; return r; };
  const wrong = [['usb', '<script>', 'x'.repeat(10000), 5], 'usb', 5, {}, null, true, ['usb', null], ['usb', ['nfc']], [{}], [true], { 0: 'usb' }];
  for (const transports of wrong) await refusesRegistration(b, 'ida', { edit: saying(transports), error: 'malformed', what: JSON.stringify(transports).slice(0, 40) });
  const before = stored(rp);
  const odd = ['usb', '<script>alert(1)</script>', 'x'.repeat(10000), 'USB', 'usb ', '', '\u202e', 'internal', ...Array(2000).fill('usb'), 'hybrid', 'cable', '"],"x":["'];
  const options = await b.registrationOptions('ida');
  const answer = await b.post('/attestation/result', saying(odd)(await b.authenticator.create(options, rp.origin)));
  assert.equal(answer.status, 200, answer.body);
  assert.notEqual(stored(rp), before);
  const known = ['usb', 'internal', 'hybrid'];
  const same = (transports, what) => assert.deepEqual([...transports].sort(), [...known].sort(), what);
  same(answer.json.credential.transports, 'the answer');
  same((await b.get('/credentials')).json[0].transports, 'the list');
  same((await b.loginOptions({ username: 'ida' })).allowCredentials[0].transports, 'allowCredentials');
  same((await b.registrationOptions()).excludeCredentials[0].transports, 'excludeCredentials');
  assert.ok(Number(query(rp, "SELECT max(length(transports)) FROM credentials")) < 100);
  assert.doesNotMatch(stored(rp), /script/);
  for (const [name, transports] of [['jil', []], ['jon', undefined]]) {
    const c = rp.browser();
    const asked = await c.registrationOptions(name);
    const none = await c.post('/attestation/result', saying(transports)(await c.authenticator.create(asked, rp.origin)));
    assert.deepEqual(none.json.credential.transports, []);
  }
});

const TYPES = ['public-key ', ' public-key', 'PUBLIC-KEY', 'Public-Key', 'public_key', 'public-key\n', 'public', '', ['public-key'], { type: 'public-key' }, null, true, 0, undefined];

test('WA-37 type is exactly "public-key", at registration', async () => {
  const b = rp.browser();
  for (const type of TYPES) await refusesRegistration(b, 'jan', { edit: (r) => ({ ...r, type }), error: 'malformed', what: JSON.stringify(type) });
  await registersAfterAll(b, 'jan');
});

test('WA-38 members of older client data are ignored at registration', async () => {
  for (const [i, more] of [{ hashAlgorithm: 'SHA-1', clientExtensions: {} }, { hashAlgorithm: 'SHA-512', authenticatorExtensions: [] }, { hashAlgorithm: null }].entries()) {
    const b = rp.browser();
    const options = await b.registrationOptions(`kai${i}`);
    const response = await b.authenticator.create(options, rp.origin, { clientDataJSON: clientData('webauthn.create', options, rp.origin, more), format: 'packed-self' });
    assert.equal((await b.post('/attestation/result', response)).status, 200);
    await b.login();
  }
});

/* --- what tests of whole features name already, with all that a refusal leaves --- */

test('WR-03 a credential id of another account is refused with its key and with one\'s own, for new and for old accounts', async () => {
  const owner = rp.browser(), thief = rp.browser();
  const { credential } = await owner.register('lea');
  const [held] = await owner.authenticator.list();
  for (const [what, knobs] of Object.entries({ 'the owner\'s key': { coseKey: held.publicKey }, 'a key of one\'s own': {} }))
    await refusesRegistration(thief, 'lars', { knobs: { credentialId: credential.id, ...knobs }, status: 409, error: 'credential_exists', what });
  assert.equal(exists(rp, 'lars'), false);
  await thief.register('lars');
  for (const knobs of [{ coseKey: held.publicKey }, {}])
    await refusesRegistration(thief, undefined, { knobs: { credentialId: credential.id, ...knobs }, status: 409, error: 'credential_exists', what: 'added to an account' });
  assert.equal((await thief.get('/credentials')).json.length, 1);
  assert.equal((await owner.login()).session.username, 'lea');
});

test('WR-04 registering one\'s own credential again resets nothing', async () => {
  const b = rp.browser();
  const { credential } = await b.register('mia');
  await b.login({}, { signCount: 7 });
  const [held] = await b.authenticator.list();
  for (const knobs of [{ coseKey: held.publicKey, signCount: 0 }, { signCount: 0 }, { coseKey: held.publicKey, signCount: 100, uv: false, be: true }])
    await refusesRegistration(b, undefined, { knobs: { credentialId: credential.id, ...knobs }, status: 409, error: 'credential_exists', what: JSON.stringify(Object.keys(knobs)) });
  assert.equal(query(rp, `SELECT count(*), max(sign_count) FROM credentials WHERE credential_id = x'${Buffer.from(credential.id, 'base64url').toString('hex')}'`), '1,7');
});

test('WR-06 a registration that was finished is finished, in this browser and in others', async () => {
  const b = rp.browser();
  const options = await b.registrationOptions('nia');
  const response = await b.authenticator.create(options, rp.origin);
  const cookies = new Map(b.cookies);
  assert.equal((await b.post('/attestation/result', response)).status, 200);
  const before = stored(rp);
  const withSession = new Map([...cookies, ...b.cookies]);
  for (const jar of [cookies, withSession]) refused(await b.post('/attestation/result', response, { cookies: jar, keep: false }), { error: 'challenge' });
  const other = await b.authenticator.create(options, rp.origin, { ignoreExclude: true });
  refused(await b.post('/attestation/result', other, { cookies, keep: false }), { error: 'challenge' }, 'another passkey for that challenge');
  assert.equal(stored(rp), before);
});

test('WR-09 a challenge is for one kind of ceremony, whatever the client data says of it', async () => {
  const b = rp.browser();
  await b.register('ola');
  b.cookies.clear();
  for (const type of ['webauthn.create', 'webauthn.get', 'payment.get', 'webauthn.Create', 'webauthn.create ', '']) {
    const before = stored(rp);
    const forLogin = await b.loginOptions();
    const created = await b.authenticator.create({ ...await rp.browser().registrationOptions('olaf'), challenge: forLogin.challenge }, rp.origin, { type, ignoreExclude: true });
    await b.authenticator.forget(created.id);
    const answer = await b.post('/attestation/result', created);
    refused(answer, { status: 400 }, type);
    const forCreation = await b.registrationOptions('olaf');
    const got = await b.authenticator.get({ ...forLogin, challenge: forCreation.challenge }, rp.origin, { type });
    refused(await b.post('/assertion/result', got), { error: 'authentication_failed' }, type);
    assert.equal(stored(rp), before);
    if (type !== 'webauthn.create') await refusesRegistration(b, 'olaf', { knobs: { type }, error: 'ceremony_type', what: `create as ${type}` });
    if (type !== 'webauthn.get') await refusesLogin(b, { knobs: { type }, what: `get as ${type}` });
  }
  await b.login();
});

test('WR-10 with a lifetime of its own a challenge ends then, at registration and at login, and is forgotten', () => withServer({
  config: (text) => text.replace('  database: rp.db', '  challenge_lifetime: 10s\n  database: rp.db'),
}, async (server) => {
  const b = server.browser();
  assert.equal((await b.registrationOptions('pia')).timeout, 10000);
  const before = stored(server);
  const options = await b.registrationOptions('pia');
  const response = await b.authenticator.create(options, server.origin);
  const cookies = new Map(b.cookies);
  server.pass(11);
  refused(await b.post('/attestation/result', response, { cookies, keep: false }), { error: 'challenge' });
  assert.equal(stored(server), before);
  await b.register('pia', { ignoreExclude: true });
  b.cookies.clear();
  const late = await b.authenticator.get(await b.loginOptions(), server.origin);
  server.pass(11);
  refused(await b.post('/assertion/result', late), { error: 'authentication_failed' });
  await b.login();
  assert.notEqual(query(server, 'SELECT count(*) FROM spent_challenges'), '0');
  server.pass(3600);
  await server.restart();
  await until(() => query(server, 'SELECT count(*) FROM spent_challenges') === '0', 'the sweep');
}));

test('WR-32 WA-16 required user verification is sealed with the ceremony: after a restart it is still required', async () => {
  const b = rp.browser(), known = rp.browser();
  await known.register('rita');
  known.cookies.clear();
  const required = { userVerification: 'required' };
  const created = await b.authenticator.create(await b.registrationOptions('rolf', { authenticatorSelection: required }), rp.origin, { uv: false });
  const got = await known.authenticator.get(await known.loginOptions(required), rp.origin, { uv: false });
  const before = stored(rp);
  await rp.restart('SIGKILL');
  refused(await b.post('/attestation/result', created), { error: 'user_verification' });
  refused(await known.post('/assertion/result', got), { error: 'authentication_failed' });
  assert.equal(stored(rp), before);
  await b.register('rolf', { ignoreExclude: true, ask: { authenticatorSelection: required } });
  await known.login(required);
});

test('WR-37 no route gives a session to somebody who proves nothing, and no other is there', () => withServer({ authority: true }, async (server) => {
  await server.browser().register('sue');
  const page = fs.readFileSync(new URL('../../../docs/http.md', import.meta.url), 'utf8').split(/^## /m);
  const routesOf = (heading) => [...page.find((part) => part.startsWith(heading)).matchAll(/^\| `(\w+) ([^`]+)` \|/gm)].map(([, method, path]) => [method, path]);
  const own = routesOf('rp, public'), operators = routesOf('rp, operators');
  assert.ok(own.length > 20 && operators.length > 10);
  const before = stored(server);
  const b = server.browser();
  const fill = (path) => path.replace('{domain}', 'pay').replace(/\{(name|id)\}/g, 'sue').replace('**', 'app.js');
  const bodies = ['{"username":"sue","displayName":"sue"}', '{"username":"sue","password":"sue"}', '{"user":"sue","verified":true,"session":{"username":"sue"}}'];
  for (const [method, path] of [...own, ...operators, ...['/users', '/login', '/session', '/register', '/conformance', '/test', '/q/webauthn/login', '/webauthn/login', '/api/login', '/admin'].map((each) => ['POST', each])])
    for (const body of method === 'GET' ? [undefined] : bodies)
      for (const query of ['', '?username=sue', '?user=sue&login=1']) {
        const answer = await b.send(method, `${fill(path)}${query}`, body, { cookies: new Map(), keep: false, headers: { 'x-forwarded-user': 'sue', 'remote-user': 'sue', authorization: 'Bearer sue' } });
        const where = `${method} ${path}${query}: ${answer.status}`;
        assert.ok(answer.status < 500, where);
        assert.ok(!(answer.headers['set-cookie'] ?? []).some((line) => /^(__Host-)?sekisho=[^;]/.test(line)), where);
        if (operators.some(([m, p]) => m === method && p === path) && !own.some(([, p]) => p === path)) assert.ok([404, 405].includes(answer.status), where);
        if (/session|credentials/.test(path)) assert.ok([401, 404, 405, 415].includes(answer.status), where);
      }
  assert.equal(stored(server), before);
}));

test('WR-38 no challenge is made for a passkey that may not be added', async () => {
  const b = rp.browser();
  await b.register('tom');
  const fresh = await b.authenticator.create(await b.registrationOptions(), rp.origin, { ignoreExclude: true });
  const cookies = new Map(b.cookies);
  rp.pass(301);
  for (const ask of [{}, { username: 'tom', displayName: 'tom' }, { username: 'TOM', displayName: 'x' }]) {
    const answer = await b.post('/attestation/options', ask);
    refused(answer, { status: 401, error: 'insufficient_user_authentication' });
    assert.equal(answer.headers['set-cookie'], undefined);
    assert.equal(answer.json.challenge, undefined);
  }
  // one that was begun in time ends with its own time
  const before = stored(rp);
  refused(await b.post('/attestation/result', fresh, { cookies, keep: false }), { error: 'challenge' });
  assert.equal(stored(rp), before);
});
