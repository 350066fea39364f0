// OpenID Connect RP-Initiated Logout 1.0: what the authority lets an application decide. The hand-off is the test's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Authority, b64, decode, forge } from '../support/authority.js';
import { exchange, postForm, postJson } from '../support/http.js';

const BACK = 'http://localhost:9001/bye';
let authority;
before(async () => {
  authority = await Authority.start({
    config: (text) => text
      .replace('redirect_uris: ["http://localhost:9001/callback",', `post_logout_redirect_uris: ["${BACK}", "${BACK}?from=pay"], redirect_uris: ["http://localhost:9001/callback",`),
  });
});
after(async () => { await authority?.done(); });

const idToken = async (sid, extra = {}) => (await authority.tokens(extra, { sid })).id_token;

test('the endpoint sends the browser on to the login server, with what it brought', async () => {
  const host = { host: `localhost:${authority.port}` };
  const there = `http://localhost:${authority.rpPort}/pay/logout`;
  const query = `client_id=pay-web&state=a%20b&post_logout_redirect_uri=${encodeURIComponent(BACK)}`;
  assert.equal((await authority.get('/pay/end_session')).headers.location, there);
  const got = await authority.get(`/pay/end_session?${query}`);
  assert.equal(got.status, 303);
  assert.equal(got.headers.location, `${there}?${query}`);
  const posted = await postForm({ port: authority.port }, '/pay/end_session', query, host);
  assert.equal(posted.status, 303);
  assert.equal(posted.headers.location, `${there}?${query}`);
  assert.equal((await postForm({ port: authority.port }, '/pay/end_session', 'a=b c', host)).status, 400);
  assert.equal((await postForm({ port: authority.port }, '/pay/end_session', `a=${'x'.repeat(9000)}`, host)).status, 413);
  assert.equal((await postJson({ port: authority.port }, '/pay/end_session', {}, host)).status, 415);
  for (const method of ['HEAD', 'PUT', 'DELETE'])
    assert.equal((await exchange({ port: authority.port }, { method, path: '/pay/end_session', headers: host })).status, 405, method);
  const document = (await authority.get('/pay/.well-known/openid-configuration')).json;
  assert.equal(document.end_session_endpoint, `${authority.issuer()}/end_session`);
});

test('OC-046 the ID token of the session ends it, and leads to the registered address with the state as it was', async () => {
  const id_token_hint = await idToken('sid-a');
  const ask = (more) => authority.logout({ id_token_hint, ...more }, { session: 'sid-a' });
  assert.deepEqual(await ask(), { outcome: 'end' });
  assert.deepEqual(await ask({ post_logout_redirect_uri: BACK }), { outcome: 'end', location: BACK });
  assert.deepEqual(await ask({ post_logout_redirect_uri: BACK, state: 'x&y=z é' }), { outcome: 'end', location: `${BACK}?state=x%26y%3Dz%20%C3%A9` });
  assert.deepEqual(await ask({ post_logout_redirect_uri: `${BACK}?from=pay`, state: 's', client_id: 'pay-web' }), { outcome: 'end', location: `${BACK}?from=pay&state=s` });
});

test('an expired ID token is still a hint', async () => {
  const id_token_hint = await idToken('sid-old');
  authority.pass(3600);
  assert.equal((await authority.logout({ id_token_hint }, { session: 'sid-old' })).outcome, 'end');
});

test('nobody is signed in: there is nothing to end, and nothing to ask', async () => {
  assert.deepEqual(await authority.logout({}), { outcome: 'end' });
  assert.deepEqual(await authority.logout({ client_id: 'pay-web', post_logout_redirect_uri: BACK }), { outcome: 'end', location: BACK });
});

test('IR-15 OC-044 without a hint, or with the hint of another session, the person is asked', async () => {
  const bare = await authority.logout({}, { session: 'sid-b' });
  assert.deepEqual(bare, { outcome: 'confirm', domain_name: 'Pay' });
  const named = await authority.logout({ client_id: 'pay-web', post_logout_redirect_uri: BACK, state: 's', ui_locales: 'ja en' }, { session: 'sid-b' });
  assert.deepEqual(named, { outcome: 'confirm', location: `${BACK}?state=s`, client_name: 'Pay', domain_name: 'Pay', ui_locales: 'ja en' });
  const other = await authority.logout({ id_token_hint: await idToken('sid-c') }, { session: 'sid-b' });
  assert.equal(other.outcome, 'confirm');
});

test('OC-040 OC-041 a hint that is not ours proves nothing: the person is asked, and the browser goes nowhere', async () => {
  const tokens = await authority.tokens({}, { sid: 'sid-d' });
  const { payload } = decode(tokens.id_token);
  const [head, body, signature] = tokens.id_token.split('.');
  const bad = [
    'x', tokens.access_token, forge(payload, { typ: 'JWT' }), `${head}.${body}.${signature.slice(0, -4)}AAAA`,
    `${b64(JSON.stringify({ alg: 'none', typ: 'JWT' }))}.${body}.`, `${head}.${b64(JSON.stringify({ ...payload, sid: 'sid-e' }))}.${signature}`,
  ];
  for (const id_token_hint of bad) {
    const answer = await authority.logout({ id_token_hint, client_id: 'pay-web', post_logout_redirect_uri: BACK }, { session: 'sid-d' });
    assert.deepEqual(answer, { outcome: 'confirm', domain_name: 'Pay' }, id_token_hint.slice(0, 40));
  }
  const coin = await authority.tokens({ client_id: 'coin-web', redirect_uri: 'http://localhost:9002/callback', scope: 'openid' },
    { domain: 'coin', sid: 'sid-d', evidence: [authority.evidence({ purpose: 'step_up', domain: 'coin' })] });
  assert.equal((await authority.logout({ id_token_hint: coin.id_token }, { session: 'sid-d' })).outcome, 'confirm', 'the token of another domain');
});

test('OC-043 an address that is not registered, letter by letter, is refused and nothing ends', async () => {
  const id_token_hint = await idToken('sid-f');
  const bad = [`${BACK}/`, 'http://localhost:9001/BYE', `${BACK}?x=1`, 'http://localhost:9001/callback', 'https://evil.example/', 'http://localhost:9001/bye#x', 'javascript:alert(1)', `${BACK}%2f`];
  for (const post_logout_redirect_uri of bad) {
    const answer = await authority.logout({ id_token_hint, post_logout_redirect_uri }, { session: 'sid-f' });
    assert.deepEqual([answer.outcome, answer.error, answer.location], ['refuse', 'post_logout_redirect_uri', undefined], post_logout_redirect_uri);
  }
  const error = async (fields) => (await authority.logout(fields, { session: 'sid-f' })).error;
  assert.equal(await error({ post_logout_redirect_uri: BACK }), 'logout_client', 'whose address would it be?');
  assert.equal(await error({ client_id: 'nobody' }), 'logout_client');
  assert.equal(await error({ id_token_hint, client_id: 'pay-spa' }), 'logout_client');
  assert.equal(await error({ client_id: 'pay-spa', post_logout_redirect_uri: BACK }), 'post_logout_redirect_uri', 'another client\'s address');
  assert.equal(await error({ id_token_hint, post_logout_redirect_uri: BACK, state: 'a\u0007' }), 'logout_state');
  assert.equal(await error(`client_id=pay-web&client_id=pay-web`), 'duplicate_parameter');
});

test('the hand-off takes logout in its form only', async () => {
  for (const more of [{ session: 7 }, { sign: 'this' }, { domain: 'Pay' }, { query: [] }])
    await assert.rejects(postJson(authority.socket, '/handoff/logout', { domain: 'pay', query: '', ...more }).then((answer) => assert.equal(answer.status, 200)));
  await assert.rejects(authority.logout({}, { domain: 'nowhere' }), /404/);
});
