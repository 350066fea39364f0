// openid-client, a certified relying party library, through the flows of a web application.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as client from 'openid-client';
import { AFTER_LOGOUT, ask, authenticationOf, discover, issuerOf, signIn, startServer, visit } from '../support/peer.js';
import { exchange } from '../support/http.js';
import { until } from '../support/site.js';

let rp, browser;
before(async () => {
  rp = await startServer();
  browser = rp.browser();
  await browser.register('ann');
});
after(async () => { await rp?.done(); });

/** What the server, not the library, says no to. */
const refusedWith = (error, status) => (thrown) => {
  assert.equal(thrown.error, error, `${thrown.stack} ${JSON.stringify(thrown.cause)}`);
  if (status) assert.equal(thrown.status, status);
  assert.ok(thrown.error_description.length > 10);
  return true;
};
/** RFC 6749 §5.2: 401, and where the request had an Authorization field, a challenge, which the library reads before the body. */
const unauthenticated = (thrown) => {
  assert.equal(thrown.status, 401, thrown.stack);
  assert.ok(thrown.error === 'invalid_client' || thrown.cause[0].scheme === 'basic', thrown.stack);
  return true;
};
/** What the library, not the server, says no to. */
const because = (pattern) => (thrown) => {
  assert.match(`${thrown.message} ${thrown.cause?.message} ${JSON.stringify(thrown.cause?.cause ?? {})}`, pattern);
  return true;
};
const active = async (config, token) => (await client.tokenIntrospection(config, token)).active;

test('OC-031 discovery by OpenID Connect and by RFC 8414', async () => {
  for (const algorithm of ['oidc', 'oauth2']) {
    const server = (await discover(rp, 'web', { algorithm })).serverMetadata();
    assert.equal(server.issuer, issuerOf(rp));
    assert.ok(server.supportsPKCE('S256'));
    for (const name of ['authorization', 'token', 'introspection', 'revocation', 'userinfo', 'end_session']) assert.ok(server[`${name}_endpoint`], name);
    assert.equal(server.authorization_response_iss_parameter_supported, true);
  }
  await assert.rejects(discover(rp, 'web', { domain: 'nowhere' }), /unexpected HTTP response/);
});

for (const id of ['web', 'basic', 'post', 'keyed']) {
  test(`OC-001 OC-005 code flow with PKCE, userinfo, refresh and revocation: ${id}`, async () => {
    const config = await discover(rp, id);
    const { tokens } = await signIn(browser, config, { scope: 'openid balance.read offline_access' });
    const claims = tokens.claims();
    assert.equal(claims.iss, issuerOf(rp));
    assert.equal(claims.aud, id);
    assert.equal(claims.acr, 'phr');
    assert.ok(claims.auth_time <= claims.iat && claims.sid && claims.sub);
    assert.equal((await client.fetchUserInfo(config, tokens.access_token, claims.sub)).sub, claims.sub);
    const next = await client.refreshTokenGrant(config, tokens.refresh_token);
    assert.notEqual(next.refresh_token, tokens.refresh_token, 'it rotates');
    assert.equal(next.claims().sub, claims.sub);
    assert.equal(next.claims().auth_time, claims.auth_time, 'nobody has signed in anew');
    await client.tokenRevocation(config, next.refresh_token);
    await assert.rejects(client.refreshTokenGrant(config, next.refresh_token), refusedWith('invalid_grant', 400));
    await assert.rejects(client.fetchUserInfo(config, next.access_token, claims.sub), /401|WWW-Authenticate|unexpected/);
  });
}

test('OC-029 TK-15 a refresh token that is used twice ends its family', async () => {
  const config = await discover(rp, 'basic');
  const { tokens } = await signIn(browser, config, { scope: 'openid balance.read offline_access' });
  const next = await client.refreshTokenGrant(config, tokens.refresh_token);
  assert.equal(await active(config, next.access_token), true);
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), refusedWith('invalid_grant', 400));
  await assert.rejects(client.refreshTokenGrant(config, next.refresh_token), refusedWith('invalid_grant', 400));
  assert.equal(await active(config, next.access_token), false);
});

test('introspection says what the token says; a public client may not ask, nor one with a wrong secret', async () => {
  const config = await discover(rp, 'basic');
  const { tokens } = await signIn(browser, config, { scope: 'openid balance.read offline_access' });
  const told = await client.tokenIntrospection(config, tokens.access_token);
  assert.equal(told.active, true);
  assert.equal(told.sub, tokens.claims().sub);
  assert.equal(told.client_id, 'basic');
  assert.equal(told.acr, 'phr');
  assert.deepEqual(told.scope.split(' ').sort(), tokens.scope.split(' ').sort());
  assert.equal(await active(config, `${tokens.access_token}x`), false);
  await client.tokenRevocation(config, tokens.access_token);
  assert.equal(await active(config, tokens.access_token), false);
  await assert.rejects(client.tokenIntrospection(await discover(rp, 'web'), tokens.access_token), unauthenticated);
  const wrong = await discover(rp, 'basic', { authentication: client.ClientSecretBasic('x'.repeat(40)) });
  await assert.rejects(client.tokenIntrospection(wrong, tokens.access_token), unauthenticated);
});

for (const id of ['cron-basic', 'cron-post', 'cron-keyed']) {
  test(`client_credentials: ${id}`, async () => {
    const config = await discover(rp, id);
    const tokens = await client.clientCredentialsGrant(config, { scope: 'audit' });
    assert.equal(tokens.scope, 'audit');
    assert.equal(tokens.refresh_token, undefined);
    const told = await client.tokenIntrospection(config, tokens.access_token);
    assert.equal(told.sub, id);
    assert.equal(told.acr, undefined);
    await assert.rejects(client.clientCredentialsGrant(config, { scope: 'transfer' }), refusedWith('invalid_scope', 400));
  });
}

test('a client that shows itself in another way than the registered one is refused, and gets nothing', async () => {
  for (const [id, other] of [['basic', 'post'], ['post', 'basic'], ['keyed', 'basic'], ['basic', 'keyed'], ['basic', 'web']]) {
    const good = await discover(rp, id);
    const bad = await discover(rp, id, { authentication: await authenticationOf(other) });
    const { checks, parameters } = await ask(good);
    const { at } = await visit(browser, client.buildAuthorizationUrl(good, parameters));
    await assert.rejects(client.authorizationCodeGrant(bad, at, checks), unauthenticated, `${id} as ${other}`);
    assert.ok((await client.authorizationCodeGrant(good, at, checks)).access_token, 'the code is still good: it was not the client who came');
  }
});

test('OC-022 TK-01 a code is good once: the second use ends what the first one gave', async () => {
  const config = await discover(rp, 'basic');
  const { tokens, at, checks } = await signIn(browser, config);
  assert.equal(await active(config, tokens.access_token), true);
  await assert.rejects(client.authorizationCodeGrant(config, at, checks), refusedWith('invalid_grant', 400));
  assert.equal(await active(config, tokens.access_token), false);
});

test('TK-04 another verifier, or a challenge that is missing or plain', async () => {
  const config = await discover(rp, 'web');
  const { checks, parameters } = await ask(config);
  const { at } = await visit(browser, client.buildAuthorizationUrl(config, parameters));
  await assert.rejects(client.authorizationCodeGrant(config, at, { ...checks, pkceCodeVerifier: client.randomPKCECodeVerifier() }), refusedWith('invalid_grant', 400));
  for (const more of [{ code_challenge: undefined, code_challenge_method: undefined }, { code_challenge_method: 'plain' }])
    await assert.rejects(signIn(browser, config, more), refusedWith('invalid_request'), JSON.stringify(more));
});

test('what came back is held against what was asked: state, nonce, iss', async () => {
  const config = await discover(rp, 'web');
  const { checks, parameters } = await ask(config);
  const go = async () => (await visit(browser, client.buildAuthorizationUrl(config, parameters))).at;
  const at = await go();
  assert.equal(at.searchParams.get('iss'), issuerOf(rp));
  const mixed = new URL(at);
  mixed.searchParams.set('iss', issuerOf(rp, 'eddy'));
  await assert.rejects(client.authorizationCodeGrant(config, mixed, checks), because(/iss/));
  const without = new URL(at);
  without.searchParams.delete('iss');
  await assert.rejects(client.authorizationCodeGrant(config, without, checks), because(/iss/));
  await assert.rejects(client.authorizationCodeGrant(config, at, { ...checks, expectedState: 'other' }), because(/state/));
  await assert.rejects(client.authorizationCodeGrant(config, await go(), { ...checks, expectedNonce: 'other' }), because(/nonce/));
  assert.equal((await client.authorizationCodeGrant(config, await go(), checks)).claims().nonce, checks.expectedNonce);
});

test('OC-008 without nonce there is none in the ID token', async () => {
  const { tokens } = await signIn(browser, await discover(rp, 'basic'), { nonce: undefined }, { checks: { expectedNonce: undefined } });
  assert.equal(tokens.claims().nonce, undefined);
});

test('a refusal carries iss and state, and the library reads it', async () => {
  const config = await discover(rp, 'web');
  await assert.rejects(signIn(browser, config, { scope: 'openid nothing.such' }), refusedWith('invalid_scope'));
  await assert.rejects(signIn(rp.browser(), config, { prompt: 'none' }), refusedWith('login_required'));
});

test('OA-16 form_post: the answer comes as a form and not in the address', async () => {
  const config = await discover(rp, 'basic');
  const { tokens, at } = await signIn(browser, config, { response_mode: 'form_post' });
  assert.ok(at instanceof Request && at.method === 'POST');
  assert.equal(new URL(at.url).search, '');
  assert.ok(tokens.claims().sub);
});

test('OC-016 max_age: young enough asks nobody, older asks again, and auth_time says so', async () => {
  const first = await signIn(browser, await discover(rp, 'web'), { max_age: '10000' }, { checks: { maxAge: 10000 } });
  assert.equal(first.prompts, 0);
  rp.pass(100);
  const later = await discover(rp, 'web');
  const again = await signIn(browser, later, { max_age: '10000' }, { checks: { maxAge: 10000 } });
  assert.equal(again.prompts, 0);
  assert.equal(again.tokens.claims().auth_time, first.tokens.claims().auth_time);
  const anew = await signIn(browser, later, { max_age: '60' }, { checks: { maxAge: 60 } });
  assert.equal(anew.prompts, 1);
  assert.ok(anew.tokens.claims().auth_time >= first.tokens.claims().auth_time + 100);
  rp.pass(100);
  await assert.rejects(signIn(browser, await discover(rp, 'web'), {}, { checks: { maxAge: 60 } }), because(/auth_time|last authentication/), 'not asked for, so not done, and not claimed');
  const now = await signIn(browser, await discover(rp, 'web'), { max_age: '0' });
  assert.equal(now.prompts, 1);
});

test('OC-020 acr_values: what was done is what is said', async () => {
  const config = await discover(rp, 'web');
  assert.equal((await signIn(browser, config, { acr_values: 'phr' })).tokens.claims().acr, 'phr');
  assert.equal((await signIn(browser, config, { acr_values: 'urn:other phr' })).tokens.claims().acr, 'phr');
});

test('a scope lapses at refresh, and comes back through refresh after a step-up', async () => {
  const config = await discover(rp, 'basic');
  const { tokens } = await signIn(browser, config, { scope: 'openid balance.read transfer offline_access', max_age: '0' });
  assert.match(tokens.scope, /transfer/);
  rp.pass(301);
  const later = await discover(rp, 'basic');
  const lapsed = await client.refreshTokenGrant(later, tokens.refresh_token);
  assert.doesNotMatch(lapsed.scope, /transfer/);
  assert.match(lapsed.scope, /balance.read/);
  assert.equal(lapsed.claims().auth_time, tokens.claims().auth_time, 'as it was earned');
  const stepped = await signIn(browser, later, { scope: 'openid transfer', max_age: '60' });
  assert.equal(stepped.prompts, 1);
  const back = await client.refreshTokenGrant(later, lapsed.refresh_token);
  assert.match(back.scope, /transfer/);
  assert.ok(back.claims().auth_time > tokens.claims().auth_time + 300);
  const told = await client.tokenIntrospection(later, back.access_token);
  assert.match(told.scope, /transfer/);
  rp.pass(301);
  assert.doesNotMatch((await client.refreshTokenGrant(await discover(rp, 'basic'), back.refresh_token)).scope, /transfer/, 'and lapses again');
});

test('DPoP: code flow, refresh, userinfo, with the nonces that the server asks for', async () => {
  const config = await discover(rp, 'dpop-web');
  const key = await client.randomDPoPKeyPair('ES256');
  const options = { DPoP: client.getDPoPHandle(config, key) };
  const { tokens } = await signIn(browser, config, { scope: 'openid balance.read offline_access' }, { options });
  assert.equal(tokens.token_type, 'dpop');
  const { sub } = tokens.claims();
  assert.equal((await client.fetchUserInfo(config, tokens.access_token, sub, options)).sub, sub);
  await assert.rejects(client.fetchUserInfo(config, tokens.access_token, sub), /WWW-Authenticate|unexpected/, 'of no use as a bearer token');
  const other = { DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')) };
  await assert.rejects(client.fetchUserInfo(config, tokens.access_token, sub, other), /WWW-Authenticate|unexpected/, 'nor with another key');
  const next = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, options);
  assert.equal(next.token_type, 'dpop');
  await assert.rejects(client.refreshTokenGrant(config, next.refresh_token, undefined, other), refusedWith('invalid_grant', 400));
  await assert.rejects(signIn(browser, config), refusedWith('invalid_dpop_proof', 400), 'a client that must prove a key, and does not');
});

test('RP-initiated logout: the library\'s address signs out and leads back', async () => {
  const one = rp.browser();
  await one.register('bea');
  const config = await discover(rp, 'basic');
  const { tokens } = await signIn(one, config, { scope: 'openid balance.read offline_access' });
  const { at } = await visit(one, client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: AFTER_LOGOUT, state: 'st' }));
  assert.equal(at.href, `${AFTER_LOGOUT}?state=st`);
  assert.equal((await one.get('/session')).status, 401);
  await until(async () => !await active(config, tokens.access_token), 'the token to end');
  const hint = await exchange({ port: rp.authorityPort }, { path: new URL(client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: 'http://localhost:9001/evil' })).href.replace(/^http:\/\/[^/]+/, ''), headers: { host: `localhost:${rp.authorityPort}` } });
  const evil = await browser.get(hint.headers.location.replace(rp.origin, ''));
  assert.ok(!(evil.headers.location ?? '').includes('evil'), 'never to an address that is not registered');
});
