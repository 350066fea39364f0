// MakeCredential Response, Resp-6 to Resp-B: self, none, fido-u2f, tpm, android-key and android-safetynet.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { attestationObject, statement, Tool } from '../support/conformance.js';

let tool;
before(async () => { tool = await Tool.start(); });
after(() => tool.done());

/** Rows of name, reason and what differs from the good knobs. */
function refuses(good, rows) {
  for (const [name, reason, { knobs, change }] of rows) {
    test(name, () => tool.refusesAttestation({ knobs: { ...good, ...knobs }, change }, reason, { knobs: good }));
  }
}

const passes = async (knobs, format, type) => {
  const { username, credential } = await tool.passesAttestation({ knobs });
  assert.equal(credential.fmt, format);
  assert.equal(credential.attestation_type, type);
  await tool.passesAssertion({}, username);
};

describe('Resp-6 packed self', () => {
  const good = { format: 'packed-self' };
  test('FC-084 Resp-6 P-1 packed self passes', () => passes(good, 'packed', 'self'));
  refuses(good, [
    ['FC-085 Resp-6 F-1 sig does not verify', 'attestation', { knobs: { signature: 'flip' } }],
    ['FC-085 Resp-6 F-1 sig is by another key', 'attestation', { knobs: { wrongKey: true } }],
    ['FC-087 Resp-6 F-3 fmt is unknown', 'unsupported_attestation_format', { knobs: { formatName: 'self' } }],
    ['Resp-6 alg is not that of the key', 'attestation', { knobs: { statementAlgorithm: -257 } }],
  ]);
});

describe('Resp-7 none', () => {
  const ask = { attestation: 'none' };
  test('Resp-7 P-1 none passes', async () => {
    const { credential } = await tool.passesAttestation({ ask, knobs: { format: 'none' } });
    assert.equal(credential.fmt, 'none');
  });
  test('FC-089 Resp-7 P-2 packed self passes where none was asked', () => tool.passesAttestation({ ask, knobs: { format: 'packed-self' } }));
  test('FC-090 Resp-7 F-1 fmt is none, attStmt is of packed', () => tool.refusesAttestation(
    { ask, knobs: { format: 'packed', formatName: 'none' } }, 'attestation', { ask, knobs: { format: 'none' } },
  ));
});

describe('Resp-8 fido-u2f', () => {
  const good = { format: 'fido-u2f' };
  test('FC-091 Resp-8 P-1 fido-u2f passes', () => passes(good, 'fido-u2f', 'basic'));
  refuses(good, [
    ['FC-092 Resp-8 F-1 the AAGUID is not zero', 'attestation', { knobs: { aaguid: Buffer.alloc(16, 5).toString('base64url') } }],
    ['Resp-8 F-2 sig does not verify', 'attestation', { knobs: { signature: 'flip' } }],
  ]);
});

describe('Resp-9 tpm', () => {
  const good = { format: 'tpm', algorithm: -257 };
  test('FC-094 Resp-9 P-1 tpm by SHA-256 passes', () => passes({ ...good, statementAlgorithm: -257 }, 'tpm', 'attca'));
  test('FC-095 Resp-9 P-2 tpm by SHA-1 passes', () => passes({ ...good, statementAlgorithm: -65535, statementFault: 'name-sha1' }, 'tpm', 'attca'));
  test('FC-096 Resp-9 P-3 the attested name is by another hash than nameAlg, and passes', () => passes({ ...good, statementFault: 'name-other-hash' }, 'tpm', 'attca'));
  refuses(good, [
    ['FC-097 Resp-9 F-1 the certificates are in the wrong order', 'attestation', { knobs: { chain: 'reversed' } }],
    ['Resp-9 F-2 extraData is not the hash of what is attested', 'attestation', { knobs: { statementFault: 'extra-data-other' } }],
    ['FC-099 Resp-9 F-3 magic is not TPM_GENERATED_VALUE', 'attestation', { knobs: { statementFault: 'magic' } }],
    ['FC-100 Resp-9 F-4 unique is not the new key', 'attestation', { knobs: { statementFault: 'other-unique' } }],
    ['Resp-9 the attested name is of another public area', 'attestation', { knobs: { statementFault: 'name-other' } }],
    ['Resp-9 the attested name is bare', 'attestation', { knobs: { statementFault: 'name-bare' } }],
  ]);
});

describe('Resp-A android-key', () => {
  const good = { format: 'android-key' };
  test('FC-101 Resp-A P-1 android-key passes', () => passes(good, 'android-key', 'basic'));
  refuses(good, [
    ['FC-102 Resp-A F-1 the leaf attests another clientDataHash', 'attestation', { knobs: { statementFault: 'challenge-other' } }],
    ['Resp-A F-2 the leaf\'s key is another', 'attestation', { knobs: { statementFault: 'other-key' } }],
    ['FC-104 Resp-A F-3 the certificates are in the wrong order', 'attestation', { knobs: { chain: 'reversed' } }],
  ]);
});

describe('Resp-B android-safetynet', () => {
  const at = (knobs) => ({ format: 'android-safetynet', timeMs: tool.now, ...knobs });
  const good = { knobs: () => at({}) };
  test('FC-105 Resp-B P-1 android-safetynet passes', async () => {
    const { credential } = await tool.passesAttestation(good);
    assert.equal(credential.fmt, 'android-safetynet');
  });
  const wrong = [
    ['FC-106 Resp-B F-1 ver is empty', { statementFault: 'empty-ver' }],
    ['Resp-B F-3 nonce is not the hash of what is attested', { statementFault: 'nonce-other' }],
    ['FC-109 Resp-B F-4 x5c is empty', { chain: 'empty' }],
    ['FC-110 Resp-B F-5 ctsProfileMatch is false', { statementFault: 'no-cts-profile' }],
    ['FC-111 Resp-B F-6 timestampMs is in the future', { statementFault: 'future' }],
    ['FC-112 Resp-B F-7 timestampMs is older than a minute', { statementFault: 'stale' }],
  ];
  for (const [name, knobs] of wrong) test(name, () => tool.refusesAttestation({ knobs: () => at(knobs) }, 'attestation', good));
  test('FC-107 Resp-B F-2 response is empty', () => tool.refusesAttestation(
    { knobs: () => at({}), change: statement((map) => { map.set('response', Buffer.alloc(0)); }) }, 'attestation', good,
  ));
});

test('a format that nobody verifies is refused by name', () => tool.refusesAttestation(
  { change: attestationObject((map) => { map.set('fmt', ''); }) }, 'unsupported_attestation_format',
));
