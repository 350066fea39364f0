// Logins that must be refused, each with what it leaves: no row, no cookie, no counter, and a challenge that is spent.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { b64, clientData, query, refused, refusesLogin, signCount, stored } from '../support/refusal.js';
import { Rp } from '../support/rp.js';

let rp;
before(async () => { rp = await Rp.start(); });
after(() => rp.done());

/** A registered account and its browser, not signed in. */
async function account(name, more) {
  const b = rp.browser();
  const { credential } = await b.register(name, more);
  b.cookies.clear();
  return { b, id: credential.id };
}

/** The CBOR map {"example.extension": bytes} of that length. */
function extensions(length) {
  const value = length - 19 - (length < 19 + 2 + 256 ? 2 : 3);
  const head = value < 256 ? [0x58, value] : [0x59, value >> 8, value & 255];
  return Buffer.concat([Buffer.from([0xa1, 0x71]), Buffer.from('example.extension'), Buffer.from(head), Buffer.alloc(value, 7)]);
}

test('WA-04 a login without a name needs the user handle, an empty one is none', async () => {
  const { b } = await account('ann');
  await refusesLogin(b, { knobs: { userHandleAbsent: true }, what: 'absent' });
  await refusesLogin(b, { edit: (response) => { response.response.userHandle = ''; return response; }, what: 'empty' });
  await refusesLogin(b, { knobs: { userHandle: b64('somebody else, of thirty-two byte') }, what: 'another' });
  await b.login({ username: 'ann' }, { userHandleAbsent: true });
  assert.equal((await b.login()).session.username, 'ann');
});

test('WA-06 a known credential id with a forged response is refused', async () => {
  const { b, id } = await account('bob');
  const bytes = (length) => b64(crypto.createHash('shake256', { outputLength: length }).update('forged').digest());
  const changed = (text, at) => { const copy = Buffer.from(text, 'base64url'); copy[at] ^= 1; return b64(copy); };
  const sequence = (...parts) => { const body = Buffer.concat(parts); return b64(Buffer.concat([Buffer.from([0x30, body.length]), body])); };
  const one = Buffer.from([2, 1, 1]);
  const forgeries = {
    'nothing of it is real': (r) => { r.response.authenticatorData = bytes(37); r.response.signature = bytes(71); },
    'the signature is noise': (r) => { r.response.signature = bytes(71); },
    'the signature is DER of ones': (r) => { r.response.signature = sequence(one, one); },
    'the signature is DER of nothing': (r) => { r.response.signature = sequence(); },
    'the signature is one byte': (r) => { r.response.signature = 'AA'; },
    'the signature is 1024 zeros': (r) => { r.response.signature = b64(Buffer.alloc(1024)); },
    'the signature has one bit changed': (r) => { r.response.signature = changed(r.response.signature, 40); },
    'the authenticator data was raised to UV afterwards': (r) => { r.response.authenticatorData = changed(r.response.authenticatorData, 32); },
    'the counter was raised afterwards': (r) => { r.response.authenticatorData = changed(r.response.authenticatorData, 36); },
    'the client data was changed afterwards': (r) => {
      r.response.clientDataJSON = b64(Buffer.from(r.response.clientDataJSON, 'base64url').toString().replace('"crossOrigin"', '"x":1,"crossOrigin"'));
    },
  };
  for (const [what, edit] of Object.entries(forgeries)) await refusesLogin(b, { edit: (r) => { edit(r); return r; }, what });
  await refusesLogin(b, { knobs: { wrongKey: true }, what: 'signed by another key' });
  assert.equal(signCount(rp, id), 0);
  assert.equal((await b.login()).session.username, 'bob');
});

test('WA-06 an assertion of another ceremony does not fit, although its signature is good', async () => {
  const { b } = await account('bea');
  const earlier = await b.authenticator.get(await b.loginOptions(), rp.origin);
  await refusesLogin(b, { edit: (r) => { r.response.signature = earlier.response.signature; return r; }, what: 'its signature' });
  await refusesLogin(b, {
    edit: (r) => { Object.assign(r.response, { authenticatorData: earlier.response.authenticatorData, signature: earlier.response.signature }); return r; },
    what: 'signature and authenticator data',
  });
  await b.login();
});

test('WA-07 one\'s other passkey does not sign for the first', async () => {
  const b = rp.browser();
  const { credential: first } = await b.register('cat');
  const { credential: second } = await b.register(null, { ignoreExclude: true });
  b.cookies.clear();
  for (const ask of [{}, { username: 'cat' }]) {
    await refusesLogin(b, { ask, knobs: { credential: second.id, id: first.id }, what: JSON.stringify(ask) });
    await refusesLogin(b, { ask, knobs: { credential: first.id, id: second.id }, what: JSON.stringify(ask) });
  }
  for (const { id } of [first, second]) assert.equal((await b.login({}, { credential: id })).session.username, 'cat');
});

test('WA-09 authenticator data of every length: a signed extension map is taken up to the limit, padding never', async () => {
  const { b, id } = await account('dan');
  for (const length of [97, 128, 200, 4096, 32768]) {
    const done = await b.login({}, { extensions: b64(extensions(length - 37)) });
    assert.equal(done.session.username, 'dan', `${length}`);
    assert.equal(signCount(rp, id), (await b.authenticator.list())[0].signCount, `${length}`);
    b.cookies.clear();
    await refusesLogin(b, { knobs: { trailing: b64(Buffer.alloc(length - 37)) }, what: `${length}, ED clear with padding` });
    await refusesLogin(b, { knobs: { trailing: b64(Buffer.alloc(length - 37)), ed: true }, what: `${length}, ED set with padding` });
    await refusesLogin(b, { knobs: { extensions: b64(extensions(length - 37)), ed: false }, what: `${length}, ED clear with a map` });
    await refusesLogin(b, { knobs: { extensions: b64(extensions(length - 38)), trailing: 'AA' }, what: `${length}, a byte behind the map` });
    await refusesLogin(b, { knobs: { extensions: b64(extensions(length - 37)), truncate: length - 1 }, what: `${length}, the map cut` });
  }
  await refusesLogin(b, { knobs: { extensions: b64(extensions(32769 - 37)) }, what: 'past the limit' });
  await refusesLogin(b, { knobs: { extensions: b64(extensions(45000)) }, what: '45 kB' });
  for (const more of [{}, { ed: false }])
    await refusesLogin(b, { knobs: { extensions: b64(extensions(60000 - 37)), ...more }, status: 413, error: 'too_large', what: '60000' });
  await b.login();
});

test('WA-09 a session keeps such evidence, and steps up with it', async () => {
  const { b } = await account('dora');
  const large = { extensions: b64(extensions(32768 - 37)) };
  await b.login({}, large);
  for (let i = 0; i < 3; i += 1) await b.login({ requirement: { acr: 'phr', max_age: 60 } }, large);
  assert.equal((await b.get('/session')).json.acr, 'phr');
  await rp.restart();
  assert.equal((await b.get('/session')).json.username, 'dora');
});

test('WA-10 authenticator data of 0 to 36 bytes is refused', async () => {
  const { b } = await account('eve');
  for (let length = 0; length < 37; length += 1)
    await refusesLogin(b, { knobs: { truncate: length }, error: length === 0 ? 'malformed' : 'authentication_failed', what: `${length} bytes` });
  await b.login();
});

test('WA-19 a counter that falls back to zero is refused, and stays', async () => {
  const { b, id } = await account('fay');
  await b.login({}, { signCount: 5 });
  b.cookies.clear();
  await refusesLogin(b, { knobs: { signCount: 0 } });
  assert.equal(signCount(rp, id), 5);
  await b.login({}, { signCount: 6 });
  assert.equal(signCount(rp, id), 6);
});

test('WA-19 a counter that is not zero at registration binds the first login', async () => {
  const { b, id } = await account('flo', { signCount: 5 });
  for (const count of [0, 4, 5]) await refusesLogin(b, { knobs: { signCount: count }, what: `${count}` });
  await b.login({}, { signCount: 6 });
  assert.equal(signCount(rp, id), 6);
});

test('WA-22 counters up to the last of 32 bits grow, and end there', async () => {
  const { b, id } = await account('gus');
  for (const count of [0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff]) {
    await b.login({}, { signCount: count });
    assert.equal(signCount(rp, id), count);
    b.cookies.clear();
    await refusesLogin(b, { knobs: { signCount: count }, what: `${count} again` });
    await refusesLogin(b, { knobs: { signCount: count - 1 }, what: `less than ${count}` });
    await refusesLogin(b, { knobs: { signCount: 0x7ffffffe }, what: 'less than all' });
  }
  await refusesLogin(b, { knobs: { signCount: 0 }, what: 'around' });
  await refusesLogin(b, { knobs: { signCount: 1 }, what: 'around, and on' });
  assert.equal(signCount(rp, id), 0xffffffff);
  assert.equal(query(rp, 'SELECT count(*) FROM credentials WHERE sign_count < 0'), '0');
});

test('WA-23 an authenticator that does not count signs in again and again', async () => {
  const { b, id } = await account('hal', { signCount: 0 });
  for (let i = 0; i < 3; i += 1) assert.equal((await b.login({}, { signCount: 0 })).session.username, 'hal');
  assert.equal(signCount(rp, id), 0);
  await b.login({}, { signCount: 1 }); // one that begins to count is held to it
  b.cookies.clear();
  await refusesLogin(b, { knobs: { signCount: 0 } });
});

test('WA-36 a user handle of another type or size is refused; an empty one, and null, is absent', async () => {
  const { b } = await account('ida');
  const set = (value) => (r) => { r.response.userHandle = value; return r; };
  for (const value of [5, {}, [], true, ['aaaa'], b64(Buffer.alloc(65)), b64(Buffer.alloc(4096)), 'a', 'AA==', 'A+/A', 'AB', ' '])
    for (const ask of [{}, { username: 'ida' }])
      await refusesLogin(b, { ask, edit: set(value), error: 'malformed', what: JSON.stringify(value).slice(0, 40) });
  await refusesLogin(b, { edit: set('A'.repeat(1 << 20)), status: 413, error: 'too_large', what: 'a megabyte' });
  for (const length of [1, 31, 33, 64]) await refusesLogin(b, { edit: set(b64(Buffer.alloc(length, 9))), what: `${length} bytes of somebody else` });
  const { userHandle } = (await b.authenticator.get(await b.loginOptions(), rp.origin)).response;
  for (const length of [1, 31]) await refusesLogin(b, { edit: set(b64(Buffer.from(userHandle, 'base64url').subarray(0, length))), what: `the first ${length} of its bytes` });
  await refusesLogin(b, { edit: set(`${userHandle.slice(0, 42)}AA`), what: 'one byte more' });

  await refusesLogin(b, { edit: set(null), what: 'null, where nobody was named' });

  for (const absent of ['', null]) {
    const options = await b.loginOptions({ username: 'ida' });
    const response = set(absent)(await b.authenticator.get(options, rp.origin));
    assert.equal((await b.post('/assertion/result', response)).json.session.username, 'ida');
  }
});

const TYPES = ['public-key ', ' public-key', 'PUBLIC-KEY', 'Public-Key', 'public_key', 'publickey', 'public-key\n', 'public', '', ['public-key'], { type: 'public-key' }, null, true, 0, 5, undefined];

test('WA-37 type is exactly "public-key", at login', async () => {
  const { b } = await account('jim');
  for (const type of TYPES) await refusesLogin(b, { edit: (r) => ({ ...r, type }), error: 'malformed', what: JSON.stringify(type) });
  await b.login();
});

test('WA-38 members of older client data are ignored, and the hash is SHA-256 whatever they say', async () => {
  const { b } = await account('kai');
  const legacy = [{ hashAlgorithm: 'SHA-1', clientExtensions: {} }, { hashAlgorithm: 'SHA-512' }, { hashAlgorithm: 5, clientExtensions: 'x', authenticatorExtensions: null }];
  for (const more of legacy) {
    const options = await b.loginOptions();
    const response = await b.authenticator.get(options, rp.origin, { clientDataJSON: clientData('webauthn.get', options, rp.origin, more) });
    const answer = await b.post('/assertion/result', response);
    assert.equal(answer.status, 200, answer.body);
  }
});

test('WA-38 a signature over a hash of the client data\'s own choice is refused', async () => {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  const cose = Buffer.concat([Buffer.from('a5010203262001215820', 'hex'), Buffer.from(x, 'base64url'), Buffer.from('225820', 'hex'), Buffer.from(y, 'base64url')]);
  const { b } = await account('kim', { coseKey: b64(cose) });
  const signed = (hash) => (r) => {
    const [data, client] = [r.response.authenticatorData, r.response.clientDataJSON].map((text) => Buffer.from(text, 'base64url'));
    r.response.signature = b64(crypto.sign('sha256', Buffer.concat([data, crypto.createHash(hash).update(client).digest()]), privateKey));
    return r;
  };
  for (const [name, hash] of [['SHA-1', 'sha1'], ['SHA-512', 'sha512'], ['SHA-384', 'sha384']])
    await refusesLogin(b, { knobs: (options) => ({ clientDataJSON: clientData('webauthn.get', options, rp.origin, { hashAlgorithm: name }) }), edit: signed(hash), what: name });
  const options = await b.loginOptions();
  const answer = await b.post('/assertion/result', signed('sha256')(await b.authenticator.get(options, rp.origin)));
  assert.equal(answer.status, 200, answer.body);
});

test('WR-22 id and rawId must be one, and that of a passkey in full, at login', async () => {
  const b = rp.browser();
  const { credential: one } = await b.register('lea');
  const { credential: two } = await b.register(null, { ignoreExclude: true });
  b.cookies.clear();
  const prefix = (id, length) => b64(Buffer.from(id, 'base64url').subarray(0, length));
  const of = (id, rawId) => (r) => ({ ...r, id, rawId });
  const cases = {
    'rawId empty': of(two.id, ''), 'rawId of one byte': of(two.id, prefix(two.id, 1)), 'rawId of another': of(two.id, one.id),
    'id of another': of(one.id, two.id), 'id empty': of('', two.id), 'both empty': of('', ''), 'rawId padded': of(two.id, `${two.id}==`),
    'both padded': of(`${two.id}==`, `${two.id}==`), 'rawId a number': of(two.id, 5), 'rawId null': of(two.id, null), 'id absent': of(undefined, two.id),
  };
  for (const [what, edit] of Object.entries(cases)) await refusesLogin(b, { knobs: { credential: two.id }, edit, error: 'malformed', what });
  const longer = b64(Buffer.concat([Buffer.from(two.id, 'base64url'), Buffer.alloc(1)]));
  for (const id of [prefix(two.id, 1), prefix(two.id, 15), longer, one.id])
    await refusesLogin(b, { knobs: { credential: two.id }, edit: of(id, id), what: `both ${id}` });
  await b.login({}, { credential: two.id });
});

/* --- what tests of whole features name already, with all that a refusal leaves --- */

test('WA-01 an attacker\'s passkey in a victim\'s ceremony, with every user handle', async () => {
  const { b: victim, id: wanted } = await account('victim');
  const { b: attacker, id: own } = await account('attacker');
  const { userHandle } = (await victim.authenticator.get(await victim.loginOptions(), rp.origin)).response;
  for (const [what, more] of Object.entries({ 'its own': {}, none: { userHandleAbsent: true }, 'the victim\'s': { userHandle } })) {
    await refusesLogin(attacker, { ask: { username: 'victim' }, knobs: { credential: own, ...more }, what });
    await refusesLogin(attacker, { ask: { username: 'victim' }, knobs: { credential: own, id: wanted, ...more }, what: `${what}, the victim's id` });
    if (what !== 'its own') await refusesLogin(attacker, { knobs: { credential: own, ...more }, what: `${what}, no name` });
  }
  await victim.login({ username: 'victim' });
  assert.equal((await attacker.login()).session.username, 'attacker');
});

test('WA-03 WA-28 a passkey that was not allowed, or was deleted meanwhile, changes nothing', async () => {
  const b = rp.browser();
  const { credential: first } = await b.register('lars');
  const options = await b.loginOptions({ username: 'lars' });
  const { credential: second } = await b.register(null, { ignoreExclude: true });
  const cookies = new Map([...b.cookies].filter(([name]) => name.startsWith('sekisho-c-')));
  const before = stored(rp);
  refused(await b.post('/assertion/result', await b.authenticator.get({ ...options, allowCredentials: [] }, rp.origin, { credential: second.id }), { cookies, keep: false }), { error: 'authentication_failed' });
  refused(await b.post('/assertion/result', await b.authenticator.get(options, rp.origin, { credential: first.id }), { cookies, keep: false }), { error: 'authentication_failed' }, 'the challenge is spent');
  assert.equal(stored(rp), before);

  const other = b.sibling();
  const late = await other.authenticator.get(await other.loginOptions(), rp.origin, { credential: second.id });
  assert.equal((await b.send('DELETE', `/credentials/${second.id}`)).status, 200);
  const after = stored(rp);
  refused(await other.post('/assertion/result', late), { error: 'authentication_failed' });
  assert.equal(stored(rp), after);
  await other.login({}, { credential: first.id });
});

test('WA-16 required user verification at login', async () => {
  const { b } = await account('nina');
  for (const knobs of [{ uv: false }, { uv: false, be: true }, { uv: false, reservedFlags: 0x22 }, { uv: false, signCount: 9 }])
    await refusesLogin(b, { ask: { userVerification: 'required' }, knobs, what: JSON.stringify(knobs) });
  assert.equal((await b.login({ userVerification: 'required' })).session.acr, 'phr');
});

test('WA-18 a counter that does not grow is refused, stays, and is noted as a sign of a clone', async () => {
  const { b, id } = await account('olaf');
  await b.login({}, { signCount: 10 });
  b.cookies.clear();
  for (const count of [10, 9, 1]) await refusesLogin(b, { knobs: { signCount: count }, what: `${count}` });
  assert.equal(signCount(rp, id), 10);
  const { json } = await rp.admin('GET', '/audit?limit=20');
  const events = (json.events ?? json).filter(({ event }) => event === 'login.refused');
  assert.ok(events.filter((each) => JSON.stringify(each).includes('sign_count')).length >= 3, JSON.stringify(events[0]));
  await b.login({}, { signCount: 11 });
});

test('WA-27 a disabled account is refused between options and result, by name and without', async () => {
  const { b } = await account('pia');
  for (const ask of [{}, { username: 'pia' }]) {
    const options = await b.loginOptions(ask);
    const response = await b.authenticator.get(options, rp.origin);
    const cookies = new Map(b.cookies);
    await rp.admin('POST', '/users/pia/disable');
    const before = stored(rp);
    refused(await b.post('/assertion/result', response, { cookies, keep: false }), { error: 'authentication_failed' });
    assert.equal(stored(rp), before);
    await rp.admin('POST', '/users/pia/enable');
    refused(await b.post('/assertion/result', response, { cookies, keep: false }), { error: 'authentication_failed' }, 'the challenge is spent');
  }
  await b.login();
});

test('WA-29 WA-31 an old assertion is worth nothing beside a live challenge, wherever that is named', async () => {
  const { b } = await account('rita');
  const options = await b.loginOptions();
  const response = await b.authenticator.get(options, rp.origin);
  const spent = new Map(b.cookies);
  assert.equal((await b.post('/assertion/result', response)).status, 200);
  b.cookies.clear();
  const before = stored(rp);
  const live = await b.loginOptions();
  const jars = [spent, b.cookies, new Map([...spent, ...b.cookies])];
  const bodies = [response, { ...response, challenge: live.challenge }, { ...response, options: live, expectedChallenge: live.challenge },
    { ...response, response: { ...response.response, challenge: live.challenge } }, { ...response, clientExtensionResults: { challenge: live.challenge } }];
  for (const cookies of jars)
    for (const body of bodies) refused(await b.post('/assertion/result', body, { cookies, keep: false }), { error: 'authentication_failed' });
  const swapped = structuredClone(response);
  swapped.response.clientDataJSON = clientData('webauthn.get', live, rp.origin);
  refused(await b.post('/assertion/result', swapped, { keep: false }), { error: 'authentication_failed' }, 'the live challenge in old client data');
  assert.equal(stored(rp), before);
  await b.login();
});

test('WA-32 a name that is known, one without passkeys and one that is not: as many passkeys, the same shape and length', async () => {
  await account('sue');
  await rp.admin('POST', '/users', { username: 'sam' });
  const b = rp.browser();
  const shapes = {};
  for (const username of ['sue', 'sam', ...Array.from({ length: 20 }, (_, i) => `s${String.fromCharCode(98 + i)}x`)]) {
    const answer = await b.post('/assertion/options', { username }, { cookies: new Map(), keep: false });
    const { allowCredentials, ...rest } = answer.json;
    const lengths = Object.entries(rest).map(([key, value]) => [key, `${value}`.length]);
    const cookie = answer.headers['set-cookie'].map((line) => line.replace(/=[^;]*/, (value) => `=${value.length}`).replace(/[0-9a-f]{16}/, 'id'));
    (shapes[allowCredentials.length] ??= new Set()).add(JSON.stringify([answer.status, lengths, cookie, Object.keys(answer.headers).sort(), allowCredentials.map(Object.keys)]));
  }
  assert.deepEqual(Object.keys(shapes), ['1', '2']);
  for (const each of Object.values(shapes)) assert.equal(each.size, 1, [...each].join('\n'));
});
