// The programs of docs/integrations, run as they are pasted, with a browser in front of them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { newName, newPerson, startBrowser } from '../../browser/support/person.js';
import { exchange } from '../support/http.js';
import { visit } from '../support/peer.js';
import { freePorts } from '../support/processes.js';
import { Rp } from '../support/rp.js';
import { until } from '../support/site.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const SECRET = crypto.randomBytes(32).toString('hex');
const piece = (page, language) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(fs.readFileSync(`${root}docs/integrations/${page}.md`, 'utf8'))[1];

let rp, api;
const programs = {};
before(async () => {
  const [shop, spa, gateway] = await freePorts(3);
  const clients = (page, port) => piece(page, 'yaml').replace('    clients:\n', '').replaceAll('localhost:9001', `localhost:${port}`);
  rp = await Rp.start({
    authority: true,
    config: (text) => text.replace('    entry: {acr: phr, max_age: 12h}\n', `    entry: {acr: phr, max_age: 12h}
    routes:
      - {match: GET /balance, scopes: [balance.read], service: ledger, grants: [ledger.read]}
      - {match: POST /transfers, scopes: [transfer], service: payments, grants: [payments.charge]}
`).replace('    clients:\n', `    clients:\n${clients('web-backend', shop)}${clients('single-page-app', spa)}`),
    prepare: (folder) => { for (const name of ['shop', 'spa']) fs.writeFileSync(path.join(folder, `${name}.secret`), SECRET, { mode: 0o600 }); },
  });
  api = await startGateway(gateway);
  programs.shop = await startPage('web-backend', shop, gateway);
  programs.spa = await startPage('single-page-app', spa, gateway);
});
after(async () => {
  for (const { child, ended } of Object.values(programs)) {
    child.kill('SIGTERM');
    await ended;
  }
  api?.closeAllConnections();
  if (api) await new Promise((resolve) => { api.close(resolve); });
  await rp?.done();
});

/** A gateway in small: asks the real check, passes its refusals on, and answers for the product. */
async function startGateway(port) {
  const server = http.createServer(async (request, response) => {
    const check = await exchange({ port: rp.internalPort }, {
      path: '/pay/check/nginx', headers: { 'x-original-method': request.method, 'x-original-uri': request.url, authorization: request.headers.authorization ?? '' },
    });
    response.writeHead(check.status, check.status === 200 ? {} : { 'www-authenticate': check.headers['www-authenticate'] });
    response.end(check.status === 200 ? 'served' : '');
  });
  await new Promise((resolve) => { server.listen(port, '127.0.0.1', resolve); });
  return server;
}

async function startPage(page, port, gateway) {
  const folder = fs.mkdtempSync(path.join(rp.folder, `${page}-`));
  fs.symlinkSync(`${root}node_modules`, path.join(folder, 'node_modules'));
  fs.writeFileSync(path.join(folder, 'server.mjs'), piece(page, 'js'));
  if (page === 'single-page-app') {
    fs.mkdirSync(path.join(folder, 'public'));
    fs.writeFileSync(path.join(folder, 'public', 'index.html'), piece(page, 'html'));
  }
  const base = `http://localhost:${port}`;
  // The clock of the test, in front of the program, which is as it was pasted.
  fs.writeFileSync(path.join(folder, 'clock.mjs'), `import fs from 'node:fs';
import ${JSON.stringify(`${root}tests/http/support/web-crypto.js`)};
const now = Date.now;
Date.now = () => now() + 1000 * Number(fs.readFileSync(${JSON.stringify(path.join(rp.folder, 'clock'))}, 'utf8'));`);
  const child = spawn(process.execPath, ['--import', './clock.mjs', 'server.mjs'], {
    cwd: folder, stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_TEST_CONTEXT: '', ISSUER: `http://localhost:${rp.authorityPort}/pay`, BASE: base, API: `http://localhost:${gateway}`, CLIENT_SECRET: SECRET },
  });
  const program = { child, base, port, log: '' };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { program.log += chunk; });
  program.ended = new Promise((resolve) => { child.on('close', resolve); });
  await until(() => {
    if (child.exitCode !== null) throw new Error(`${page}: ${program.log}`);
    return program.log.includes('ready');
  }, page, 60000);
  return program;
}

/** One person's browser: the page's cookies here, the login server's in the browser of the tests. */
class Tab {
  cookies = new Map();

  constructor(program, browser) {
    Object.assign(this, { program, browser });
  }

  async send(method, pathname, headers = {}) {
    const cookie = [...this.cookies].map(([name, text]) => `${name}=${text}`).join('; ');
    const answer = await exchange({ port: this.program.port }, {
      method, path: pathname, headers: { host: `localhost:${this.program.port}`, ...(method === 'GET' ? {} : { origin: this.program.base }), ...(cookie ? { cookie } : {}), ...headers },
    });
    for (const line of answer.headers['set-cookie'] ?? []) {
      assert.match(line, /HttpOnly/i);
      const [, name, text] = /^([^=]+)=([^;]*)/.exec(line);
      this.cookies.set(name, text);
    }
    return answer;
  }

  /** Follows the answer through the login server and back; prompts: how often the passkey was asked for. */
  async follow(answer) {
    let prompts = 0;
    for (let i = 0; i < 8 && answer.status === 303; i++) {
      let at = new URL(answer.headers.location, this.program.base);
      if (at.origin !== this.program.base) {
        const away = await visit(this.browser, at);
        prompts += away.prompts;
        at = away.at;
      }
      assert.equal(at.origin, this.program.base);
      answer = await this.send('GET', at.pathname + at.search);
    }
    return { answer, prompts };
  }
}

async function person(program, name) {
  const browser = rp.browser();
  await browser.register(name);
  return new Tab(program, browser);
}

test('web backend: sign in, account, sign out', async () => {
  const tab = await person(programs.shop, 'ann');
  const fixed = 'A'.repeat(43);
  tab.cookies.set('shop', fixed);
  const { answer } = await tab.follow(await tab.send('GET', '/account'));
  assert.equal(answer.status, 200, `${answer.body} ${programs.shop.log}`);
  assert.ok(answer.json.sub);
  assert.equal(answer.json.acr, 'phr');
  assert.notEqual(tab.cookies.get('shop'), fixed);
  const old = new Tab(programs.shop, tab.browser);
  tab.cookies.forEach((text, name) => old.cookies.set(name, text));
  assert.equal((await tab.send('POST', '/logout', { origin: 'https://evil.example' })).status, 403);
  assert.equal((await tab.follow(await tab.send('POST', '/logout'))).answer.status, 200);
  assert.equal((await tab.browser.get('/session')).status, 401, 'signed out at the login server too');
  assert.equal((await old.send('GET', '/account')).status, 303, 'the session has ended, not only its cookie');
});

test('web backend: an old sign-in is not enough for a transfer, and one passkey later it is', async () => {
  const tab = await person(programs.shop, 'bob');
  assert.equal((await tab.follow(await tab.send('GET', '/account'))).answer.status, 200);
  rp.pass(301);
  const asked = await tab.send('POST', '/transfer');
  assert.equal(asked.status, 303, 'nothing is sent');
  assert.equal(new URL(asked.headers.location).searchParams.get('max_age'), '300');
  const { prompts } = await tab.follow(await tab.send('GET', '/transfer'));
  assert.equal(prompts, 1);
  assert.deepEqual((await tab.send('POST', '/transfer')).json, { sent: true });
  rp.pass(590);
  const calls = await Promise.all(Array.from({ length: 5 }, () => tab.send('GET', '/account')));
  assert.deepEqual(calls.map(({ status }) => status), [200, 200, 200, 200, 200], 'the token is renewed, once');
  assert.equal((await tab.send('POST', '/transfer')).status, 303, 'a renewal is no sign-in');
});

test('web backend: an answer that was not asked for, or is another browser\'s, signs nobody in', async () => {
  const tab = await person(programs.shop, 'cat');
  assert.equal((await tab.send('GET', '/callback?code=x&state=y')).status, 400);
  const begun = await tab.send('GET', '/account');
  const { at } = await visit(tab.browser, begun.headers.location);
  const other = new Tab(programs.shop, rp.browser());
  assert.equal((await other.send('GET', at.pathname + at.search)).status, 400);
  await other.send('GET', '/account');
  assert.equal((await other.send('GET', at.pathname + at.search)).status, 403, 'another state');
  assert.match((await other.send('GET', '/')).body, /sign in/);
});

test('single-page app: the page has no token; calls go through; the challenge of a route becomes a step-up', async () => {
  const own = { 'x-app': '1' };
  const tab = await person(programs.spa, 'dan');
  const page = await tab.send('GET', '/');
  assert.match(page.body, /<script type="module">/);
  const nobody = await tab.send('GET', '/bff/user', own);
  assert.deepEqual([nobody.status, nobody.json], [401, { login: '/bff/login' }]);
  await tab.follow(await tab.send('GET', '/bff/login'));
  const who = await tab.send('GET', '/bff/user', own);
  assert.equal(who.json.acr, 'phr', programs.spa.log);
  assert.deepEqual(Object.keys(who.json).sort(), ['acr', 'auth_time', 'sub']);
  assert.equal((await tab.send('GET', '/api/balance', own)).body, 'served');
  assert.equal((await tab.send('GET', '/api/balance')).status, 403, 'without the field that other sites cannot set');
  rp.pass(301);
  const stale = await tab.send('POST', '/api/transfers', own);
  assert.equal(stale.status, 401);
  assert.equal(stale.json.login, '/bff/login?acr_values=phr&max_age=300');
  const { prompts } = await tab.follow(await tab.send('GET', stale.json.login));
  assert.equal(prompts, 1);
  assert.equal((await tab.send('POST', '/api/transfers', own)).body, 'served');
  const out = await tab.send('POST', '/bff/logout', own);
  const { at } = await visit(tab.browser, out.json.redirect);
  assert.equal(at.href, `${programs.spa.base}/`);
  assert.equal((await tab.send('GET', '/api/balance', own)).status, 401);
  assert.equal((await tab.browser.get('/session')).status, 401);
});

test('single-page app: its page in Chromium signs in, calls, steps up and signs out', async () => {
  const chromium = await startBrowser();
  try {
    const { page, problems, ...person } = await newPerson(chromium, rp.origin, { origins: [programs.spa.base, `http://localhost:${rp.authorityPort}`] });
    await person.register(newName());
    await page.goto(programs.spa.base);
    await page.locator('#who', { hasText: /[\w-]{20,}/ }).waitFor();
    await page.click('#balance');
    await page.locator('#said', { hasText: '200 served' }).waitFor();
    assert.equal(await page.evaluate(() => document.cookie), '', 'the page sees no cookie');
    rp.pass(301);
    await page.click('#send');
    await page.waitForURL(/\/step-up/);
    await person.ready();
    await page.click('#go');
    await page.waitForURL(`${programs.spa.base}/`);
    await page.locator('#who', { hasText: /[\w-]{20,}/ }).waitFor();
    await page.click('#send');
    await page.locator('#said', { hasText: '200 served' }).waitFor();
    await page.click('#out');
    await page.waitForURL(/\/login/);
    assert.deepEqual(problems, []);
  } finally {
    await chromium.close();
  }
});
