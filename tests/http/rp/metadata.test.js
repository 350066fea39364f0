import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { aaguid, day, derOf, MetadataRp, MODEL, OTHER, PNG } from '../support/metadata.js';
import { Rp } from '../support/rp.js';

const COMPROMISED = ['REVOKED', 'USER_VERIFICATION_BYPASS', 'ATTESTATION_KEY_COMPROMISE', 'USER_KEY_REMOTE_COMPROMISE', 'USER_KEY_PHYSICAL_COMPROMISE'];
const reported = (status) => [{ status: 'FIDO_CERTIFIED_L1', effectiveDate: '2024-01-01' }, { status, effectiveDate: '2025-01-01' }];

function refused(answer, error, status = 400) {
  assert.equal(answer.status, status, answer.body);
  assert.equal(answer.json.status, 'failed');
  assert.notEqual(answer.json.errorMessage, '');
  assert.equal(answer.json.error, error);
}

async function nothingStored(site, name) {
  assert.equal((await site.rp.admin('GET', `/users/${name}`)).status, 404);
}

describe('metadata from a file', () => {
  let site;
  before(async () => { site = await MetadataRp.start(); });
  after(() => site.done());

  test('FC-167 FC-069 a model of the metadata is attested, as hardware, with a name and an icon', async () => {
    assert.equal((await site.publish([site.entry({ statement: { icon: `data:image/png;base64,${PNG.toString('base64')}`, alternativeDescriptions: { 'ja-JP': '小さな鍵' } } })])).status, 200);
    const browser = site.browser();
    const made = await browser.register('ann', { format: 'packed', aaguid: aaguid() });
    assert.equal(made.credential.attested, true);
    assert.deepEqual(made.credential.provider, { name: 'Pocket Key', name_ja: '小さな鍵', icon: `/authenticators/${MODEL}/icon` });
    const [listed] = (await browser.get('/credentials')).json;
    assert.deepEqual(listed.provider, made.credential.provider);
    assert.equal((await browser.get('/session')).json.acr, 'phrh');
    const icon = await browser.get(listed.provider.icon);
    assert.equal(icon.status, 200);
    assert.equal(icon.headers['content-type'], 'image/png');
    assert.match(icon.headers['cache-control'], /max-age=\d{4,}/);
    assert.equal((await browser.get(`/authenticators/${OTHER}/icon`)).status, 404);
    assert.equal((await browser.get('/authenticators/x/icon')).status, 404);
  });

  test('keys that live in software are attested, and no hardware', async () => {
    await site.publish([site.entry({ statement: { keyProtection: ['software'] } })]);
    const browser = site.browser();
    const made = await browser.register('soft', { format: 'packed', aaguid: aaguid() });
    assert.equal(made.credential.attested, true);
    assert.equal((await browser.get('/session')).json.acr, 'phr');
  });

  test('a chain that reaches none of the model’s roots is refused', async () => {
    await site.publish([site.entry({ statement: { attestationRootCertificates: [derOf(site.pem)] } })]);
    refused(await site.register('bob'), 'attestation_untrusted');
    await nothingStored(site, 'bob');
  });

  test('FC-052 the statement’s algorithm is one of the metadata', async () => {
    await site.publish([site.entry({ statement: { attestationTypes: ['basic_surrogate'], authenticationAlgorithms: ['rsassa_pkcsv15_sha256_raw'] } })]);
    refused(await site.register('cat', { format: 'packed-self', algorithm: -7 }), 'attestation_mismatch');
    await nothingStored(site, 'cat');
    assert.equal((await site.register('cat', { format: 'packed-self', algorithm: -257 })).status, 200);
  });

  test('FC-077 the leaf’s algorithm is one of the metadata', async () => {
    await site.publish([site.entry({ statement: { authenticationAlgorithms: ['rsassa_pkcsv15_sha256_raw'] } })]);
    refused(await site.register('dan', { algorithm: -257 }), 'attestation_mismatch');
    await nothingStored(site, 'dan');
  });

  test('FC-086 a model that attests itself alone has no certificates', async () => {
    await site.publish([site.entry({ statement: { attestationTypes: ['basic_surrogate'] } })]);
    refused(await site.register('eve'), 'attestation_mismatch');
    await nothingStored(site, 'eve');
    assert.equal((await site.register('eve', { format: 'packed-self' })).status, 200);
  });

  for (const [i, status] of COMPROMISED.entries()) {
    test(`AT-23 FC-169 ${status}: no new registration, no login`, async () => {
      await site.publish([site.entry()]);
      const browser = site.browser();
      const { credential } = await browser.register(`fay${i}`, { format: 'packed', aaguid: aaguid() });
      await site.publish([site.entry({ reports: reported(status) })]);
      for (const format of ['packed', 'none']) {
        refused(await site.register(`gus${i}`, { format }), 'authenticator_compromised');
        await nothingStored(site, `gus${i}`);
      }
      refused(await browser.sibling().tryLogin({}, { credential: credential.id }), 'authenticator_compromised');
      await site.publish([site.entry({ reports: [...reported(status), { status: 'UPDATE_AVAILABLE', effectiveDate: '2025-06-01' }] })]);
      assert.equal((await browser.sibling().tryLogin({}, { credential: credential.id })).status, status === 'REVOKED' ? 400 : 200);
    });
  }

  test('AT-22 FC-170 FC-171 what cannot be used is refused, the last good BLOB stays, the alarm sounds', async () => {
    await site.publish([site.entry()]);
    const { number } = await site.show();
    for (const fault of ['bad-signature', 'other-payload', 'alg-none', 'alg-hs256', 'alg-other', 'x5u', 'other-root', 'no-intermediate', 'no-certificates', 'expired-leaf',
      'expired-intermediate', 'leaf-is-no-ca', 'gzip', 'jws-json', 'cut']) {
      const before = (await site.events('metadata.refused')).length;
      const answer = await site.publish([site.entry({ reports: reported('REVOKED') })], { number: number + 1, fault });
      assert.equal(answer.status, 409, `${fault}: ${answer.body}`);
      assert.equal(answer.json.error, 'metadata');
      const shown = await site.show();
      assert.equal(shown.number, number, fault);
      assert.equal(shown.state, 'failing');
      assert.equal(shown.problem, answer.json.message);
      assert.ok((await site.events('metadata.refused')).length >= before);
      assert.equal((await site.register(`hal-${fault}`)).status, 200);
    }
    assert.ok((await site.events('metadata.refused')).length > 3);
    assert.match(site.rp.program.log, /"event":"metadata.refused"/);
    assert.equal((await site.publish([site.entry()], { number: number + 1 })).status, 200);
    assert.equal((await site.show()).state, 'ok');
  });

  test('AT-22 a number never goes back, nor comes twice, across a restart too', async () => {
    await site.publish([site.entry()]);
    const { number } = await site.show();
    for (const restart of [false, true]) {
      if (restart) await site.rp.restart('SIGKILL');
      for (const back of [number - 1, number]) {
        assert.equal((await site.publish([site.entry({ reports: [] })], { number: back })).status, 409);
        assert.equal((await site.show()).number, number);
      }
    }
    assert.equal((await site.publish([site.entry()], { number: number + 5 })).status, 200);
  });

  test('AT-22 nothing is taken whose nextUpdate is past; what is held ages with a word', async () => {
    await site.publish([site.entry()], { nextUpdate: day(2) });
    const { number } = await site.show();
    assert.equal((await site.publish([site.entry()], { nextUpdate: day(-2) })).status, 409);
    site.rp.pass(4 * 86400);
    assert.equal((await site.show()).state, 'stale');
    assert.equal((await site.show()).number, number);
    const ready = await site.browser().get('/readyz');
    assert.equal(ready.json.metadata, 'stale');
    assert.equal((await site.register('ida')).status, 200); /* stale: warn */
    site.rp.pass(-4 * 86400);
    assert.equal((await site.publish([site.entry()], { number: number + 2 })).status, 200);
    assert.equal((await site.browser().get('/readyz')).json.metadata, 'ok');
  });

  test('a file that changes is read by itself', async () => {
    await site.publish([site.entry()]);
    site.number += 1;
    site.write('blob.jwt', (await site.sign([site.entry()])).blob);
    for (const end = Date.now() + 20000; (await site.show()).number !== site.number && Date.now() < end;) await new Promise((resolve) => { setTimeout(resolve, 100); });
    assert.equal((await site.show()).number, site.number);
  });

  test('what was held is held after a restart, without its file', async () => {
    await site.publish([site.entry()]);
    fs.rmSync(path.join(site.folder, 'blob.jwt'));
    await site.rp.restart();
    const shown = await site.show();
    assert.equal(shown.number, site.number);
    assert.equal(shown.state, 'failing');
    assert.match(shown.problem, /blob\.jwt: is not there/);
    assert.equal((await site.register('joe')).status, 200);
    await site.publish([site.entry()]);
  });

  test('an unknown model registers as before, unattested', async () => {
    const browser = site.browser();
    const made = await browser.register('kim', { format: 'packed', aaguid: aaguid(OTHER) });
    assert.equal(made.credential.attested, false);
    assert.equal(made.credential.provider, undefined);
  });

  test('operators see the models', async () => {
    await site.publish([site.entry({ reports: reported('REVOKED') }), site.entry({ model: OTHER }), { aaguid: '11111111-2222-4333-8444-555555555555', statusReports: 7 }]);
    const models = (await site.rp.admin('GET', '/metadata/models')).json;
    assert.deepEqual(models.map(({ aaguid: id, problem, certification }) => [id, problem, certification]), [
      [OTHER, undefined, 'L1'], ['11111111-2222-4333-8444-555555555555', 'unreadable', 'none'], [MODEL, 'REVOKED', 'none']]);
    const one = (await site.rp.admin('GET', `/metadata/models/${MODEL}`)).json;
    assert.deepEqual(one.reports.map(({ status }) => status), ['FIDO_CERTIFIED_L1', 'REVOKED']);
    refused(await site.rp.admin('GET', '/metadata/models/22222222-2222-4333-8444-555555555555'), 'unknown_model', 404);
    refused(await site.register('lee', { aaguid: aaguid('11111111-2222-4333-8444-555555555555') }), 'authenticator_not_allowed');
    assert.equal((await site.show()).unusable, 1);
  });
});

describe('metadata and its revocation lists', () => {
  test('AT-22 FC-172 a BLOB of a revoked signer is refused', async () => {
    const site = await MetadataRp.start({ section: 'file: blob.jwt\n    crls: crls.pem', files: (folder) => fs.writeFileSync(path.join(folder, 'crls.pem'), 'none yet') });
    try {
      assert.equal((await site.show()).state, 'missing');
      for (const [revoked, status] of [['leaf', 409], ['intermediate', 409], ['expired', 409], ['root-alone', 409], ['none', 200]]) {
        site.write('crls.pem', await site.tool.metadataCrls(revoked));
        assert.equal((await site.publish([site.entry()])).status, status, revoked);
        const registered = await site.register(`mia-${revoked}`);
        assert.equal(registered.json.credential.attested, status === 200);
      }
      assert.equal((await site.show()).revocation_checked, true);
    } finally {
      await site.done();
    }
  });
});

describe('rules about models', () => {
  const cases = [
    ['require_metadata: true', { aaguid: aaguid() }, 200],
    ['require_metadata: true', { aaguid: aaguid(OTHER) }, 400],
    ['require_metadata: true', { aaguid: aaguid(), format: 'none' }, 400],
    [`allow: [${MODEL}]`, { aaguid: aaguid() }, 200],
    [`allow: [${MODEL}]`, { aaguid: aaguid(OTHER) }, 400],
    [`allow: [${MODEL}]`, { aaguid: aaguid(), format: 'none' }, 400],
    [`{allow: [${MODEL}], allow_unvouched: true}`, { aaguid: aaguid(), format: 'none' }, 200],
    [`deny: [${MODEL}]`, { aaguid: aaguid() }, 400],
    [`deny: [${MODEL}]`, { aaguid: aaguid(), format: 'none' }, 400],
    [`deny: [${MODEL}]`, { aaguid: aaguid(OTHER) }, 200],
    ['certification: L1', { aaguid: aaguid() }, 200],
    ['certification: L1plus', { aaguid: aaguid() }, 400],
    ['certification: L1', { aaguid: aaguid(), format: 'none' }, 400],
    ['attestation: [basic]', { aaguid: aaguid() }, 200],
    ['attestation: [basic]', { aaguid: aaguid(OTHER) }, 400],
    ['attestation: [self]', { aaguid: aaguid(OTHER), format: 'packed-self' }, 200],
  ];
  let site;
  before(async () => { site = await MetadataRp.start({ extra: '  authenticators: {}' }); });
  after(() => site.done());
  for (const [i, [rule, knobs, status]] of cases.entries()) {
    test(`${rule}: ${JSON.stringify(knobs)} ${status === 200 ? 'may' : 'may not'}`, async () => {
      const text = fs.readFileSync(site.rp.file, 'utf8');
      fs.writeFileSync(site.rp.file, text.replace(/^  authenticators: .*$/m, `  authenticators: ${rule.startsWith('{') ? rule : `{${rule}}`}`));
      const log = site.rp.program.log.length;
      site.rp.program.child.kill('SIGHUP');
      for (const end = Date.now() + 10000; !site.rp.program.log.slice(log).includes('config.reloaded') && Date.now() < end;) await new Promise((resolve) => { setTimeout(resolve, 20); });
      const answer = await site.register(`rule${i}`, knobs);
      assert.equal(answer.status, status, answer.body);
      if (status === 200) return;
      refused(answer, 'authenticator_not_allowed');
      await nothingStored(site, `rule${i}`);
    });
  }
});

describe('other ways', () => {
  test('AT-23 compromised_logins: alert lets in, and says so', async () => {
    const site = await MetadataRp.start({ extra: '  authenticators: {compromised_logins: alert}' });
    try {
      const browser = site.browser();
      const { credential } = await browser.register('nan', { format: 'packed', aaguid: aaguid() });
      await site.publish([site.entry({ reports: reported('USER_VERIFICATION_BYPASS') })]);
      assert.equal((await browser.sibling().tryLogin({}, { credential: credential.id })).status, 200);
      refused(await site.register('nob'), 'authenticator_compromised');
      assert.equal((await site.events('login.succeeded'))[0].detail.compromised, 'USER_VERIFICATION_BYPASS');
      assert.match(site.rp.program.log, /"event":"login.compromised_model"/);
    } finally {
      await site.done();
    }
  });

  test('a login counts the certification that the model has now', async () => {
    const certified = (level) => site.entry({ reports: [{ status: `FIDO_CERTIFIED_${level}`, effectiveDate: '2024-01-01' }] });
    const site = await MetadataRp.start({
      extra: 'levels:\n  - {name: phr, user_verified: true}\n  - {name: gold, user_verified: true, authenticators: {certification: L2}}',
    });
    try {
      await site.publish([certified('L2')]);
      const browser = site.browser();
      const { credential } = await browser.register('ola', { format: 'packed', aaguid: aaguid() });
      assert.equal((await browser.get('/session')).json.acr, 'gold');
      for (const [level, acr] of [['L1', 'phr'], ['L3', 'gold']]) {
        await site.publish([certified(level)]);
        const again = browser.sibling();
        assert.equal((await again.tryLogin({}, { credential: credential.id })).status, 200);
        assert.equal((await again.get('/session')).json.acr, acr, level);
      }
      await site.publish([]);
      const gone = browser.sibling();
      assert.equal((await gone.tryLogin({}, { credential: credential.id })).status, 200);
      assert.equal((await gone.get('/session')).json.acr, 'phr', 'nobody vouches for it any more');
    } finally {
      await site.done();
    }
  });

  test('AT-23 only the batch that a report names is refused, at logins too', async () => {
    const site = await MetadataRp.start();
    try {
      const browser = site.browser();
      const { credential } = await browser.register('oli', { format: 'packed', aaguid: aaguid() });
      const report = (certificate) => [{ status: 'ATTESTATION_KEY_COMPROMISE', certificate }];
      await site.publish([site.entry({ reports: report(derOf(site.pem)) })]);
      assert.equal((await browser.sibling().tryLogin({}, { credential: credential.id })).status, 200);
      assert.equal((await site.register('ola')).status, 200);
      await site.publish([site.entry({ reports: report(site.root) })]);
      refused(await browser.sibling().tryLogin({}, { credential: credential.id }), 'authenticator_compromised');
      refused(await site.register('ole'), 'authenticator_compromised');
    } finally {
      await site.done();
    }
  });

  test('stale: refuse takes no word of old metadata, and still hears its warnings', async () => {
    const site = await MetadataRp.start({ section: 'file: blob.jwt\n    stale: refuse', extra: '  authenticators: {require_metadata: true}' });
    try {
      assert.equal((await site.register('pam')).status, 200);
      site.rp.pass(40 * 86400);
      refused(await site.register('pat'), 'authenticator_not_allowed');
      site.rp.pass(-40 * 86400);
      await site.publish([site.entry({ reports: reported('REVOKED') })]);
      site.rp.pass(40 * 86400);
      refused(await site.register('pia'), 'authenticator_compromised');
    } finally {
      await site.done();
    }
  });

  test('the operator’s roots stand beside the metadata', async () => {
    const site = await MetadataRp.start({
      extra: '  trust_roots: own.pem',
      files: (folder, self) => fs.writeFileSync(path.join(folder, 'own.pem'), `-----BEGIN CERTIFICATE-----\n${self.root.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`),
      entries: [],
    });
    try {
      const browser = site.browser();
      assert.equal((await browser.register('ray', { format: 'packed', aaguid: aaguid() })).credential.attested, true);
      assert.equal((await browser.get('/session')).json.acr, 'phrh');
    } finally {
      await site.done();
    }
  });

  test('a chain to the operator’s roots alone has nobody’s certification; one to both has both', async () => {
    const pem = (der) => `-----BEGIN CERTIFICATE-----\n${der.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
    const site = await MetadataRp.start({
      extra: '  trust_roots: own.pem\n  authenticators: {}',
      files: (folder, self) => fs.writeFileSync(path.join(folder, 'own.pem'), pem(self.root)),
    });
    try {
      const both = await site.browser().register('rex', { format: 'packed', aaguid: aaguid() });
      assert.deepEqual([both.credential.attested, both.credential.hardware, both.credential.certification], [true, true, 'L1']);
      await site.publish([site.entry({ statement: { attestationRootCertificates: [derOf(site.pem)] } })]);
      const own = await site.browser().register('roy', { format: 'packed', aaguid: aaguid() });
      assert.deepEqual([own.credential.attested, own.credential.hardware, own.credential.certification], [true, true, 'none']);
      fs.writeFileSync(site.rp.file, fs.readFileSync(site.rp.file, 'utf8').replace('  authenticators: {}', '  authenticators: {require_metadata: true}'));
      await site.rp.restart();
      refused(await site.register('ron'), 'authenticator_not_allowed');
      await site.publish([site.entry()]);
      assert.equal((await site.register('ron')).status, 200);
    } finally {
      await site.done();
    }
  });

  test('statements of a folder are the operator’s word', async () => {
    const site = await MetadataRp.start({
      section: 'statements: models',
      files: (folder, self) => {
        fs.mkdirSync(path.join(folder, 'models'));
        fs.writeFileSync(path.join(folder, 'models', 'one.json'), JSON.stringify(self.statement()));
        fs.writeFileSync(path.join(folder, 'models', 'README'), 'not a statement');
      },
    });
    try {
      assert.deepEqual([(await site.show()).state, (await site.show()).models], ['ok', 1]);
      assert.equal((await site.register('sam')).json.credential.attested, true);
      site.write('models/two.json', '{"aaguid":7}');
      assert.equal((await site.update()).status, 409);
      assert.match((await site.show()).problem, /two\.json/);
      assert.equal((await site.show()).models, 1);
    } finally {
      await site.done();
    }
  });

  test('a crash between BLOB and its record loses neither', async () => {
    const site = await MetadataRp.start();
    try {
      const [held, kept] = ['blob.jwt', 'kept.json'].map((name) => path.join(site.folder, 'metadata', name));
      const before = fs.readFileSync(kept);
      await site.publish([site.entry()]);
      const { number } = await site.show();
      fs.writeFileSync(kept, before);
      fs.rmSync(path.join(site.folder, 'blob.jwt'));
      await site.rp.restart('SIGKILL');
      assert.equal((await site.show()).number, number);
      fs.writeFileSync(held, 'torn');
      await site.rp.restart('SIGKILL');
      assert.equal((await site.show()).state, 'missing');
      assert.equal((await site.publish([site.entry()], { number: number - 1 })).status, 409); /* the number is remembered */
      assert.equal((await site.publish([site.entry()], { number: number + 1 })).status, 200);
    } finally {
      await site.done();
    }
  });

  test('without metadata everything else works', async () => {
    const rp = await Rp.start();
    try {
      const browser = rp.browser();
      const made = await browser.register('tom', { format: 'packed' });
      assert.deepEqual([made.credential.attested, made.credential.provider], [false, undefined]);
      assert.equal((await rp.admin('GET', '/metadata')).json.state, 'off');
      assert.equal((await rp.admin('POST', '/metadata/update')).status, 409);
      assert.equal((await browser.get('/readyz')).json.metadata, undefined);
      assert.equal(fs.existsSync(path.join(rp.folder, 'metadata')), false);
    } finally {
      await rp.done();
    }
  });
});

describe('metadata from an address', () => {
  let site, server, answer, asked;
  before(async () => {
    asked = 0;
    server = http.createServer((request, response) => { asked += 1; answer(request, response); });
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    answer = (request, response) => { response.writeHead(503); response.end(); };
    site = await MetadataRp.start({ section: `url: http://127.0.0.1:${server.address().port}/blob` });
    const { blob } = await site.sign([site.entry()]);
    site.good = blob;
  });
  after(async () => { await site.done(); server.close(); });
  const says = (status, body, headers = {}) => { answer = (request, response) => { response.writeHead(status, headers); response.end(body); }; };

  test('what does not come leaves things as they are, with the reason', async () => {
    says(503, 'later');
    assert.equal((await site.update()).status, 409);
    assert.equal((await site.show()).state, 'missing');
    assert.match((await site.show()).problem, /answered 503/);
  });

  test('it is fetched, verified and kept', async () => {
    says(200, site.good);
    const updated = await site.update();
    assert.equal(updated.status, 200, updated.body);
    assert.equal((await site.show()).number, site.number);
    assert.equal((await site.register('uma')).json.credential.attested, true);
  });

  for (const [name, status, body, headers, why] of [
    ['a redirect', 302, '', { location: 'http://127.0.0.1:1/' }, /redirects are not followed/],
    ['an error', 404, 'gone', {}, /answered 404/],
    ['a page', 200, '<html>', {}, /no compact JWS/],
    ['too much, announced', 200, '', { 'content-length': `${64 * 1024 * 1024}` }, /larger than 32 MiB/],
    ['too much, unannounced', 200, Buffer.alloc(34 * 1024 * 1024, 'a'), { 'transfer-encoding': 'chunked' }, /larger than 32 MiB/],
    ['an unknown encoding', 200, Buffer.from('1f8b0800', 'hex'), { 'content-encoding': 'gzip' }, /gzip/],
  ]) {
    test(`${name} is refused, and what is held stays`, async () => {
      says(status, body, headers);
      const refusal = await site.update();
      assert.equal(refusal.status, 409);
      assert.match(refusal.json.message, why);
      assert.equal((await site.show()).number, site.number);
    });
  }

  test('a newer one is taken after that, and held across a restart without a fetch', async () => {
    site.number += 1;
    says(200, (await site.sign([site.entry()])).blob);
    assert.equal((await site.update()).status, 200);
    const before = asked;
    await site.rp.restart();
    assert.deepEqual([(await site.show()).number, (await site.show()).state], [site.number, 'ok']);
    await new Promise((resolve) => { setTimeout(resolve, 100); });
    assert.equal(asked, before);
  });

  const childrenOf = (pid) => fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);

  test('a fetch under way does not keep the server from ending, and is collected before it has', async () => {
    const silent = new Promise((resolve) => { answer = resolve; });
    const update = site.update().catch(() => 'cut off');
    await silent;
    const fetching = childrenOf(site.rp.program.child.pid).flatMap((agent) => [agent, ...childrenOf(agent)]);
    assert.equal(fetching.length, 2);
    await site.rp.restart(); /* ends by itself, or done() says so */
    for (const pid of fetching) assert.equal(fs.existsSync(`/proc/${pid}`), false, pid);
    await update;
    assert.equal((await site.show()).number, site.number);
  });

  test('the process that fetches ends with the server', async () => {
    const children = childrenOf(site.rp.program.child.pid);
    assert.equal(children.length, 1);
    await site.rp.restart('SIGKILL');
    for (const end = Date.now() + 10000; fs.existsSync(`/proc/${children[0]}`) && Date.now() < end;) await new Promise((resolve) => { setTimeout(resolve, 20); });
    assert.equal(fs.existsSync(`/proc/${children[0]}`), false);
  });
});
