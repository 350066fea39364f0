// openid-client with certificates: code, PAR, refresh, introspection and FAPI 2.0 with mutual TLS in place of signatures.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as jose from 'jose';
import * as client from 'openid-client';
import { Issuer, pieces, TlsProxy } from '../support/mutual-tls.js';
import { CALLBACK, issuerOf, signIn, startServer } from '../support/peer.js';

const issuer = new Issuer();
const server = issuer.own('server', ['-addext', 'subjectAltName=DNS:localhost']);
const shop = issuer.issue('shop');
const other = issuer.issue('other');
const CERTIFICATE = 'token_endpoint_auth_method: tls_client_auth, tls_client_auth_subject_dn: "CN=shop,O=Example", tls_client_certificate_bound_access_tokens: true';

let rp, proxy, browser;
before(async () => {
  proxy = await TlsProxy.prepare();
  rp = await startServer((text) => {
    const header = pieces('yaml')[0].split('\n').filter((line) => /_certificate:/.test(line)).join('\n');
    const domain = (id) => `    client_ca_file: ${issuer.file}\n    mtls_url: https://localhost:${proxy.port}/${id}\n    issuer: http`;
    const more = `      - {id: shop, ${CERTIFICATE}, redirect_uris: ["${CALLBACK}"], grant_types: [authorization_code, refresh_token]}\n`;
    return text.replace(/(\n {2}internal: .*\n)/, `$1${header}\n`)
      .replace(/( {2}- id: pay\n)( {4}issuer: http)/, (_, head) => head + domain('pay'))
      .replace(/( {2}- id: bank\n)( {4}issuer: http)/, (_, head) => head + domain('bank'))
      .replace('      - {id: fintech,', `${more}      - {id: fintech,`)
      .replace('      - {id: web,', `${more}      - {id: web,`);
  });
  await proxy.start({ authorityPort: rp.authorityPort, internalPort: rp.internalPort, server });
  browser = rp.browser();
  await browser.register('ann');
});
after(async () => {
  await proxy?.done();
  await rp?.done();
  issuer.done();
});

async function discover(identity, domain) {
  const config = await client.discovery(new URL(issuerOf(rp, domain)), 'shop', { use_mtls_endpoint_aliases: true, [client.clockSkew]: rp.clock }, client.TlsClientAuth(), {
    execute: [client.allowInsecureRequests], [client.customFetch]: proxy.fetch(identity),
  });
  return config;
}
const boundTo = (token, { thumbprint }) => assert.deepEqual(jose.decodeJwt(token).cnf, { 'x5t#S256': thumbprint });

test('code, userinfo, refresh and introspection over the aliases; the token is bound', async () => {
  const config = await discover(shop, 'pay');
  const { tokens } = await signIn(browser, config, { scope: 'openid balance.read offline_access' });
  boundTo(tokens.access_token, shop);
  assert.ok((await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).sub);
  const seen = await client.tokenIntrospection(config, tokens.access_token);
  assert.deepEqual([seen.active, seen.cnf], [true, { 'x5t#S256': shop.thumbprint }]);
  const renewed = await client.refreshTokenGrant(config, tokens.refresh_token);
  boundTo(renewed.access_token, shop);
  const stranger = await discover(other, 'pay');
  await assert.rejects(client.fetchUserInfo(stranger, renewed.access_token, tokens.claims().sub), /401|invalid_token|WWW-Authenticate/i);
  await assert.rejects(client.refreshTokenGrant(stranger, renewed.refresh_token), (thrown) => thrown.error === 'invalid_client' || thrown.status === 401);
  await client.tokenRevocation(config, renewed.access_token);
  assert.equal((await client.tokenIntrospection(config, renewed.access_token)).active, false);
});

test('FAPI 2.0 with mutual TLS: the certificate authenticates, and constrains the sender', async () => {
  const config = await discover(shop, 'bank');
  const metadata = config.serverMetadata();
  assert.deepEqual(metadata.token_endpoint_auth_methods_supported, ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth']);
  assert.equal(metadata.tls_client_certificate_bound_access_tokens, true);
  const { tokens, at } = await signIn(browser, config, { scope: 'openid accounts offline_access' }, { pushed: true });
  assert.equal(at.searchParams.get('iss'), issuerOf(rp, 'bank'));
  boundTo(tokens.access_token, shop);
  boundTo((await client.refreshTokenGrant(config, tokens.refresh_token)).access_token, shop);
  await assert.rejects(signIn(browser, await discover(other, 'bank'), {}, { pushed: true }), (thrown) => thrown.error === 'invalid_client' || thrown.status === 401);
});
