// OpenID Connect Core §5.3 and §5.4, as the domain's authority answers it; the hand-off is the test's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Authority, authorizationRequest, decode, forge } from '../support/authority.js';
import { exchange, postForm } from '../support/http.js';

let authority;
before(async () => { authority = await Authority.start(); });
after(async () => { await authority?.done(); });

const CLAIMS = {
  name: 'Alice Liddell',
  picture: 'https://example.com/alice.png',
  updated_at: 1790000000,
  email: 'alice@example.com',
  email_verified: true,
  phone_number: '+81 3-1234-5678',
  address: { locality: '東京', country: 'JP' },
};
const ALL = 'openid profile email address phone';
const host = () => ({ host: `localhost:${authority.port}` });
const post = (fields, headers = {}) => postForm({ port: authority.port }, '/pay/userinfo', fields, { ...host(), ...headers });

/** RFC 6750 §3.1: status, challenge, the standards' JSON, nothing about anybody. */
function refused(answer, status, error) {
  assert.equal(answer.status, status, answer.body);
  if (status < 415) assert.match(answer.headers['www-authenticate'], error ? new RegExp(`^Bearer error="${error}", error_description="[^"]+"`) : /^Bearer realm="userinfo"$/);
  assert.ok(answer.json.error_description.length > 10);
  assert.match(answer.headers['cache-control'], /no-store/);
  assert.equal(answer.json.sub, undefined);
  assert.doesNotMatch(answer.body, /alice/i);
}

const tokens = (scope, options = {}) => authority.tokens({ scope }, { claims: CLAIMS, ...options });

test('IR-09 OC-005 OC-007 userinfo by GET, by POST with the header, by POST with a form: sub is the ID token\'s', async () => {
  const got = await tokens(ALL);
  const wanted = { ...CLAIMS, sub: decode(got.id_token).payload.sub };
  assert.equal(got.scope, ALL);
  const header = { authorization: `Bearer ${got.access_token}` };
  const bare = await exchange({ port: authority.port }, { method: 'POST', path: '/pay/userinfo', headers: { ...host(), ...header, 'content-length': '0' } });
  for (const answer of [await authority.userinfo(got.access_token), bare, await post({}, header), await post({ access_token: got.access_token })]) {
    assert.equal(answer.status, 200, answer.body);
    assert.deepEqual(answer.json, wanted);
    assert.equal(answer.headers['content-type'], 'application/json');
    assert.match(answer.headers['cache-control'], /no-store/);
  }
  assert.equal((await authority.get('/pay/userinfo', { authorization: `bearer ${got.access_token}` })).status, 200);
});

test('IR-09 a token in the address is not looked at, two tokens are one too many, a body of another type is no form', async () => {
  const { access_token } = await tokens(ALL);
  refused(await authority.get(`/pay/userinfo?access_token=${access_token}`), 401);
  refused(await authority.userinfo(), 401);
  refused(await post({ access_token }, { authorization: `Bearer ${access_token}` }), 400, 'invalid_request');
  refused(await post(`access_token=${access_token}&access_token=${access_token}`), 400, 'invalid_request');
  refused(await authority.get('/pay/userinfo', { authorization: [`Bearer ${access_token}`, `Bearer ${access_token}`] }), 400, 'invalid_request');
  refused(await post(`{"access_token":"${access_token}"}`, { 'content-type': 'application/json' }), 415);
  refused(await authority.get('/pay/userinfo', { authorization: 'Basic cGF5OnBheQ==' }), 401, 'invalid_token');
  for (const method of ['PUT', 'DELETE', 'HEAD']) {
    const answer = await exchange({ port: authority.port }, { method, path: '/pay/userinfo', headers: { ...host(), authorization: `Bearer ${access_token}` } });
    assert.equal(answer.status, 405, method);
  }
});

test('IR-09 expired, revoked, forged, of another kind, of another domain: 401 invalid_token', async () => {
  const got = await tokens(ALL);
  const bad = [got.id_token, 'x', 'A'.repeat(9000), `${got.access_token}A`, forge(decode(got.access_token).payload)];
  for (const token of bad) refused(await authority.userinfo(token), 401, 'invalid_token');
  refused(await authority.userinfo(got.access_token, { domain: 'coin' }), 401, 'invalid_token');
  const ended = (await tokens(ALL, { sid: 'sid-ended' })).access_token;
  assert.equal((await authority.userinfo(ended)).status, 200);
  await authority.endSession('sid-ended', { sequence: 9 });
  refused(await authority.userinfo(ended), 401, 'invalid_token');
  authority.pass(601);
  refused(await authority.userinfo(got.access_token), 401, 'invalid_token');
});

test('IR-09 without openid: 403 insufficient_scope, and no claims were asked of anybody', async () => {
  const answer = await authority.begin(authorizationRequest({ scope: 'balance.read profile' }).fields, { session: authority.session() });
  assert.equal(answer.outcome, 'respond');
  const plain = await authority.tokens({ scope: 'balance.read profile' });
  const said = await authority.userinfo(plain.access_token);
  refused(said, 403, 'insufficient_scope');
  assert.match(said.headers['www-authenticate'], /scope="openid"/);
});

test('a domain is told what it asked for, and nothing else', async () => {
  const only = async (scope) => {
    const { json } = await authority.userinfo((await tokens(scope)).access_token);
    return Object.keys(json).sort();
  };
  assert.deepEqual(await only('openid'), ['sub']);
  assert.deepEqual(await only('openid email'), ['email', 'email_verified', 'sub']);
  assert.deepEqual(await only('openid profile'), ['name', 'picture', 'sub', 'updated_at']);
  assert.deepEqual(await only('openid phone'), ['phone_number', 'sub']);
  assert.deepEqual(await only('openid address'), ['address', 'sub']);
});

test('claims are asked for when all else is satisfied, and only then', async () => {
  const request = authorizationRequest({ scope: 'openid email phone' });
  const stranger = await authority.begin(request.fields);
  assert.equal(stranger.outcome, 'authenticate');
  assert.match(stranger.scope_titles_en, /email address\nSee your phone number/);
  assert.match(stranger.scope_titles_ja, /メールアドレス/);
  const first = await authority.finish(stranger.handle, { session: authority.session() });
  assert.deepEqual(first, { outcome: 'claims', claim_scopes: 'email phone' });
  const weak = await authority.finish(stranger.handle, { session: authority.session({ evidence: [authority.evidence({ uv: false })], claims: CLAIMS }) });
  assert.equal(weak.outcome, 'authenticate');
  const done = await authority.finish(stranger.handle, { session: authority.session({ claims: CLAIMS }) });
  assert.equal(done.outcome, 'respond');
  const code = new URL(done.location).searchParams.get('code');
  const { json } = await authority.redeem({ ...request, code });
  assert.deepEqual(Object.keys((await authority.userinfo(json.access_token)).json).sort(), ['email', 'email_verified', 'phone_number', 'sub']);
});

test('what is no claim, or has no such value, is left behind', async () => {
  const odd = { name: 7, email: 'no address', email_verified: 'true', admin: true, sub: 'somebody else', iss: 'x', address: 'Tokyo', nickname: 'Al' };
  const { access_token } = await tokens(ALL, { claims: odd, subject: 'odd' });
  assert.deepEqual((await authority.userinfo(access_token)).json, { nickname: 'Al', sub: 'odd' });
  const empty = await tokens(ALL, { claims: {}, subject: 'nobody' });
  assert.deepEqual((await authority.userinfo(empty.access_token)).json, { sub: 'nobody' });
});

test('a client that may not ask for a scope does not get it', async () => {
  const fields = { client_id: 'pay-app', redirect_uri: 'http://127.0.0.1/cb', scope: 'openid balance.read email' };
  const got = await authority.tokens(fields);
  assert.equal(got.scope, 'openid balance.read');
  assert.deepEqual(Object.keys((await authority.userinfo(got.access_token)).json), ['sub']);
});

test('IR-10 userinfo after the claims changed: the new values, each grant its own scopes, other people untouched', async () => {
  const mail = (await tokens('openid email', { subject: 'bob' })).access_token;
  const both = (await tokens('openid email profile', { subject: 'bob', sid: 'sid-2' })).access_token;
  const other = (await tokens('openid email', { subject: 'carol' })).access_token;
  const changed = { email: 'bob@new.example', name: 'Bob' };
  assert.equal((await authority.changeClaims('bob', changed)).status, 204);
  assert.deepEqual((await authority.userinfo(mail)).json, { email: 'bob@new.example', sub: 'bob' });
  assert.deepEqual((await authority.userinfo(both)).json, { email: 'bob@new.example', name: 'Bob', sub: 'bob' });
  assert.equal((await authority.userinfo(other)).json.email, 'alice@example.com');
  assert.equal((await authority.changeClaims('bob', {})).status, 204);
  assert.deepEqual((await authority.userinfo(both)).json, { sub: 'bob' });
  const audit = (await authority.admin('/admin/audit/pay')).json.events;
  assert.ok(audit.some((row) => row.event === 'claims.changed' && row.subject === 'bob'));
  assert.ok(!JSON.stringify(audit).includes('@'), 'the log says that, never what');
});

test('the hand-off takes claims in their form only', async () => {
  for (const claims of [undefined, null, 'x', [], 7]) assert.notEqual((await authority.changeClaims('bob', claims)).status, 204);
  assert.equal((await authority.changeClaims('bob', {}, { domain: 'nowhere' })).status, 404);
  await assert.rejects(authority.begin(authorizationRequest().fields, { session: { ...authority.session(), claims: 'x' } }));
});

test('discovery says what userinfo can say', async () => {
  const document = (await authority.get('/pay/.well-known/openid-configuration')).json;
  assert.equal(document.userinfo_endpoint, `${authority.issuer()}/userinfo`);
  for (const scope of ALL.split(' ')) assert.ok(document.scopes_supported.includes(scope), scope);
  for (const claim of Object.keys(CLAIMS)) assert.ok(document.claims_supported.includes(claim), claim);
});

test('userinfo may be read by pages of the domain\'s public clients and no others', async () => {
  const { access_token } = await tokens(ALL);
  const ask = (origin) => authority.userinfo(access_token, { headers: { origin } });
  assert.equal((await ask('https://app.example')).headers['access-control-allow-origin'], 'https://app.example');
  assert.equal((await ask('https://evil.example')).headers['access-control-allow-origin'], undefined);
  const preflight = await exchange({ port: authority.port }, { method: 'OPTIONS', path: '/pay/userinfo', headers: { ...host(), origin: 'https://app.example' } });
  assert.equal(preflight.status, 204);
  assert.match(preflight.headers['access-control-allow-headers'], /Authorization/);
});
