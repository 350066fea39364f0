import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Authority, decode, forge } from '../support/authority.js';
import { postForm } from '../support/http.js';

const OFFLINE = { scope: 'openid balance.read offline_access' };
const INACTIVE = '{"active":false}';

let authority;
before(async () => { authority = await Authority.start(); });
after(async () => { await authority?.done(); });

const host = () => ({ host: `localhost:${authority.port}` });
/** As gateways and services of the domain ask, on the internal listener. */
const introspect = (token, extra = {}, domain = 'pay') => postForm({ port: authority.internalPort }, `/${domain}/introspect`, { token, ...extra });
const publicly = (fields, headers = {}) => postForm({ port: authority.port }, '/pay/introspect', fields, { ...host(), ...headers });
const refresh = (refresh_token) => authority.token({ grant_type: 'refresh_token', client_id: 'pay-web', refresh_token });

test('IR-01 the public address wants a client that proves itself', async () => {
  const { access_token: token } = await authority.tokens();
  const basic = (text) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
  const tries = [
    [{ token }, {}], [{ token, client_id: 'pay-web' }, {}], [{ token, client_id: 'pay-web', client_secret: 'x' }, {}],
    [{ token }, basic('pay-web:')], [{ token }, basic('pay-web:x')], [{ token, client_id: 'nobody' }, {}],
    [{ token }, { authorization: `Bearer ${token}` }], [{ token: 'garbage', client_id: 'pay-web' }, {}],
  ];
  for (const [fields, headers] of tries) {
    const answer = await publicly(fields, headers);
    assert.equal(answer.status, 401, answer.body);
    assert.equal(answer.json.error, 'invalid_client');
    assert.equal(answer.json.active, undefined);
    assert.match(answer.headers['cache-control'], /no-store/);
    if (headers.authorization) assert.match(answer.headers['www-authenticate'], /^Basic/);
  }
});

test('what an access token says is what is said of it', async () => {
  const login = authority.evidence({ age: 100 });
  const stepUp = authority.evidence({ age: 20, purpose: 'step_up', domain: 'pay' });
  const tokens = await authority.tokens({}, { evidence: [login, stepUp] });
  for (let i = 0; i < 2; i++) {
    const answer = await introspect(tokens.access_token);
    assert.equal(answer.status, 200);
    assert.match(answer.headers['cache-control'], /no-store/, 'TK-24');
    assert.equal(answer.headers['content-type'], 'application/json');
    const { payload } = decode(tokens.access_token);
    const { active, token_type: type, ...said } = answer.json;
    assert.equal(active, true);
    assert.equal(type, 'Bearer');
    const { grant, ...claims } = payload;
    assert.deepEqual(said, claims);
    assert.equal(said.auth_time, Math.floor(stepUp.time_ms / 1000));
  }
});

test('SS-27 introspection never says more than was done: acr and auth_time through refresh', async () => {
  const login = authority.evidence();
  const first = await authority.tokens(OFFLINE, { evidence: [login] });
  authority.pass(3600);
  const second = (await refresh(first.refresh_token)).json;
  const said = (await introspect(second.access_token)).json;
  assert.equal(said.acr, 'phr');
  assert.equal(said.auth_time, Math.floor(login.time_ms / 1000));
  assert.deepEqual(said.levels, { phr: { any: said.auth_time } });
  const family = (await introspect(second.refresh_token)).json;
  assert.equal(family.active, true);
  assert.equal(family.auth_time, said.auth_time);
  assert.equal(family.acr, 'phr');
  assert.deepEqual(family.levels, said.levels);
  assert.equal(family.client_id, 'pay-web');
  assert.equal(family.scope, OFFLINE.scope);
  assert.equal(family.sub, said.sub);
  assert.equal(family.token_type, undefined);
  assert.ok(family.exp > authority.now() / 1000);
});

test('IR-04 expired, revoked, rotated, unknown, garbage and other kinds: inactive, and no more', async () => {
  const expired = await authority.tokens();
  authority.pass(601);
  const got = await authority.code();
  const replayed = (await authority.redeem(got)).json;
  await authority.redeem(got);
  const rotated = await authority.tokens(OFFLINE);
  await refresh(rotated.refresh_token);
  const ended = await authority.tokens(OFFLINE, { sid: 'sid-04' });
  await authority.endSession('sid-04', { sequence: 4 });
  const alive = await authority.tokens();
  const open = await authority.code();
  const dead = [
    expired.access_token, replayed.access_token, rotated.refresh_token, ended.access_token, ended.refresh_token,
    alive.id_token, open.code, 'garbage', 'a.b.c', 'A'.repeat(80), '{}', `${alive.access_token}x`, alive.access_token.slice(0, -2), 'x'.repeat(30000),
  ];
  for (const token of dead) {
    const answer = await introspect(token);
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.body, INACTIVE, token.slice(0, 20));
  }
  assert.equal((await introspect(alive.access_token, {}, 'coin')).body, INACTIVE, 'another domain');
  assert.equal((await introspect(alive.access_token)).json.active, true);
  assert.equal((await authority.redeem(open)).status, 200, 'to look at a code does not spend it');
});

test('IR-03 a forged token with a live jti is inactive', async () => {
  const { access_token: token } = await authority.tokens();
  const { header, payload } = decode(token);
  const claims = { ...payload, scope: 'openid balance.read transfer vault' };
  assert.equal((await introspect(forge(claims, { kid: header.kid }))).body, INACTIVE);
  assert.equal((await introspect(forge(claims))).body, INACTIVE);
  const unsigned = [{ alg: 'none', typ: 'at+jwt' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  for (const text of [`${unsigned}.`, unsigned]) assert.equal((await introspect(text)).body, INACTIVE);
  const swapped = [token.split('.')[0], Buffer.from(JSON.stringify(claims)).toString('base64url'), token.split('.')[2]].join('.');
  assert.equal((await introspect(swapped)).body, INACTIVE);
});

test('IR-06 a wrong or unknown hint changes nothing', async () => {
  const tokens = await authority.tokens(OFFLINE);
  for (const token_type_hint of ['access_token', 'refresh_token', 'saml', '']) {
    assert.equal((await introspect(tokens.access_token, { token_type_hint })).json.active, true);
    assert.equal((await introspect(tokens.refresh_token, { token_type_hint })).json.active, true);
  }
});

test('a request without a token, with two, or of another type and method is refused', async () => {
  for (const body of ['', 'token=', 'token=a&token=b', '%zz'])
    assert.equal((await introspect(undefined, {}) && await postForm({ port: authority.internalPort }, '/pay/introspect', body)).status, 400);
  assert.equal((await postForm({ port: authority.internalPort }, '/nowhere/introspect', { token: 'x' })).status, 404);
  assert.equal((await authority.internal('/pay/introspect')).status, 405);
  assert.equal((await authority.get('/pay/introspect')).status, 405);
  const json = await postForm({ port: authority.internalPort }, '/pay/introspect', '{}', { 'content-type': 'application/json' });
  assert.equal(json.status, 415);
});

test('to look at a refresh token does not use it, and after a restart it is still alive', async () => {
  const tokens = await authority.tokens(OFFLINE);
  for (let i = 0; i < 3; i++) assert.equal((await introspect(tokens.refresh_token)).json.active, true);
  await authority.stop('SIGKILL');
  await authority.run();
  assert.equal((await introspect(tokens.refresh_token)).json.active, true);
  assert.equal((await refresh(tokens.refresh_token)).status, 200);
});

test('the metadata names what there is', async () => {
  const metadata = (await authority.get('/pay/.well-known/openid-configuration')).json;
  assert.equal(metadata.introspection_endpoint, `${authority.issuer()}/introspect`);
  assert.equal(metadata.revocation_endpoint, `${authority.issuer()}/revoke`);
  assert.deepEqual(metadata.grant_types_supported, ['authorization_code', 'client_credentials', 'refresh_token', 'urn:ietf:params:oauth:grant-type:token-exchange']);
  assert.ok(metadata.scopes_supported.includes('offline_access'));
  assert.deepEqual(metadata.revocation_endpoint_auth_methods_supported, metadata.token_endpoint_auth_methods_supported);
  assert.ok(!(metadata.introspection_endpoint_auth_methods_supported ?? []).includes('none'));
});
