// jose, as a resource server or an application would use it, on every kind of token and every algorithm of a domain.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as jose from 'jose';
import { exchange } from '../support/http.js';
import { discover, issuerOf, signIn, startServer } from '../support/peer.js';

let rp, browser;
before(async () => {
  rp = await startServer();
  browser = rp.browser();
  await browser.register('ann');
});
after(async () => { await rp?.done(); });

const keysOf = (domain) => jose.createRemoteJWKSet(new URL(`${issuerOf(rp, domain)}/jwks`), { cooldownDuration: 0 });

/** token: of that kind, for its audience; no other kind, issuer, audience or time will do. */
async function verified(token, keys, { typ, issuer, audience, algorithm }) {
  const options = { typ, issuer, audience, algorithms: [algorithm], requiredClaims: ['sub', 'iat', 'exp'] };
  const { payload, protectedHeader } = await jose.jwtVerify(token, keys, options);
  assert.equal(protectedHeader.alg, algorithm);
  assert.ok(protectedHeader.kid);
  for (const [name, wrong] of Object.entries({ typ: 'other+jwt', issuer: `${issuer}x`, audience: 'other', algorithms: ['ES512'] }))
    await assert.rejects(jose.jwtVerify(token, keys, { ...options, [name]: wrong }), undefined, name);
  await assert.rejects(jose.jwtVerify(token, keys, { ...options, currentDate: new Date(payload.exp * 1000) }), jose.errors.JWTExpired);
  const [header, body, signature] = token.split('.');
  const changed = Buffer.from(signature, 'base64url');
  changed[7] ^= 1;
  await assert.rejects(jose.jwtVerify(`${header}.${body}.${changed.toString('base64url')}`, keys, options), jose.errors.JWSSignatureVerificationFailed);
  return payload;
}

for (const [domain, algorithm] of [['pay', 'ES256'], ['eddy', 'EdDSA'], ['rosa', 'RS256']]) {
  test(`JW-15 IR-13 ${algorithm}: ID token, access token and internal token against /jwks`, async () => {
    const issuer = issuerOf(rp, domain);
    const keys = keysOf(domain);
    const { tokens } = await signIn(browser, await discover(rp, 'web', { domain }), { scope: 'openid balance.read' });
    const id = await verified(tokens.id_token, keys, { typ: 'JWT', issuer, audience: 'web', algorithm });
    const access = await verified(tokens.access_token, keys, { typ: 'at+jwt', issuer, audience: 'http://localhost:9001', algorithm });
    assert.equal(access.sub, id.sub);
    assert.equal(access.client_id, 'web');
    assert.deepEqual([access.acr, access.auth_time], [id.acr, id.auth_time]);
    const check = await exchange({ port: rp.internalPort }, {
      path: `/${domain}/check/nginx`, headers: { 'x-original-method': 'GET', 'x-original-uri': '/balance', authorization: `Bearer ${tokens.access_token}` },
    });
    assert.equal(check.status, 200, check.body);
    const internal = await verified(check.headers['txn-token'], keys, { typ: 'txntoken+jwt', issuer, audience: 'ledger', algorithm });
    assert.equal(internal.sub, access.sub);
    assert.equal(internal.scope, 'ledger.read');
    for (const other of ['pay', 'eddy', 'rosa'].filter((each) => each !== domain))
      for (const token of [tokens.id_token, tokens.access_token, check.headers['txn-token']])
        await assert.rejects(jose.jwtVerify(token, keysOf(other)), jose.errors.JWKSNoMatchingKey, 'the keys of another domain');
  });
}

test('OC-037 JW-16 keys rotate under a client that keeps the key set', async () => {
  const keys = keysOf('pay');
  const config = await discover(rp, 'web');
  const old = (await signIn(browser, config)).tokens.access_token;
  const { protectedHeader: before_ } = await jose.jwtVerify(old, keys);
  const rotated = await exchange({ socketPath: `${rp.folder}/run/authority.sock` }, { method: 'POST', path: '/admin/keys/pay/rotate' });
  assert.equal(rotated.status, 200);
  const { protectedHeader: after_ } = await jose.jwtVerify((await signIn(browser, config)).tokens.access_token, keys);
  assert.notEqual(after_.kid, before_.kid);
  await jose.jwtVerify(old, keys);
  await jose.jwtVerify(old, keysOf('pay'), undefined);
});
