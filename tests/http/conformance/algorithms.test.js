// MakeCredential Response, Resp-4: packed self attestation by each algorithm, and an assertion by each such key.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Tool } from '../support/conformance.js';

let tool;
before(async () => { tool = await Tool.start(); });
after(() => tool.done());

const algorithms = [
  ['FC-056 Resp-4 P-1 ES256K', -47],
  ['FC-057 Resp-4 P-2 PS256', -37],
  ['Resp-4 P-3 PS384', -38],
  ['FC-059 Resp-4 P-4 PS512', -39],
  ['FC-060 Resp-4 P-5 RS256', -257],
  ['FC-061 Resp-4 P-6 RS384', -258],
  ['FC-062 Resp-4 P-7 RS512', -259],
  ['Resp-4 P-8 RS1', -65535],
  ['FC-064 Resp-4 P-9 ES256', -7],
  ['FC-065 Resp-4 P-10 ES384', -35],
  ['FC-066 Resp-4 P-11 ES512', -36],
  ['FC-067 Resp-4 P-12 EdDSA on Ed25519', -8],
];
for (const [name, algorithm] of algorithms) {
  test(`${name} registers by self attestation, signs, and not with another key`, async () => {
    const knobs = { format: 'packed-self', algorithm };
    const { username, credential } = await tool.passesAttestation({ knobs });
    assert.equal(credential.alg, algorithm);
    assert.equal(credential.attestation_type, 'self');
    await tool.refused(await tool.assert(username, { knobs: { wrongKey: true } }), 'signature');
    await tool.passesAssertion({}, username);
    await tool.refusesAttestation({ knobs: { ...knobs, wrongKey: true } }, 'attestation', { knobs });
  });
}
