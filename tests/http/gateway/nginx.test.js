// The whole main path: passkey login, code, token, a call through a real nginx, the product behind it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { authorizationRequest, decode, verify } from '../support/authority.js';
import { DpopKey } from '../support/dpop.js';
import { Gateway, noNginx } from '../support/gateway.js';
import { exchange, form, postForm } from '../support/http.js';
import { startProgram, stopProgram } from '../support/processes.js';
import { Rp } from '../support/rp.js';

const ROUTES = `
    routes:
      - {match: GET /balance, scopes: [balance.read], service: ledger, grants: [ledger.read, ledger.list]}
      - {match: "GET /accounts/{id}", scopes: [balance.read], service: ledger, grants: [ledger.read]}
      - {match: POST /transfers, scopes: [transfer], service: payments, grants: [payments.charge]}
      - {match: POST /documents, scopes: [balance.read], service: documents, grants: [documents.add]}
      - {match: "* /admin/**", scopes: [admin], service: admin, grants: [admin.all]}
      - {match: GET /signed, scopes: [balance.read], acr: phr, evidence: domain, max_age: 5m}
      - {match: GET /health, public: true}
      - {match: "GET /public/**", public: true}
      - {match: OPTIONS /public/form, public: true}`;

let gateway, rp, browser, jwks, token;

before(async () => {
  if (noNginx) return;
  gateway = await Gateway.prepare();
  const config = (text) => text.replace('    entry: {acr: phr, max_age: 12h}\n',
    `    external_url: http://localhost:${gateway.port}\n    entry: {acr: phr, max_age: 12h}${ROUTES}\n`)
    .replace('      balance.read:\n', '      admin: {}\n      balance.read:\n');
  rp = await Rp.start({ config, authority: true });
  await gateway.start(rp.internalPort);
  browser = rp.browser();
  await browser.register('ann');
  jwks = (await exchange({ port: rp.authorityPort }, { path: '/pay/jwks', headers: { host: `localhost:${rp.authorityPort}` } })).json;
  token = await newToken();
});
after(async () => {
  await gateway?.done();
  await rp?.done();
});

/** Through /authorize, logging in or stepping up as often as it asks; then /token. */
async function newToken(extra = {}, key) {
  const { fields, verifier } = authorizationRequest({ scope: 'openid balance.read transfer', ...extra });
  let at = new URL(`/pay/authorize?${form(fields)}`, rp.origin);
  for (let i = 0; i < 6 && at.origin === rp.origin; i++) {
    if (at.pathname === '/login' || at.pathname === '/step-up') {
      const { redirect } = await browser.login({ continue: at.searchParams.get('continue') });
      at = new URL(redirect, rp.origin);
    } else {
      const answer = await browser.get(at.pathname + at.search);
      assert.ok([302, 303].includes(answer.status), `${answer.status} ${answer.body}`);
      at = new URL(answer.headers.location, rp.origin);
    }
  }
  const code = at.searchParams.get('code');
  assert.ok(code, at.href);
  const redeem = (nonce) => postForm({ port: rp.authorityPort }, '/pay/token', {
    grant_type: 'authorization_code', client_id: fields.client_id, redirect_uri: fields.redirect_uri, code, code_verifier: verifier,
  }, { host: `localhost:${rp.authorityPort}`, ...(key ? { dpop: key.proof('POST', `http://localhost:${rp.authorityPort}/pay/token`, { nonce }) } : {}) });
  let answer = await redeem();
  if (key) answer = await redeem(answer.headers['dpop-nonce']);
  assert.equal(answer.status, 200, answer.body);
  return answer.json.access_token;
}

const gatewayTest = (name, body) => test(name, { skip: noNginx }, body);
const untouched = () => assert.deepEqual(gateway.product.seen.splice(0), [], 'the product saw nothing');

async function served(answer) {
  assert.equal((await answer).status, 200);
  return gateway.product.take();
}

async function refused(answer, status = 403) {
  const { status: found } = await answer;
  assert.equal(found, status);
  untouched();
}

/** The product's own check of what it was handed. */
function internal(call) {
  const [text, ...more] = call.all('txn-token');
  assert.deepEqual(more, []);
  assert.ok(verify(text, jwks), 'signed by the domain');
  return { text, ...decode(text) };
}

gatewayTest('a bound token passes with its proof; the nonce comes and goes through nginx, the proof ends there', async () => {
  const key = new DpopKey();
  const bound = await newToken({}, key);
  const ask = (nonce) => gateway.call(bound, 'GET', '/balance', [`DPoP: ${key.proof('GET', `http://localhost:${gateway.port}/balance`, { token: bound, nonce })}`], { scheme: 'DPoP' });
  const first = await ask();
  assert.equal(first.status, 401);
  assert.match(first.headers['www-authenticate'][0], /^DPoP algs="[^"]+", error="use_dpop_nonce"/);
  const [nonce] = first.headers['dpop-nonce'];
  untouched();
  const second = await ask(nonce);
  assert.equal(second.status, 200);
  assert.equal(second.headers['dpop-nonce'].length, 1);
  const call = gateway.product.take();
  assert.deepEqual([call.all('dpop'), call.all('authorization')], [[], []]);
  internal(call);
  await refused(gateway.call(bound, 'GET', '/balance'), 401);
});

gatewayTest('GW-21 GW-34 a passkey login becomes a call with an internal token', async () => {
  const call = await served(gateway.call(token, 'GET', '/balance?month=10&x=%2F..', ['Accept: text/plain']));
  assert.equal(call.method, 'GET');
  assert.equal(call.target, '/balance?month=10&x=%2F..', 'byte for byte');
  assert.deepEqual(call.all('authorization'), [], 'the external token ends at the gateway');
  assert.ok(call.fields.every(([, value]) => !value.includes(token)));
  const external = decode(token).payload;
  const { text, header, payload } = internal(call);
  assert.ok(text.length < 4096);
  assert.equal(header.typ, 'txntoken+jwt');
  assert.equal(payload.iss, `http://localhost:${rp.authorityPort}/pay`);
  assert.deepEqual(payload.aud, ['pay.internal', 'ledger']);
  assert.equal(payload.scope, 'ledger.read ledger.list');
  assert.equal(payload.sub, external.sub);
  assert.ok(payload.exp - payload.iat <= 60 && payload.exp > payload.iat && payload.exp <= external.exp);
  assert.match(payload.txn, /^[\w-]{22}$/);
  assert.equal(payload.req_wl, 'gateway');
  assert.deepEqual(payload.act, { sub: 'pay-web' });
  assert.deepEqual(payload.tctx, {});
  assert.deepEqual(payload.rctx, { method: 'GET', path: '/balance', client_id: 'pay-web', acr: external.acr, auth_time: external.auth_time });
  const again = internal(await served(gateway.call(token, 'GET', '/balance')));
  assert.notEqual(again.payload.txn, payload.txn, 'a transaction each, without a reuse window');
});

gatewayTest('the template of the path, not the path, is in the token', async () => {
  const { payload } = internal(await served(gateway.call(token, 'GET', '/accounts/DE89%20370')));
  assert.equal(payload.rctx.path, '/accounts/{id}');
  assert.doesNotMatch(JSON.stringify(payload), /370/);
});

gatewayTest('GW-03 GW-04 a client\'s own Txn-Token never passes, however it is spelt', async () => {
  const mine = internal(await served(gateway.call(token, 'GET', '/balance'))).text;
  const spellings = [
    ['Txn-Token: forged'], ['txn-token: forged'], ['TXN-TOKEN: forged'], ['Txn-Token: forged', 'txn-token: forged2'], [`Txn-Token: ${mine}`],
    ['Txn_Token: forged'], ['txn_token: forged'], ['Txn.Token: forged'], ['Txn-Token:\tforged'], ['Txn-Token: forged \t'], ['Txn-Token:'],
    ['Connection: Txn-Token'],
  ];
  for (const lines of spellings) {
    const guarded = await served(gateway.call(token, 'GET', '/balance', lines));
    const { text } = internal(guarded);
    assert.notEqual(text, mine, 'not even an old one of ours');
    assert.deepEqual(guarded.fields.filter(([name, value]) => /^txn.token$/i.test(name) && value !== text), [], lines[0]);
    assert.ok(guarded.fields.every(([, value]) => !value.includes('forged')));
    const open = await served(gateway.send('GET', '/health', lines));
    assert.deepEqual(open.fields.filter(([name, value]) => /^txn.?token$/i.test(name) && value !== ''), [], `public, ${lines[0]}`);
  }
  for (const line of ['Txn-Token : forged', 'Txn Token: forged']) {
    const answer = await gateway.send('GET', '/health', [line]);
    for (const call of gateway.product.seen.splice(0)) assert.ok(call.fields.every(([, value]) => !value.includes('forged')));
    assert.ok([200, 400].includes(answer.status));
  }
});

gatewayTest('a public route carries no identity, whatever was sent', async () => {
  for (const lines of [[], [`Authorization: Bearer ${token}`], ['Authorization: Bearer junk'], ['Cookie: sekisho=x']]) {
    const call = await served(gateway.send('GET', '/health', lines));
    assert.ok(call.all('txn-token').every((value) => value === ''));
    assert.deepEqual(call.all('authorization'), []);
  }
});

gatewayTest('GW-01 401 and 403 reach the client with their challenge, and nothing the product', async () => {
  const none = await gateway.send('GET', '/balance');
  assert.equal(none.status, 401);
  assert.deepEqual(none.headers['www-authenticate'], ['Bearer']);
  const junk = await gateway.call('junk', 'GET', '/balance');
  assert.equal(junk.status, 401);
  assert.match(junk.headers['www-authenticate'].join(), /^Bearer error="invalid_token"/);
  const narrow = await gateway.call(await newToken({ scope: 'openid balance.read' }), 'POST', '/transfers', ['Content-Length: 0']);
  assert.equal(narrow.status, 403);
  assert.match(narrow.headers['www-authenticate'].join(), /^Bearer error="insufficient_scope", error_description="[^"]{20,}", scope="transfer"$/);
  const nowhere = await gateway.call(token, 'GET', '/nowhere');
  assert.equal(nowhere.status, 403);
  assert.match(nowhere.headers['www-authenticate'].join(), /^Bearer error="access_denied", error_description="No route [^"]+"$/);
  for (const answer of [none, junk, narrow, nowhere]) assert.equal(answer.headers['txn-token'], undefined);
  untouched();
});

gatewayTest('GW-06 GW-07 cookies are no credential, and none reaches the check', async () => {
  for (const lines of [[`Cookie: sekisho=${browser.session}`], ['Cookie: s=a; s=b', `Cookie: ${'x'.repeat(3000)}`], ['Cookie: sekisho=\xff\xfe'], [`Cookie: access_token=${token}`]])
    await refused(gateway.send('GET', '/balance', lines), 401);
});

gatewayTest('GW-18 two Authorization fields', async () => {
  const two = [`Authorization: Bearer ${token}`, 'Authorization: Bearer junk'];
  for (const lines of [two, [...two].reverse(), [two[0], two[0]]]) {
    const answer = await gateway.send('GET', '/balance', lines);
    assert.ok([400, 403].includes(answer.status), `${answer.status}`);
    untouched();
  }
});

gatewayTest('GW-10 GW-12 GW-13 GW-15 paths that two servers could read in two ways', async () => {
  const tricks = [
    '/public/../admin/x', '/public/%2e%2e/admin/x', '/public/..%2fadmin/x', '/public/..;/admin/x', '/public/.%2e/admin/x', '/public/%2E%2E%2Fadmin/x',
    '/public//admin/x', '//public/x', '/public/./x', '/public/..', '/public/.', '/public/..%5cadmin', '/public\\..\\admin', '/public/%5c', '/public/x;a=b', '/public;/x',
    '/public/a%2fb', '/public/%252e%252e/admin', '/public/%00', '/public/x%00.png', '/public/%c0%ae%c0%ae/admin', '/public/%u002e', '/public/%', '/public/%2', '/public/%zz',
    '/public/%0d%0aTxn-Token:%20x', '/public/%3f/x', '/public/%23x', '/public/x#/../admin', '/public/x#', '/publicity', '/public-admin', '/PUBLIC/x',
    '/public/\xe9', '/public/%e9', '/public/"x', '/public/<x>', '/public/{x}', '/public/x|y', '/public/^x', '/public/`x`', '/.sekisho-check/x',
    `/public/${'a/'.repeat(70)}`, '/health/', '/Health', '/health/x', '/health%2f', '/health%20', '/healt%68/..', '/balance/../health', '/admin/x?/public', '/admin%3f/public',
  ];
  for (const target of tricks) {
    for (const lines of [[], [`Authorization: Bearer ${token}`]]) {
      const answer = await gateway.send('GET', target, lines);
      assert.ok([400, 401, 403].includes(answer.status), `${target}: ${answer.status}`);
      untouched();
    }
  }
  await refused(gateway.send('GET', '/.sekisho-check'), 404);
});

gatewayTest('GW-13 what has one meaning passes as it was sent', async () => {
  const plain = ['/public', '/public/', '/public/x', '/%70ublic/x', '/public/%E6%97%A5', '/public/a+b', '/public/~x/@:!$&\'()*,=', '/public/x?a=/../b;c#'.slice(0, -1),
    '/public/...', '/public/a%20b', '/public/x?', '/public/x?%2e%2e%00%zz'];
  for (const target of plain) assert.equal((await served(gateway.send('GET', target))).target, target);
  assert.equal((await served(gateway.send('GET', 'http://other.test/public/x'))).target, '/public/x');
});

gatewayTest('fields that would give the product another path or method do not pass', async () => {
  const lines = ['X-Original-URL: /admin/x', 'X-Rewrite-URL: /admin/x', 'X-HTTP-Method-Override: DELETE', 'X-HTTP-Method: DELETE', 'X-Method-Override: DELETE'];
  const call = await served(gateway.send('GET', '/public/x', lines));
  assert.ok(call.fields.every(([, value]) => !/admin|DELETE/.test(value)));
});

gatewayTest('a client cannot answer for the gateway: X-Original-URI, X-Original-Method', async () => {
  for (const lines of [['X-Original-URI: /health'], ['x-original-uri: /health', 'X-Original-Method: GET'], ['X_Original_URI: /health'], ['X-Forwarded-Uri: /health', 'X-Forwarded-Method: GET']])
    await refused(gateway.send('GET', '/balance', lines), 401);
  await refused(gateway.call(token, 'DELETE', '/balance', ['X-Original-Method: GET']), 403);
});

gatewayTest('GW-27 methods pass by their own rule only', async () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'OPTIONS'])
    await refused(gateway.call(token, method, '/balance', ['Origin: https://app.example', 'Access-Control-Request-Method: GET', 'Content-Length: 0']));
  const preflight = await served(gateway.send('OPTIONS', '/public/form', ['Origin: https://app.example']));
  assert.equal(preflight.method, 'OPTIONS');
  await refused(gateway.send('POST', '/public/form', ['Content-Length: 0']));
  const head = await served(gateway.call(token, 'HEAD', '/balance'));
  assert.equal(head.method, 'HEAD');
  assert.equal(internal(head).payload.rctx.method, 'HEAD');
  for (const method of ['get', 'GET_', 'TRACE', 'CONNECT', 'G\xc3\x89T']) {
    const answer = await gateway.call(token, method, '/balance');
    assert.ok(answer.status >= 400, `${method}: ${answer.status}`);
    untouched();
  }
});

gatewayTest('GW-28 an upgrade is judged like any call', async () => {
  const upgrade = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Version: 13'];
  await refused(gateway.send('GET', '/balance', upgrade), 401);
  internal(await served(gateway.call(token, 'GET', '/balance', upgrade)));
});

gatewayTest('GW-19 a body of 1 MB passes by the check, which gets none', async () => {
  const body = 'x'.repeat(1024 * 1024);
  for (let i = 0; i < 3; i++) {
    const call = await served(gateway.call(token, 'POST', '/documents', [`Content-Length: ${body.length}`, 'Content-Type: text/plain'], { body }));
    assert.equal(call.length, body.length);
    assert.deepEqual(internal(call).payload.aud, ['pay.internal', 'documents']);
  }
  const chunked = await served(gateway.call(token, 'POST', '/documents', ['Transfer-Encoding: chunked'], { body: '5\r\nhello\r\n0\r\n\r\n' }));
  assert.equal(chunked.length, 5);
  await refused(gateway.send('POST', '/documents', [`Content-Length: ${body.length}`], body), 401);
  await served(gateway.call(token, 'POST', '/documents', ['Expect: 100-continue', 'Content-Length: 2'], { body: 'ok' }));
});

gatewayTest('GW-25 evidence grows too old, a step-up renews it', async () => {
  const pay = (bearer) => gateway.call(bearer, 'POST', '/transfers', ['Content-Length: 0']);
  const fresh = await newToken({ max_age: 0 });
  await served(pay(fresh));
  rp.pass(301);
  const stale = await pay(fresh);
  assert.equal(stale.status, 401);
  const [challenge] = stale.headers['www-authenticate'];
  assert.match(challenge, /^Bearer error="insufficient_user_authentication", error_description="[^"]{20,}", acr_values="phr", max_age="300"$/);
  untouched();
  await served(gateway.call(fresh, 'GET', '/balance'));
  const renewed = await newToken();
  assert.ok(decode(renewed).payload.auth_time >= decode(fresh).payload.auth_time + 300, 'a new sign-in was made');
  await served(pay(renewed));
  await refused(pay(fresh), 401);
  rp.pass(301);
  await refused(pay(renewed), 401);
  token = await newToken();
});

gatewayTest('GW-25 a fresh sign-in that was not made for this domain: the challenge leads to one that is, at once', async () => {
  const own = browser;
  browser = rp.browser();
  await browser.register('bea');
  const bearer = await newToken({ scope: 'openid balance.read' });
  const answer = await gateway.call(bearer, 'GET', '/signed');
  assert.equal(answer.status, 401);
  const [, acr_values, max_age] = /acr_values="([^"]+)", max_age="(\d+)"$/.exec(answer.headers['www-authenticate'][0]);
  untouched();
  await served(gateway.call(await newToken({ scope: 'openid balance.read', acr_values, max_age }), 'GET', '/signed'));
  browser = own;
});

gatewayTest('a flood of header fields ends closed', async () => {
  const many = Array.from({ length: 120 }, (_, i) => `X-Field-${i}: 1`);
  const long = Array.from({ length: 4 }, (_, i) => `X-Long-${i}: ${'x'.repeat(6000)}`);
  for (const lines of [many, long]) {
    const answer = await gateway.call(token, 'GET', '/balance', lines);
    assert.ok(answer.status >= 400);
    untouched();
  }
  await served(gateway.call(token, 'GET', '/balance', Array.from({ length: 3 }, (_, i) => `Cookie: c${i}=${'x'.repeat(6000)}`)));
});

gatewayTest('GW-24 signing out ends the calls', async () => {
  const kept = token;
  await served(gateway.call(kept, 'GET', '/balance'));
  assert.ok((await browser.send('DELETE', '/session')).status < 300);
  let status = 200;
  for (let i = 0; i < 100 && status === 200; i++) {
    ({ status } = await gateway.call(kept, 'GET', '/balance'));
    gateway.product.seen.splice(0);
    if (status === 200) await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  assert.equal(status, 401);
  token = await newToken();
});

gatewayTest('GW-33 names never become header text', async () => {
  for (const name of ['eve\r\nTxn-Token: x', 'eve\u0000', 'eve\u2028x', 'eve\u0085'])
    assert.equal((await rp.browser().post('/attestation/options', { username: name, displayName: name })).status, 400);
  const own = browser;
  browser = rp.browser();
  await browser.register('関所-Ünï');
  const call = await served(gateway.call(await newToken(), 'GET', '/balance'));
  assert.match(internal(call).payload.sub, /^[\x21-\x7e]+$/);
  assert.ok(call.fields.every(([name, value]) => /^[\x20-\x7e]*$/.test(name + value)));
  browser = own;
});

gatewayTest('GW-01 GW-31 a check that hangs or is down lets nothing pass', async () => {
  rp.authority.child.kill('SIGSTOP');
  const started = Date.now();
  try {
    await refused(gateway.call(token, 'GET', '/balance'), 500);
    await refused(gateway.send('GET', '/health'), 500);
  } finally {
    rp.authority.child.kill('SIGCONT');
  }
  assert.ok(Date.now() - started < 25000, 'long before nginx\'s own minute');
  await stopProgram(rp.authority);
  await refused(gateway.call(token, 'GET', '/balance'), 500);
  await refused(gateway.send('GET', '/health'), 500);
  rp.authority = await startProgram('sekisho-authority', rp.folder, ['-c', rp.file]);
  await served(gateway.call(token, 'GET', '/balance'));
});
