// schema/openapi.yaml and the running server say the same: every route is described, every described one is there, and
// answers are as their schemas say.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import * as client from 'openid-client';
import { parse } from 'yaml';
import { exchange, form, postForm } from '../support/http.js';
import { ask, CALLBACK, discover, signIn, startServer } from '../support/peer.js';

const read = (name) => fs.readFileSync(fileURLToPath(new URL(`../../../${name}`, import.meta.url)), 'utf8');
const document = parse(read('schema/openapi.yaml'), { maxAliasCount: 1000 });
const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'options'];
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  METHODS.filter((method) => item[method]).map((method) => ({ path, method, operation: item[method] })));

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema({ $id: 'openapi', components: document.components });

const inline = (node) => (node?.$ref ? node.$ref.slice(2).split('/').reduce((at, name) => at[name], document) : node);
const anchored = (node) => JSON.parse(JSON.stringify(node).replaceAll('"#/components/', '"openapi#/components/'));

/** The description of an answer's status, or its class. */
function described(path, method, status) {
  const operation = document.paths[path]?.[method];
  assert.ok(operation, `${method} ${path} is not described`);
  const response = inline(operation.responses[status] ?? operation.responses[`${`${status}`[0]}XX`]);
  assert.ok(response, `${method} ${path}: the status ${status} is not described`);
  return response;
}

/** Holds an answer against its description, and returns it. */
function holds(path, method, answer) {
  const response = described(path, method, answer.status);
  for (const [name, header] of Object.entries(response.headers ?? {}))
    if (header.required || name === 'Location') assert.ok(answer.headers[name.toLowerCase()] !== undefined, `${method} ${path}: no ${name}`);
  if (!response.content) return answer;
  const type = (answer.headers['content-type'] ?? '').split(';')[0];
  const content = response.content[type];
  assert.ok(content, `${method} ${path}: ${type} is not described for ${answer.status}: ${answer.body}`);
  if (type !== 'application/json') return answer;
  const validate = ajv.compile(anchored(content.schema));
  assert.ok(validate(answer.json), `${method} ${path} ${answer.status}: ${ajv.errorsText(validate.errors)}\n${answer.body}`);
  return answer;
}

let rp, browser;
before(async () => {
  rp = await startServer();
  browser = rp.browser();
});
after(async () => { await rp?.done(); });

const PORTS = { rp: () => rp.port, issuer: () => rp.authorityPort, internal: () => rp.internalPort };
function send(where, path, method = 'GET', headers = {}, body = undefined) {
  const port = PORTS[where]();
  return exchange({ port }, { method, path, headers: { host: `localhost:${port}`, ...headers }, body });
}
const post = (where, path, fields, headers = {}) => send(where, path, 'POST', { 'content-type': 'application/x-www-form-urlencoded', ...headers }, form(fields));

/** The routes of docs/http.md, which a lint keeps equal to the tables of the code. */
function routes() {
  const found = [];
  let heading = '';
  for (const line of read('docs/http.md').split('\n')) {
    if (line.startsWith('## ')) heading = line.slice(3);
    const [, method, path] = /^\| `(\w+) ([^`]+)` \|/.exec(line) ?? [];
    if (path && ['rp, public', 'authority, public', 'authority, internal'].includes(heading)) found.push({ method: method === 'ANY' ? 'get' : method.toLowerCase(), path });
  }
  return found;
}
const asDescribed = (path) => path.replace(/^\{issuer\}/, '/{issuer}').replace('{issuer path}', '/{issuer}')
  .replace('/assets/**', '/assets/{file}').replace('envoy/**', 'envoy/{path}');

test('every route of the tables is described, and nothing else', () => {
  const wanted = new Set(routes().map(({ method, path }) => `${method} ${asDescribed(path)}`));
  const have = new Set(operations.map(({ method, path }) => `${method} ${path}`));
  assert.ok(wanted.size > 50);
  assert.deepEqual([...wanted].filter((route) => !have.has(route)), [], 'not described');
  assert.deepEqual([...have].filter((route) => !wanted.has(route)), [], 'described, but not there');
});

test('references lead somewhere, schemas compile, operations are whole', () => {
  for (const [, reference] of JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)) assert.ok(inline({ $ref: reference }), reference);
  for (const name of Object.keys(document.components.schemas)) ajv.compile(anchored({ $ref: `#/components/schemas/${name}` }));
  for (const { path, method, operation } of operations) {
    assert.ok(operation.summary && operation.tags.length > 0, `${method} ${path}`);
    const names = [...(document.paths[path].parameters ?? []), ...(operation.parameters ?? [])].map(inline).filter((each) => each.in === 'path').map((each) => each.name);
    assert.deepEqual(names.sort(), [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort(), `${method} ${path}: path parameters`);
    for (const scheme of (operation.security ?? []).flatMap(Object.keys)) assert.ok(document.components.securitySchemes[scheme], scheme);
  }
});

test('every described operation is served, and an undescribed method of its path is not', async () => {
  for (const { path, method, operation } of operations) {
    const where = { 'authority, internal': 'internal' }[document.paths[path].servers?.[0].description] ?? (document.paths[path].servers ? 'issuer' : 'rp');
    const at = path.replace('{issuer}', 'pay').replace('{domain}', 'pay').replace('{file}', 'sekisho.css').replace(/\{(id|model|path)\}/, 'x');
    const [type] = Object.keys(inline(operation.requestBody)?.content ?? {});
    const answer = await send(where, at, method.toUpperCase(), { origin: rp.origin, ...(type ? { 'content-type': type } : {}) }, type?.endsWith('json') ? '{}' : undefined);
    assert.notEqual(answer.status, 405, `${method} ${path}`);
    if (answer.status === 404) assert.ok(/\{(id|model)\}|assetlinks|apple/.test(path), `${method} ${path}: ${answer.body}`);
    if (Object.keys(operation.responses).length > 0) holds(path, method, answer);
    if (path.includes('/check/')) continue;
    const other = ['put', 'patch'].find((each) => !document.paths[path][each]);
    assert.equal((await send(where, at, other.toUpperCase(), { origin: rp.origin })).status, 405, `${other} ${path}`);
  }
});

test('ceremonies, session and account answer as described', async () => {
  const options = holds('/attestation/options', 'post', await browser.post('/attestation/options', { username: 'ann', displayName: 'Ann' })).json;
  holds('/attestation/result', 'post', await browser.post('/attestation/result', await browser.authenticator.create(options, rp.origin)));
  holds('/attestation/options', 'post', await browser.post('/attestation/options', {}));
  const request = holds('/assertion/options', 'post', await browser.post('/assertion/options', { username: 'ann' })).json;
  holds('/assertion/result', 'post', await browser.post('/assertion/result', await browser.authenticator.get(request, rp.origin)));
  holds('/assertion/result', 'post', await browser.post('/assertion/result', { id: 'x' }));
  for (const path of ['/session', '/sessions', '/credentials', '/applications', '/signals']) {
    assert.equal(holds(path, 'get', await browser.get(path)).status, 200);
    assert.equal(holds(path, 'get', await rp.browser().get(path)).status, 401);
  }
  holds('/session', 'get', await browser.get('/session?acr=phrh&max_age=1'));
  assert.equal(holds('/applications/{domain}/{client}', 'delete', await browser.send('DELETE', '/applications/pay/nobody')).status, 200);
  const [{ id }] = (await browser.get('/credentials')).json;
  assert.equal(holds('/credentials/{id}', 'get', await browser.get(`/credentials/${id}`)).status, 200);
  assert.equal(holds('/credentials/{id}', 'patch', await browser.send('PATCH', `/credentials/${id}`, { nickname: 'mine' })).status, 200);
  assert.equal(holds('/credentials/{id}', 'delete', await browser.send('DELETE', `/credentials/${id}`)).status >= 400, true);
});

test('the front channel answers as described', async () => {
  const config = await discover(rp, 'web');
  const open = async (more) => {
    const at = client.buildAuthorizationUrl(config, (await ask(config, more)).parameters);
    return holds('/{domain}/authorize', 'get', await browser.get(at.pathname + at.search));
  };
  assert.equal((await open()).status, 303);
  assert.equal((await open({ response_mode: 'form_post' })).status, 200);
  assert.equal((await open({ redirect_uri: `${CALLBACK}x` })).status, 400);
  const asked = new URL((await open({ max_age: '0' })).headers.location, rp.origin).searchParams.get('continue');
  assert.equal(holds('/continue', 'get', await browser.get(`/continue?continue=${encodeURIComponent(asked)}`)).status, 200);
  assert.equal(holds('/continue/decline', 'post', await browser.post('/continue/decline', { continue: asked })).status, 200);
  assert.equal(holds('/{domain}/authorize', 'post', await browser.send('POST', '/pay/authorize', 'client_id=web', { headers: { 'content-type': 'application/x-www-form-urlencoded' } })).status, 303);
});

test('the challenge of native applications answers as described', async () => {
  const challenge = (fields) => postForm({ port: rp.port }, '/pay/challenge', fields, { host: new URL(rp.origin).host });
  assert.equal(holds('/{domain}/challenge', 'post', await challenge({ client_id: 'nobody' })).status, 400);
  const fields = { client_id: 'app', scope: 'openid', code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' };
  const asked = holds('/{domain}/challenge', 'post', await challenge(fields));
  assert.equal(asked.json.error, 'insufficient_authorization', asked.body);
  const response = await browser.authenticator.get(asked.json.passkey, rp.origin);
  assert.equal(holds('/{domain}/challenge', 'post', await challenge({ auth_session: asked.json.auth_session, passkey_response: JSON.stringify(response) })).status, 200);
});

test('the issuer answers as described', async () => {
  assert.equal(holds('/{issuer}/.well-known/openid-configuration', 'get', await send('issuer', '/pay/.well-known/openid-configuration')).status, 200);
  for (const id of ['pay', 'eddy', 'rosa']) holds('/{issuer}/jwks', 'get', await send('issuer', `/${id}/jwks`));
  const config = await discover(rp, 'basic');
  const { tokens } = await signIn(browser, config, { scope: 'openid balance.read offline_access' });
  const secret = { client_id: 'post', client_secret: "p%ss:w+rd/&=0123456789abcdefghijklmnop" };
  const mine = (await signIn(browser, await discover(rp, 'post'), { scope: 'openid balance.read offline_access' })).tokens;
  for (const token of [tokens.access_token, tokens.refresh_token, mine.refresh_token, mine.access_token, 'x']) {
    holds('/{issuer}/introspect', 'post', await post('issuer', '/pay/introspect', { token, ...secret }));
    holds('/{domain}/introspect', 'post', await post('internal', '/pay/introspect', { token }));
  }
  assert.equal(holds('/{issuer}/introspect', 'post', await post('issuer', '/pay/introspect', { token: 'x' })).status, 401);
  assert.equal(holds('/{issuer}/token', 'post', await post('issuer', '/pay/token', { grant_type: 'refresh_token', refresh_token: mine.refresh_token, ...secret })).status, 200);
  assert.equal(holds('/{issuer}/token', 'post', await post('issuer', '/pay/token', { grant_type: 'client_credentials', ...secret, client_id: 'cron-post' })).status, 200);
  assert.equal(holds('/{issuer}/token', 'post', await post('issuer', '/pay/token', { grant_type: 'password' })).status, 400);
  assert.equal(holds('/{issuer}/userinfo', 'get', await send('issuer', '/pay/userinfo', 'GET', { authorization: `Bearer ${tokens.access_token}` })).status, 200);
  assert.equal(holds('/{issuer}/userinfo', 'get', await send('issuer', '/pay/userinfo', 'GET', { authorization: 'Bearer x' })).status, 401);
  assert.equal(holds('/{issuer}/par', 'post', await post('issuer', '/pay/par', { ...(await ask(config)).parameters, response_type: 'code', ...secret })).status, 201);
  assert.equal(holds('/{issuer}/par', 'post', await post('issuer', '/pay/par', { ...(await ask(config)).parameters, response_type: 'code', ...secret, redirect_uri: 'https://evil.example/' })).status, 400);
  assert.equal(holds('/{issuer}/revoke', 'post', await post('issuer', '/pay/revoke', { token: mine.access_token, ...secret })).status, 200);
  const check = (headers) => send('internal', '/pay/check/nginx', 'GET', { 'x-original-method': 'GET', 'x-original-uri': '/balance', ...headers });
  assert.equal(holds('/{domain}/check/nginx', 'get', await check({ authorization: `Bearer ${tokens.access_token}` })).status, 200);
  assert.equal(holds('/{domain}/check/nginx', 'get', await check({})).status, 401);
  assert.equal(holds('/{domain}/check/nginx', 'get', await check({ 'x-original-uri': '/nowhere' })).status, 403);
});

test('the check can fail: an answer that is not as described is told', async () => {
  const good = await browser.get('/session');
  assert.throws(() => holds('/session', 'get', { ...good, json: { ...good.json, auth_time: 'now' } }), /auth_time/);
  assert.throws(() => holds('/session', 'get', { ...good, status: 302 }), /not described/);
});
