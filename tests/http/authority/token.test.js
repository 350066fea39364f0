import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Authority, authorizationRequest, b64, decode, sha256 } from '../support/authority.js';
import { exchange } from '../support/http.js';

let authority;
before(async () => { authority = await Authority.start(); });
after(async () => { await authority?.done(); });

/** RFC 6749 §5.2: status, name from the registry, no-store, nothing of the inside. */
function refused(answer, error, status = error === 'invalid_client' ? 401 : 400) {
  assert.equal(answer.status, status, answer.body);
  assert.equal(answer.json.error, error);
  assert.ok(answer.json.error_description.length > 10);
  assert.match(answer.headers['cache-control'], /no-store/);
  assert.doesNotMatch(answer.body, /sqlite|select|0x|\.c:/i);
  assert.equal(answer.json.access_token, undefined);
}

test('TK-01 a code is used once; a second use revokes what the first gave', async () => {
  const got = await authority.code();
  const first = await authority.redeem(got);
  assert.equal(first.status, 200);
  assert.equal((await authority.check(first.json.access_token)).status, 200);
  refused(await authority.redeem(got), 'invalid_grant');
  assert.equal((await authority.check(first.json.access_token)).status, 401);
  const metrics = (await authority.internal('/pay/metrics')).body;
  assert.match(metrics, /sekisho_token_requests_total\{domain="pay",outcome="replayed"\} [1-9]/);
  const audit = (await authority.admin('/admin/audit/pay')).json.events.map((row) => row.event);
  assert.ok(audit.includes('code.replayed') && audit.includes('code.redeemed') && audit.includes('code.issued'));
});

test('TK-01 fifty redemptions at once: one token, and it ends revoked', async () => {
  const got = await authority.code();
  const answers = await Promise.all(Array.from({ length: 50 }, () => authority.redeem(got)));
  const good = answers.filter((answer) => answer.status === 200);
  assert.equal(good.length, 1);
  for (const answer of answers.filter((item) => item.status !== 200)) refused(answer, 'invalid_grant');
  assert.equal((await authority.check(good[0].json.access_token)).status, 401);
});

test('TK-01 a replay after 30 seconds revokes, and stays revoked after a restart', async () => {
  const got = await authority.code();
  const token = (await authority.redeem(got)).json.access_token;
  authority.pass(30);
  refused(await authority.redeem(got), 'invalid_grant');
  await authority.stop('SIGKILL');
  await authority.run();
  assert.equal((await authority.check(token)).status, 401);
  const other = (await authority.tokens()).access_token;
  assert.equal((await authority.check(other)).status, 200);
});

test('TK-03 a code lives 60 seconds', async () => {
  const early = await authority.code();
  authority.pass(58);
  assert.equal((await authority.redeem(early)).status, 200);
  const late = await authority.code();
  authority.pass(61);
  refused(await authority.redeem(late), 'invalid_grant');
});

test('TK-04 the verifier must fit', async () => {
  const bad = [
    () => undefined, () => '', () => b64(Buffer.alloc(32)), (got) => got.fields.code_challenge, (got) => got.verifier.slice(1),
    () => 'a'.repeat(129), (got) => `${got.verifier}\u0001`, (got) => got.verifier.toLowerCase(), (got) => `${got.verifier} `,
  ];
  for (const verifier of bad) {
    const got = await authority.code();
    refused(await authority.redeem(got, { code_verifier: verifier(got) }), 'invalid_grant');
    refused(await authority.redeem(got), 'invalid_grant');
  }
  for (const length of [43, 128]) {
    const verifier = 'aZ09-._~'.repeat(16).slice(0, length);
    const got = await authority.code({ code_challenge: b64(sha256(verifier)) });
    assert.equal((await authority.redeem(got, { code_verifier: verifier })).status, 200);
  }
});

test('TK-06 redirect_uri at the token endpoint is the one of the request', async () => {
  for (const redirect_uri of [undefined, '', 'http://localhost:9001/other?x=1', 'http://localhost:9001/callback/', 'https://evil.example/']) {
    const got = await authority.code();
    refused(await authority.redeem(got, { redirect_uri }), 'invalid_grant');
  }
});

test('OA-22 a code of one client is worth nothing to another, and is burned', async () => {
  const got = await authority.code();
  refused(await authority.redeem(got, { client_id: 'pay-spa' }), 'invalid_grant');
  refused(await authority.redeem(got), 'invalid_grant');
});

test('TK-07 a client that shows a credential is never taken for a public one', async () => {
  const ways = [
    [{ client_secret: 'x' }, {}], [{ client_assertion: 'x.y.z', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' }, {}],
    [{}, { authorization: `Basic ${Buffer.from('pay-web:x').toString('base64')}` }], [{ client_id: undefined }, { authorization: `Basic ${Buffer.from('pay-web:').toString('base64')}` }],
    [{ client_secret: 'x' }, { authorization: 'Basic cGF5LXdlYjp4' }],
  ];
  for (const [fields, headers] of ways) {
    const got = await authority.code();
    const answer = await authority.redeem(got, fields, { headers });
    refused(answer, 'invalid_client');
    if (headers.authorization) assert.match(answer.headers['www-authenticate'], /^Basic/);
    assert.equal((await authority.redeem(got)).status, 200, 'the code is untouched');
  }
});

test('TK-09 empty and unknown clients', async () => {
  const got = await authority.code();
  for (const client_id of ['', undefined, 'nobody', 'coin-web', 'PAY-WEB', 'pay-web '])
    refused(await authority.redeem(got, { client_id }), 'invalid_client');
  assert.equal((await authority.redeem(got, { client_secret: '' })).status, 200, 'an empty parameter is an absent one');
});

test('TK-22 duplicates are refused and the query string is not read', async () => {
  const got = await authority.code();
  const base = `grant_type=authorization_code&client_id=pay-web&redirect_uri=${encodeURIComponent(got.fields.redirect_uri)}&code_verifier=${got.verifier}`;
  refused(await authority.token(`${base}&code=${got.code}&code=${got.code}`), 'invalid_request');
  refused(await authority.token(`${base}&code=${got.code}&grant_type=authorization_code`), 'invalid_request');
  refused(await authority.token(base, { query: `?code=${got.code}` }), 'invalid_request');
  refused(await authority.token(`code=${got.code}&client_id=pay-web`, { query: '?grant_type=authorization_code' }), 'invalid_request');
  assert.equal((await authority.token(`${base}&code=${got.code}`, { query: '?code=x' })).status, 200);
});

test('TK-24 token answers are never cached', async () => {
  const answer = await authority.redeem(await authority.code());
  assert.match(answer.headers['cache-control'], /no-store/);
  assert.equal(answer.headers.pragma, 'no-cache');
  assert.equal(answer.headers['content-type'], 'application/json');
});

test('TK-26 a token of one kind is none of another', async () => {
  const got = await authority.code();
  const tokens = await authority.tokens();
  const asked = await authority.begin((await authority.code()).fields);
  for (const code of [tokens.access_token, tokens.id_token, asked.handle])
    refused(await authority.redeem(got, { code }), 'invalid_grant');
  for (const credential of [tokens.id_token, got.code, asked.handle])
    assert.equal((await authority.check(credential)).status, 401);
  assert.equal((await authority.redeem(got)).status, 200);
});

test('TK-27 errors are those of the registry', async () => {
  refused(await authority.token({ grant_type: 'password', username: 'a', password: 'b' }), 'unsupported_grant_type');
  refused(await authority.token({ grant_type: 'client_credentials', client_id: 'pay-web' }), 'unauthorized_client');
  refused(await authority.token({ client_id: 'pay-web' }), 'invalid_request');
  refused(await authority.token({ grant_type: 'authorization_code', client_id: 'pay-web' }), 'invalid_request');
  refused(await authority.token('%zz=1'), 'invalid_request');
  refused(await authority.token({ grant_type: 'authorization_code', client_id: 'pay-web', code: "' OR 1=1 --" }), 'invalid_grant');
  refused(await authority.token({ grant_type: 'authorization_code', client_id: 'pay-web', code: 'A'.repeat(54) }), 'invalid_grant');
});

test('the content type is enforced, other methods are not taken', async () => {
  const path = '/pay/token';
  const host = `localhost:${authority.port}`;
  const json = await exchange({ port: authority.port }, { method: 'POST', path, headers: { host, 'content-type': 'application/json' }, body: '{}' });
  assert.equal(json.status, 415);
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const answer = await exchange({ port: authority.port }, { method, path, headers: { host } });
    assert.equal(answer.status, 405);
    assert.match(answer.headers.allow, /POST/);
  }
});

test('TK-28 CORS: origins of the public clients and no others', async () => {
  const preflight = (origin) => exchange({ port: authority.port }, {
    method: 'OPTIONS', path: '/pay/token', headers: { host: `localhost:${authority.port}`, origin, 'access-control-request-method': 'POST' },
  });
  for (const origin of ['https://app.example', 'http://localhost:9001']) {
    const answer = await preflight(origin);
    assert.equal(answer.status, 204);
    assert.equal(answer.headers['access-control-allow-origin'], origin);
    assert.equal(answer.headers['access-control-allow-credentials'], undefined);
  }
  for (const origin of ['https://evil.example', 'null', 'https://app.example.evil', 'http://app.example', 'http://localhost:9002'])
    assert.equal((await preflight(origin)).headers['access-control-allow-origin'], undefined);
  const answer = await authority.redeem(await authority.code(), {}, { headers: { origin: 'https://app.example' } });
  assert.equal(answer.headers['access-control-allow-origin'], 'https://app.example');
  assert.match(answer.headers.vary, /Origin/);
});

test('TK-29 no code, token or handle gets into the log', async () => {
  const got = await authority.code();
  const tokens = (await authority.redeem(got)).json;
  await authority.redeem(got);
  for (const secret of [got.code, got.verifier, tokens.access_token, tokens.id_token])
    assert.ok(!authority.program.log.includes(secret));
});

test('without openid there is an access token and no ID token; without scope both lists are empty', async () => {
  const plain = await authority.tokens({ scope: 'balance.read' });
  assert.equal(plain.id_token, undefined);
  const none = await authority.tokens({ scope: undefined });
  assert.equal(none.scope, '');
  assert.equal(decode(none.access_token).payload.scope, undefined);
});

test('IR-13 what the tokens say', async () => {
  const login = authority.evidence({ age: 100 });
  const stepUp = authority.evidence({ age: 20, purpose: 'step_up', domain: 'pay' });
  const tokens = await authority.tokens({}, { evidence: [login, stepUp], sid: 'sid-13', subject: 'bob' });
  const access = decode(tokens.access_token);
  const id = decode(tokens.id_token);
  const seconds = (ms) => Math.floor(ms / 1000);
  assert.equal(access.header.typ, 'at+jwt');
  assert.equal(access.payload.iss, authority.issuer());
  assert.equal(access.payload.aud, 'http://localhost:9001');
  assert.equal(access.payload.client_id, 'pay-web');
  assert.equal(access.payload.sub, 'bob');
  assert.equal(access.payload.sid, 'sid-13');
  assert.equal(access.payload.scope, 'openid balance.read');
  assert.equal(access.payload.acr, 'phr');
  assert.equal(access.payload.auth_time, seconds(stepUp.time_ms));
  assert.deepEqual(access.payload.amr, ['pop', 'swk', 'user', 'mfa']);
  assert.deepEqual(access.payload.levels, { phr: { any: seconds(stepUp.time_ms), domain: seconds(stepUp.time_ms) } });
  assert.equal(access.payload.exp - access.payload.iat, 600);
  assert.equal(id.payload.iss, authority.issuer());
  assert.equal(id.payload.aud, 'pay-web');
  assert.equal(id.payload.azp, 'pay-web');
  assert.equal(id.payload.sub, 'bob');
  assert.equal(id.payload.sid, 'sid-13');
  assert.equal(id.payload.nonce, 'nonce-1');
  assert.equal(id.payload.acr, 'phr');
  assert.equal(id.payload.auth_time, seconds(stepUp.time_ms));
  assert.equal(id.payload.at_hash, b64(sha256(tokens.access_token).subarray(0, 16)));
  assert.equal(decode((await authority.tokens({ nonce: undefined })).id_token).payload.nonce, undefined, 'OC-008');
  const weak = decode((await authority.tokens({}, { evidence: [login, authority.evidence({ age: 5, uv: false })] })).access_token).payload;
  assert.equal(weak.acr, 'phr');
  assert.equal(weak.auth_time, seconds(login.time_ms), 'acr and auth_time are one real pair');
  assert.ok(weak.levels['urn:sekisho:acr:presence'].any > weak.levels.phr.any);
});

test('JW-12 an access token ends at its exp, without leeway', async () => {
  const token = (await authority.tokens()).access_token;
  authority.pass(598);
  assert.equal((await authority.check(token)).status, 200);
  authority.pass(3);
  assert.equal((await authority.check(token)).status, 401);
});

test('SS-27 a silent renewal keeps acr and auth_time of the sign-in', async () => {
  const login = authority.evidence();
  const first = decode((await authority.tokens({}, { evidence: [login] })).access_token).payload;
  authority.pass(3600);
  const later = decode((await authority.tokens({ prompt: 'none' }, { evidence: [login] })).access_token).payload;
  assert.equal(later.auth_time, first.auth_time);
  assert.equal(later.acr, first.acr);
  assert.deepEqual(later.levels, first.levels);
  assert.ok(later.iat >= first.iat + 3600);
});

test('SS-28 a session that ended, or whose level lapsed, gives no token silently', async () => {
  const got = await authority.code({}, { sid: 'sid-28' });
  await authority.endSession('sid-28', { sequence: 28 });
  refused(await authority.redeem(got), 'invalid_grant');
  const stale = authority.session({ evidence: [authority.evidence({ age: 13 * 3600 })] });
  const answer = await authority.begin(authorizationRequest({ prompt: 'none' }).fields, { session: stale });
  assert.equal(new URL(answer.location).searchParams.get('error'), 'login_required');
  const over = await authority.begin(authorizationRequest({ prompt: 'none' }).fields, { session: authority.session({ lasts: -1 }) });
  assert.equal(new URL(over.location).searchParams.get('error'), 'login_required');
});

test('a code counts what the policy said when it was given; a client that is gone gets nothing', async () => {
  const got = await authority.code();
  const reload = async (text) => {
    fs.writeFileSync(authority.file, text);
    const seen = authority.program.log.length;
    authority.program.child.kill('SIGHUP');
    for (let i = 0; i < 100 && !authority.program.log.slice(seen).includes('config.reloaded'); i++)
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    assert.ok(authority.program.log.slice(seen).includes('config.reloaded'), authority.program.log.slice(seen));
  };
  await reload(authority.config.replace('{id: pay-web, name: Pay,', '{id: pay-new, name: Pay,'));
  refused(await authority.redeem(got), 'invalid_client');
  await reload(authority.config);
  assert.equal((await authority.redeem(got)).status, 200);
});
