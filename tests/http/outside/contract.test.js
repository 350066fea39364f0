// The outside, literally: members, names and lifetimes that clients are written against, on what `sekisho init`
// made and `sekisho serve` runs. Nothing here looks inside, except into the database files after all is said.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { decode } from '../support/authority.js';
import { postForm } from '../support/http.js';
import { Site, until } from '../support/site.js';

let site;
before(async () => {
  site = await Site.make();
  await site.serve();
});
after(() => site?.done());

const callback = 'http://localhost:9001/callback';
const verifier = 'v'.repeat(43);
const request = (more = {}) => new URLSearchParams({
  response_type: 'code', client_id: 'pay-web', redirect_uri: callback, scope: 'openid balance.read', state: 'state-1', nonce: 'nonce-1',
  code_challenge: crypto.createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256', ...more,
});
const has = (object, ...names) => names.forEach((name) => assert.ok(name in object, `${name} is missing in ${JSON.stringify(object)}`));
const authorize = (b, more) => b.get(`/pay/authorize?${request(more)}`);
const codeOf = (answer) => {
  const address = new URL(answer.headers.location);
  assert.equal(address.origin + address.pathname, callback, answer.headers.location);
  assert.equal(address.searchParams.get('state'), 'state-1');
  assert.equal(address.searchParams.get('iss'), `http://localhost:${site.port + 1}/pay`);
  return address.searchParams.get('code');
};
const redeem = (code) => postForm({ port: site.port + 1 }, '/pay/token',
  { grant_type: 'authorization_code', code, redirect_uri: callback, client_id: 'pay-web', code_verifier: verifier },
  { host: `localhost:${site.port + 1}` });
const check = (token, uri = '/balance', method = 'GET') => site.get('internal', '/pay/check/nginx',
  { 'x-original-method': method, 'x-original-uri': uri, ...(token ? { authorization: `Bearer ${token}` } : {}) });

/** Signed in, through a page's `continue`: the browser and the code. */
async function enter(name) {
  const b = site.browser();
  await b.register(name);
  const asked = await authorize(b, { prompt: 'login' });
  assert.equal(asked.status, 303);
  const page = new URL(asked.headers.location, site.origin);
  assert.ok(['/login', '/step-up'].includes(page.pathname), page.pathname);
  const done = await b.login({ continue: page.searchParams.get('continue') });
  assert.match(done.redirect, /^\/pay\/authorize\?continue=/);
  return { b, page, code: codeOf(await b.get(done.redirect)) };
}

test('registration: members of options and result', async () => {
  const b = site.browser();
  const options = await b.registrationOptions('ann', { displayName: 'Ann', hints: ['client-device'], extensions: { credProps: true },
    authenticatorSelection: { authenticatorAttachment: 'platform', residentKey: 'preferred', userVerification: 'required' }, attestation: 'direct' });
  has(options, 'status', 'errorMessage', 'rp', 'user', 'challenge', 'pubKeyCredParams', 'timeout', 'excludeCredentials', 'authenticatorSelection', 'attestation', 'extensions', 'hints');
  assert.deepEqual(options.authenticatorSelection,
    { requireResidentKey: false, residentKey: 'preferred', authenticatorAttachment: 'platform', userVerification: 'required' });
  assert.deepEqual([options.status, options.attestation, options.hints, options.extensions], ['ok', 'direct', ['client-device'], { credProps: true }]);
  assert.ok(Buffer.from(options.challenge, 'base64url').length <= 64);
  const done = await b.post('/attestation/result', { ...await b.authenticator.create(options, site.origin, {}), nickname: 'Key' });
  assert.equal(done.status, 200, done.body);
  has(done.json, 'status', 'errorMessage', 'credential', 'session');
  has(done.json.credential, 'id', 'aaguid', 'alg', 'fmt', 'attestation_type', 'backup_eligible', 'transports', 'created_at');
  assert.equal(done.json.credential.nickname, 'Key');
  has(done.json.session, 'username', 'sub', 'acr', 'amr', 'auth_time', 'expires_at');
});

test('login: members of options, result and session; refusals', async () => {
  const b = site.browser();
  await b.register('bea');
  const options = await b.loginOptions({ username: 'bea', userVerification: 'required', hints: ['hybrid'], extensions: { appid: 'x' }, requirement: { acr: 'phr', max_age: 300 } });
  has(options, 'status', 'errorMessage', 'challenge', 'timeout', 'rpId', 'allowCredentials', 'userVerification', 'hints', 'extensions');
  assert.deepEqual((await b.loginOptions({})).allowCredentials, []);
  const done = await b.login();
  has(done, 'status', 'errorMessage', 'session');
  const now = (await b.get('/session')).json;
  has(now, 'username', 'sub', 'acr', 'amr', 'auth_time', 'expires_at', 'satisfied', 'satisfied_until');
  assert.deepEqual((({ satisfied, satisfied_until }) => ({ satisfied, satisfied_until }))((await b.get('/session?acr=phrh&max_age=5m')).json),
    { satisfied: false, satisfied_until: null });
  const refused = await b.post('/assertion/result', {});
  assert.equal(refused.status, 400);
  assert.equal(refused.json.status, 'failed');
  assert.ok(refused.json.errorMessage.length > 10 && /^[a-z_]+$/.test(refused.json.error));
  assert.equal((await site.browser().get('/session')).status, 401);
});

test('discovery, keys and every token say what the standards and this API name', async () => {
  const issuer = `http://localhost:${site.port + 1}/pay`;
  const metadata = (await site.get('authority', '/pay/.well-known/openid-configuration')).json;
  assert.deepEqual((await site.get('authority', '/.well-known/oauth-authorization-server/pay')).json, metadata);
  assert.equal(metadata.issuer, issuer);
  assert.equal(metadata.authorization_endpoint, `${site.origin}/pay/authorize`);
  for (const name of Object.keys(metadata).filter((each) => /_endpoint$|jwks_uri/.test(each) && !['authorization_endpoint', 'authorization_challenge_endpoint'].includes(each))) {
    const answer = await site.get('authority', new URL(metadata[name]).pathname);
    const good = name === 'userinfo_endpoint' ? [401] : name === 'end_session_endpoint' ? [303] : [200, 405];
    assert.ok(good.includes(answer.status), `${name} is announced and answers ${answer.status}`);
  }
  assert.equal(metadata.authorization_challenge_endpoint, `${site.origin}/pay/challenge`);
  const jwks = (await site.get('authority', '/pay/jwks')).json.keys;
  assert.ok(jwks.length >= 2 && jwks.every((key) => key.kid && key.use === 'sig' && key.alg === 'ES256' && !('d' in key)));

  const { code } = await enter('cho');
  const tokens = (await redeem(code)).json;
  has(tokens, 'access_token', 'token_type', 'expires_in', 'scope', 'id_token');
  const access = decode(tokens.access_token), id = decode(tokens.id_token);
  assert.equal(access.header.typ, 'at+jwt');
  has(access.payload, 'iss', 'sub', 'aud', 'client_id', 'exp', 'iat', 'jti', 'scope', 'acr', 'amr', 'auth_time', 'levels', 'sid');
  has(id.payload, 'iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'acr', 'amr', 'sid');
  assert.equal(access.payload.levels[access.payload.acr].any, access.payload.auth_time);
  assert.deepEqual([id.payload.acr, id.payload.auth_time, id.payload.sub, id.payload.nonce],
    [access.payload.acr, access.payload.auth_time, access.payload.sub, 'nonce-1']);

  const passed = await check(tokens.access_token);
  assert.equal(passed.status, 200);
  const internal = decode(passed.headers['txn-token']);
  assert.equal(internal.header.typ, 'txntoken+jwt');
  has(internal.payload, 'iss', 'aud', 'txn', 'sub', 'scope', 'iat', 'exp', 'req_wl', 'act', 'rctx', 'tctx');
  has(internal.payload.rctx, 'method', 'path', 'acr', 'auth_time');
  assert.deepEqual(internal.payload.aud, ['pay.internal', 'ledger']);
  assert.equal(internal.payload.scope, 'ledger.read');
  assert.equal(internal.payload.exp - internal.payload.iat, 60);
  assert.ok(jwks.some((key) => key.kid === internal.header.kid));
  assert.equal((await check(null, '/health')).headers['txn-token'], '');
});

test('a lapsed scope gets the challenge of RFC 9470, and the way it shows leads to a token that passes', async () => {
  const { b } = await enter('dan');
  const code = codeOf(await authorize(b, { scope: 'openid balance.read transfer' }));
  const token = (await redeem(code)).json.access_token;
  assert.equal((await check(token, '/transfers', 'POST')).status, 200);
  site.pass(301);
  assert.equal((await check(token)).status, 200);
  const refused = await check(token, '/transfers', 'POST');
  assert.equal(refused.status, 401);
  const challenge = refused.headers['www-authenticate'];
  assert.match(challenge, /^Bearer error="insufficient_user_authentication"/);
  assert.match(challenge, /acr_values="phr"/);
  assert.match(challenge, /max_age="300"/);
  assert.match(challenge, /error_description="[^"]+"/);
  const asked = await authorize(b, { scope: 'openid transfer', acr_values: 'phr', max_age: '300' });
  const page = new URL(asked.headers.location, site.origin);
  assert.equal(page.pathname, '/step-up');
  const done = await b.login({ continue: page.searchParams.get('continue') });
  const risen = (await redeem(codeOf(await b.get(done.redirect)))).json.access_token;
  assert.equal((await check(risen, '/transfers', 'POST')).status, 200);
  assert.equal((await check(token, '/transfers', 'POST')).status, 401, 'a token that is out never rises');
});

test('kill -9 in the middle: the waiting request, the session, the code and what was spent are still there', async () => {
  const b = site.browser();
  await b.register('eva');
  const page = new URL((await authorize(b, { prompt: 'login' })).headers.location, site.origin);
  const kill = async () => {
    const old = site.children();
    for (const pid of Object.values(old)) process.kill(pid, 'SIGKILL');
    await until(async () => {
      const now = site.children();
      return now.rp && now.authority && now.rp !== old.rp && now.authority !== old.authority
        && (await site.get('rp', '/readyz').catch(() => ({}))).status === 200
        && (await site.get('authority', '/readyz').catch(() => ({}))).status === 200;
    }, 'both children again', 40000);
  };
  await kill();
  const options = await b.loginOptions({ continue: page.searchParams.get('continue') });
  const response = await b.authenticator.get(options, site.origin, {});
  const before = new Map(b.cookies);
  const done = await b.post('/assertion/result', response);
  assert.equal(done.status, 200, done.body);
  const code = codeOf(await b.get(done.json.redirect));
  await kill();
  assert.equal((await b.get('/session')).json.username, 'eva');
  assert.equal((await b.post('/assertion/result', response, { cookies: before, keep: false })).status, 400, 'a spent challenge');
  assert.equal((await redeem(code)).status, 200);
  await kill();
  assert.equal((await redeem(code)).json.error, 'invalid_grant', 'a used code');
});

/** The value as text, and the bytes that it stands for, whole and without a row id in front. */
function traces(value) {
  const bytes = Buffer.from(value, 'base64url');
  return [Buffer.from(value), bytes, ...(bytes.length > 32 ? [bytes.subarray(bytes.length - 32), bytes.subarray(0, 32)] : [])].filter((each) => each.length >= 16);
}

test('no database keeps a bearer value: cookies, codes, handles, links and tokens are there as hashes', async () => {
  const { b, page, code } = await enter('fay');
  const waiting = new URL((await authorize(b, { prompt: 'login' })).headers.location, site.origin);
  const unused = codeOf(await authorize(b));
  const tokens = (await redeem(code)).json;
  const link = (await site.operator('invite', 'guest')).stdout.split('\n')[0];
  const ticket = new URL(link).searchParams.get('ticket') ?? new URL(link).hash.split('=').pop();
  assert.ok(ticket.length > 20, link);
  const values = { code, unused, ticket, page: page.searchParams.get('continue'), waiting: waiting.searchParams.get('continue'),
    access: tokens.access_token, id: tokens.id_token, signature: tokens.access_token.split('.')[2] };
  for (const [name, text] of b.cookies) values[`cookie ${name}`] = text;
  const files = fs.readdirSync(site.dir).filter((name) => /\.db(-wal)?$/.test(name));
  assert.ok(files.length >= 3, `${files}`);
  const content = Buffer.concat(files.map((name) => fs.readFileSync(path.join(site.dir, name))));
  assert.ok(content.includes('fay'), 'the search sees what is there');
  for (const [name, text] of Object.entries(values))
    for (const trace of traces(text)) assert.equal(content.includes(trace), false, `${name} stands in a database`);
});

test('what browsers and passkey managers look up', async () => {
  assert.deepEqual((await site.get('rp', '/.well-known/webauthn')).json, { origins: [site.origin] });
  assert.deepEqual((await site.get('rp', '/.well-known/passkey-endpoints')).json,
    { enroll: `${site.origin}/account#add`, manage: `${site.origin}/account` });
  for (const target of ['rp', 'authority', 'internal'])
    for (const page of ['/healthz', '/readyz']) assert.equal((await site.get(target, page)).status, 200, `${target} ${page}`);
  assert.match((await site.get('internal', '/metrics')).body, /^# (HELP|TYPE) sekisho_/m);
});

test('OA-29 /authorize takes GET and POST; POST is answered 303; everything else 405 with Allow', async () => {
  const b = site.browser();
  const posted = await b.send('POST', '/pay/authorize', request().toString(), { headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://localhost:9001' } });
  assert.equal(posted.status, 303, posted.body);
  assert.equal(new URL(posted.headers.location, site.origin).pathname, '/pay/authorize');
  for (const method of ['PUT', 'DELETE', 'PATCH']) {
    const answer = await b.send(method, `/pay/authorize?${request()}`);
    assert.equal(answer.status, 405, method);
    assert.match(answer.headers.allow, /GET/);
    assert.match(answer.headers.allow, /POST/);
  }
  const head = await b.send('HEAD', `/pay/authorize?${request()}`);
  assert.ok(head.status === 303 || head.status === 405, `${head.status}`);
});

test('OA-34 a login that was only begun gets no code and passes no gateway', async () => {
  const b = site.browser();
  await b.register('gus');
  b.cookies.clear();
  const page = new URL((await authorize(b)).headers.location, site.origin);
  await b.loginOptions({ continue: page.searchParams.get('continue') });
  const again = await b.get(`/pay/authorize?continue=${encodeURIComponent(page.searchParams.get('continue'))}`);
  assert.doesNotMatch(again.headers.location ?? '', /code=/);
  const cookies = [...b.cookies].map(([name, text]) => `${name}=${text}`).join('; ');
  const asked = await site.get('internal', '/pay/check/nginx', { 'x-original-method': 'GET', 'x-original-uri': '/balance', cookie: cookies });
  assert.equal(asked.status, 401);
});

test('SS-41 the gateway goes by when the person was there, not by when the token was made', async () => {
  const { b } = await enter('hal');
  site.pass(299);
  const young = (await redeem(codeOf(await authorize(b, { scope: 'openid transfer' })))).json.access_token;
  assert.equal((await check(young, '/transfers', 'POST')).status, 200);
  site.pass(3);
  assert.equal((await check(young, '/transfers', 'POST')).status, 401, 'three seconds old, of evidence five minutes old');
});

test('OA-19 another site neither signs anybody in, nor declines for them', async () => {
  const b = site.browser();
  await b.register('ida');
  const before = (await b.get('/session')).json;
  const page = new URL((await authorize(b, { prompt: 'login' })).headers.location, site.origin);
  const handle = page.searchParams.get('continue');
  const foreign = [{ origin: 'http://localhost:9001' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }];
  const thief = site.browser();
  await thief.register('thief');
  for (const headers of foreign) {
    const declined = await b.post('/continue/decline', { continue: handle }, { headers });
    assert.deepEqual([declined.status, declined.json.error], [403, 'cross_site']);
    const options = await thief.loginOptions({});
    const response = await thief.authenticator.get(options, site.origin, {});
    const planted = new Map([...thief.cookies].filter(([name]) => name !== 'sekisho').concat([['sekisho', b.session]]));
    const pushed = await b.post('/assertion/result', response, { headers, cookies: planted });
    assert.deepEqual([pushed.status, pushed.json.error, pushed.headers['set-cookie']], [403, 'cross_site', undefined]);
  }
  assert.equal((await b.get('/session')).json.sub, before.sub);
  assert.match((await b.login({ continue: handle })).redirect, /^\/pay\/authorize/, 'the waiting request is untouched');
});
