// Mutual TLS (RFC 8705) behind a real nginx: clients known by their certificates, tokens bound to them.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Authority, decode } from '../support/authority.js';
import { authorize, codeOf, redeem } from '../support/entry.js';
import { exchange, postForm, postJson } from '../support/http.js';
import { Issuer, pieces, TlsProxy } from '../support/mutual-tls.js';
import { Rp } from '../support/rp.js';

const issuer = new Issuer();
const stranger = new Issuer();
const server = issuer.own('server', ['-addext', 'subjectAltName=DNS:localhost']);
const certificates = {
  billing: issuer.issue('billing'),
  other: issuer.issue('other'),
  named: issuer.issue('named', { extensions: ['subjectAltName=DNS:Jobs.example,DNS:second.example,URI:spiffe://example/jobs,IP:192.0.2.7,IP:2001:db8::7,email:Jobs@example.com'] }),
  multi: issuer.issue('multi', { subject: '/C=JP/O=Example, Inc./CN=渡し 守+UID=7' }),
  over: issuer.issue('over', { subject: '/O=Example/CN=billing', days: -1 }),
  server: issuer.issue('server-only', { subject: '/O=Example/CN=billing', extensions: ['extendedKeyUsage=serverAuth'] }),
  forged: stranger.issue('billing'),
  own: stranger.own('own'),
  own2: stranger.own('own-too'),
};
const plainJwk = ({ cert }) => new crypto.X509Certificate(cert).publicKey.export({ format: 'jwk' });
const jwkOf = (identity) => ({ ...plainJwk(identity), x5c: [identity.der.toString('base64')] });

const CRON = 'grant_types: [client_credentials], scope: balance.read';
const tls = (id, name) => `      - {id: ${id}, token_endpoint_auth_method: tls_client_auth, ${name}, ${CRON}}\n`;
const CLIENTS = [
  tls('billing', 'tls_client_auth_subject_dn: "cn=Billing, o=EXAMPLE"'),
  tls('multi', String.raw`tls_client_auth_subject_dn: 'UID=7+CN=渡し  守,O=Example\, Inc.,C=JP'`),
  tls('dns', 'tls_client_auth_san_dns: jobs.example'),
  tls('uri', 'tls_client_auth_san_uri: "spiffe://example/jobs"'),
  tls('ip', 'tls_client_auth_san_ip: "2001:db8:0::7"'),
  tls('email', 'tls_client_auth_san_email: Jobs@EXAMPLE.com'),
  tls('uri-not', 'tls_client_auth_san_uri: "spiffe://example/Jobs"'),
  tls('dns-not', 'tls_client_auth_san_dns: example'),
  tls('email-not', 'tls_client_auth_san_email: jobs@example.com'),
  tls('order-not', 'tls_client_auth_subject_dn: "O=Example,CN=billing"'),
  `      - {id: self, token_endpoint_auth_method: self_signed_tls_client_auth, jwks: {keys: [${JSON.stringify(jwkOf(certificates.own))}]}, ${CRON}}\n`,
  `      - {id: bound, token_endpoint_auth_method: tls_client_auth, tls_client_auth_subject_dn: "CN=billing,O=Example", tls_client_certificate_bound_access_tokens: true, ${CRON}}\n`,
  '      - {id: app, public: true, certificate_binding: allowed, redirect_uris: ["http://localhost:9001/callback"]}\n',
].join('');

let rp, proxy;
before(async () => {
  proxy = await TlsProxy.prepare();
  rp = await Rp.start({
    authority: true,
    config: (text) => {
      const extra = pieces('yaml')[0].split('\n').filter((line) => /_certificate:/.test(line)).join('\n');
      return text.replace(/(\n {2}internal: .*\n)/, `$1${extra}\n`)
        .replace('    issuer: http://localhost', `    external_url: https://localhost:${proxy.productPort}\n    client_ca_file: clients-ca.pem\n    mtls_url: https://localhost:${proxy.port}/pay\n    routes:\n      - {match: GET /balance, scopes: [balance.read], service: ledger, grants: [ledger.read]}\n    issuer: http://localhost`)
        .replace('    clients:\n', `    clients:\n${CLIENTS}`);
    },
    prepare: (folder) => fs.copyFileSync(issuer.file, path.join(folder, 'clients-ca.pem')),
  });
  await proxy.start({ authorityPort: rp.authorityPort, internalPort: rp.internalPort, server });
});
after(async () => {
  await proxy?.done();
  await rp?.done();
  issuer.done();
  stranger.done();
});

const cron = (identity, id, headers) => proxy.post(identity, '/pay/token', { grant_type: 'client_credentials', client_id: id }, headers);
const pemOf = (name) => encodeURIComponent(certificates[name].cert.toString());
/** As the proxy would. */
const direct = (headers) => postForm({ port: rp.authorityPort }, '/pay/token', { grant_type: 'client_credentials', client_id: 'billing' }, { host: `localhost:${rp.authorityPort}`, ...headers });
const invalidClient = (answer) => assert.deepEqual([answer.status, answer.json?.error], [401, 'invalid_client'], answer.body);

test('a certificate of the domain’s authority, with the client’s name, is the client', async () => {
  const rows = [['billing', 'billing'], ['multi', 'multi'], ['named', 'dns'], ['named', 'uri'], ['named', 'ip'], ['named', 'email']];
  for (const [certificate, id] of rows) {
    const answer = await cron(certificates[certificate], id);
    assert.equal(answer.status, 200, `${id}: ${answer.body}`);
    const { payload } = decode(answer.json.access_token);
    assert.deepEqual([payload.client_id, payload.cnf], [id, undefined], 'authentication alone binds nothing');
  }
});

test('no other certificate is', async () => {
  const rows = [['other', 'billing'], ['named', 'uri-not'], ['named', 'dns-not'], ['named', 'email-not'], ['billing', 'order-not'], ['forged', 'billing'], ['own', 'billing'],
    ['billing', 'dns'], ['billing', 'nobody']];
  for (const [certificate, id] of rows) invalidClient(await cron(certificates[certificate], id));
  for (const certificate of ['over', 'server']) { // of these nginx refuses some itself
    assert.ok([400, 401].includes((await cron(certificates[certificate], 'billing')).status));
    invalidClient(await direct({ 'client-cert': pemOf(certificate) }));
  }
  invalidClient(await cron(null, 'billing'));
  invalidClient(await proxy.post(certificates.billing, '/pay/token', { grant_type: 'client_credentials' }));
  invalidClient(await proxy.post(certificates.billing, '/pay/token', { grant_type: 'client_credentials', client_id: 'billing', client_secret: 'x'.repeat(40) }));
});

test('the header is the proxy’s: what a client sends under its name is overwritten, twice or unreadable is refused', async () => {
  const pem = pemOf('billing');
  invalidClient(await cron(null, 'billing', { 'client-cert': pem }));
  invalidClient(await cron(certificates.other, 'billing', { 'client-cert': pem }));
  assert.equal((await direct({ 'client-cert': pem })).status, 200, 'from the proxy’s address');
  for (const value of ['x', '%zz', encodeURIComponent('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'), pem + pem, `:${certificates.billing.der.toString('base64')}:`]) {
    const answer = await direct({ 'client-cert': value });
    assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_request'], value);
  }
  const twice = await exchange({ port: rp.authorityPort }, { method: 'POST', path: '/pay/token', headers: ['Host', `localhost:${rp.authorityPort}`, 'Content-Type', 'application/x-www-form-urlencoded', 'Content-Length', '48', 'Client-Cert', pem, 'Client-Cert', pem], body: 'grant_type=client_credentials&client_id=billing&' });
  assert.equal(twice.status, 400);
});

test('a certificate of nobody’s is good where it is registered, and no other', async () => {
  assert.equal((await cron(certificates.own, 'self')).status, 200);
  for (const certificate of ['own2', 'billing']) invalidClient(await cron(certificates[certificate], 'self'));
  invalidClient(await cron(null, 'self'));
  rp.pass(31 * 24 * 3600);
  try {
    invalidClient(await cron(certificates.own, 'self'));
    invalidClient(await cron(certificates.billing, 'billing'));
  } finally {
    rp.pass(-31 * 24 * 3600);
  }
});

test('a bound token goes with its certificate alone: introspection, gateway', async () => {
  const { access_token: token, token_type: type } = (await cron(certificates.billing, 'bound')).json;
  assert.equal(type, 'Bearer');
  assert.deepEqual(decode(token).payload.cnf, { 'x5t#S256': certificates.billing.thumbprint });
  const seen = (await postForm({ port: rp.internalPort }, '/pay/introspect', { token })).json;
  assert.deepEqual([seen.active, seen.token_type, seen.cnf], [true, 'Bearer', { 'x5t#S256': certificates.billing.thumbprint }]);
  const call = (identity, headers = {}) => proxy.send(identity, { path: '/balance', port: proxy.productPort, headers: { authorization: `Bearer ${token}`, ...headers } });
  const answer = await call(certificates.billing);
  assert.deepEqual([answer.status, answer.body], [200, 'served']);
  const [headers] = proxy.seen.splice(0);
  assert.ok(headers['txn-token'] && !headers['client-cert'] && !headers.authorization);
  const pem = pemOf('billing');
  for (const [identity, more] of [[certificates.other], [null], [null, { 'client-cert': pem }], [certificates.other, { 'client-cert': pem }], [certificates.billing, { authorization: `DPoP ${token}` }]]) {
    const refused = await call(identity, more);
    assert.equal(refused.status, 401, refused.body);
    assert.match(refused.headers['www-authenticate'], /error="invalid_token"/);
  }
  assert.deepEqual(proxy.seen, []);
});

test('a client whose tokens must be bound gets none otherwise', async () => {
  const { json } = await proxy.post(certificates.billing, '/pay/token', { grant_type: 'client_credentials', client_id: 'bound' }, { dpop: 'x' });
  assert.equal(json.error, 'invalid_dpop_proof');
});

test('a public client’s tokens are bound where it shows a certificate: userinfo, refresh', async () => {
  const browser = rp.browser();
  await browser.register('ann');
  const APP = { client_id: 'app' };
  const code = codeOf(await authorize(browser, rp, { ...APP, scope: 'openid balance.read offline_access' }), rp);
  const fields = { grant_type: 'authorization_code', redirect_uri: 'http://localhost:9001/callback', code, code_verifier: 'v'.repeat(43), ...APP };
  const first = (await proxy.post(certificates.own, '/pay/token', fields)).json;
  assert.deepEqual(decode(first.access_token).payload.cnf, { 'x5t#S256': certificates.own.thumbprint });
  const info = (identity, headers = {}) => proxy.send(identity, { path: '/pay/userinfo', headers: { authorization: `Bearer ${first.access_token}`, ...headers } });
  assert.equal((await info(certificates.own)).status, 200);
  for (const identity of [certificates.own2, null]) {
    const refused = await info(identity);
    assert.deepEqual([refused.status, refused.json.error], [401, 'invalid_token']);
    assert.match(refused.headers['www-authenticate'], /^Bearer error="invalid_token"/);
  }
  const refresh = (identity, token) => proxy.post(identity, '/pay/token', { grant_type: 'refresh_token', refresh_token: token, ...APP });
  const second = (await refresh(certificates.own, first.refresh_token)).json;
  assert.deepEqual(decode(second.access_token).payload.cnf, { 'x5t#S256': certificates.own.thumbprint });
  for (const identity of [certificates.own2, null]) assert.equal((await refresh(identity, second.refresh_token)).json.error, 'invalid_grant');
  assert.ok((await refresh(certificates.own, second.refresh_token)).json.access_token, 'a stranger’s try ended nothing');
  const plain = (await redeem(rp, codeOf(await authorize(browser, rp, APP), rp), 'pay', APP)).json;
  assert.equal(decode(plain.access_token).payload.cnf, undefined, 'without a certificate, allowed is allowed');
});

test('the metadata says what there is', async () => {
  const { json } = await exchange({ port: rp.authorityPort }, { path: '/pay/.well-known/openid-configuration', headers: { host: `localhost:${rp.authorityPort}` } });
  assert.equal(json.tls_client_certificate_bound_access_tokens, true);
  assert.ok(['tls_client_auth', 'self_signed_tls_client_auth'].every((name) => json.token_endpoint_auth_methods_supported.includes(name)));
  const base = `https://localhost:${proxy.port}/pay`;
  assert.deepEqual(json.mtls_endpoint_aliases, {
    token_endpoint: `${base}/token`, pushed_authorization_request_endpoint: `${base}/par`, introspection_endpoint: `${base}/introspect`, revocation_endpoint: `${base}/revoke`, userinfo_endpoint: `${base}/userinfo`,
  });
  const coin = await exchange({ port: rp.authorityPort }, { path: '/coin/.well-known/openid-configuration', headers: { host: `localhost:${rp.authorityPort}` } });
  assert.equal(coin.json.mtls_endpoint_aliases, undefined);
  assert.ok(!coin.json.token_endpoint_auth_methods_supported.includes('tls_client_auth'), 'without client_ca_file nobody could');
  assert.equal((await proxy.send(certificates.billing, { path: '/coin/jwks' })).status, 404, 'the alias is one domain’s');
});

test('clients of the store may have certificates, too', async () => {
  const add = (value) => postJson({ socketPath: path.join(rp.folder, 'run', 'authority.sock') }, '/admin/clients/pay', { client_name: 'Jobs', grant_types: ['client_credentials'], scope: 'balance.read', ...value });
  const kept = await add({ token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'second.example', tls_client_certificate_bound_access_tokens: true });
  assert.equal(kept.status, 200, kept.body);
  const { access_token: token } = (await cron(certificates.named, kept.json.client_id)).json;
  assert.deepEqual(decode(token).payload.cnf, { 'x5t#S256': certificates.named.thumbprint });
  invalidClient(await cron(certificates.billing, kept.json.client_id));
  const own = await add({ token_endpoint_auth_method: 'self_signed_tls_client_auth', jwks: { keys: [jwkOf(certificates.own2)] } });
  assert.equal((await cron(certificates.own2, own.json.client_id)).status, 200);
  for (const bad of [{ token_endpoint_auth_method: 'tls_client_auth' }, { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'a', tls_client_auth_san_uri: 'b:c' },
    { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: 'no name' }, { token_endpoint_auth_method: 'client_secret_basic', tls_client_auth_san_dns: 'a.example' },
    { token_endpoint_auth_method: 'self_signed_tls_client_auth', jwks: { keys: [plainJwk(certificates.own)] } }]) {
    const refused = await add(bad);
    assert.deepEqual([refused.status, refused.json.error], [400, 'invalid_client_metadata'], JSON.stringify(bad));
  }
});

test('from an address that is no proxy’s, the header says nothing', async () => {
  const authority = await Authority.start({
    config: (text) => text.replace(/(\n {2}internal: .*\n)/, '$1  client_certificate: {header: Client-Cert, format: pem, from: [192.0.2.1]}\n')
      .replace('    clients:\n', `    client_ca_file: clients-ca.pem\n    clients:\n${CLIENTS.split('\n').find((line) => line.includes('id: billing'))}\n`),
    prepare: (folder) => fs.copyFileSync(issuer.file, path.join(folder, 'clients-ca.pem')),
  });
  try {
    const answer = await postForm({ port: authority.port }, '/pay/token', { grant_type: 'client_credentials', client_id: 'billing' }, { host: `localhost:${authority.port}`, 'client-cert': pemOf('billing') });
    invalidClient(answer);
  } finally {
    await authority.done();
  }
});
