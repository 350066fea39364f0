import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Authority, authorizationRequest, decode, verify } from '../support/authority.js';

let authority;
before(async () => { authority = await Authority.start(); });
after(async () => { await authority?.done(); });

test('a session that satisfies gets a code at once, and the code gives both tokens', async () => {
  const got = await authority.code();
  assert.equal(got.parameters.get('state'), 'state-1');
  const answer = await authority.redeem(got);
  assert.equal(answer.status, 200);
  assert.equal(answer.json.token_type, 'Bearer');
  assert.equal(answer.json.expires_in, 600);
  assert.equal(answer.json.scope, 'openid balance.read');
  const jwks = (await authority.get('/pay/jwks')).json;
  assert.ok(verify(answer.json.access_token, jwks));
  assert.ok(verify(answer.json.id_token, jwks));
});

test('without a session the request waits and finishes with evidence', async () => {
  const request = authorizationRequest();
  const asked = await authority.begin(request.fields);
  assert.equal(asked.outcome, 'authenticate');
  assert.equal(asked.requirement.acr, 'phr');
  assert.equal(asked.client_name, 'Pay');
  assert.equal(asked.scope_titles_en, 'See your balance');
  assert.equal(asked.scope_titles_ja, '残高の確認');
  const answer = await authority.finish(asked.handle, { session: authority.session() });
  assert.equal(answer.outcome, 'respond');
  const code = new URL(answer.location).searchParams.get('code');
  const tokens = await authority.redeem({ ...request, code });
  assert.equal(tokens.status, 200);
});

test('OA-33 one handle gives one code; the second finish is a clean page', async () => {
  const asked = await authority.begin(authorizationRequest().fields);
  const session = authority.session();
  const answers = await Promise.all([1, 2, 3].map(() => authority.finish(asked.handle, { session })));
  assert.deepEqual(answers.map((answer) => answer.outcome).sort(), ['error_page', 'error_page', 'respond']);
  const late = await authority.finish(asked.handle, { session });
  assert.equal(late.outcome, 'error_page');
  assert.equal(late.error, 'authorization_request');
});

test('SS-15 a handle finishes only in the browser that it began in', async () => {
  const asked = await authority.begin(authorizationRequest().fields);
  const session = authority.session();
  const stolen = await authority.finish(asked.handle, { session, browser: Buffer.alloc(32, 8) });
  assert.equal(stolen.outcome, 'error_page');
  const own = await authority.finish(asked.handle, { session });
  assert.equal(own.outcome, 'respond');
});

test('a handle of another domain, a code and garbage are no handles', async () => {
  const asked = await authority.begin(authorizationRequest().fields);
  const { code } = await authority.code();
  for (const [handle, domain] of [[asked.handle, 'coin'], [code, 'pay'], ['x', 'pay'], ['A'.repeat(54), 'pay']]) {
    const answer = await authority.finish(handle, { domain, session: authority.session() });
    assert.equal(answer.outcome, 'error_page', handle);
  }
});

test('a handle lives ten minutes', async () => {
  const request = authorizationRequest();
  const asked = await authority.begin(request.fields);
  authority.pass(601);
  const answer = await authority.finish(asked.handle, { session: authority.session() });
  assert.equal(answer.outcome, 'error_page');
});

test('a person who declines gives access_denied to the client', async () => {
  const asked = await authority.begin(authorizationRequest().fields);
  const answer = await authority.finish(asked.handle, { declined: true });
  const parameters = new URL(answer.location).searchParams;
  assert.equal(parameters.get('error'), 'access_denied');
  assert.equal(parameters.get('state'), 'state-1');
  const again = await authority.finish(asked.handle, { session: authority.session() });
  assert.equal(again.outcome, 'error_page');
});

test('what is still missing keeps the handle alive', async () => {
  const asked = await authority.begin(authorizationRequest().fields);
  const weak = authority.session({ evidence: [authority.evidence({ uv: false })] });
  const more = await authority.finish(asked.handle, { session: weak });
  assert.equal(more.outcome, 'authenticate');
  assert.equal(more.handle, asked.handle);
  assert.equal(more.request, asked.request);
  const answer = await authority.finish(asked.handle, { session: authority.session() });
  assert.equal(answer.outcome, 'respond');
});

test('the domain does not believe a conclusion that contradicts the bytes', async () => {
  const lying = authority.session({ evidence: [authority.evidence({ uv: false, lie: true })] });
  const answer = await authority.begin(authorizationRequest().fields, { session: lying });
  assert.equal(answer.outcome, 'authenticate');
  const metrics = (await authority.internal('/metrics')).body;
  assert.match(metrics, /sekisho_evidence_dropped_total\{domain="pay"\} [1-9]/);
});

test('a tap for pay does not open coin', async () => {
  const fields = { client_id: 'coin-web', redirect_uri: 'http://localhost:9002/callback', scope: 'openid' };
  const pay = authority.session({ evidence: [authority.evidence({ purpose: 'step_up', domain: 'pay' })] });
  const refused = await authority.begin(authorizationRequest(fields).fields, { domain: 'coin', session: pay });
  assert.equal(refused.outcome, 'authenticate');
  assert.equal(refused.requirement.evidence, 'domain');
  const coin = authority.session({ evidence: [authority.evidence({ purpose: 'login', domain: 'coin' })] });
  const given = await authority.begin(authorizationRequest(fields).fields, { domain: 'coin', session: coin });
  assert.equal(given.outcome, 'respond');
});

test('a scope asks for what it is worth: stale for transfer is fresh enough for balance', async () => {
  const session = authority.session({ evidence: [authority.evidence({ age: 400 })] });
  const balance = await authority.begin(authorizationRequest().fields, { session });
  assert.equal(balance.outcome, 'respond');
  const transfer = await authority.begin(authorizationRequest({ scope: 'openid transfer' }).fields, { session });
  assert.equal(transfer.outcome, 'authenticate');
  assert.equal(transfer.requirement.max_age_ms, 300000);
  const longer = await authority.begin(authorizationRequest({ scope: 'openid transfer', max_age: '99999' }).fields, { session });
  assert.equal(longer.outcome, 'authenticate', 'a parameter asks for more, never for less');
});

test('session_ended kills codes, tokens and later hand-offs of that session, at least once', async () => {
  const session = { sid: 'sid-ending' };
  const waiting = await authority.code({}, session);
  const token = (await authority.tokens({}, session)).access_token;
  assert.equal((await authority.check(token)).status, 200);
  assert.equal((await authority.endSession('sid-ending')).status, 204);
  assert.equal((await authority.endSession('sid-ending')).status, 204);
  assert.equal((await authority.check(token)).status, 401);
  assert.equal((await authority.redeem(waiting)).json.error, 'invalid_grant');
  const late = await authority.begin(authorizationRequest().fields, { session: authority.session(session) });
  assert.equal(late.outcome, 'error_page');
  const other = await authority.tokens({}, { sid: 'sid-staying' });
  assert.equal((await authority.check(other.access_token)).status, 200);
});

test('tokens do not outlive the session', async () => {
  const answer = await authority.tokens({}, { lasts: 100 });
  assert.ok(answer.expires_in <= 100 && answer.expires_in >= 95, `${answer.expires_in}`);
  const { payload } = decode(answer.access_token);
  assert.equal(payload.exp - payload.iat, answer.expires_in);
});

test('a malformed hand-off message is refused and harms nothing', async () => {
  for (const body of ['', '[]', '{"domain":"pay"}', '{"domain":"pay","query":1,"browser":"x"}', '{"domain":"PAY"}']) {
    const { exchange } = await import('../support/http.js');
    const answer = await exchange(authority.socket, {
      method: 'POST', path: '/handoff/authz_begin', headers: { 'content-type': 'application/json' }, body,
    });
    assert.ok(answer.status >= 400, body);
  }
  await authority.code();
});
