import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Authority, authorizationRequest, b64, decode, forge } from '../support/authority.js';
import { form } from '../support/http.js';

let authority;
before(async () => { authority = await Authority.start(); });
after(async () => { await authority?.done(); });

const begin = (extra, options = {}) => authority.begin(authorizationRequest(extra).fields, { session: authority.session(), ...options });

async function page(extra, error) {
  const answer = await begin(extra);
  assert.equal(answer.outcome, 'error_page', JSON.stringify(extra));
  assert.equal(answer.location, undefined);
  if (error) assert.equal(answer.error, error);
  assert.ok(answer.description.length > 20);
}

/** The error goes to the redirect URI, with state and iss. */
async function redirected(extra, error, options) {
  const answer = await begin(extra, options);
  assert.equal(answer.outcome, 'respond', JSON.stringify([extra, answer]).slice(0, 300));
  const url = new URL(answer.location);
  assert.equal(url.origin + url.pathname, 'http://localhost:9001/callback');
  assert.equal(url.searchParams.get('error'), error, JSON.stringify(extra).slice(0, 200));
  assert.ok(url.searchParams.get('error_description').length > 10);
  assert.equal(url.searchParams.get('iss'), authority.issuer());
  assert.equal(url.searchParams.get('code'), null);
  return url.searchParams;
}

async function accepted(extra, options) {
  const answer = await begin(extra, options);
  assert.equal(answer.outcome, 'respond', JSON.stringify([extra, answer]).slice(0, 300));
  const parameters = new URL(answer.location ?? `http://x/?${answer.form_fields}`).searchParams;
  assert.ok(parameters.get('code'), `${answer.location}`.slice(0, 300));
  return { answer, parameters };
}

for (const uri of [
  'http://localhost:9001/callback/', 'http://localhost:9001/CALLBACK', 'http://localhost:9001/callback?x=1',
  'http://localhost:9001/callback#f', 'http://localhost:9001/callback/../evil', 'http://localhost:9001/callback%2f',
  'http://localhost:9001/callback;x', '//localhost:9001/callback', 'https://localhost:9001/callback',
  'http://localhost:9001.evil/callback', 'http://localhost/callback', 'http://LOCALHOST:9001/callback',
]) {
  test(`OA-01 redirect_uri ${uri} is not the registered one`, () => page({ redirect_uri: uri }, 'redirect_uri'));
}

test('OA-01 the default port is not implied', () => page({ client_id: 'pay-spa', redirect_uri: 'https://app.example:443/cb' }));

test('OA-03 redirect_uri with path tricks', async () => {
  for (const tail of ['/..;/x', '/%2e%2e', '/%252e', '/./cb', '%00'])
    await page({ redirect_uri: `http://localhost:9001/callback${tail}` });
});

test('OA-04 dots are dots, never a pattern', () => page({ client_id: 'pay-spa', redirect_uri: 'https://appXexample/cb' }, 'redirect_uri'));

test('OA-06 forbidden schemes', async () => {
  for (const uri of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'http://app.example/cb'])
    await page({ redirect_uri: uri }, 'redirect_uri');
});

test('OA-07 a fragment is refused', () => page({ redirect_uri: 'http://localhost:9001/callback#x' }, 'redirect_uri'));

test('OA-09 nothing is redirected before client and URI are known good', async () => {
  for (const bad of [{}, { response_type: 'token' }, { scope: 'nonsense' }, { prompt: 'none' }]) {
    await page({ ...bad, client_id: 'nobody' }, 'unknown_client');
    await page({ ...bad, client_id: 'coin-web' }, 'unknown_client');
    await page({ ...bad, redirect_uri: 'https://evil.example/' }, 'redirect_uri');
    await page({ ...bad, redirect_uri: undefined }, 'redirect_uri');
    await page({ ...bad, redirect_uri: '' }, 'redirect_uri');
  }
});

test('OA-10 a request that always fails leads to the registered URI only', () => redirected({ scope: 'nonsense' }, 'invalid_scope'));

test('OA-12 duplicate parameters are refused, none is picked', async () => {
  const query = form(authorizationRequest().fields);
  for (const more of ['client_id=pay-web', 'redirect_uri=https%3A%2F%2Fevil.example%2F', 'scope=openid', 'state=', 'unknown=1&unknown=2']) {
    for (const both of [`${query}&${more}`, `${more}&${query}`]) {
      const answer = await authority.begin(both, { session: authority.session() });
      assert.equal(answer.outcome, 'error_page', both);
      assert.equal(answer.error, 'duplicate_parameter');
    }
  }
});

test('OA-13 an empty parameter is an absent one', async () => {
  const { parameters } = await accepted({ state: '', scope: '', prompt: '', max_age: '', acr_values: '', request: '', claims: '' });
  assert.equal(parameters.get('state'), null);
  await redirected({ code_challenge: '' }, 'invalid_request');
  await redirected({ code_challenge_method: '' }, 'invalid_request');
});

test('OA-15 only response_type=code', async () => {
  for (const type of ['token', 'id_token', 'code token', 'code id_token', 'none', '', 'code code', 'CODE', 'code '])
    await redirected({ response_type: type }, 'unsupported_response_type');
});

test('OA-16 response_mode query and form_post, no other', async () => {
  await accepted({ response_mode: 'query' });
  const { answer, parameters } = await accepted({ response_mode: 'form_post', state: '"><script>' });
  assert.equal(answer.location, undefined);
  assert.equal(answer.form_action, 'http://localhost:9001/callback');
  assert.equal(parameters.get('state'), '"><script>');
  assert.ok(!answer.form_fields.includes('<'));
  for (const mode of ['fragment', 'query.jwt', 'form_post.jwt', 'web_message', 'unknown'])
    await redirected({ response_mode: mode }, 'invalid_request');
});

test('OA-18 iss is in success and error responses and equals the metadata', async () => {
  const metadata = (await authority.get('/pay/.well-known/openid-configuration')).json;
  assert.equal(metadata.authorization_response_iss_parameter_supported, true);
  assert.equal((await accepted({})).parameters.get('iss'), metadata.issuer);
  assert.equal((await redirected({ scope: 'x' }, 'invalid_scope')).get('iss'), metadata.issuer);
});

test('PKCE is asked of every client, S256 and well-formed', async () => {
  const { fields } = authorizationRequest();
  await redirected({ code_challenge: undefined }, 'invalid_request');
  await redirected({ code_challenge_method: undefined }, 'invalid_request');
  await redirected({ code_challenge_method: 'plain' }, 'invalid_request');
  for (const challenge of [fields.code_challenge.slice(1), `${fields.code_challenge}A`, `${fields.code_challenge.slice(1)}=`, 'a b'.padEnd(43, 'x')])
    await redirected({ code_challenge: challenge }, 'invalid_request');
});

test('OA-24 scopes: any order, each once, unknown and oversized ones refused', async () => {
  const tokens = await authority.tokens({ scope: 'balance.read openid balance.read' });
  assert.equal(tokens.scope, 'balance.read openid');
  await redirected({ scope: 'openid unknown.scope' }, 'invalid_scope');
  await redirected({ scope: Array.from({ length: 3000 }, (_, i) => `s${i}`).join(' ') }, 'invalid_scope');
  await redirected({ scope: 'x'.repeat(20000) }, 'invalid_scope');
  await redirected({ scope: 'open\u0001id' }, 'invalid_scope');
  await redirected({ scope: 'openid\ttransfer' }, 'invalid_scope');
  const answer = await begin({ scope: 'x'.repeat(40000) });
  assert.equal(answer.outcome, 'error_page');
});

test('OA-24 standard scopes that are not the client\'s are left out of the answer', async () => {
  const app = { client_id: 'pay-app', redirect_uri: 'http://127.0.0.1:5555/cb' };
  const tokens = await authority.tokens({ ...app, scope: 'openid profile offline_access balance.read' });
  assert.equal(tokens.scope, 'openid balance.read');
});

test('a client asks only for the scopes it may', async () => {
  const app = { client_id: 'pay-app', redirect_uri: 'http://127.0.0.1:5555/cb' };
  await accepted({ ...app, scope: 'openid balance.read' });
  const answer = await begin({ ...app, scope: 'transfer' });
  assert.equal(new URL(answer.location).searchParams.get('error'), 'invalid_scope');
});

test('RFC 8252: a loopback address without port takes any port, one with a port only that one', async () => {
  for (const port of [':1', ':65535', ''])
    await accepted({ client_id: 'pay-app', redirect_uri: `http://127.0.0.1${port}/cb` });
  for (const uri of ['http://127.0.0.1:/cb', 'http://127.0.0.1:123456/cb', 'http://127.0.0.1:1/other', 'http://localhost:1/cb',
    'http://127.0.0.1.evil:1/cb', 'http://127.0.0.1:1@evil/cb', 'http://127.0.0.1:4243/fixed', 'https://127.0.0.1:1/cb'])
    await page({ client_id: 'pay-app', redirect_uri: uri }, 'redirect_uri');
  await accepted({ client_id: 'pay-app', redirect_uri: 'http://127.0.0.1:4242/fixed' });
});

test('OA-25 state and nonce come back bit-exact or are refused, never cut', async () => {
  for (const state of ['s'.repeat(64), 's'.repeat(384), 's'.repeat(8192), 'café 日本 +&=#%', ' lead and trail ']) {
    const { parameters } = await accepted({ state });
    assert.equal(parameters.get('state'), state);
  }
  for (const nonce of ['n'.repeat(64), 'n'.repeat(384), 'n'.repeat(1024), 'ü "quoted" \\ 日本']) {
    const tokens = await authority.tokens({ nonce });
    assert.equal(decode(tokens.id_token).payload.nonce, nonce);
  }
  assert.equal((await redirected({ state: 's'.repeat(8193) }, 'invalid_request')).get('state'), null);
  await redirected({ nonce: 'n'.repeat(1025) }, 'invalid_request');
  await page({ state: 'a\u0000b' }, 'malformed');
  await redirected({ state: 'a\u0001b' }, 'invalid_request');
  await redirected({ nonce: 'a\nb' }, 'invalid_request');
});

test('OA-27 request and request_uri are refused by name', async () => {
  await redirected({ request: 'eyJhbGciOiJub25lIn0.e30.' }, 'request_not_supported');
  await redirected({ request_uri: 'https://evil.example/r' }, 'request_uri_not_supported');
});

test('OA-28 the claims parameter is bounded', async () => {
  for (const claims of ['{', '[]', '"x"', '{"id_token":1}', '{"id_token":{"acr":1}}', '{"id_token":{"acr":{"values":[1]}}}',
    `{"id_token":${'{"a":'.repeat(64)}1${'}'.repeat(64)}}`, JSON.stringify({ id_token: { x: 'y'.repeat(5000) } })])
    await redirected({ claims }, 'invalid_request');
  await accepted({ claims: '{"id_token":{"email":{"essential":true}},"userinfo":{"name":null}}' });
  await accepted({ claims: '{"id_token":{"acr":{"essential":true,"values":["phr"]}}}' });
});

test('OC-017 unknown parameters are ignored', () => accepted({ something: 'else', display: 'popup', claims_locales: 'en' }));

test('a registered query stays, and the answer is added to it', async () => {
  const answer = await begin({ redirect_uri: 'http://localhost:9001/other?x=1' });
  assert.match(answer.location, /^http:\/\/localhost:9001\/other\?x=1&code=/);
});

test('SS-21 acr_values: the first known level is asked for, what was done is reported', async () => {
  const phr = [authority.evidence()];
  const acrOf = async (acr_values, evidence) => {
    const tokens = await authority.tokens({ acr_values }, { evidence });
    return decode(tokens.id_token).payload.acr;
  };
  assert.equal(await acrOf('phr phrh', phr), 'phr');
  assert.equal(await acrOf('unknown phr', phr), 'phr');
  assert.equal(await acrOf('unknown', phr), 'phr');
  assert.equal(await acrOf('urn:sekisho:acr:presence phr', phr), 'phr', 'never lower than what was done');
  assert.equal(await acrOf('phrh phr', phr), 'phr', 'a level that is held comes before a prompt');
  const higher = await begin({ acr_values: 'phrh' });
  assert.equal(higher.outcome, 'authenticate');
  assert.equal(higher.requirement.acr, 'phrh');
});

test('SS-21 a voluntary level that the passkey cannot give passes after one try, truthfully', async () => {
  const request = authorizationRequest({ acr_values: 'phrh' });
  const asked = await authority.begin(request.fields, { session: authority.session() });
  const stale = await authority.finish(asked.handle, { session: authority.session() });
  assert.equal(stale.outcome, 'authenticate', 'a sign-in for another request is no try');
  const tried = authority.session({ evidence: [authority.evidence({ request: asked.request, purpose: 'step_up', domain: 'pay' })] });
  const answer = await authority.finish(asked.handle, { session: tried });
  const code = new URL(answer.location).searchParams.get('code');
  const tokens = await authority.redeem({ ...request, code });
  assert.equal(decode(tokens.json.id_token).payload.acr, 'phr');
});

test('SS-22 an essential acr that is not reached gives no code', async () => {
  const claims = (values) => JSON.stringify({ id_token: { acr: { essential: true, values } } });
  await redirected({ claims: claims(['urn:nobody:knows']) }, 'unmet_authentication_requirements');
  const asked = await begin({ claims: claims(['phrh']) });
  assert.equal(asked.outcome, 'authenticate');
  const tried = authority.session({ evidence: [authority.evidence({ request: asked.request, purpose: 'step_up', domain: 'pay' })] });
  const answer = await authority.finish(asked.handle, { session: tried });
  assert.equal(new URL(answer.location).searchParams.get('error'), 'unmet_authentication_requirements');
});

test('SS-22 a policy that asks for more than the session holds never gives a code', async () => {
  const asked = await begin({ scope: 'vault' });
  assert.equal(asked.requirement.acr, 'phrh');
  const tried = authority.session({ evidence: [authority.evidence({ request: asked.request })] });
  assert.equal((await authority.finish(asked.handle, { session: tried })).outcome, 'authenticate');
  const hardware = authority.session({ evidence: [authority.evidence({ be: false, bs: false, hardware: true })] });
  assert.equal((await authority.finish(asked.handle, { session: hardware })).outcome, 'respond');
});

for (const [name, extra] of [['prompt=login', { prompt: 'login' }], ['max_age=0', { max_age: '0' }], ['prompt=select_account', { prompt: 'select_account' }]]) {
  test(`SS-24 ${name} really asks, and auth_time moves`, async () => {
    const request = authorizationRequest(extra);
    const old = authority.evidence({ age: 50 });
    const asked = await authority.begin(request.fields, { session: authority.session({ evidence: [old] }) });
    assert.equal(asked.outcome, 'authenticate');
    assert.equal(asked.requirement.this_request, true);
    const unchanged = await authority.finish(asked.handle, { session: authority.session({ evidence: [old] }) });
    assert.equal(unchanged.outcome, 'authenticate', 'the old sign-in does not finish it');
    const other = await authority.finish(asked.handle, { session: authority.session({ evidence: [authority.evidence({ request: 'A'.repeat(22) })] }) });
    assert.equal(other.outcome, 'authenticate', 'nor does one for another request');
    const fresh = authority.evidence({ request: asked.request });
    const answer = await authority.finish(asked.handle, { session: authority.session({ evidence: [old, fresh] }) });
    const code = new URL(answer.location).searchParams.get('code');
    const tokens = await authority.redeem({ ...request, code });
    assert.equal(decode(tokens.json.id_token).payload.auth_time, Math.floor(fresh.time_ms / 1000));
  });
}

test('SS-25 prompt=none', async () => {
  await redirected({ prompt: 'none' }, 'login_required', { session: null });
  await accepted({ prompt: 'none' });
  await redirected({ prompt: 'none', max_age: '10' }, 'login_required', { session: authority.session({ evidence: [authority.evidence({ age: 60 })] }) });
  await redirected({ prompt: 'none', max_age: '0' }, 'login_required');
  await redirected({ prompt: 'none', scope: 'vault' }, 'interaction_required');
  await redirected({ prompt: 'none login' }, 'invalid_request');
  await redirected({ prompt: 'login none' }, 'invalid_request');
  await redirected({ prompt: 'whatever' }, 'invalid_request');
  assert.equal((await authority.begin(authorizationRequest({ prompt: 'consent' }).fields, { session: authority.session() })).consent, true);
});

test('max_age is a whole number of seconds and is honoured', async () => {
  for (const max_age of ['-1', '1.5', '1e3', 'x', '5m', '+5', ' 5', '99999999999'])
    await redirected({ max_age }, 'invalid_request');
  const old = authority.session({ evidence: [authority.evidence({ age: 120 })] });
  await accepted({ max_age: '10000' }, { session: old });
  const asked = await begin({ max_age: '100' }, { session: old });
  assert.equal(asked.outcome, 'authenticate');
  assert.equal(asked.requirement.max_age_ms, 100000);
});

test('hints are passed on and bounded', async () => {
  const asked = await begin({ login_hint: 'alice@example', ui_locales: 'ja en' }, { session: null });
  assert.equal(asked.login_hint, 'alice@example');
  assert.equal(asked.ui_locales, 'ja en');
  await redirected({ login_hint: 'x'.repeat(300) }, 'invalid_request');
});

test('id_token_hint: an answer for the person that it names, and nobody else', async () => {
  const named = (subject, sid) => authority.session({ subject, sid });
  const { id_token } = await authority.tokens({}, { subject: 'hinted', sid: 'sid-h1' });
  await accepted({ id_token_hint: id_token }, { session: named('hinted', 'sid-h2') });
  await accepted({ id_token_hint: id_token, prompt: 'none' }, { session: named('hinted', 'sid-h2') });
  await redirected({ id_token_hint: id_token, prompt: 'none' }, 'login_required', { session: named('other', 'sid-o') });
  await redirected({ id_token_hint: id_token, prompt: 'none' }, 'login_required', { session: null });
  const asked = await begin({ id_token_hint: id_token }, { session: named('other', 'sid-o') });
  assert.equal(asked.outcome, 'authenticate');
  assert.equal(asked.select_account, true);
  const again = await authority.finish(asked.handle, { session: named('other', 'sid-o') });
  assert.equal(again.outcome, 'authenticate', 'the other session does not finish it');
  const wrong = { ...named('other', 'sid-o'), evidence: [authority.evidence({ request: asked.request })] };
  const answer = await authority.finish(asked.handle, { session: wrong });
  assert.equal(new URL(answer.location).searchParams.get('error'), 'login_required', 'somebody else signed in for it');
  const second = await begin({ id_token_hint: id_token }, { session: named('other', 'sid-o') });
  assert.equal((await authority.finish(second.handle, { session: named('hinted', 'sid-h3') })).outcome, 'respond');
  authority.pass(3600);
  await accepted({ id_token_hint: id_token }, { session: named('hinted', 'sid-h4') });
});

test('JW-01 id_token_hint: what this issuer did not sign is refused', async () => {
  const tokens = await authority.tokens({});
  const [head, body, signature] = tokens.id_token.split('.');
  const none = b64(JSON.stringify({ alg: 'none', typ: 'JWT' }));
  for (const id_token_hint of ['x', tokens.access_token, `${none}.${body}.`, `${none}.${body}.${signature}`, `${head}.${body}.`, forge(decode(tokens.id_token).payload, { typ: 'JWT' })])
    await redirected({ id_token_hint }, 'invalid_request');
});

test('OA-31 the issuers of one host are strangers to each other', async () => {
  const { code, fields, verifier } = await authority.code();
  const crossed = await authority.redeem({ code, fields, verifier }, { client_id: 'coin-web' }, { domain: 'coin' });
  assert.equal(crossed.json.error, 'invalid_grant');
  const own = await authority.redeem({ code, fields, verifier });
  assert.equal(own.status, 200, 'the other issuer could not even burn it');
  assert.notEqual((await authority.get('/pay/jwks')).body, (await authority.get('/coin/jwks')).body);
  assert.equal((await authority.check(own.json.access_token, { domain: 'coin', uri: '/health' })).status, 200);
});
