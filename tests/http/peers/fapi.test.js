// Pushed requests and the FAPI 2.0 Security Profile, with openid-client doing what the profile asks of clients.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as jose from 'jose';
import * as client from 'openid-client';
import { ask, authenticationOf, CALLBACK, discover, importKey, issuerOf, signIn, startServer, visit } from '../support/peer.js';

let rp, browser;
before(async () => {
  rp = await startServer();
  browser = rp.browser();
  await browser.register('ann');
});
after(async () => { await rp?.done(); });

const refusedWith = (...errors) => (thrown) => {
  assert.ok(errors.includes(thrown.error), `${thrown.stack} ${JSON.stringify(thrown.cause)}`);
  return true;
};
const handle = async (config) => ({ DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')) });

test('PAR: the request goes from server to server, its name through the browser', async () => {
  for (const id of ['web', 'basic', 'post', 'keyed', 'pushing']) {
    const config = await discover(rp, id);
    const { parameters } = await ask(config);
    const address = await client.buildAuthorizationUrlWithPAR(config, parameters);
    assert.deepEqual([...address.searchParams.keys()].sort(), ['client_id', 'request_uri']);
    assert.ok((await signIn(browser, config, {}, { pushed: true })).tokens.id_token, id);
  }
});

test('PAR: a wrong redirect_uri, a wrong client and a client that must push and does not', async () => {
  const config = await discover(rp, 'basic');
  const { parameters } = await ask(config, { redirect_uri: `${CALLBACK}x` });
  await assert.rejects(client.buildAuthorizationUrlWithPAR(config, parameters), refusedWith('invalid_request'));
  const wrong = await discover(rp, 'basic', { authentication: await authenticationOf('web') });
  await assert.rejects(client.buildAuthorizationUrlWithPAR(wrong, (await ask(wrong)).parameters), (thrown) => thrown.status === 401);
  const pushing = await discover(rp, 'pushing');
  await assert.rejects(signIn(browser, pushing), refusedWith('invalid_request'));
});

test('PAR with DPoP: the key of the request is the key of the code', async () => {
  const config = await discover(rp, 'dpop-web');
  const options = await handle(config);
  const { checks, parameters } = await ask(config);
  const { at } = await visit(browser, await client.buildAuthorizationUrlWithPAR(config, parameters, options));
  await assert.rejects(client.authorizationCodeGrant(config, at, checks, undefined, await handle(config)), refusedWith('invalid_grant', 'invalid_dpop_proof'));
  const { tokens } = await signIn(browser, config, {}, { options, pushed: true });
  assert.equal(jose.decodeJwt(tokens.access_token).cnf.jkt, await options.DPoP.calculateThumbprint());
});

test('FAPI 2.0: private_key_jwt, PAR, PKCE, DPoP with nonces, iss; then userinfo and refresh', async () => {
  const config = await discover(rp, 'fintech', { domain: 'bank' });
  const server = config.serverMetadata();
  assert.equal(server.require_pushed_authorization_requests, true);
  assert.deepEqual(server.token_endpoint_auth_methods_supported, ['private_key_jwt']);
  assert.ok(!server.dpop_signing_alg_values_supported.includes('RS256'));
  const options = await handle(config);
  const { tokens, at } = await signIn(browser, config, { scope: 'openid accounts offline_access' }, { options, pushed: true });
  assert.equal(at.searchParams.get('iss'), issuerOf(rp, 'bank'));
  assert.equal(tokens.token_type, 'dpop');
  const { sub } = tokens.claims();
  assert.equal((await client.fetchUserInfo(config, tokens.access_token, sub, options)).sub, sub);
  await assert.rejects(client.fetchUserInfo(config, tokens.access_token, sub), (thrown) => thrown.status === 401);
  const next = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, options);
  assert.equal(jose.decodeJwt(next.access_token).cnf.jkt, await options.DPoP.calculateThumbprint());
  // RFC 9449 §5: what binds a confidential client's refresh token is its authentication, so its DPoP keys may change.
  const changed = await handle(config);
  const other = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, changed);
  assert.equal(jose.decodeJwt(other.access_token).cnf.jkt, await changed.DPoP.calculateThumbprint(), 'and the token is the new key\'s');
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), refusedWith('invalid_dpop_proof'));
});

test('FAPI 2.0: what the profile forbids is refused, each by itself', async () => {
  const config = await discover(rp, 'fintech', { domain: 'bank' });
  const options = await handle(config);
  await assert.rejects(signIn(browser, config, { scope: 'openid accounts' }, { options }), refusedWith('invalid_request'), 'not pushed');
  await assert.rejects(signIn(browser, config, { scope: 'openid accounts' }, { pushed: true }), refusedWith('invalid_dpop_proof', 'invalid_request'), 'no proof');
  await assert.rejects(signIn(browser, config, { scope: 'openid accounts', code_challenge: undefined, code_challenge_method: undefined }, { options, pushed: true }), refusedWith('invalid_request'), 'no PKCE');
  for (const authentication of [client.None(), await authenticationOf('basic')]) {
    const wrong = await discover(rp, 'fintech', { domain: 'bank', authentication });
    await assert.rejects(client.buildAuthorizationUrlWithPAR(wrong, (await ask(wrong, { scope: 'openid accounts' })).parameters), (thrown) => thrown.status === 401);
  }
  for (const aud of [['https://other.example', issuerOf(rp, 'bank')], `${issuerOf(rp, 'bank')}/token`, issuerOf(rp)]) {
    const authentication = client.PrivateKeyJwt(await importKey(), { [client.modifyAssertion]: (header, payload) => { header.kid = 'one'; payload.aud = aud; } });
    const wrong = await discover(rp, 'fintech', { domain: 'bank', authentication });
    await assert.rejects(client.buildAuthorizationUrlWithPAR(wrong, (await ask(wrong, { scope: 'openid accounts' })).parameters, options), (thrown) => thrown.status === 401, `${aud}`);
  }
});

test('FAPI 2.0: a code lives for a minute', async () => {
  const config = await discover(rp, 'fintech', { domain: 'bank' });
  const options = await handle(config);
  const { checks, parameters } = await ask(config, { scope: 'openid accounts' });
  const { at } = await visit(browser, await client.buildAuthorizationUrlWithPAR(config, parameters, options));
  rp.pass(61);
  const later = await discover(rp, 'fintech', { domain: 'bank' });
  await assert.rejects(client.authorizationCodeGrant(later, at, checks, undefined, { DPoP: options.DPoP }), refusedWith('invalid_grant', 'invalid_dpop_proof'));
  assert.ok((await signIn(browser, later, { scope: 'openid accounts' }, { options: await handle(later), pushed: true })).tokens.access_token);
});

test('OC-086 an essential acr by the claims parameter is done, or refused, never left out', async () => {
  const config = await discover(rp, 'web');
  const claims = (...values) => JSON.stringify({ id_token: { acr: { essential: true, values } } });
  assert.equal((await signIn(browser, config, { claims: claims('phr') })).tokens.claims().acr, 'phr');
  await assert.rejects(signIn(browser, config, { claims: claims('urn:nobody:has:this'), prompt: 'none' }), (thrown) => Boolean(thrown.error));
});
