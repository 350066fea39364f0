// Browsers' sessions as each form of the check judges them: what nginx, Caddy, Traefik and Envoy send, replayed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Authority, decode, verify } from '../support/authority.js';
import { askEnvoy, askForwarded, askNginx, txnToken, withRoutes } from '../support/check.js';
import { rawRequest, sendRaw } from '../support/gateway.js';

const NAVIGATION = ['Accept: text/html,application/xhtml+xml', 'Sec-Fetch-Site: none', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document', 'Sec-Fetch-User: ?1'];
const ROUTES = '      - {match: GET /me, service: web, grants: [web.read]}\n      - {match: POST /me, service: web, grants: [web.write]}\n      - {match: GET /signed, acr: phr, max_age: 5m, service: web, grants: [web.read]}\n';

/** As Traefik sends it with docs/integrations/traefik.md: GET, the fields listed there, and its own. */
function askTraefik(authority, { method = 'GET', target, lines = [], token } = {}) {
  return sendRaw(authority.internalPort, rawRequest('GET', '/pay/check/forwarded', [
    'User-Agent: Mozilla/5.0', ...(token ? [`Authorization: Bearer ${token}`] : []), `X-Forwarded-Method: ${method}`, 'X-Forwarded-Proto: http', 'X-Forwarded-Host: localhost:9001',
    `X-Forwarded-Uri: ${target}`, 'X-Forwarded-For: 172.18.0.1', 'Accept-Encoding: gzip', ...lines,
  ]));
}
const FORMS = [['nginx', askNginx, 401], ['forwarded', askForwarded, 303], ['traefik', askTraefik, 303], ['envoy', askEnvoy, 303]];

let authority, jwks;
before(async () => {
  authority = await Authority.start({ config: (text) => withRoutes(text)
    .replace('    external_url: http://localhost:9001\n', '    external_url: http://localhost:9001\n    gateway_session: true\n')
    .replace('      - {match: GET /health, public: true}\n', `      - {match: GET /health, public: true}\n${ROUTES}`) });
  jwks = (await authority.get('/pay/jwks')).json;
});
after(async () => { await authority?.done(); });

const internal = (method, target, lines = [], body = '') => sendRaw(authority.internalPort, rawRequest(method, target, lines, body));
const setCookie = (answer, name) => answer.headers['set-cookie']?.map((line) => new RegExp(`^${name}=([^;]*)`).exec(line)?.[1]).find((text) => text !== undefined);

/** The way in, the rp played by the hand-off; the session's cookie. */
async function enter({ evidence = [authority.evidence()], session, lines = [] } = {}) {
  const first = await internal('GET', '/pay/.sekisho/enter?to=/me');
  const url = new URL(first.headers.location[0]);
  const answer = await authority.begin(url.search.slice(1), { session: session ?? authority.session({ evidence }) });
  const back = new URL(answer.location);
  const second = await internal('GET', `/pay${back.pathname}${back.search}`, [`Cookie: ${[`sekisho-pay-enter=${setCookie(first, 'sekisho-pay-enter')}`, ...lines].join('; ')}`]);
  assert.equal(second.status, 303, second.body);
  return setCookie(second, 'sekisho-pay');
}

for (const [name, ask, redirect] of FORMS) {
  const page = (cookie, target, more = {}) => ask(authority, { target, ...more, lines: [...(cookie ? [`Cookie: theme=dark; sekisho-pay=${cookie}; lang=ja`] : []), ...NAVIGATION, ...(more.lines ?? [])] });

  test(`${name}: a page without a session leads to sign in, and back there`, async () => {
    const answer = await page(undefined, '/me?a=1&b=%2F');
    assert.equal(answer.status, redirect);
    assert.deepEqual(answer.headers.location, [`/.sekisho/enter?to=${encodeURIComponent('/me?a=1&b=%2F')}`]);
    assert.equal(answer.headers['txn-token'], undefined);
    assert.deepEqual(answer.headers['www-authenticate'], ['Bearer']);
    const script = await ask(authority, { target: '/me', lines: ['Accept: */*', 'Sec-Fetch-Mode: cors'] });
    assert.deepEqual([script.status, script.headers.location], [401, undefined]);
    const token = await page(undefined, '/me', { token: 'junk' });
    assert.deepEqual([token.status, token.headers.location], [401, undefined], 'a client of tokens is no browser');
    assert.equal((await page(undefined, '/none')).status, 403);
    const fresh = await page(undefined, '/signed');
    assert.match(fresh.headers.location[0], /^\/\.sekisho\/enter\?to=%2Fsigned&acr_values=phr&max_age=300$/);
  });

  test(`${name}: a session passes, and the product's own cookies with it`, async () => {
    const cookie = await enter();
    const answer = await page(cookie, '/me');
    assert.equal(answer.status, 200);
    assert.ok(verify(txnToken(answer), jwks));
    assert.equal(decode(txnToken(answer)).payload.rctx.client_id, 'gateway-session');
    assert.deepEqual(answer.headers.cookie, ['theme=dark; lang=ja']);
    const open = await page(cookie, '/health');
    assert.deepEqual([open.status, txnToken(open), open.headers.cookie], [200, '', ['theme=dark; lang=ja']]);
    assert.equal((await ask(authority, { target: '/vault', lines: [`Cookie: sekisho-pay=${cookie}`] })).status, 401, 'a level that is not held');
  });

  test(`${name}: what is too old leads to a step-up`, async () => {
    const cookie = await enter({ evidence: [authority.evidence({ age: 290 })] });
    assert.equal((await page(cookie, '/signed')).status, 200);
    authority.pass(15);
    const answer = await page(cookie, '/signed');
    assert.equal(answer.status, redirect);
    assert.deepEqual(answer.headers.location, ['/.sekisho/enter?to=%2Fsigned&acr_values=phr&max_age=300']);
    assert.match(answer.headers['www-authenticate'][0], /insufficient_user_authentication/);
  });

  test(`${name}: a change from elsewhere is refused`, async () => {
    const cookie = await enter();
    const post = (lines) => ask(authority, { method: 'POST', target: '/me', lines: [`Cookie: sekisho-pay=${cookie}`, ...lines] });
    assert.equal((await post(['Origin: http://localhost:9001'])).status, 200);
    assert.equal((await post(['Sec-Fetch-Site: same-origin'])).status, 200);
    for (const lines of [[], ['Origin: http://evil.example'], ['Sec-Fetch-Site: cross-site'], ['Sec-Fetch-Site: same-site', 'Origin: http://localhost:9001'], ['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: none']]) {
      const answer = await post(lines);
      assert.equal(answer.status, 403, lines.join());
      assert.match(answer.headers['www-authenticate'][0], /another site/);
    }
  });

  test(`${name}: a token beside the session`, async () => {
    const session = authority.session();
    const cookie = await enter({ session });
    const own = (await authority.tokens({}, { session })).access_token;
    const other = (await authority.tokens({}, { session: authority.session({ sid: 'sid-2', subject: 'bob-at-pay' }) })).access_token;
    const both = (token, text) => ask(authority, { token, target: '/balance', lines: [`Cookie: sekisho-pay=${text}`] });
    const answer = await both(own, cookie);
    assert.equal(answer.status, 200);
    assert.equal(decode(txnToken(answer)).payload.rctx.client_id, 'pay-web', 'the token counts');
    assert.equal((await both(other, 'junk')).status, 200, 'a dead cookie says nothing');
    assert.equal((await both(other, cookie)).status, 403, 'of two sign-ins neither counts');
  });
}

test('a new way in ends the session that the browser came with; another domain\'s cookie is none', async () => {
  const first = await enter();
  const second = await enter({ lines: [`sekisho-pay=${first}`] });
  const ask = (cookie, more = {}) => askNginx(authority, { target: '/me', lines: [`Cookie: sekisho-pay=${cookie}`], ...more });
  assert.equal((await ask(first)).status, 401);
  assert.equal((await ask(second)).status, 200);
  assert.notEqual((await ask(second, { domain: 'coin' })).status, 200);
});

test('a domain without gateway_session has none of it', async () => {
  for (const [method, path] of [['GET', 'enter'], ['GET', 'return'], ['POST', 'leave']]) {
    const answer = await internal(method, `/coin/.sekisho/${path}`, method === 'POST' ? ['Content-Type: application/x-www-form-urlencoded', 'Content-Length: 0'] : []);
    assert.equal(answer.status, 404, path);
  }
  const answer = await askForwarded(authority, { domain: 'coin', target: '/health', lines: ['Cookie: a=b', ...NAVIGATION] });
  assert.equal(answer.headers.cookie, undefined);
});

test('a refusal is logged in the terms of policy explain, once, without a secret', async () => {
  const cookie = await enter({ evidence: [authority.evidence({ age: 400 })] });
  authority.program.log = '';
  await askNginx(authority, { target: '/signed', lines: [`Cookie: sekisho-pay=${cookie}`] });
  await askNginx(authority, { target: '/me?secret=1', lines: ['Cookie: sekisho-pay=junk'] });
  await new Promise((resolve) => { setTimeout(resolve, 50); });
  const lines = authority.program.log.trim().split('\n').map((line) => JSON.parse(line)).filter(({ event }) => event === 'check.refused');
  assert.equal(lines.length, 2);
  const { domain, error, method, route, client, acr, max_age, evidence, held, missing } = lines[0];
  assert.deepEqual({ domain, error, method, route, client, acr, max_age, evidence, held, missing }, {
    domain: 'pay', error: 'insufficient_user_authentication', method: 'GET', route: '/signed', client: 'gateway-session', acr: 'phr', max_age: 300, evidence: 'any', held: 'phr', missing: 'age',
  });
  assert.deepEqual([lines[1].client, lines[1].missing, lines[1].held], ['', '', 'none']);
  assert.ok(!authority.program.log.includes(cookie) && !authority.program.log.includes('secret=1'));
});

test('many refusals are a few lines a second, and none is forgotten', async () => {
  authority.program.log = '';
  for (let i = 0; i < 12; i++) await Promise.all(Array.from({ length: 25 }, () => askNginx(authority, { target: '/none' })));
  authority.pass(5);
  await askNginx(authority, { target: '/none' });
  await new Promise((resolve) => { setTimeout(resolve, 100); });
  const lines = authority.program.log.trim().split('\n').map((line) => JSON.parse(line)).filter(({ event }) => event === 'check.refused');
  assert.ok(lines.length < 301, `${lines.length} lines`);
  assert.equal(lines.reduce((sum, { left_out }) => sum + left_out, 0) + lines.length, 301);
});

