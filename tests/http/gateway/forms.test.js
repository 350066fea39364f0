// What every form of the check has in common: nginx, forward auth, Envoy.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Authority, decode, verify } from '../support/authority.js';
import { askEnvoy, askForwarded, askNginx, txnToken, withRoutes } from '../support/check.js';
import { sendRaw } from '../support/gateway.js';

let authority, token, jwks;
before(async () => {
  authority = await Authority.start({ config: withRoutes });
  token = (await authority.tokens()).access_token;
  jwks = (await authority.get('/pay/jwks')).json;
});
after(async () => { await authority?.done(); });

const refused = (answer, status = 403) => {
  assert.equal(answer.status, status);
  assert.equal(answer.headers['txn-token'], undefined);
  assert.equal(answer.body, '');
  assert.equal(answer.headers['www-authenticate']?.length, 1);
};

test('a route of no scopes is for whoever is signed in, and for no client in its own name', async () => {
  const other = await Authority.start({
    config: (text) => withRoutes(text).replace('      - {match: GET /, public: true}', '      - {match: GET /me, service: ledger, grants: [ledger.read]}')
      .replace('    clients:\n', '    clients:\n      - {id: cron, token_endpoint_auth_method: client_secret_post, client_secret_file: cron.secret, grant_types: [client_credentials], scope: balance.read}\n'),
    prepare: (folder) => fs.writeFileSync(path.join(folder, 'cron.secret'), 'Zx8vq2LhTn4yWc7sKj1pRf6mBd3gHa5e', { mode: 0o600 }),
  });
  try {
    const own = (await other.token({ grant_type: 'client_credentials', client_id: 'cron', client_secret: 'Zx8vq2LhTn4yWc7sKj1pRf6mBd3gHa5e' })).json.access_token;
    const person = (await other.tokens()).access_token;
    assert.equal((await askNginx(other, { token: person, target: '/me' })).status, 200);
    const answer = await askNginx(other, { token: own, target: '/me' });
    refused(answer);
    assert.match(answer.headers['www-authenticate'][0], /^Bearer error="insufficient_scope", error_description="[^"]+"$/);
    assert.equal((await askNginx(other, { token: own })).status, 200, 'what scopes say it may');
  } finally {
    await other.done();
  }
});

for (const [form, ask] of [['nginx', askNginx], ['forwarded', askForwarded], ['envoy', askEnvoy]]) {
  test(`${form}: 200 carries Txn-Token and nothing else that a gateway could copy`, async () => {
    const answer = await ask(authority, { token });
    assert.equal(answer.status, 200);
    assert.equal(answer.body, '');
    assert.ok(verify(txnToken(answer), jwks));
    const known = ['txn-token', 'cache-control', 'x-content-type-options', 'x-request-id', 'date', 'content-length', 'connection'];
    for (const [name, values] of Object.entries(answer.headers)) {
      assert.ok(known.includes(name), name);
      assert.equal(values.length, 1, name);
    }
    assert.deepEqual(answer.headers['cache-control'], ['no-store']);
    assert.ok(!JSON.stringify(answer.headers).includes(token));
  });

  test(`GW-03 ${form}: public routes answer with an empty Txn-Token`, async () => {
    for (const options of [{}, { token }, { token: 'junk' }, { lines: ['Txn-Token: forged'] }])
      assert.equal(txnToken(await ask(authority, { target: '/health', ...options })), '');
    assert.equal(txnToken(await ask(authority, { target: '/' })), '');
    assert.equal(txnToken(await ask(authority, { target: '/health', method: 'HEAD' })), '');
  });

  test(`${form}: path and query`, async () => {
    for (const target of ['/balance?a=/../x', '/balance?', '/balance?%00%zz', '/bal%61nce', '/accounts/a%20b', '/any', '/any/', '/any/b/c?d']) {
      const answer = await ask(authority, { token, target });
      assert.equal(answer.status, 200, target);
    }
    assert.equal(decode(txnToken(await ask(authority, { token, target: '/accounts/7?x' }))).payload.rctx.path, '/accounts/{id}');
  });

  test(`GW-10 GW-12 GW-13 GW-15 ${form}: odd paths`, async () => {
    const odd = [
      '/any/../balance', '/any/%2e%2e/x', '/any/..%2fx', '/any/..;/x', '/any/.%2e/x', '/any//x', '/any/.', '/any/x;y', '/any/%3b', '/any/a%2fb', '/any/a%5cb', '/any/%2561', '/any/%00',
      '/any/%c0%ae', '/any/%u0061', '/any/%', '/any/%7f', '/any/%0d%0a', '/any/%3fx', '/any/%23x', '/anything', '/Any/x', '/any-x', '/health/', '/HEALTH', '/health/x', '/accounts/', '/accounts/a/b', '/none',
      '/health%2f', '/health%3f', '/any/%ed%a0%80', '/any/%ff', `/any/${'a/'.repeat(63)}a`, `/any/${'a'.repeat(4200)}`,
    ];
    for (const target of odd) {
      const answer = await ask(authority, { token, target });
      assert.equal(answer.status, 403, target);
      assert.equal(answer.headers['txn-token'], undefined);
    }
    for (const target of ['/any/x#y', '/any/\xe9', '/any/x y', '/any/\\x', '/any/"', '//any/x', 'any', '*', 'http://evil/any'])
      assert.ok([400, 403, 404].includes((await ask(authority, { token, target })).status), target);
  });

  test(`GW-27 ${form}: methods`, async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND']) {
      refused(await ask(authority, { token, method }));
      const any = await ask(authority, { token, method, target: '/any/x' });
      assert.equal(any.status, 200, method);
      assert.equal(decode(txnToken(any)).payload.rctx.method, method);
    }
    assert.equal((await ask(authority, { token, method: 'HEAD' })).status, 200);
    for (const method of ['get', 'M-SEARCH', 'A'.repeat(17)]) refused(await ask(authority, { token, method, target: '/any/x' }));
  });

  test(`GW-18 ${form}: two credentials are none, and two on a public route neither`, async () => {
    for (const lines of [[`Authorization: Bearer ${token}`], ['Authorization: Bearer junk'], ['authorization: Basic x'], ['Authorization:']])
      for (const target of ['/balance', '/health']) refused(await ask(authority, { token, target, lines }));
    refused(await ask(authority, { token: `${token}, Bearer ${token}` }), 401);
    refused(await ask(authority, { token: `${token},${token}` }), 401);
  });

  test(`${form}: the scheme has no case, the token is one word`, async () => {
    for (const scheme of ['bearer', 'BEARER', 'bEaReR']) assert.equal((await ask(authority, { lines: [`Authorization: ${scheme} ${token}`] })).status, 200);
    assert.equal((await ask(authority, { lines: [`Authorization: Bearer ${token} \t`] })).status, 200, 'blanks around a field value are not part of it');
    for (const value of [`Bearer  ${token}`, `Bearer\t${token}`, `Bearer ${token} x`, `Bearer${token}`, `Basic ${token}`, `DPoP ${token}`, token, 'Bearer', 'Bearer ', `Bearer "${token}"`, `Bearer ${token}=`,
      `Bearer ${token}\xff`, `Bearer ${'a'.repeat(8200)}`, 'Bearer ..', 'Bearer a.b.c', `Bearer ${token.slice(0, -1)}`]) {
      const answer = await ask(authority, { lines: [`Authorization: ${value}`] });
      refused(answer, 401);
      assert.equal(answer.headers['www-authenticate'].length, 1);
    }
  });

  test(`GW-06 GW-07 ${form}: cookies and query parameters are no credential`, async () => {
    for (const options of [{ lines: [`Cookie: sekisho=${token}`] }, { lines: ['Cookie: s=a; s=b', 'Cookie: \xff'] }, { target: `/balance?access_token=${token}` }]) {
      const answer = await ask(authority, options);
      refused(answer, 401);
      assert.deepEqual(answer.headers['www-authenticate'], ['Bearer']);
    }
  });

  test(`${form}: the scopes that are missing are named`, async () => {
    for (const [target, scope] of [['/vault', 'vault'], ['/both', 'balance.read transfer']]) {
      const answer = await ask(authority, { token, target });
      refused(answer);
      const [challenge] = answer.headers['www-authenticate'];
      assert.match(challenge, /^Bearer error="insufficient_scope", error_description="[^"]{20,}", /);
      assert.ok(challenge.endsWith(`", scope="${scope}"`), challenge);
    }
  });

  test(`GW-25 ${form}: a step-up is asked for as RFC 9470 says`, async () => {
    const evidence = [authority.evidence({ age: 290 })];
    const { access_token: ripe } = await authority.tokens({ scope: 'transfer balance.read' }, { evidence });
    assert.equal((await ask(authority, { token: ripe, target: '/both' })).status, 200);
    authority.pass(15);
    const answer = await ask(authority, { token: ripe, target: '/both' });
    refused(answer, 401);
    assert.match(answer.headers['www-authenticate'][0], /^Bearer error="insufficient_user_authentication", error_description="[ !#-[\]-~]+", acr_values="phr", max_age="300"$/);
    assert.equal((await ask(authority, { token: ripe })).status, 200);
  });

  test(`GW-22 ${form}: tokens of other kinds, domains and keys`, async () => {
    const tokens = await authority.tokens();
    const coin = await authority.tokens({ client_id: 'coin-web', redirect_uri: 'http://localhost:9002/callback', scope: 'openid trade' },
      { domain: 'coin', evidence: [authority.evidence({ purpose: 'step_up', domain: 'coin' })] });
    const internal = txnToken(await ask(authority, { token: tokens.access_token }));
    for (const other of [tokens.id_token, internal, coin.access_token, coin.id_token]) refused(await ask(authority, { token: other }), 401);
    refused(await ask(authority, { token: internal, target: '/any/x' }), 401);
    assert.equal((await authority.token({ grant_type: 'authorization_code', client_id: 'pay-web', code: internal })).status, 400);
    const [head, body, signature] = tokens.access_token.split('.');
    for (const forged of [`${head}.${body}.`, `${head}.${body}`, `${body}.${head}.${signature}`, `${coin.access_token.split('.')[0]}.${body}.${signature}`])
      refused(await ask(authority, { token: forged }), 401);
  });

  test(`GW-01 ${form}: an unknown domain and odd prefixes fail closed`, async () => {
    for (const domain of ['nobody', 'PAY', 'pay%2f', 'pay/', '..', 'pay/..', '%2e'])
      assert.ok([400, 404].includes((await ask(authority, { token, domain })).status), domain);
    const escaped = await ask(authority, { token, domain: '%70ay', target: '/balance' });
    assert.ok([200, 404].includes(escaped.status));
    const shifted = await ask(authority, { token, domain: '%70ay', target: '/xx/health' });
    assert.notEqual(shifted.status, 200);
  });

  test(`GW-09 ${form}: what says where a call came from changes nothing`, async () => {
    const long = Array.from({ length: 200 }, (_, i) => `10.0.0.${i % 250}`).join(', ');
    for (const value of ['a', long, 'fe80::1%eth0', '[::1]:99999', '\xff'])
      refused(await ask(authority, { lines: [`Forwarded: for=${value}`, `X-Client-Ip: ${value}`, `True-Client-Ip: ${value}`] }), 401);
  });
}

test('GW-18 each form reads its own fields only, once each', async () => {
  const nginx = ['X-Original-Method: GET', 'X-Original-URI: /health'];
  const forwarded = ['X-Forwarded-Method: GET', 'X-Forwarded-Uri: /health'];
  for (const line of nginx) refused(await askNginx(authority, { target: '/health', lines: [line] }));
  for (const line of forwarded) refused(await askForwarded(authority, { target: '/health', lines: [line] }));
  refused(await askNginx(authority, { token, target: '/none', lines: forwarded }));
  refused(await askForwarded(authority, { token, target: '/none', lines: nginx }));
  refused(await askEnvoy(authority, { token, target: '/none', lines: [...nginx, ...forwarded] }));
  const bare = (form, lines) => authority.internal(`/pay/check/${form}`, Object.fromEntries(lines.map((line) => line.split(': '))));
  for (const lines of [[], [nginx[0]], [nginx[1]], forwarded]) assert.equal((await bare('nginx', lines)).status, 403);
  for (const lines of [[], [forwarded[0]], [forwarded[1]], nginx]) assert.equal((await bare('forwarded', lines)).status, 403);
  assert.equal((await bare('forwarded', ['X-Forwarded-Method: ', 'X-Forwarded-Uri: /health'])).status, 403);
});

test('Envoy: no path behind the prefix stands for "/", but not with a query', async () => {
  assert.equal((await askEnvoy(authority, { target: '' })).status, 200);
  assert.equal((await askEnvoy(authority, { target: '/' })).status, 200);
  for (const target of ['?', '?x', '?/health']) refused(await askEnvoy(authority, { target }));
});

test('GW-30 the public listener has no check', async () => {
  for (const form of ['nginx', 'forwarded', 'envoy', 'envoy/health'])
    assert.equal((await authority.get(`/pay/check/${form}`, { 'x-original-method': 'GET', 'x-original-uri': '/health' })).status, 404);
});

test('GW-19 a body is neither waited for nor read', async () => {
  const head = (extra) => `POST /pay/check/nginx HTTP/1.1\r\nHost: x\r\nX-Original-Method: GET\r\nX-Original-URI: /health\r\n${extra}\r\n\r\n`;
  for (const bytes of [head('Content-Length: 10'), `${head('Content-Length: 1048576')}${'x'.repeat(1000)}`, head('Transfer-Encoding: chunked'), `${head('Transfer-Encoding: chunked')}5\r\nhello\r\n`,
    `${head('Content-Length: 4')}GET /pay/check/nginx HTTP/1.1\r\n\r\n`]) {
    const started = Date.now();
    const answer = await sendRaw(authority.internalPort, bytes);
    assert.equal(answer.status, 200);
    assert.ok(Date.now() - started < 3000);
    assert.equal(answer.body.includes('HTTP/1.1'), false, 'what follows is not taken for a request');
  }
});
