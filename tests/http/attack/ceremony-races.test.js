// Results that arrive at once: one challenge, one counter, one credential id and one name are each good for one of them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { b64, query, refused, signCount } from '../support/refusal.js';
import { Rp } from '../support/rp.js';

let rp;
before(async () => { rp = await Rp.start(); });
after(() => rp.done());

const okCount = (answers) => answers.filter(({ status }) => status === 200).length;
const sessionsOf = async (name) => (await rp.admin('GET', `/users/${name}/sessions`)).json.length;

/** An account, and logins of it that are begun but not sent: [{response, cookies}]. */
async function prepared(name, count, knobs) {
  const b = rp.browser();
  const { credential } = await b.register(name);
  const logins = [];
  for (let i = 0; i < count; i += 1) {
    const each = b.sibling();
    const response = await b.authenticator.get(await each.loginOptions(), rp.origin, knobs(i));
    logins.push({ response, cookies: new Map(each.cookies) });
  }
  return { b, id: credential.id, logins };
}

const sendAll = (b, path, all) => Promise.all(all.map(({ response, cookies }) => b.post(path, response, { cookies, keep: false })));

test('WA-18 twenty logins at once with one counter: one is taken', async () => {
  const { b, id, logins } = await prepared('ann', 20, () => ({ signCount: 5 }));
  const before = await sessionsOf('ann');
  const answers = await sendAll(b, '/assertion/result', logins);
  assert.equal(okCount(answers), 1);
  for (const answer of answers.filter(({ status }) => status !== 200)) refused(answer, { error: 'authentication_failed' });
  assert.equal(signCount(rp, id), 5);
  assert.equal(await sessionsOf('ann'), before + 1);
});

test('WA-18 counters that arrive in any order: the highest stays, and none is taken that is not above', async () => {
  const { b, id, logins } = await prepared('bob', 20, (i) => ({ signCount: 20 - i }));
  const answers = await sendAll(b, '/assertion/result', logins);
  assert.ok(okCount(answers) >= 1);
  assert.equal(signCount(rp, id), 20);
  refused(await b.tryLogin({}, { signCount: 20 }), { error: 'authentication_failed' });
  await b.login({}, { signCount: 21 });
});

test('WA-30 the good and the bad result of one challenge at once: at most one session, and never two', async () => {
  const b = rp.browser();
  await b.register('cat');
  b.cookies.clear();
  for (let round = 0; round < 5; round += 1) {
    const before = await sessionsOf('cat');
    const options = await b.loginOptions();
    const good = await b.authenticator.get(options, rp.origin), bad = await b.authenticator.get(options, rp.origin, { wrongKey: true });
    const cookies = new Map(b.cookies);
    const answers = await sendAll(b, '/assertion/result', Array.from({ length: 20 }, (_, i) => ({ response: i % 2 ? bad : good, cookies })));
    assert.ok(okCount(answers) <= 1);
    assert.equal(await sessionsOf('cat'), before + okCount(answers));
    for (const answer of answers.filter(({ status }) => status !== 200)) refused(answer, { error: 'authentication_failed' });
    b.cookies.clear();
  }
});

test('WR-03 one credential id, many new accounts at once: one gets it, and no other account is made', async () => {
  const credentialId = b64(Buffer.alloc(24, 3));
  const all = [];
  for (let i = 0; i < 12; i += 1) {
    const b = rp.browser();
    const response = await b.authenticator.create(await b.registrationOptions(`dan${i}`), rp.origin, { credentialId });
    all.push({ response, cookies: b.cookies });
  }
  const answers = await sendAll(rp.browser(), '/attestation/result', all);
  assert.equal(okCount(answers), 1);
  for (const answer of answers.filter(({ status }) => status !== 200)) refused(answer, { status: 409, error: 'credential_exists' });
  assert.equal(query(rp, "SELECT count(*) FROM users WHERE username LIKE 'dan%'"), '1');
});

test('passkeys added at once to one account stop at its limit', async () => {
  const b = rp.browser();
  await b.register('eve');
  const all = [];
  for (let i = 0; i < 40; i += 1) {
    const each = b.sibling();
    each.cookies = new Map([['sekisho', b.session]]);
    const response = await b.authenticator.create(await each.registrationOptions(), rp.origin, { ignoreExclude: true });
    all.push({ response, cookies: new Map(each.cookies) });
  }
  const answers = await sendAll(b, '/attestation/result', all);
  const most = Number(query(rp, "SELECT count(*) FROM credentials JOIN users ON users.id = user_id WHERE username = 'eve'"));
  assert.equal(most, 32);
  assert.equal(okCount(answers), 31);
  for (const answer of answers.filter(({ status }) => status !== 200)) refused(answer, { status: answer.status, error: 'too_many_credentials' });
  assert.equal((await b.loginOptions({ username: 'eve' })).allowCredentials.length, 32);
  await b.login({ username: 'eve' });
});

test('credential ids of 1 to 1023 bytes are taken, of none and of 1024 not', async () => {
  for (const length of [1, 16, 255, 256, 1023]) {
    const b = rp.browser();
    const { credential } = await b.register(`len${length}`, { credentialId: b64(Buffer.alloc(length, length)) });
    assert.equal(Buffer.from(credential.id, 'base64url').length, length);
    b.cookies.clear();
    await b.login({ username: `len${length}` });
    assert.equal((await b.login()).session.username, `len${length}`);
  }
  for (const length of [1024, 2000, 10000]) {
    const b = rp.browser();
    refused(await b.tryRegister(`len${length}`, { credentialId: b64(Buffer.alloc(length, 5)) }), { error: 'credential_id' }, `${length}`);
    const known = rp.browser();
    await known.register(`known${length}`);
    refused(await known.tryLogin({}, { id: b64(Buffer.alloc(length, 5)) }), { error: 'authentication_failed' }, `${length}`);
  }
});
