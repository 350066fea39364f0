import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Rp } from '../support/rp.js';

let rp;
const browser = () => rp.browser();
before(async () => { rp = await Rp.start(); });
after(() => rp.done());

function refused(answer, status = 400, error = 'authentication_failed') {
  assert.equal(answer.status, status, answer.body);
  assert.equal(answer.json.status, 'failed');
  assert.ok(answer.json.errorMessage.length > 0);
  assert.equal(answer.json.error, error);
}

const sessionsOf = async (name) => (await rp.admin('GET', `/users/${name}/sessions`)).json;

/** A registered account and a browser that is not signed in. */
async function account(name) {
  const b = browser();
  await b.register(name);
  b.cookies.clear();
  return b;
}

test('WA-40 a discoverable login, as autofill makes it', async () => {
  const b = await account('ann');
  const options = await b.loginOptions();
  assert.deepEqual(options.allowCredentials, []);
  assert.ok(options.timeout >= 300000);
  const response = await b.authenticator.get(options, rp.origin);
  const answer = await b.post('/assertion/result', response);
  assert.equal(answer.status, 200, answer.body);
  assert.equal(answer.json.session.username, 'ann');
  assert.equal(answer.json.session.acr, 'phr');
  assert.equal(answer.json.redirect, undefined);
});

test('a login by name allows that account\'s passkeys only', async () => {
  const b = await account('bob');
  const options = await b.loginOptions({ username: 'BOB' });
  assert.equal(options.allowCredentials.length, 1);
  assert.equal((await b.login({ username: 'bob' })).session.username, 'bob');
});

test('WA-01 another account\'s passkey does not finish a login by name', async () => {
  const victim = await account('victim');
  const attacker = await account('attacker');
  const handle = async (b) => (await b.authenticator.list())[0];
  const own = (await handle(attacker)).id;
  const victimHandle = await (async () => {
    const options = await victim.loginOptions();
    return (await victim.authenticator.get(options, rp.origin)).response.userHandle;
  })();
  for (const knobs of [{}, { userHandleAbsent: true }, { userHandle: victimHandle }]) {
    const options = await attacker.loginOptions({ username: 'victim' });
    const response = await attacker.authenticator.get({ ...options, allowCredentials: [] }, rp.origin, { credential: own, ...knobs });
    refused(await attacker.post('/assertion/result', response));
  }
  assert.equal(attacker.session, undefined);
  assert.equal((await sessionsOf('victim')).length, 1); // that of its registration
});

test('WA-03 the account\'s own passkey must be one of those allowed', async () => {
  const b = browser();
  await b.register('yan');
  const options = await b.loginOptions({ username: 'yan' });
  const added = await b.register(null, { ignoreExclude: true });
  const response = await b.authenticator.get({ ...options, allowCredentials: [] }, rp.origin, { credential: added.credential.id });
  refused(await b.post('/assertion/result', response));
});

test('WA-18 a counter that does not grow is refused, and stays', async () => {
  const b = await account('cat');
  await b.login({}, { signCount: 10 });
  refused(await b.tryLogin({}, { signCount: 10 }));
  refused(await b.tryLogin({}, { signCount: 9 }));
  refused(await b.tryLogin({}, { signCount: 0 }));
  await b.login({}, { signCount: 11 });
});

test('WA-27 a disabled account does not sign in, and is out at once', async () => {
  const b = await account('dan');
  await b.login();
  const other = b.sibling();
  const options = await other.loginOptions();
  const response = await other.authenticator.get(options, rp.origin);
  assert.equal((await rp.admin('POST', '/users/dan/disable')).status, 200);
  refused(await other.post('/assertion/result', response));
  assert.equal(other.session, undefined);
  assert.equal((await b.get('/session')).status, 401);
  await rp.admin('POST', '/users/dan/enable');
  await other.login();
});

test('WA-28 a passkey deleted between options and result is refused', async () => {
  const b = browser();
  await b.register('eve');
  const added = await b.register(null, { ignoreExclude: true });
  const other = b.sibling();
  const options = await other.loginOptions();
  const response = await other.authenticator.get(options, rp.origin, { credential: added.credential.id });
  assert.equal((await b.send('DELETE', `/credentials/${added.credential.id}`)).status, 200);
  refused(await other.post('/assertion/result', response));
});

test('WA-29 an assertion is good once', async () => {
  const b = await account('fred');
  const options = await b.loginOptions();
  const response = await b.authenticator.get(options, rp.origin);
  const kept = new Map(b.cookies);
  assert.equal((await b.post('/assertion/result', response)).status, 200);
  refused(await b.post('/assertion/result', response, { cookies: kept, keep: false }));
  refused(await b.post('/assertion/result', response, { cookies: new Map([...kept, ...b.cookies]), keep: false }));
});

test('WA-30 fifty at a time of one assertion open one session', async () => {
  const b = await account('gus');
  const before = (await sessionsOf('gus')).length;
  const options = await b.loginOptions();
  const response = await b.authenticator.get(options, rp.origin);
  const kept = new Map(b.cookies);
  const answers = await Promise.all(Array.from({ length: 50 }, () => b.post('/assertion/result', response, { cookies: kept, keep: false })));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  assert.equal(answers.filter(({ headers }) => (headers['set-cookie'] ?? []).some((line) => line.startsWith('sekisho='))).length, 1);
  assert.equal((await sessionsOf('gus')).length, before + 1);
});

test('a failure spends the challenge too', async () => {
  const b = await account('hugo');
  const options = await b.loginOptions();
  const bad = await b.authenticator.get(options, rp.origin, { wrongKey: true });
  const good = await b.authenticator.get(options, rp.origin);
  const kept = new Map(b.cookies);
  refused(await b.post('/assertion/result', bad, { cookies: kept, keep: false }));
  refused(await b.post('/assertion/result', good, { cookies: kept, keep: false }));
});

test('WA-31 only the challenge that was signed counts', async () => {
  const b = await account('ida');
  const options = await b.loginOptions();
  const response = await b.authenticator.get(options, rp.origin);
  await b.post('/assertion/result', response);
  const live = await b.loginOptions();
  refused(await b.post('/assertion/result', { ...response, challenge: live.challenge }));
});

test('WA-32 unknown names and accounts without passkeys look like others', async () => {
  await account('jim');
  await rp.admin('POST', '/users', { username: 'keyless' });
  const b = browser();
  const shapes = [];
  for (const username of ['jim', 'keyless', 'nobody-1']) {
    const [one, two] = [await b.post('/assertion/options', { username }), await b.post('/assertion/options', { username })];
    assert.equal(one.status, 200);
    assert.deepEqual(one.json.allowCredentials, two.json.allowCredentials, 'stable for a name');
    assert.ok(one.json.allowCredentials.length >= 1);
    shapes.push(Object.keys(one.json));
    for (const each of one.json.allowCredentials) assert.deepEqual(Object.keys(each).slice(0, 2), ['type', 'id']);
  }
  assert.deepEqual(shapes[0], shapes[1]);
  assert.deepEqual(shapes[1], shapes[2]);
  assert.notDeepEqual((await b.loginOptions({ username: 'nobody-1' })).allowCredentials, (await b.loginOptions({ username: 'nobody-2' })).allowCredentials);
  assert.deepEqual((await b.loginOptions({ username: 'NoBody-1' })).allowCredentials, (await b.loginOptions({ username: 'nobody-1' })).allowCredentials);
});

test('WA-34 every refused login says the same', async () => {
  const b = await account('kai');
  const [known] = await b.authenticator.list();
  const answers = [
    await b.tryLogin({}, { wrongKey: true }),
    await b.tryLogin({}, { id: Buffer.alloc(16, 9).toString('base64url') }),
    await b.tryLogin({}, { rpId: 'example.org' }),
    await b.tryLogin({ userVerification: 'required' }, { uv: false }),
    await b.tryLogin({}, { userHandleAbsent: true }),
  ];
  const options = await b.loginOptions();
  answers.push(await b.post('/assertion/result', await b.authenticator.get(options, 'http://evil.test')));
  await rp.admin('POST', '/users/kai/disable');
  answers.push(await b.tryLogin({}, { credential: known.id }));
  const said = answers.map(({ status, json }) => JSON.stringify([status, json.error, json.errorMessage, Object.keys(json)]));
  assert.equal(new Set(said).size, 1, said.join('\n'));
  assert.equal(answers[0].json.error, 'authentication_failed');
});

test('WA-35 a planted session cookie is worth nothing after the login', async () => {
  const attacker = browser();
  await attacker.register('mallory');
  const planted = attacker.session;
  const victim = await account('lea');
  victim.cookies.set('sekisho', planted);
  await victim.login();
  assert.notEqual(victim.session, planted);
  assert.equal((await victim.get('/session')).json.username, 'lea');
  assert.equal((await attacker.get('/session')).status, 401);

  const before = victim.session;
  await victim.login(); // the same account: the same session, another cookie
  assert.notEqual(victim.session, before);
  assert.equal((await victim.get('/session', { cookies: new Map([['sekisho', before]]), keep: false })).status, 401);
});

test('WA-41 two accounts of one authenticator sign in as themselves', async () => {
  const one = browser();
  const first = await one.register('max');
  const two = one.sibling();
  const second = await two.register('moritz');
  one.cookies.clear();
  assert.equal((await one.login({}, { credential: first.credential.id })).session.username, 'max');
  assert.equal((await one.login({}, { credential: second.credential.id })).session.username, 'moritz');
});

test('PM-10 a body of a megabyte is refused before it is read', async () => {
  const answer = await browser().post('/assertion/result', `{"id":"${'A'.repeat(1 << 20)}"}`);
  refused(answer, 413, 'too_large');
});

test('PM-15 JSON endpoints take application/json only', async () => {
  for (const type of ['text/plain', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16', '']) {
    const answer = await browser().post('/assertion/options', '{}', { headers: { 'content-type': type } });
    assert.ok([400, 415].includes(answer.status), `${type}: ${answer.status}`);
    assert.equal(answer.json.status, 'failed');
  }
});

test('wrong types in options and results are refused, never coerced', async () => {
  const b = browser();
  for (const body of [{ username: 5 }, { username: null }, { userVerification: 'maybe' }, { requirement: 'phr' }, { requirement: { acr: 'x' } },
    { requirement: { max_age: -1 } }, { requirement: { max_age: 'soon' } }, { extensions: [] }, { continue: 7 }]) {
    assert.equal((await b.post('/assertion/options', body)).status, 400, JSON.stringify(body));
  }
  for (const body of [{}, [], { id: 5 }, { id: 'AA', type: 'public-key', response: [] }]) {
    assert.equal((await b.post('/assertion/result', body)).status, 400, JSON.stringify(body));
  }
});

test('SS-13 an empty post goes nowhere', async () => {
  const b = browser();
  for (const path of ['/attestation/result', '/assertion/result', '/attestation/options', '/continue/decline']) {
    for (const body of ['', '{}', '{"csrf":"x"}']) {
      const answer = await b.post(path, body);
      assert.equal(answer.status, 400, `${path} ${body}: ${answer.status}`);
    }
  }
  assert.equal(b.session, undefined);
});

test('AB-04 failures for a name lock nobody out', async () => {
  const victim = await account('nina');
  const attacker = browser();
  await attacker.register('noise');
  for (let i = 0; i < 40; i += 1) {
    const options = await attacker.loginOptions({ username: 'nina' });
    refused(await attacker.post('/assertion/result', await attacker.authenticator.get({ ...options, allowCredentials: [] }, rp.origin)));
  }
  await victim.login({ username: 'nina' });
});

test('RL-22 sessions and spent challenges survive kill -9', async () => {
  const b = await account('olaf');
  const options = await b.loginOptions();
  const response = await b.authenticator.get(options, rp.origin);
  const kept = new Map(b.cookies);
  assert.equal((await b.post('/assertion/result', response)).status, 200);
  const open = await b.loginOptions();
  await rp.restart('SIGKILL');
  assert.equal((await b.get('/session')).json.username, 'olaf');
  refused(await b.post('/assertion/result', response, { cookies: kept, keep: false }));
  const late = await b.post('/assertion/result', await b.authenticator.get(open, rp.origin));
  assert.equal(late.status, 200); // a ceremony that was begun before goes on
});

test('AB-15 the log holds no cookie, challenge or signature', async () => {
  const b = await account('pia');
  const options = await b.loginOptions();
  const response = await b.authenticator.get(options, rp.origin);
  await b.post('/assertion/result', response);
  refused(await b.tryLogin({}, { wrongKey: true }));
  const secrets = [b.session, options.challenge, response.response.signature, ...b.cookies.values()];
  for (const secret of secrets) assert.ok(!rp.program.log.includes(secret));
  assert.ok(rp.program.log.includes('login.refused'));
});
