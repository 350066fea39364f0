// MakeCredential Response, Resp-5: packed attestation with certificates. The root that they must reach is given.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { statement, Tool } from '../support/conformance.js';

let tool;
before(async () => { tool = await Tool.start(); });
after(() => tool.done());

test('Resp-5 P-1 a leaf below the root passes', async () => {
  const { credential } = await tool.passesAttestation();
  assert.equal(credential.fmt, 'packed');
  assert.equal(credential.attested, true);
});

test('FC-069 Resp-5 P-2 leaf and intermediate reach the root', async () => {
  const { credential } = await tool.passesAttestation({ knobs: { chain: 'intermediate' } });
  assert.equal(credential.attested, true);
});

const attStmt = (change) => ({ change: statement(change) });
const x5c = (change) => attStmt((map) => { map.set('x5c', change(map.get('x5c'))); });

const wrong = [
  ['FC-070 Resp-5 F-1 fmt is unknown', 'unsupported_attestation_format', { knobs: { formatName: 'packed2' } }],
  ['FC-070 Resp-5 F-1 fmt is packed in capitals', 'unsupported_attestation_format', { knobs: { formatName: 'PACKED' } }],
  ['FC-071 Resp-5 F-2 sig does not verify', 'attestation', { knobs: { signature: 'flip' } }],
  ['FC-072 Resp-5 F-3 x5c is absent', 'attestation', attStmt((map) => { map.delete('x5c'); })],
  ['Resp-5 F-4 x5c is a map', 'attestation', x5c((list) => new Map([[0, list[0]]]))],
  ['Resp-5 F-4 x5c is bytes', 'attestation', x5c((list) => list[0])],
  ['Resp-5 F-4 x5c is an array of texts', 'attestation', x5c((list) => list.map((each) => each.toString('base64')))],
  ['FC-074 Resp-5 F-5 x5c is empty', 'attestation', { knobs: { chain: 'empty' } }],
  ['FC-075 Resp-5 F-6 the leaf has expired', 'attestation_certificate', { knobs: { certificate: 'expired' } }],
  ['FC-076 Resp-5 F-7 the leaf is not valid yet', 'attestation_certificate', { knobs: { certificate: 'not-yet-valid' } }],
  ['Resp-5 F-9 the chain ends at another root', 'attestation_untrusted', { knobs: { certificate: 'other-root' } }],
  ['FC-079 Resp-5 F-10 x5c carries the root too', 'attestation_untrusted', { knobs: { chain: 'with-root' } }],
  ['FC-080 Resp-5 F-11 x5c is in the wrong order', 'attestation', { knobs: { chain: 'reversed' } }],
  ['FC-081 Resp-5 F-12 the intermediate has expired', 'attestation_certificate', { knobs: { chain: 'intermediate-expired' } }],
  ['FC-082 Resp-5 F-13 sig is not by the leaf\'s key', 'attestation', { knobs: { wrongKey: true } }],
];
for (const [name, reason, bad] of wrong) test(name, () => tool.refusesAttestation(bad, reason));

test('Resp-5 F-14 sig is by the new credential\'s key', async () => {
  const options = await tool.attestationOptions(tool.name());
  const self = await tool.authenticator.create(options, tool.rp.origin, { format: 'packed-self' });
  const full = await tool.authenticator.create(options, tool.rp.origin, { format: 'packed' });
  const certificates = statementOf(full).get('x5c');
  const body = { id: self.id, type: self.type, response: { ...self.response } };
  statement((map) => { map.set('x5c', certificates); })(body);
  await tool.refused(await tool.post('/attestation/result', body), 'attestation');
  assert.equal((await tool.credentials(options.user.name)).status, 404);
  await tool.passesAttestation({}, options.user.name);
});

function statementOf(made) {
  let found;
  statement((map) => { found = map; })({ response: { ...made.response } });
  return found;
}
