// Clients that the operator makes while the authority runs: known at once, kept, rotated, and gone with what they had.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Authority, authorizationRequest, decode } from '../support/authority.js';
import { postForm, postJson } from '../support/http.js';

let authority;
before(async () => { authority = await Authority.start(); });
after(async () => { await authority?.done(); });

const CALLBACK = 'http://localhost:9001/callback';
const basic = (id, secret) => ({ authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` });
const register = (metadata, domain = 'pay') => postJson(authority.socket, `/admin/clients/${domain}`, metadata);
async function added(metadata) {
  const answer = await register(metadata);
  assert.equal(answer.status, 200, answer.body);
  return answer.json;
}
const WEB = { client_name: 'New app', token_endpoint_auth_method: 'client_secret_basic', redirect_uris: [CALLBACK] };
const CRON = { client_name: 'Nightly', token_endpoint_auth_method: 'client_secret_basic', grant_types: ['client_credentials'], scope: 'balance.read' };
const own = (client, secret = client.client_secret) => authority.token({ grant_type: 'client_credentials' }, { headers: basic(client.client_id, secret) });
async function login(client, secret = client.client_secret) {
  const got = await authority.code({ client_id: client.client_id });
  return authority.redeem(got, { client_id: undefined }, { headers: basic(client.client_id, secret) });
}
const listed = async () => (await authority.admin('/admin/clients')).json.clients;

test('a client is known at once, and after a crash; its secret is kept as a hash', async () => {
  const client = await added(WEB);
  assert.match(client.client_id, /^[0-9a-f]{24}$/);
  assert.match(client.client_secret, /^[\w-]{43}$/);
  assert.equal((await login(client)).status, 200);
  assert.equal((await login(client, `${client.client_secret}x`)).json.error, 'invalid_client');
  await authority.stop('SIGKILL');
  await authority.run();
  assert.equal((await login(client)).status, 200);
  const row = (await listed()).find((each) => each.id === client.client_id);
  assert.deepEqual([row.domain, row.name, row.public, row.source], ['pay', 'New app', false, 'store']);
  assert.ok((await listed()).some((each) => each.id === 'pay-web' && each.source === 'configuration'));
  const files = fs.readdirSync(authority.folder).filter((name) => name.startsWith('authority-')).map((name) => fs.readFileSync(path.join(authority.folder, name), 'latin1'));
  for (const place of [authority.program.log, ...files]) assert.ok(!place.includes(client.client_secret));
});

test('it is a client of its domain alone', async () => {
  const client = await added(CRON);
  assert.equal((await own(client)).status, 200);
  const other = await authority.token({ grant_type: 'client_credentials' }, { domain: 'coin', headers: basic(client.client_id, client.client_secret) });
  assert.equal(other.json.error, 'invalid_client');
});

test('a public one has no secret, and its pages may call the token endpoint', async () => {
  const client = await added({ client_name: 'Page', token_endpoint_auth_method: 'none', redirect_uris: ['https://page.example/cb'] });
  assert.equal(client.client_secret, undefined);
  const got = await authority.code({ client_id: client.client_id, redirect_uri: 'https://page.example/cb' });
  const answer = await authority.redeem(got, {}, { headers: { origin: 'https://page.example' } });
  assert.equal(answer.status, 200, answer.body);
  assert.equal(answer.headers['access-control-allow-origin'], 'https://page.example');
});

test('refresh tokens, and where logout leads back to, are registered as in a configuration', async () => {
  const back = 'http://localhost:9001/bye';
  const client = await added({ ...WEB, grant_types: ['authorization_code', 'refresh_token'], post_logout_redirect_uris: [back] });
  const tokens = (await login(client)).json;
  const again = await authority.token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token }, { headers: basic(client.client_id, client.client_secret) });
  assert.equal(again.status, 200, again.body);
  assert.deepEqual((await listed()).find((each) => each.id === client.client_id).post_logout_redirect_uris, [back]);
  const ask = (uri) => authority.logout({ id_token_hint: tokens.id_token, post_logout_redirect_uri: uri }, { session: decode(tokens.id_token).payload.sid });
  assert.deepEqual(await ask(back), { outcome: 'end', location: back });
  assert.equal((await ask(`${back}/other`)).outcome, 'refuse');
  assert.equal((await login(await added(WEB))).json.refresh_token, undefined);
  for (const wrong of [{ ...CRON, grant_types: ['client_credentials', 'refresh_token'] }, { ...CRON, post_logout_redirect_uris: [back] }, { ...WEB, post_logout_redirect_uris: ['ftp://x/'] }])
    assert.equal((await register(wrong)).status, 400, JSON.stringify(wrong));
});

test('what its tokens and requests must be is registered as in a configuration', async () => {
  const client = await added({ ...WEB, dpop_bound_access_tokens: true, require_pushed_authorization_requests: true, third_party: true });
  const row = (await listed()).find((each) => each.id === client.client_id);
  assert.deepEqual([row.dpop_bound_access_tokens, row.require_pushed_authorization_requests, row.third_party], [true, true, true]);
  const { fields } = authorizationRequest({ client_id: client.client_id });
  const bare = await authority.begin(fields, { session: authority.session() });
  assert.equal(new URL(bare.location).searchParams.get('error'), 'invalid_request', 'it must push');
  const { request_uri } = (await postForm({ port: authority.port }, '/pay/par', fields, { host: `localhost:${authority.port}`, ...basic(client.client_id, client.client_secret) })).json;
  const begun = await authority.begin({ client_id: client.client_id, request_uri }, { session: authority.session() });
  assert.equal(begun.consent, true, 'people are asked');
  const itself = await added({ ...CRON, dpop_bound_access_tokens: true });
  assert.equal((await own(itself)).json.error, 'invalid_dpop_proof');
  const plain = (await listed()).find((each) => each.id === 'pay-web');
  assert.deepEqual([plain.dpop_bound_access_tokens, plain.third_party], [false, false]);
  for (const name of ['dpop_bound_access_tokens', 'require_pushed_authorization_requests', 'third_party']) assert.equal((await register({ ...WEB, [name]: 'yes' })).status, 400, name);
});

test('what people allowed a client goes with it', async () => {
  const client = await added({ ...WEB, third_party: true });
  const rows = () => {
    const file = fs.readdirSync(authority.folder).find((name) => /^authority-pay\.db$/.test(name));
    return Number(execFileSync('sqlite3', ['-readonly', path.join(authority.folder, file), `SELECT count(*) FROM consents WHERE client = '${client.client_id}'`]));
  };
  const { fields } = authorizationRequest({ client_id: client.client_id });
  const session = authority.session();
  const asked = await authority.begin(fields, { session });
  assert.equal((await postJson(authority.socket, '/handoff/authz_finish', { domain: 'pay', handle: asked.handle, browser: Buffer.alloc(32, 7).toString('base64url'), session, consented: true })).json.outcome, 'respond');
  assert.equal(rows(), 1);
  assert.equal((await authority.admin(`/admin/clients/pay/${client.client_id}`, 'DELETE')).status, 200);
  assert.equal(rows(), 0);
});

test('one with keys shows who it is by them', async () => {
  const { privateKey, publicKey } = crypto.generateKeyPairSync('ed25519');
  const client = await added({ ...CRON, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicKey.export({ format: 'jwk' })] } });
  assert.equal(client.client_secret, undefined);
  const now = Math.floor(authority.now() / 1000);
  const input = [{ alg: 'EdDSA' }, { iss: client.client_id, sub: client.client_id, aud: authority.issuer(), exp: now + 60, jti: crypto.randomUUID() }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const text = `${input}.${crypto.sign(null, Buffer.from(input), privateKey).toString('base64url')}`;
  const answer = await authority.token({ grant_type: 'client_credentials', client_assertion: text, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' });
  assert.equal(answer.status, 200, answer.body);
});

test('a rotated secret: the old one is good for a day, or not at all', async () => {
  const client = await added(CRON);
  const rotate = async (body) => {
    const answer = await postJson(authority.socket, `/admin/clients/pay/${client.client_id}/rotate`, body);
    assert.equal(answer.status, 200, answer.body);
    return answer.json.client_secret;
  };
  const second = await rotate({});
  assert.notEqual(second, client.client_secret);
  for (const secret of [client.client_secret, second]) assert.equal((await own(client, secret)).status, 200);
  const third = await rotate({});
  assert.equal((await own(client)).json.error, 'invalid_client', 'two rotations ago');
  for (const secret of [second, third]) assert.equal((await own(client, secret)).status, 200);
  authority.pass(24 * 3600 + 1);
  assert.equal((await own(client, second)).json.error, 'invalid_client', 'a day later');
  assert.equal((await own(client, third)).status, 200);
  const fourth = await rotate({ at_once: true });
  assert.equal((await own(client, third)).json.error, 'invalid_client');
  assert.equal((await own(client, fourth)).status, 200);
});

test('a removed client is gone at once, with its codes and tokens', async () => {
  const client = await added(WEB);
  const cron = await added(CRON);
  const { access_token: token } = (await login(client)).json;
  const { access_token: machine } = (await own(cron)).json;
  const code = await authority.code({ client_id: client.client_id });
  const { access_token: others } = await authority.tokens();
  for (const each of [token, machine, others]) assert.equal((await authority.check(each)).status, 200);
  for (const { client_id: id } of [client, cron]) assert.equal((await authority.admin(`/admin/clients/pay/${id}`, 'DELETE')).status, 200);
  for (const each of [token, machine]) assert.equal((await authority.check(each)).status, 401);
  assert.equal((await authority.check(others)).status, 200);
  assert.equal((await own(cron)).json.error, 'invalid_client');
  assert.equal((await authority.redeem(code, { client_id: undefined }, { headers: basic(client.client_id, client.client_secret) })).json.error, 'invalid_client');
  await assert.rejects(authority.code({ client_id: client.client_id }));
  await authority.stop('SIGKILL');
  await authority.run();
  for (const each of [token, machine]) assert.equal((await authority.check(each)).status, 401, 'after a restart too');
  assert.equal((await authority.admin(`/admin/clients/pay/${client.client_id}`, 'DELETE')).status, 404);
});

test('a client that is removed while it asks has no token that lives on', async () => {
  for (let round = 0; round < 5; round++) {
    const client = await added(CRON);
    const asking = Array.from({ length: 20 }, () => own(client));
    const removal = authority.admin(`/admin/clients/pay/${client.client_id}`, 'DELETE');
    const answers = await Promise.all([...asking, ...Array.from({ length: 20 }, () => own(client))]);
    assert.equal((await removal).status, 200);
    for (const answer of answers) {
      if (answer.status === 200) assert.equal((await authority.check(answer.json.access_token)).status, 401);
      else assert.equal(answer.json.error, 'invalid_client');
    }
  }
});

test('what cannot be is refused, says why, and leaves nothing', async () => {
  const before_ = await listed();
  const bad = [
    [{}, /name/], [{ ...WEB, client_name: '' }, /name/], [{ ...WEB, client_name: 'x'.repeat(65) }, /name/], [{ ...WEB, client_name: 'a\u0007' }, /name/],
    [{ ...WEB, token_endpoint_auth_method: 'magic' }, /method/], [{ ...WEB, token_endpoint_auth_method: 'tls_client_auth' }, /client_ca_file/], [{ ...WEB, tls_client_certificate_bound_access_tokens: true }, /proxy/], [{ ...WEB, token_endpoint_auth_method: undefined }, /method/],
    [{ ...WEB, redirect_uris: [] }, /at least one redirect URI/], [{ ...WEB, redirect_uris: CALLBACK }, /redirect_uris/], [{ ...WEB, redirect_uris: Array(33).fill(CALLBACK) }, /32/],
    ...['javascript:alert(1)', 'http://app.example/cb', 'https://app.example/cb#x', 'https://app.example/a b', 'https://*.example/cb', '', 7, null].map((uri) => [{ ...WEB, redirect_uris: [CALLBACK, uri] }, /entry 2 of redirect_uris/]),
    [{ ...WEB, grant_types: ['password'] }, /grant_types/], [{ ...WEB, scope: 'balance.read nothing' }, /scope/],
    [{ ...CRON, scope: '' }, /scope/], [{ ...CRON, token_endpoint_auth_method: 'none' }, /confidential/], [{ ...CRON, redirect_uris: [CALLBACK] }, /redirect URIs/],
    [{ ...CRON, token_endpoint_auth_method: 'private_key_jwt' }, /key set/], [{ ...CRON, jwks: { keys: [crypto.generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })] } }, /key set/],
    [{ ...CRON, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [] } }, /no keys/],
    [{ ...CRON, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }, /key 0/],
    [{ ...CRON, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [crypto.generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })] } }, /key 0/],
  ];
  for (const [metadata, says] of bad) {
    const answer = await register(metadata);
    assert.equal(answer.status, 400, JSON.stringify(metadata));
    assert.equal(answer.json.error, 'invalid_client_metadata');
    assert.match(answer.json.message, says, JSON.stringify(metadata));
  }
  assert.equal((await register(WEB, 'nowhere')).status, 404);
  assert.equal((await postJson(authority.socket, '/admin/clients/pay/pay-web/rotate', {})).json.error, 'unknown_stored_client', 'one of the configuration');
  assert.equal((await authority.admin('/admin/clients/pay/pay-web', 'DELETE')).status, 404);
  assert.deepEqual(await listed(), before_);
});

test('changes are in the audit log', async () => {
  const client = await added(CRON);
  await postJson(authority.socket, `/admin/clients/pay/${client.client_id}/rotate`, {});
  await authority.admin(`/admin/clients/pay/${client.client_id}`, 'DELETE');
  const { events } = (await authority.admin('/admin/audit/pay?limit=3')).json;
  assert.deepEqual(events.map((event) => [event.event, event.actor, event.subject]).sort(), ['client.added', 'client.removed', 'client.rotated'].map((event) => [event, 'operator', client.client_id]));
  assert.equal((await authority.admin('/admin/audit/pay/verify')).status, 200);
});

test('many at once are all there', async () => {
  const clients = await Promise.all(Array.from({ length: 30 }, () => added(CRON)));
  for (const answer of await Promise.all(clients.map((client) => own(client)))) assert.equal(answer.status, 200);
  const gone = await Promise.all(clients.map((client) => authority.admin(`/admin/clients/pay/${client.client_id}`, 'DELETE')));
  assert.ok(gone.every((answer) => answer.status === 200));
  for (const answer of await Promise.all(clients.map((client) => own(client)))) assert.equal(answer.status, 401);
});
