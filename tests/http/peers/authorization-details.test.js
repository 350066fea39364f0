// RFC 9396 by clients that others wrote, with the configuration of docs/integrations/payments.md as it is pasted.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';
import { CALLBACK, discover, issuerOf, visit } from '../support/peer.js';
import { Rp } from '../support/rp.js';

const page = fs.readFileSync(fileURLToPath(new URL('../../../docs/integrations/payments.md', import.meta.url)), 'utf8');
const piece = (language) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)[1];
const payment = { type: 'payment', amount: '1200', currency: 'JPY', payee: { name: 'Yamada Books', account: 'JP-77' } };

let rp, browser;
before(async () => {
  rp = await Rp.start({ authority: true, config: (text) => text.replace(/ {4}scopes:[\s\S]*?\n {2}- id: coin/, `${piece('yaml')}  - id: coin`) });
  browser = rp.browser();
  await browser.register('ann');
});
after(async () => { await rp?.done(); });

test('openid-client runs the page’s program', async () => {
  const config = await discover(rp, 'pay-web');
  const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
  const program = piece('js').replace('// ... the browser goes there and comes back ...', 'const callbackUrl = await go(url);');
  assert.match(program, /await go\(url\)/);
  const run = new Function('oidc', 'config', 'verifier', 'state', 'nonce', 'go', 'console', `return (async () => {${program}})()`);
  const printed = [];
  await run(oidc, config, verifier, state, nonce, async (url) => (await visit(browser, url)).at, { log: (value) => printed.push(value) });
  assert.deepEqual(printed, [[payment]]);
});

test('oauth4webapi pushes the request, is approved once, and reads the details of a verified token', async () => {
  const insecure = { [oauth.allowInsecureRequests]: true };
  const issuer = new URL(issuerOf(rp));
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
  assert.deepEqual(server.authorization_details_types_supported, ['payment']);
  const client = { client_id: 'pay-web' };
  const verifier = oauth.generateRandomCodeVerifier();
  const push = async (details) => oauth.processPushedAuthorizationResponse(server, client, await oauth.pushedAuthorizationRequest(server, client, oauth.None(), new URLSearchParams({
    redirect_uri: CALLBACK, response_type: 'code', scope: 'transfer', state: 's', code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', authorization_details: JSON.stringify(details),
  }), insecure));
  await assert.rejects(push([{ ...payment, amount: 1200 }]), (thrown) => thrown.error === 'invalid_authorization_details');
  const { request_uri } = await push([payment]);
  const address = new URL(server.authorization_endpoint);
  address.search = new URLSearchParams({ client_id: 'pay-web', request_uri });
  const { at, prompts } = await visit(browser, address);
  assert.equal(prompts, 1);
  const parameters = oauth.validateAuthResponse(server, client, at, 's');
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, await oauth.authorizationCodeGrantRequest(server, client, oauth.None(), parameters, CALLBACK, verifier, insecure));
  assert.deepEqual(tokens.authorization_details, [payment]);
  const claims = await oauth.validateJwtAccessToken(server, new Request(`${rp.origin}/`, { headers: { authorization: `Bearer ${tokens.access_token}` } }), server.issuer, insecure);
  assert.deepEqual(claims.authorization_details, [payment]);
});
