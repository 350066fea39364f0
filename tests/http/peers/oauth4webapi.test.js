// oauth4webapi, which leaves every step to its caller: proofs, nonces and answers one by one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { authenticationOf, CALLBACK, issuerOf, startServer, visit } from '../support/peer.js';
import { exchange } from '../support/http.js';

const insecure = { [oauth.allowInsecureRequests]: true };
let rp, browser, server;
before(async () => {
  rp = await startServer();
  browser = rp.browser();
  await browser.register('ann');
  server = await discovered('oidc');
});
after(async () => { await rp?.done(); });

async function discovered(algorithm) {
  const issuer = new URL(issuerOf(rp));
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm, ...insecure }));
}

/** A code, and what redeems it. */
async function code(client_id, scope = 'openid balance.read offline_access', more = {}) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const nonce = oauth.generateRandomNonce();
  const address = new URL(server.authorization_endpoint);
  address.search = new URLSearchParams({
    client_id, redirect_uri: CALLBACK, response_type: 'code', scope, state, nonce, code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...more,
  });
  const { at } = await visit(browser, address);
  return { parameters: oauth.validateAuthResponse(server, { client_id }, at, state), verifier, nonce };
}
const redeem = async (client_id, got, options = {}) =>
  oauth.authorizationCodeGrantRequest(server, { client_id }, await authenticationOf(client_id), got.parameters, CALLBACK, got.verifier, { ...insecure, ...options });
const tokensOf = (client_id, got, response) => oauth.processAuthorizationCodeResponse(server, { client_id }, response, { expectedNonce: got.nonce, requireIdToken: true });

test('both discovery documents are one', async () => {
  assert.deepEqual(await discovered('oauth2'), server);
});

test('every way of client authentication: code, userinfo, introspection, refresh, revocation', async () => {
  for (const client_id of ['web', 'basic', 'post', 'keyed']) {
    const client = { client_id };
    const authentication = await authenticationOf(client_id);
    const got = await code(client_id);
    const tokens = await tokensOf(client_id, got, await redeem(client_id, got));
    const { sub } = oauth.getValidatedIdTokenClaims(tokens);
    assert.equal((await oauth.processUserInfoResponse(server, client, sub, await oauth.userInfoRequest(server, client, tokens.access_token, insecure))).sub, sub);
    await assert.rejects(async () => oauth.processUserInfoResponse(server, client, 'other', await oauth.userInfoRequest(server, client, tokens.access_token, insecure)));
    if (client_id !== 'web') {
      const told = await oauth.processIntrospectionResponse(server, client, await oauth.introspectionRequest(server, client, authentication, tokens.access_token, insecure));
      assert.deepEqual([told.active, told.sub], [true, sub]);
    }
    const next = await oauth.processRefreshTokenResponse(server, client, await oauth.refreshTokenGrantRequest(server, client, authentication, tokens.refresh_token, insecure));
    assert.notEqual(next.refresh_token, tokens.refresh_token);
    await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, authentication, next.refresh_token, insecure));
    await assert.rejects(async () => oauth.processRefreshTokenResponse(server, client, await oauth.refreshTokenGrantRequest(server, client, authentication, next.refresh_token, insecure)),
      (thrown) => thrown.error === 'invalid_grant');
  }
});

test('the access token as a resource server sees it: RFC 9068, bound to its key where it has one', async () => {
  const bound = oauth.DPoP({ client_id: 'dpop-web' }, await oauth.generateKeyPair('ES256'));
  const got = await code('dpop-web');
  const first = await redeem('dpop-web', got, { DPoP: bound });
  const refusal = await tokensOf('dpop-web', got, first).then(() => null, (thrown) => thrown);
  assert.ok(oauth.isDPoPNonceError(refusal), 'the first proof has no nonce: use_dpop_nonce, and one to use');
  const tokens = await tokensOf('dpop-web', got, await redeem('dpop-web', got, { DPoP: bound }));
  assert.equal(tokens.token_type, 'dpop');
  const at = new URL('http://localhost:9001/balance');
  const call = async (headers) => oauth.validateJwtAccessToken(server, new Request(at, { headers }), 'http://localhost:9001', insecure);
  await assert.rejects(call({ authorization: `Bearer ${tokens.access_token}` }), 'bound, and shown as if it were not');
  await assert.rejects(call({ authorization: `DPoP ${tokens.access_token}` }), 'without proof');
  let proof;
  await oauth.protectedResourceRequest(tokens.access_token, 'GET', at, undefined, undefined, {
    DPoP: bound, ...insecure,
    [oauth.customFetch]: async (_, { headers }) => { proof = headers.dpop ?? headers.DPoP; return new Response(null, { status: 204 }); },
  });
  const claims = await call({ authorization: `DPoP ${tokens.access_token}`, dpop: proof });
  assert.equal(claims.client_id, 'dpop-web');
  await assert.rejects(oauth.validateJwtAccessToken(server, new Request(at, { headers: { authorization: `DPoP ${tokens.access_token}`, dpop: proof } }), 'https://other.example', insecure));
  const check = (authorization) => exchange({ port: rp.internalPort }, {
    path: '/pay/check/nginx', headers: { 'x-original-method': 'GET', 'x-original-uri': '/balance', authorization, dpop: proof },
  });
  const asked = await check(`DPoP ${tokens.access_token}`);
  assert.match(asked.headers['www-authenticate'], /use_dpop_nonce/, 'the gateway asks for a nonce of its own');
});

test('an access token without a key is a bearer token of RFC 9068', async () => {
  const got = await code('basic');
  const tokens = await tokensOf('basic', got, await redeem('basic', got));
  const request = new Request('http://localhost:9001/balance', { headers: { authorization: `Bearer ${tokens.access_token}` } });
  const claims = await oauth.validateJwtAccessToken(server, request, 'http://localhost:9001', insecure);
  assert.equal(claims.client_id, 'basic');
  assert.match(claims.scope, /balance.read/);
  const id = new Request('http://localhost:9001/balance', { headers: { authorization: `Bearer ${tokens.id_token}` } });
  await assert.rejects(oauth.validateJwtAccessToken(server, id, 'basic', insecure), 'an ID token is none');
});
