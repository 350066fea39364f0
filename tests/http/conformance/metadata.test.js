// What needs metadata: the tools' statements (rows of Resp-3, Resp-5 and Resp-6) and Metadata Service Tests, Resp-1,
// with several BLOBs side by side, one of them good.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Tool } from '../support/conformance.js';
import { until } from '../support/site.js';

const hex = (number) => number.toString(16).padStart(2, '0');
const aaguidOf = (number) => Buffer.from(`00000000000040008000a0a0a0a0a0${hex(number)}`, 'hex');
const uuidOf = (number) => `00000000-0000-4000-8000-a0a0a0a0a0${hex(number)}`;
const derOf = (pem) => pem.replace(/-----[^-]+-----/g, '').replace(/\s/g, '');

/** Knobs of an authenticator of that model. */
const model = (number, more = {}) => ({ format: 'packed', aaguid: aaguidOf(number).toString('base64url'), ...more });

const ES256 = 'secp256r1_ecdsa_sha256_raw', ES384 = 'secp384r1_ecdsa_sha384_raw', RS256 = 'rsassa_pkcsv15_sha256_raw';

function statementOf(number, root, { types = ['basic_full'], algorithms = [ES256] } = {}) {
  return {
    legalHeader: 'For tests.', aaguid: uuidOf(number), description: `Model ${number}`, protocolFamily: 'fido2', schema: 3,
    authenticatorVersion: 1, upv: [{ major: 1, minor: 0 }], authenticationAlgorithms: algorithms,
    publicKeyAlgAndEncodings: ['cose'], attestationTypes: types, keyProtection: ['hardware'],
    matcherProtection: ['on_chip'], attachmentHint: ['external'], tcDisplay: [], attestationRootCertificates: [derOf(root)],
  };
}

const entryOf = (number, root, status = 'FIDO_CERTIFIED_L1') => ({
  aaguid: uuidOf(number), metadataStatement: statementOf(number, root), statusReports: [{ status, effectiveDate: '2024-01-01' }],
  timeOfLastStatusChange: '2024-01-01',
});

const payloadOf = (number, entries) => ({ legalHeader: 'For tests.', no: number, nextUpdate: '2048-01-01', entries });

const FULL = 1, SELF = 2, WIDE = 3, SURROGATE_ONLY = 4, UNKNOWN = 9;
const STATUSES = ['USER_VERIFICATION_BYPASS', 'ATTESTATION_KEY_COMPROMISE', 'USER_KEY_REMOTE_COMPROMISE',
  'USER_KEY_PHYSICAL_COMPROMISE', 'REVOKED'];
const GOOD = 20, BAD_SIGNATURE = 21, BAD_CHAIN = 22, OTHER_ROOT = 23, EXPIRED = 24, STATUS = 30;

/** A server whose only other trust anchor is the metadata's root: chains that no metadata vouches for end nowhere. */
const start = (prepare, more = []) => Tool.start({
  prepare: async (tool) => {
    fs.mkdirSync(path.join(tool.folder, 'mds'));
    tool.root = await tool.authenticator.roots();
    tool.statement = (number, options) => tool.file(`mds/${number}.json`, JSON.stringify(statementOf(number, tool.root, options)));
    tool.blob = async (name, number, entries, fault) => {
      const { blob, roots } = await tool.authenticator.metadata(payloadOf(number, entries), fault);
      tool.file(`mds/${name}.jwt`, blob);
      tool.file('mds-roots.pem', roots);
    };
    await prepare(tool);
    if (!fs.existsSync(path.join(tool.folder, 'mds-roots.pem'))) {
      tool.file('mds-roots.pem', (await tool.authenticator.metadata(payloadOf(1, []))).roots);
    }
    tool.file('roots.pem', fs.readFileSync(path.join(tool.folder, 'mds-roots.pem')));
  },
  lines: (folder) => [
    `metadata: {statements: ${path.join(folder, 'mds')}, roots: ${path.join(folder, 'mds-roots.pem')}${more.map((line) => `, ${line(folder)}`).join('')}}`,
  ],
});

describe('statements', () => {
  let tool;
  before(async () => {
    tool = await start(async (made) => {
      made.statement(FULL);
      made.statement(SELF, { types: ['basic_surrogate'], algorithms: [ES256, RS256] });
      made.statement(WIDE, { types: ['basic_full', 'basic_surrogate'], algorithms: [ES256, ES384] });
      made.statement(SURROGATE_ONLY, { types: ['basic_surrogate'] });
    });
  });
  after(() => tool.done());

  test('FC-069 Resp-5 P-2 a chain to the root in the metadata passes', async () => {
    for (const chain of ['good', 'intermediate']) {
      const { credential } = await tool.passesAttestation({ knobs: model(FULL, { chain }) });
      assert.equal(credential.attested, true);
    }
  });

  test('FC-052 Resp-3 F-16 alg of the statement is not one of the metadata', async () => {
    await tool.refusesAttestation(
      { knobs: model(FULL, { certificate: 'other-curve', statementAlgorithm: -35 }) }, 'attestation_mismatch', { knobs: model(FULL) },
    );
    await tool.passesAttestation({ knobs: model(WIDE, { certificate: 'other-curve', statementAlgorithm: -35 }) });
    await tool.refusesAttestation(
      { knobs: model(SURROGATE_ONLY, { format: 'packed-self', algorithm: -257 }) }, 'attestation_mismatch',
      { knobs: model(SURROGATE_ONLY, { format: 'packed-self' }) },
    );
    await tool.passesAttestation({ knobs: model(SELF, { format: 'packed-self', algorithm: -257 }) });
  });

  test('FC-077 Resp-5 F-8 the leaf\'s key is of another algorithm than the metadata says', async () => {
    await tool.refusesAttestation(
      { knobs: model(FULL, { certificate: 'other-curve' }) }, 'attestation', { knobs: model(FULL) },
    );
    await tool.refusesAttestation(
      { knobs: model(FULL, { certificate: 'other-curve', chain: 'intermediate', statementAlgorithm: -35 }) }, 'attestation_mismatch',
      { knobs: model(FULL, { chain: 'intermediate' }) },
    );
  });

  test('FC-082 Resp-5 F-13 sig is not by the leaf\'s key, whoever vouches for it', () => tool.refusesAttestation(
    { knobs: model(FULL, { chain: 'intermediate', wrongKey: true }) }, 'attestation', { knobs: model(FULL) },
  ));

  test('FC-086 Resp-6 F-2 a model of self attestation alone sends a full one', async () => {
    await tool.refusesAttestation(
      { knobs: model(SELF) }, 'attestation_mismatch', { knobs: model(SELF, { format: 'packed-self' }) },
    );
  });

  test('a model of full attestation alone sends a self one', () => tool.refusesAttestation(
    { knobs: model(FULL, { format: 'packed-self' }) }, 'attestation_mismatch', { knobs: model(FULL) },
  ));

  test('a chain to another root than the metadata\'s is refused', () => tool.refusesAttestation(
    { knobs: model(FULL, { certificate: 'other-root' }) }, 'attestation_untrusted', { knobs: model(FULL) },
  ));

  test('a full attestation of a model that the metadata does not know is refused', () => tool.refusesAttestation(
    { knobs: model(UNKNOWN) }, 'attestation_untrusted', { knobs: model(FULL) },
  ));
});

describe('BLOBs', () => {
  let tool;
  before(async () => {
    tool = await start(async (made) => {
      await made.blob('good', 7, [entryOf(GOOD, made.root)]);
      await made.blob('statuses', 3, STATUSES.map((status, i) => entryOf(STATUS + i, made.root, status)));
      await made.blob('signature', 9, [entryOf(BAD_SIGNATURE, made.root)], 'bad-signature');
      await made.blob('chain', 9, [entryOf(BAD_CHAIN, made.root)], 'no-intermediate');
      await made.blob('root', 9, [entryOf(OTHER_ROOT, made.root)], 'other-root');
      await made.blob('expired', 9, [entryOf(EXPIRED, made.root)], 'expired-intermediate');
    });
  });
  after(() => tool.done());

  const good = { knobs: model(GOOD) };
  test('FC-167 Resp-1 P-1 a model of a good BLOB passes', async () => {
    const { credential } = await tool.passesAttestation(good);
    assert.equal(credential.attested, true);
  });
  STATUSES.forEach((status, i) => {
    test(`FC-169 Resp-1 F-2 a model whose status is ${status}`, () => tool.refusesAttestation(
      { knobs: model(STATUS + i) }, 'authenticator_compromised', good,
    ));
  });
  test('FC-170 Resp-1 F-3 a model of a BLOB whose signature does not verify', () => tool.refusesAttestation(
    { knobs: model(BAD_SIGNATURE) }, 'attestation_untrusted', good,
  ));
  for (const [what, number] of [['has a gap', BAD_CHAIN], ['ends at another root', OTHER_ROOT], ['has expired', EXPIRED]]) {
    test(`FC-171 Resp-1 F-4 a model of a BLOB whose chain ${what}`, () => tool.refusesAttestation(
      { knobs: model(number) }, 'attestation_untrusted', good,
    ));
  }
  test('the operator is told that something in the folder is wrong', async () => {
    assert.equal((await tool.browser.get('/readyz')).json.metadata, 'failing');
    assert.match(tool.rp.program.log, /\.jwt/);
  });
});

describe('revoked signers', () => {
  let tool;
  before(async () => {
    tool = await start(async (made) => {
      await made.blob('revoked', 5, [entryOf(GOOD, made.root)]);
      made.file('crls.pem', await made.authenticator.metadataCrls('intermediate'));
    }, [(folder) => `crls: ${path.join(folder, 'crls.pem')}`]);
  });
  after(() => tool.done());

  test('FC-172 Resp-1 F-5 a model of a BLOB whose intermediate is revoked', async () => {
    const username = tool.name();
    await tool.refused(await tool.attest(username, { knobs: model(GOOD) }), 'attestation_untrusted');
    assert.equal((await tool.credentials(username)).status, 404);
    tool.file('crls.pem', await tool.authenticator.metadataCrls('none'));
    tool.rp.program.child.kill('SIGHUP');
    await until(async () => (await tool.browser.get('/readyz')).json.metadata === 'ok', 'the metadata');
    await tool.passesAttestation({ knobs: model(GOOD) }, username);
  });
  test('Resp-1 a model of a BLOB whose signer is revoked', async () => {
    tool.file('crls.pem', await tool.authenticator.metadataCrls('leaf'));
    tool.rp.program.child.kill('SIGHUP');
    await until(async () => (await tool.browser.get('/readyz')).json.metadata !== 'ok', 'the refusal');
    await tool.refused(await tool.attest(tool.name(), { knobs: model(GOOD) }), 'attestation_untrusted');
  });
});

test('without rp.conformance BLOBs beside the statements are not read', async (t) => {
  const tool = await start(async (made) => {
    await made.blob('good', 7, [entryOf(GOOD, made.root)]);
    made.statement(FULL);
  });
  t.after(() => tool.done());
  await tool.passesAttestation({ knobs: model(GOOD) });
  const text = fs.readFileSync(tool.rp.file, 'utf8');
  fs.writeFileSync(tool.rp.file, text.replace('conformance: true', 'conformance: false').replace('registration: invite', 'registration: open'));
  await tool.rp.restart();
  await tool.passesAttestation({ knobs: model(FULL) });
  await tool.refused(await tool.attest(tool.name(), { knobs: model(GOOD) }), 'attestation_untrusted');
});
