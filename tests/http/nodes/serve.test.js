// Two `sekisho serve` over one PostgreSQL database: people, their sessions and what is told of them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { authorize, codeOf } from '../support/entry.js';
import { exchange, postForm } from '../support/http.js';
import { twoSites } from '../support/nodes.js';
import { Postgres } from '../support/postgres.js';
import { Site, until, wait } from '../support/site.js';

let server, address, one, two;
before(async () => {
  server = await Postgres.start();
  address = server.makeDatabase('nodes');
  [one, two] = await twoSites(address, (text) => text.replace(/registration: invite/, 'registration: open'));
  await Promise.all([one.serve(), two.serve()]); /* both migrate the empty database */
});
after(async () => {
  await one?.done();
  await two?.done();
  await server?.done();
});

const okCount = (answers) => answers.filter(({ status }) => status === 200).length;
/** The browser, with its cookies and passkeys, as the load balancer sends it to another node. */
const at = (node, browser) => Object.assign(browser.sibling(), { rp: node, cookies: browser.cookies });
const check = (node, token, uri = '/balance') => exchange({ port: node.port + 2 }, {
  path: '/pay/check/nginx', headers: { 'x-original-method': 'GET', 'x-original-uri': uri, authorization: `Bearer ${token}` },
});

/** A token for whoever is signed in; by way of both nodes. */
async function tokenOf(browser) {
  const code = codeOf(await authorize(at(one, browser), one, { scope: 'openid balance.read' }), one);
  const answer = await postForm({ port: two.port + 1 }, '/pay/token', {
    grant_type: 'authorization_code', client_id: 'pay-web', redirect_uri: 'http://localhost:9001/callback', code, code_verifier: 'v'.repeat(43),
  }, { host: `localhost:${one.port + 1}` });
  assert.equal(answer.status, 200, answer.body);
  return answer.json.access_token;
}

test('DB-09 nodes that start together migrate once, and both are ready', async () => {
  for (const node of [one, two]) assert.equal((await node.get('rp', '/readyz', { host: `localhost:${one.port}` })).status, 200);
  assert.equal(server.query('SELECT count(*) - count(DISTINCT version) FROM sekisho_rp.schema_migrations', 'nodes'), '0');
  assert.equal(server.query("SELECT count(*) FROM sekisho_domain_pay.signing_keys WHERE state = 'current'", 'nodes'), '1');
});

test('who registered at one node signs in at the other, with options of either', async () => {
  const browser = one.browser();
  await browser.register('ann');
  const there = at(two, browser);
  there.cookies = new Map();
  await there.login();
  const options = await at(one, there).loginOptions();
  const response = await there.authenticator.get(options, one.origin);
  assert.equal((await there.post('/assertion/result', response)).status, 200, 'begun at one, ended at the other');
  assert.equal((await at(one, there).get('/session')).status, 200);
});

test('DB-04 one challenge, fifty results at once at two nodes: one is taken', async () => {
  const browser = one.browser();
  await browser.register('bob');
  browser.cookies = new Map();
  const options = await browser.loginOptions();
  const response = await browser.authenticator.get(options, one.origin);
  const cookies = new Map(browser.cookies);
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) =>
    at(i % 2 ? one : two, browser).post('/assertion/result', response, { cookies, keep: false })));
  assert.equal(okCount(answers), 1);
});

test('DB-03 one name, twenty accounts at once at two nodes: one is made', async () => {
  const browsers = Array.from({ length: 20 }, () => one.browser());
  const answers = await Promise.all(browsers.map(async (browser, i) => {
    const there = at(i % 2 ? one : two, browser);
    const response = await browser.authenticator.create(await there.registrationOptions('carol'), one.origin);
    return there.post('/attestation/result', response);
  }));
  assert.equal(okCount(answers), 1);
  for (const { status } of answers) assert.ok([200, 409].includes(status), `${status}`);
  assert.equal(server.query("SELECT count(*) FROM sekisho_rp.users WHERE username_key = 'carol'", 'nodes'), '1');
});

test('who signs out at one node is refused by the gateway check of both within a second, whichever it is', async () => {
  for (const [i, node] of [one, two].entries()) {
    const browser = one.browser();
    await browser.register(`dan${i}`);
    const access = await tokenOf(browser);
    for (const each of [one, two]) assert.equal((await check(each, access)).status, 200);
    const begun = Date.now();
    assert.ok((await at(node, browser).send('DELETE', '/session')).status < 300);
    await until(async () => (await check(one, access)).status === 401 && (await check(two, access)).status === 401, 'both', 1500);
    assert.ok(Date.now() - begun < 1500);
  }
});

test('what a node that died left to be told is told by the other', async () => {
  const browser = one.browser();
  await browser.register('eve');
  const access = await tokenOf(browser);
  const sockets = path.join(two.dir, 'run', 'authority.sock');
  fs.renameSync(sockets, `${sockets}.away`); /* node two cannot reach its authority any more */
  assert.ok((await at(two, browser).send('DELETE', '/session')).status < 300);
  await wait(300);
  await two.stop('SIGKILL').catch(() => {});
  await until(async () => (await check(one, access)).status === 401, 'the other node to tell', 15000);
  assert.equal(server.query('SELECT count(*) FROM sekisho_rp.outbox', 'nodes'), '0');
  await wait(200);
  await two.serve();
});

test('a node with other keys is refused before it answers anybody', async () => {
  for (const name of ['rp.key', 'authority-pay.key']) {
    const [, three] = await twoSites(address);
    fs.rmSync(path.join(three.dir, 'keys'), { recursive: true });
    fs.cpSync(path.join(one.dir, 'keys'), path.join(three.dir, 'keys'), { recursive: true });
    fs.writeFileSync(path.join(three.dir, 'keys', name), Buffer.alloc(32, 9), { mode: 0o600 });
    const done = await three.operator('serve');
    assert.notEqual(done.code, 0);
    assert.match(done.stderr, new RegExp(`${name.replace('.', '\\.')} is not the key file that this database was made with; copy keys/ from`));
    await three.done();
  }
});

test('the command line works beside the nodes, and alone', async () => {
  const users = await one.json('user', 'list');
  assert.ok(JSON.stringify(users).includes('ann'));
  assert.deepEqual(await two.json('user', 'list'), users);
});

test('RL-15 a second node may open the database, and one without the server says why it cannot', async () => {
  const site = await Site.make();
  fs.writeFileSync(site.file, fs.readFileSync(site.file, 'utf8').replace(/^( +database:).*$/gm, '$1 "postgresql://owner@127.0.0.1:1/none?sslmode=disable"'));
  const done = await site.operator('serve');
  assert.equal(done.code, 1);
  assert.match(done.stderr, /postgresql connection: .*Connection refused/s);
  await site.done();
});
