// Around the ceremony: what others look up about the site, apps that share its passkeys, and what passkey managers are
// told about an account.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Rp } from '../support/rp.js';

const print = (seed) => createHash('sha256').update(seed).digest();
const colons = (hash) => hash.toString('hex').toUpperCase().match(/../g).join(':');
const androidOrigin = (hash) => `android:apk-key-hash:${hash.toString('base64url')}`;

const RELEASE = print('release'), UPLOAD = print('upload'), WALLET = print('wallet'), STRANGER = print('stranger');

const apps = (text) => text
  .replace(/origins: \["(.*)"\]/, 'origins: ["$1", "https://shop.example"]')
  .replace('  registration: open\n', `  registration: open
  create: {conditional: true}
  apps:
    android:
      - {package: com.example.pay, sha256_cert_fingerprints: ["${colons(RELEASE)}", "${colons(UPLOAD)}"]}
      - {package: com.example.wallet, sha256_cert_fingerprints: ["${colons(WALLET)}"]}
    apple: [A1B2C3D4E5.com.example.pay, A1B2C3D4E5.com.example.wallet]
`);

let rp, plain;
before(async () => {
  rp = await Rp.start({ config: apps });
  plain = await Rp.start();
});
after(async () => {
  await rp.done();
  await plain.done();
});

const accepted = (answer) => assert.equal(answer.status, 200, answer.body);
function refused(answer, status = 400, error = 'authentication_failed') {
  assert.equal(answer.status, status, answer.body);
  assert.equal(answer.json.error, error);
}

/** A document below /.well-known, as its readers ask for it: without cookies, at the RP ID's host. */
async function wellKnown(server, name, headers = {}) {
  const answer = await server.browser().get(`/.well-known/${name}`, { headers });
  if (answer.status === 200) {
    assert.equal(answer.headers['content-type'], 'application/json', name);
    assert.equal(answer.headers['cache-control'], 'public, max-age=300', name);
    assert.equal(answer.headers['set-cookie'], undefined, name);
  }
  return answer;
}

test('related origins and passkey endpoints', async () => {
  assert.deepEqual((await wellKnown(rp, 'webauthn')).json, { origins: [rp.origin, 'https://shop.example'] });
  assert.deepEqual((await wellKnown(rp, 'passkey-endpoints')).json,
    { enroll: `${rp.origin}/account#add`, manage: `${rp.origin}/account` });
});

test('apps are linked: Digital Asset Links for Android, associated domains for Apple', async () => {
  const relation = ['delegate_permission/common.handle_all_urls', 'delegate_permission/common.get_login_creds'];
  const target = (name, ...prints) => ({ namespace: 'android_app', package_name: name, sha256_cert_fingerprints: prints.map(colons) });
  assert.deepEqual((await wellKnown(rp, 'assetlinks.json')).json, [
    { relation, target: target('com.example.pay', RELEASE, UPLOAD) },
    { relation, target: target('com.example.wallet', WALLET) },
  ]);
  assert.deepEqual((await wellKnown(rp, 'apple-app-site-association')).json,
    { webcredentials: { apps: ['A1B2C3D4E5.com.example.pay', 'A1B2C3D4E5.com.example.wallet'] } });
});

test('where no apps are configured there is nothing to be found', async () => {
  for (const name of ['assetlinks.json', 'apple-app-site-association']) refused(await wellKnown(plain, name), 404, 'not_found');
});

test('they are found at the RP ID\'s host, which need not be the pages\', and nothing else is', async () => {
  const headers = { host: 'example.com' };
  for (const name of ['webauthn', 'passkey-endpoints', 'assetlinks.json', 'apple-app-site-association'])
    accepted(await wellKnown(rp, name, headers));
  for (const path of ['/login', '/site', '/signals'])
    assert.ok([400, 421].includes((await rp.browser().get(path, { headers })).status), path);
});

/** A registration and a login of an app: no cookies of pages, no Origin header, its own origin in the client data. */
async function appCeremonies(server, origin, name) {
  const b = server.browser();
  const bare = { headers: { origin: null } };
  const create = (await b.post('/attestation/options', { username: name, displayName: name }, bare)).json;
  const registered = await b.post('/attestation/result', await b.authenticator.create(create, origin), bare);
  if (registered.status !== 200) return { registered };
  b.cookies.clear();
  const get = (await b.post('/assertion/options', {}, bare)).json;
  return { registered, signedIn: await b.post('/assertion/result', await b.authenticator.get(get, origin), bare) };
}

test('each certificate of an Android app is an origin', async () => {
  for (const [name, hash] of Object.entries({ release: RELEASE, upload: UPLOAD, wallet: WALLET })) {
    const { registered, signedIn } = await appCeremonies(rp, androidOrigin(hash), `app-${name}`);
    accepted(registered);
    accepted(signedIn);
  }
});

test('look-alikes of an app\'s origin register nothing', async () => {
  const origin = androidOrigin(RELEASE), hash = RELEASE.toString('base64url');
  const lookAlikes = [
    androidOrigin(STRANGER), `${origin}=`, origin.slice(0, -1), `${origin} `, `android:apk-key-hash:${hash.toLowerCase()}`,
    `android:apk-key-hash-sha256:${hash}`, `android:apk-key-hash:${RELEASE.toString('hex')}`, `android:apk-key-hash:${colons(RELEASE)}`,
    `Android:apk-key-hash:${hash}`, `https://${hash}`, `${rp.origin}/${origin}`, 'android:apk-key-hash:', hash,
  ];
  for (const [at, looks] of lookAlikes.entries()) {
    const { registered } = await appCeremonies(rp, looks, `look-${at}`);
    refused(registered, 400, 'origin');
    refused(await rp.admin('GET', `/users/look-${at}`), 404, 'unknown_user');
  }
});

test('look-alikes of an app\'s origin sign nobody in', async () => {
  const b = rp.browser();
  await b.register('ada');
  b.cookies.clear();
  for (const origin of [androidOrigin(STRANGER), `${androidOrigin(RELEASE)}=`]) {
    const options = await b.loginOptions();
    refused(await b.post('/assertion/result', await b.authenticator.get(options, origin)));
    assert.equal(b.session, undefined);
  }
});

test('an app that is not configured is refused', async () => {
  refused((await appCeremonies(plain, androidOrigin(RELEASE), 'app')).registered, 400, 'origin');
});

test('the pages learn whether passkeys may be made in the background', async () => {
  assert.equal((await rp.browser().get('/site')).json.conditional_create, true);
  assert.equal((await plain.browser().get('/site')).json.conditional_create, false);
});

// --- signals ---

test('signals are the account\'s own, whole, and in the members that browsers take', async () => {
  const b = rp.browser();
  const options = await b.registrationOptions('ann', { displayName: 'Ann "A" 高橋' });
  accepted(await b.post('/attestation/result', await b.authenticator.create(options, rp.origin)));
  const key = rp.browser();
  key.cookies = b.cookies;
  await key.register('ann');
  const ids = (await b.get('/credentials')).json.map(({ id }) => id);
  const { json } = await b.get('/signals');
  assert.deepEqual(json, {
    rpId: 'localhost', userId: options.user.id, name: 'ann', displayName: 'Ann "A" 高橋', allAcceptedCredentialIds: ids,
  });
  assert.equal(ids.length, 2);
  accepted(await b.send('DELETE', `/credentials/${ids[0]}`));
  assert.deepEqual((await b.get('/signals')).json.allAcceptedCredentialIds, ids.slice(1));
});

test('signals are for nobody else', async () => {
  refused(await rp.browser().get('/signals'), 401, 'not_signed_in');
});

/** A browser whose only passkey was deleted here, and that is not signed in. */
async function deleted(name, remove) {
  const b = rp.browser();
  await b.register(name);
  accepted(await remove(b, (await b.authenticator.list())[0].id));
  return b.sibling();
}

const byOperator = (name) => (b, id) => rp.admin('DELETE', `/users/${name}/credentials/${id}`);
const isCalledUnknown = ({ json }) => json.unknown_credential === true;
const MEMBERS = ['status', 'errorMessage', 'error', 'request_id'];

test('whoever proves to hold a deleted passkey is told that it is unknown', async () => {
  const ways = {
    revoked: byOperator('revoked'),
    orphaned: () => rp.admin('DELETE', '/users/orphaned'),
    replaced: async (b, id) => {
      const other = rp.browser();
      other.cookies = b.cookies;
      await other.register('replaced');
      return b.send('DELETE', `/credentials/${id}`);
    },
  };
  for (const [name, remove] of Object.entries(ways)) {
    const b = await deleted(name, remove);
    const answer = await b.tryLogin();
    refused(answer);
    assert.deepEqual(Object.keys(answer.json), [...MEMBERS, 'unknown_credential'], name);
    assert.ok(isCalledUnknown(answer), name);
    assert.equal(b.session, undefined);
  }
});

test('WA-34 nobody else is: without its signature, a deleted passkey is like one that never was', async () => {
  const b = await deleted('fay', byOperator('fay'));
  const faults = {
    key: { wrongKey: true }, rpId: { rpId: 'example.org' }, origin: { origin: 'https://evil.example' }, present: { up: false },
    never: { id: randomBytes(16).toString('base64url') },
  };
  for (const [fault, { origin = rp.origin, ...knobs }] of Object.entries(faults)) {
    const options = await b.loginOptions();
    const answer = await b.post('/assertion/result', await b.authenticator.get(options, origin, knobs));
    refused(answer);
    assert.deepEqual(Object.keys(answer.json), MEMBERS, fault);
  }
  assert.ok(isCalledUnknown(await b.tryLogin()));
});

test('a proof counts for its own challenge, and once', async () => {
  const b = await deleted('gil', byOperator('gil'));
  const foreign = { ...(await b.loginOptions()), challenge: randomBytes(57).toString('base64url') };
  const first = await b.post('/assertion/result', await b.authenticator.get(foreign, rp.origin));
  refused(first);
  assert.equal(isCalledUnknown(first), false);
  const response = await b.authenticator.get(await b.loginOptions(), rp.origin);
  const cookies = new Map(b.cookies);
  assert.ok(isCalledUnknown(await b.post('/assertion/result', response, { cookies, keep: false })));
  const again = await b.post('/assertion/result', response, { cookies, keep: false });
  refused(again);
  assert.equal(isCalledUnknown(again), false);
});

test('a passkey that is there is never called unknown, whatever is wrong with it', async () => {
  const b = rp.browser();
  await b.register('cat');
  b.cookies.clear();
  for (const knobs of [{ wrongKey: true }, { rpId: 'example.org' }, { userHandle: randomBytes(32).toString('base64url') }]) {
    const answer = await b.tryLogin({}, knobs);
    refused(answer);
    assert.equal('unknown_credential' in answer.json, false, answer.body);
  }
  accepted(await rp.admin('POST', '/users/cat/disable'));
  const answer = await b.tryLogin();
  refused(answer);
  assert.equal('unknown_credential' in answer.json, false, 'a disabled account is not told from others');
});
