import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Authority, b64, decode, verify } from '../support/authority.js';
import { postForm } from '../support/http.js';

const OFFLINE = { scope: 'openid balance.read offline_access' };

const grace = (seconds) => (text) => text
  .replace('access_token: {lifetime: 10m}', `access_token: {lifetime: 10m}\n    refresh_token: {idle: 1h, absolute: 4h, grace: ${seconds}s}`)
  .replace('{id: pay-spa, public: true,', '{id: pay-spa, public: true, grant_types: [authorization_code, refresh_token],')
  .replace('{id: pay-app, public: true,', '{id: pay-app, public: true, grant_types: [authorization_code],');

let authority; // a second use revokes
let lenient; // ten seconds of grace
before(async () => {
  authority = await Authority.start({ config: grace(0) });
  lenient = await Authority.start({ config: grace(10) });
});
after(async () => {
  await authority?.done();
  await lenient?.done();
});

function refused(answer, error = 'invalid_grant', status = 400) {
  assert.equal(answer.status, status, answer.body);
  assert.equal(answer.json.error, error);
  assert.ok(answer.json.error_description.length > 10);
  assert.match(answer.headers['cache-control'], /no-store/);
  assert.equal(answer.json.access_token, undefined);
  assert.equal(answer.json.refresh_token, undefined);
}

const refresh = (server, refresh_token, extra = {}, options = {}) => server.token({
  grant_type: 'refresh_token', client_id: 'pay-web', refresh_token, ...extra,
}, options);

async function renewed(server, refresh_token, extra, options) {
  const answer = await refresh(server, refresh_token, extra, options);
  assert.equal(answer.status, 200, answer.body);
  return answer.json;
}

const events = async (server) => (await server.admin('/admin/audit/pay')).json.events.map((row) => row.event);

test('TK-15 a refresh token is used once; its second use revokes the family', async () => {
  const first = await authority.tokens(OFFLINE);
  assert.equal(first.scope, OFFLINE.scope);
  const second = await renewed(authority, first.refresh_token);
  const third = await renewed(authority, second.refresh_token);
  assert.equal(new Set([first, second, third].map((tokens) => tokens.refresh_token)).size, 3);
  assert.equal(second.token_type, 'Bearer');
  assert.equal(second.expires_in, 600);
  for (const tokens of [first, second, third]) assert.equal((await authority.check(tokens.access_token)).status, 200);
  refused(await refresh(authority, first.refresh_token));
  for (const tokens of [second, third]) refused(await refresh(authority, tokens.refresh_token));
  for (const tokens of [first, second, third]) assert.equal((await authority.check(tokens.access_token)).status, 401);
  const seen = await events(authority);
  for (const event of ['refresh.rotated', 'refresh.reused']) assert.ok(seen.includes(event), event);
  await authority.stop('SIGKILL');
  await authority.run();
  assert.equal((await authority.check(third.access_token)).status, 401, 'after a restart, too');
  refused(await refresh(authority, third.refresh_token));
});

test('TK-16 fifty uses at once: one branch, and without grace it ends revoked', async () => {
  const tokens = await authority.tokens(OFFLINE);
  const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(authority, tokens.refresh_token)));
  const good = answers.filter((answer) => answer.status === 200);
  assert.equal(good.length, 1);
  for (const answer of answers.filter((item) => item.status !== 200)) refused(answer);
  refused(await refresh(authority, good[0].json.refresh_token));
  assert.equal((await authority.check(good[0].json.access_token)).status, 401);
});

test('TK-16 fifty uses at once within the grace: all get the same successor', async () => {
  const tokens = await lenient.tokens(OFFLINE);
  const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(lenient, tokens.refresh_token)));
  assert.ok(answers.every((answer) => answer.status === 200));
  assert.equal(new Set(answers.map((answer) => answer.json.refresh_token)).size, 1);
  await renewed(lenient, answers[0].json.refresh_token);
  refused(await refresh(lenient, tokens.refresh_token), 'invalid_grant');
  assert.equal((await lenient.check(answers[49].json.access_token)).status, 401);
});

test('TK-15 a lost answer is given again within the grace, to the same client, and not once more later', async () => {
  const tokens = await lenient.tokens(OFFLINE);
  const lost = await renewed(lenient, tokens.refresh_token);
  lenient.pass(9);
  refused(await refresh(lenient, tokens.refresh_token, { client_id: 'pay-spa' }));
  const again = await renewed(lenient, tokens.refresh_token);
  assert.equal(again.refresh_token, lost.refresh_token);
  assert.ok((await events(lenient)).includes('refresh.repeated'));
  const next = await renewed(lenient, again.refresh_token);
  lenient.pass(11);
  refused(await refresh(lenient, again.refresh_token));
  assert.equal((await lenient.check(next.access_token)).status, 401, 'after the grace it is a second use');
});

test('TK-15 an answer that the server itself lost is given again', async () => {
  const tokens = await lenient.tokens(OFFLINE);
  await lenient.stop();
  await lenient.run({ SEKISHO_FAILPOINTS: 'store.after_commit=error' });
  refused(await refresh(lenient, tokens.refresh_token), 'temporarily_unavailable', 503);
  await lenient.stop();
  await lenient.run();
  const again = await renewed(lenient, tokens.refresh_token);
  assert.ok((await events(lenient)).includes('refresh.repeated'));
  await renewed(lenient, again.refresh_token);
});

test('TK-15 the grace survives a restart: the answer was durable before it was lost', async () => {
  const tokens = await lenient.tokens(OFFLINE);
  const lost = await renewed(lenient, tokens.refresh_token);
  await lenient.stop('SIGKILL');
  await lenient.run();
  assert.equal((await renewed(lenient, tokens.refresh_token)).refresh_token, lost.refresh_token);
});

test('TK-18 a refresh token is its client\'s', async () => {
  const tokens = await authority.tokens(OFFLINE);
  refused(await refresh(authority, tokens.refresh_token, { client_id: 'pay-spa' }));
  refused(await refresh(authority, tokens.refresh_token, { client_id: 'pay-app' }), 'unauthorized_client');
  for (const client_id of ['nobody', '', undefined]) refused(await refresh(authority, tokens.refresh_token, { client_id }), 'invalid_client', 401);
  refused(await refresh(authority, tokens.refresh_token, { client_secret: 'x' }), 'invalid_client', 401);
  refused(await refresh(authority, tokens.refresh_token, { client_id: 'coin-web' }, { domain: 'coin' }));
  assert.ok((await events(authority)).includes('refresh.mismatched'));
  await renewed(authority, tokens.refresh_token);
});

test('TK-19 idle and absolute life', async () => {
  const idle = await authority.tokens(OFFLINE);
  authority.pass(3598);
  const used = await renewed(authority, idle.refresh_token);
  authority.pass(3601);
  refused(await refresh(authority, used.refresh_token));
  let tokens = await authority.tokens(OFFLINE);
  const start = authority.now();
  for (let i = 0; i < 4; i++) {
    authority.pass(3500);
    tokens = await renewed(authority, tokens.refresh_token);
  }
  authority.pass(4 * 3600 - 14000 - 5);
  tokens = await renewed(authority, tokens.refresh_token);
  assert.ok(tokens.expires_in <= 5, 'no token outlives its family');
  authority.pass(6);
  refused(await refresh(authority, tokens.refresh_token));
  assert.ok(authority.now() - start >= 4 * 3600 * 1000);
});

test('who gets a refresh token: who is registered for it, and who asks for offline_access', async () => {
  const plain = await authority.tokens();
  assert.equal(plain.refresh_token, undefined);
  const spa = { client_id: 'pay-spa', redirect_uri: 'https://app.example/cb' };
  const always = await authority.tokens(spa);
  assert.equal(always.scope, 'openid balance.read');
  await renewed(authority, always.refresh_token, { client_id: 'pay-spa' });
  const app = { client_id: 'pay-app', redirect_uri: 'http://127.0.0.1/cb', scope: 'balance.read offline_access' };
  const never = await authority.tokens(app);
  assert.equal(never.refresh_token, undefined);
  assert.equal(never.scope, 'balance.read');
});

test('SS-27 refresh keeps acr, auth_time and levels of the sign-in', async () => {
  const login = authority.evidence({ age: 60 });
  const first = await authority.tokens(OFFLINE, { evidence: [login] });
  authority.pass(3500);
  const second = await renewed(authority, first.refresh_token);
  const [before_, after_] = [first, second].map((tokens) => decode(tokens.access_token).payload);
  for (const claim of ['iss', 'sub', 'aud', 'client_id', 'sid', 'scope', 'acr', 'auth_time', 'grant']) assert.equal(after_[claim], before_[claim], claim);
  for (const claim of ['amr', 'levels']) assert.deepEqual(after_[claim], before_[claim]);
  assert.notEqual(after_.jti, before_.jti);
  assert.ok(after_.iat >= before_.iat + 3500);
  const id = decode(second.id_token).payload;
  assert.equal(id.auth_time, before_.auth_time);
  assert.equal(id.acr, before_.acr);
  assert.equal(id.sub, decode(first.id_token).payload.sub);
  assert.equal(id.nonce, undefined, 'OpenID Connect Core 12.2');
  const jwks = (await authority.get('/pay/jwks')).json;
  assert.ok(verify(second.access_token, jwks) && verify(second.id_token, jwks));
});

test('SS-28 a lapsed scope is left out and comes back after a step-up of that client', async () => {
  const sid = 'sid-lapse';
  const scope = 'openid balance.read transfer offline_access';
  const login = authority.evidence();
  let tokens = await authority.tokens({ scope }, { evidence: [login], sid });
  const other = await authority.tokens({ scope, client_id: 'pay-spa', redirect_uri: 'https://app.example/cb' }, { evidence: [login], sid });
  const stranger = await authority.tokens({ scope }, { evidence: [login], sid: 'sid-other' });
  authority.pass(299);
  tokens = await renewed(authority, tokens.refresh_token);
  assert.equal(tokens.scope, scope);
  assert.equal((await authority.check(tokens.access_token, { uri: '/transfers', method: 'POST' })).status, 200);
  authority.pass(2);
  tokens = await renewed(authority, tokens.refresh_token);
  assert.equal(tokens.scope, 'openid balance.read offline_access');
  const lapsed = decode(tokens.access_token).payload;
  assert.equal(lapsed.scope, tokens.scope);
  assert.equal(lapsed.auth_time, Math.floor(login.time_ms / 1000));
  assert.equal((await authority.check(tokens.access_token, { uri: '/transfers', method: 'POST' })).status, 403);
  assert.equal((await authority.check(tokens.access_token)).status, 200);

  const stepUp = authority.evidence({ purpose: 'step_up', domain: 'pay' });
  await authority.code({ scope: 'transfer' }, { evidence: [login, stepUp], sid });
  assert.equal(decode(tokens.access_token).payload.auth_time, lapsed.auth_time);
  tokens = await renewed(authority, tokens.refresh_token);
  assert.equal(tokens.scope, scope, 'it is back, without redeeming the new code');
  const risen = decode(tokens.access_token).payload;
  assert.equal(risen.auth_time, Math.floor(stepUp.time_ms / 1000));
  assert.deepEqual(risen.levels, { phr: { any: risen.auth_time, domain: risen.auth_time } });
  assert.equal((await authority.check(tokens.access_token, { uri: '/transfers', method: 'POST' })).status, 200);
  const theirs = await renewed(authority, other.refresh_token, { client_id: 'pay-spa' });
  assert.equal(theirs.scope, 'openid balance.read offline_access', 'another client of the session did not step up');
  const elsewhere = await renewed(authority, stranger.refresh_token);
  assert.equal(elsewhere.scope, 'openid balance.read offline_access', 'nor did another session');
  authority.pass(301);
  assert.equal((await renewed(authority, tokens.refresh_token)).scope, 'openid balance.read offline_access', 'and lapses again');
});

test('SS-27 a later request with older evidence takes nothing away', async () => {
  const sid = 'sid-order';
  const login = authority.evidence({ age: 1000 });
  const tokens = await authority.tokens({ scope: 'transfer offline_access' }, { evidence: [login, authority.evidence()], sid });
  await authority.code({}, { evidence: [login], sid });
  assert.equal((await renewed(authority, tokens.refresh_token)).scope, 'transfer offline_access');
});

test('SS-28 when entering the domain has lapsed nothing is given, and the family waits for the person', async () => {
  const sid = 'sid-entry';
  const login = authority.evidence({ age: 12 * 3600 - 60 });
  const tokens = await authority.tokens(OFFLINE, { evidence: [login], sid });
  authority.pass(90);
  refused(await refresh(authority, tokens.refresh_token));
  refused(await refresh(authority, tokens.refresh_token));
  await authority.code({}, { evidence: [login, authority.evidence()], sid });
  assert.equal((await renewed(authority, tokens.refresh_token)).scope, OFFLINE.scope);
});

test('SS-28 refresh ends with the session', async () => {
  const sid = 'sid-over';
  const ended = await authority.tokens(OFFLINE, { sid });
  const used = await renewed(authority, ended.refresh_token);
  assert.equal((await authority.endSession(sid, { sequence: 41 })).status, 204);
  refused(await refresh(authority, used.refresh_token));
  assert.equal((await authority.check(used.access_token)).status, 401);
  const short = await authority.tokens(OFFLINE, { lasts: 900 });
  authority.pass(890);
  const last = await renewed(authority, short.refresh_token);
  assert.ok(last.expires_in <= 11, 'no token outlives the session');
  authority.pass(11);
  refused(await refresh(authority, last.refresh_token));
});

test('TK-01 a replayed code revokes the refresh tokens that came of it', async () => {
  const got = await authority.code(OFFLINE);
  const tokens = (await authority.redeem(got)).json;
  const second = await renewed(authority, tokens.refresh_token);
  authority.pass(30);
  refused(await authority.redeem(got));
  refused(await refresh(authority, second.refresh_token));
  assert.equal((await authority.check(second.access_token)).status, 401);
});

test('the scope parameter narrows the tokens, not the family', async () => {
  const scope = 'openid balance.read transfer offline_access';
  const tokens = await authority.tokens({ scope });
  const narrow = await renewed(authority, tokens.refresh_token, { scope: 'balance.read balance.read' });
  assert.equal(narrow.scope, 'balance.read');
  assert.equal(narrow.id_token, undefined);
  for (const more of ['vault', 'balance.read vault', 'email', 'nonsense'])
    refused(await refresh(authority, narrow.refresh_token, { scope: more }), 'invalid_scope');
  assert.equal((await renewed(authority, narrow.refresh_token)).scope, scope);
});

test('TK-26 a refresh token is no other token, and no other is one', async () => {
  const got = await authority.code(OFFLINE);
  const tokens = await authority.tokens(OFFLINE);
  for (const token of [tokens.access_token, tokens.id_token, got.code, 'A'.repeat(80), `${tokens.refresh_token}A`, tokens.refresh_token.slice(1), "' OR 1=1 --"])
    refused(await refresh(authority, token));
  for (let at = 0; at < 60; at += 7) {
    const bytes = Buffer.from(tokens.refresh_token, 'base64url');
    bytes[at] ^= 1;
    refused(await refresh(authority, b64(bytes)));
  }
  refused(await authority.redeem(got, { code: tokens.refresh_token }));
  assert.equal((await authority.check(tokens.refresh_token)).status, 401);
  await renewed(authority, tokens.refresh_token);
});

test('TK-22 the token is given once, and in the body', async () => {
  const tokens = await authority.tokens(OFFLINE);
  const base = `grant_type=refresh_token&client_id=pay-web&refresh_token=${tokens.refresh_token}`;
  refused(await authority.token(`${base}&refresh_token=${tokens.refresh_token}`), 'invalid_request');
  refused(await authority.token('grant_type=refresh_token&client_id=pay-web', { query: `?refresh_token=${tokens.refresh_token}` }), 'invalid_request');
  assert.equal((await authority.token(base)).status, 200);
});

test('TK-29 no refresh token gets into the log or the database', async () => {
  const tokens = await authority.tokens(OFFLINE);
  const second = await renewed(authority, tokens.refresh_token);
  for (const secret of [tokens.refresh_token, second.refresh_token]) assert.ok(!authority.program.log.includes(secret));
  const files = fs.readdirSync(authority.folder).filter((name) => /authority.*db/.test(name));
  assert.ok(files.length > 0);
  for (const name of files) {
    const bytes = fs.readFileSync(`${authority.folder}/${name}`);
    for (const secret of [tokens.refresh_token, second.refresh_token]) {
      const raw = Buffer.from(secret, 'base64url');
      for (const part of [Buffer.from(secret), raw, raw.subarray(28)]) assert.equal(bytes.indexOf(part), -1, name);
    }
  }
});

test('the registration counts as it stands now', async () => {
  const tokens = await authority.tokens(OFFLINE);
  const text = grace(0)(authority.config);
  const reload = async (changed) => {
    fs.writeFileSync(authority.file, changed);
    const seen = authority.program.log.length;
    authority.program.child.kill('SIGHUP');
    for (let i = 0; i < 100 && !authority.program.log.slice(seen).includes('config.reloaded'); i++)
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    assert.ok(authority.program.log.slice(seen).includes('config.reloaded'), authority.program.log.slice(seen));
  };
  await reload(text.replace('{id: pay-web, name: Pay,', '{id: pay-web, name: Pay, grant_types: [authorization_code],'));
  refused(await refresh(authority, tokens.refresh_token), 'unauthorized_client');
  await reload(text.replace('{id: pay-web, name: Pay,', '{id: pay-web, name: Pay, scope: balance.read,'));
  refused(await refresh(authority, tokens.refresh_token));
  await reload(text.replace('{id: pay-web, name: Pay,', '{id: pay-web, name: Pay, scope: transfer offline_access,'));
  const second = await renewed(authority, tokens.refresh_token);
  assert.equal(second.scope, 'openid offline_access', 'a scope that is no longer the client\'s');
  await reload(text.replace('{id: pay-web, name: Pay,', '{id: pay-new, name: Pay,'));
  refused(await refresh(authority, second.refresh_token), 'invalid_client', 401);
  await reload(text);
  assert.equal((await renewed(authority, second.refresh_token)).scope, OFFLINE.scope);
});

test('TK-28 a page of the client may refresh', async () => {
  const tokens = await authority.tokens(OFFLINE);
  const answer = await postForm({ port: authority.port }, '/pay/token',
    { grant_type: 'refresh_token', client_id: 'pay-web', refresh_token: tokens.refresh_token },
    { host: `localhost:${authority.port}`, origin: 'https://app.example' });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['access-control-allow-origin'], 'https://app.example');
});
