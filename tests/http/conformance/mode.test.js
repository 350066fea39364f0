// Conformance mode is a mode: each of its deviations is dead without it, it is loud, and not for public origins.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Tool } from '../support/conformance.js';
import { makeFolder, removeFolder } from '../support/processes.js';
import { sekisho, Site, until } from '../support/site.js';

describe('without rp.conformance', () => {
  let tool;
  before(async () => { tool = await Tool.start({ conformance: false, registration: 'open' }); });
  after(() => tool.done());

  /** A name with a passkey, and a browser that nobody is signed in at. */
  const account = async () => {
    const { username } = await tool.passesAttestation();
    tool.browser.cookies.clear();
    return username;
  };

  test('WR-36 a stranger adds nothing to an account, and is told nothing of it', async () => {
    const username = await account();
    assert.deepEqual((await tool.attestationOptions(username)).excludeCredentials, []);
    await tool.refused(await tool.attest(username, { knobs: { ignoreExclude: true } }), 'username_taken');
    assert.equal((await tool.credentials(username)).json.length, 1);
  });

  test('WR-38 the person\'s own session must be fresh', async () => {
    const { username } = await tool.passesAttestation();
    tool.rp.pass(301);
    const answer = await tool.post('/attestation/options', { username, displayName: 'x' });
    assert.equal(answer.status, 401);
    assert.equal(answer.json.error, 'insufficient_user_authentication');
  });

  test('an assertion without user presence is refused', async () => {
    const username = await account();
    for (const userVerification of ['preferred', 'discouraged']) {
      await tool.refused(await tool.assert(username, { ask: { userVerification }, knobs: { uv: false, up: false } }), 'user_presence');
    }
    await tool.refused(await tool.assert(username, { ask: { userVerification: 'required' }, knobs: { up: false } }), 'user_presence');
  });

  test('android-safetynet is refused by name', () => tool.refusesAttestation(
    { knobs: { format: 'android-safetynet', timeMs: tool.now } }, 'unsupported_attestation_format',
  ));

  test('a TPM\'s name by another hash than nameAlg is refused', () => tool.refusesAttestation(
    { knobs: { format: 'tpm', algorithm: -257, statementFault: 'name-other-hash' } }, 'attestation',
    { knobs: { format: 'tpm', algorithm: -257 } },
  ));

  test('RS1 is not offered, and a key of it refused', async () => {
    const { pubKeyCredParams } = await tool.attestationOptions(tool.name());
    assert.deepEqual(pubKeyCredParams.map(({ alg }) => alg), [-7, -8, -35, -257]);
    await tool.refusesAttestation({ knobs: { format: 'packed-self', algorithm: -65535 } }, 'unsupported_algorithm');
  });

  test('a passkey that is found without a name is asked for', async () => {
    const { authenticatorSelection } = await tool.attestationOptions(tool.name(), { authenticatorSelection: undefined });
    assert.equal(authenticatorSelection.residentKey, 'required');
    assert.equal(authenticatorSelection.requireResidentKey, true);
  });

  test('cookies are SameSite, and another site\'s pages refused', async () => {
    const options = await tool.post('/attestation/options', { username: tool.name(), displayName: 'x' });
    for (const line of options.headers['set-cookie']) assert.match(line, /; SameSite=Lax(;|$)/);
    for (const headers of [{ origin: 'file://' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }]) {
      const answer = await tool.post('/attestation/options', { username: tool.name(), displayName: 'x' }, headers);
      assert.equal(answer.status, 403, JSON.stringify(headers));
      assert.equal(answer.json.error, 'cross_site');
    }
  });

  test('nothing is said of it', async () => {
    assert.ok(!tool.rp.program.log.includes('conformance'));
    assert.equal((await tool.browser.get('/readyz')).json.conformance, undefined);
  });
});

describe('with rp.conformance', () => {
  let tool;
  before(async () => { tool = await Tool.start(); });
  after(() => tool.done());

  test('the log warns at the start, /readyz says so', async () => {
    await until(() => tool.rp.program.log.includes('conformance.on'), 'the warning');
    const line = tool.rp.program.log.split('\n').find((each) => each.includes('conformance.on'));
    assert.equal(JSON.parse(line).level, 'warning');
    assert.equal((await tool.browser.get('/readyz')).json.conformance, true);
  });

  test('the cookies of ceremonies come without SameSite, all others with it', async () => {
    const lines = (await tool.attest(tool.name())).headers['set-cookie'];
    const options = await tool.post('/attestation/options', { username: tool.name(), displayName: 'x' });
    for (const line of options.headers['set-cookie']) {
      assert.match(line, /; HttpOnly/);
      assert.ok(!line.includes('SameSite'), line);
    }
    assert.match(lines.find((each) => each.startsWith('sekisho=')), /; SameSite=Lax(;|$)/);
  });

  test('the tools\' own pages are answered', async () => {
    for (const headers of [{ origin: 'file://' }, { origin: 'null', 'sec-fetch-site': 'cross-site' }]) {
      const answer = await tool.post('/attestation/options', { username: tool.name(), displayName: 'x' }, headers);
      assert.equal(answer.status, 200, answer.body);
    }
  });

  test('an account is named without invitation or session, and enrolment links still name theirs', async () => {
    const { username } = await tool.passesAttestation();
    tool.browser.cookies.clear();
    tool.passed(await tool.attest(username, { knobs: { ignoreExclude: true } }));
    assert.equal((await tool.credentials(username)).json.length, 2);
    const answer = await tool.post('/attestation/options', { username, displayName: 'x', ticket: 'AAAA' });
    assert.equal(answer.status >= 400, true);
  });

  test('it is switched with a restart only', async () => {
    const text = fs.readFileSync(tool.rp.file, 'utf8');
    fs.writeFileSync(tool.rp.file, text.replace('conformance: true', 'conformance: false'));
    tool.rp.program.child.kill('SIGHUP');
    await until(() => tool.rp.program.log.includes('rp.conformance changed: that needs a restart'), 'the refusal');
    await tool.passesAttestation();
    fs.writeFileSync(tool.rp.file, text);
  });
});

test('a key of RS1 signs nothing any more when the mode is off', async (t) => {
  const tool = await Tool.start();
  t.after(() => tool.done());
  const knobs = { format: 'packed-self', algorithm: -65535 };
  const { username } = await tool.passesAttestation({ knobs });
  await tool.passesAssertion({}, username);
  const text = fs.readFileSync(tool.rp.file, 'utf8');
  fs.writeFileSync(tool.rp.file, text.replace('conformance: true', 'conformance: false'));
  await tool.rp.restart();
  await tool.refused(await tool.assert(username), 'unsupported_algorithm');
});

test('a whole site comes up in it as always, and says so', async (t) => {
  const site = await Site.make();
  t.after(() => removeFolder(site.folder));
  fs.writeFileSync(site.file, fs.readFileSync(site.file, 'utf8').replace(/^ {2}id: localhost$/m, '  id: localhost\n  conformance: true'));
  await site.serve();
  t.after(() => site.stop());
  await until(() => site.server.log.includes('conformance.on'), 'the warning');
  assert.match(site.server.log, /^sekisho: ready/m);
  assert.equal((await site.stop()).code, 0);
});

test('it is refused on an origin that others can reach', async () => {
  const folder = makeFolder();
  const file = path.join(folder, 'sekisho.yaml');
  const plain = (id, origin) => `
rp:
  id: ${id}
  origins: ["${origin}"]
  listen: 127.0.0.1:1
  conformance: true
  database: rp.db
authority: {listen: 127.0.0.1:2, internal: 127.0.0.1:3, database: a.db}
domains:
  - {id: pay, issuer: "http://localhost:2/pay", entry: {acr: phr, max_age: 12h}, clients: []}
`;
  for (const [id, origin, code] of [
    ['example.com', 'https://login.example.com', 1], ['localhost', 'http://localhost:1', 0], ['rp.test', 'https://rp.test', 0],
  ]) {
    fs.writeFileSync(file, plain(id, origin));
    const done = await sekisho(['check-config', file]);
    assert.equal(done.code, code, done.stderr);
    if (code === 1) assert.match(done.stderr, /rp\.conformance: must not be on for https:\/\/login\.example\.com/);
  }
  removeFolder(folder);
});
