// MakeCredential Response, Resp-3: the attestation object and the authenticator data in it. What is changed is not
// signed, or is signed as it is sent, so that nothing else is wrong with it.
import { after, before, test } from 'node:test';
import { attestationObject, statement, Tool } from '../support/conformance.js';
import { encode } from '../support/cbor.js';

let tool;
before(async () => { tool = await Tool.start(); });
after(() => tool.done());

const example = encode(new Map([['example.extension', 'some text']])).toString('base64url');

test('FC-036 Resp-3 P-1 extension data in authData, with ED set, passes', () => tool.passesAttestation({ knobs: { extensions: example } }));

const object = (change) => ({ change: attestationObject(change) });
const attStmt = (change) => ({ change: statement(change) });

const wrong = [
  ['FC-037 Resp-3 F-1 attestationObject is a CBOR array', 'attestation_object', object((map) => [...map.values()])],
  ['FC-037 Resp-3 F-1 attestationObject is a CBOR text', 'attestation_object', object(() => 'packed')],
  ['FC-037 Resp-3 F-1 attestationObject is no CBOR', 'cbor', { knobs: { attestationObject: Buffer.from('{"fmt":1}').toString('base64url') } }],
  ['Resp-3 F-2 fmt is absent', 'attestation_object', object((map) => { map.delete('fmt'); })],
  ['FC-039 Resp-3 F-3 fmt is bytes', 'attestation_object', object((map) => { map.set('fmt', Buffer.from('packed')); })],
  ['FC-039 Resp-3 F-3 fmt is a number', 'attestation_object', object((map) => { map.set('fmt', 1); })],
  ['FC-040 Resp-3 F-4 attStmt is absent', 'attestation_object', object((map) => { map.delete('attStmt'); })],
  ['FC-041 Resp-3 F-5 attStmt is an array', 'attestation', object((map) => { map.set('attStmt', [...map.get('attStmt').values()]); })],
  ['FC-041 Resp-3 F-5 attStmt is bytes', 'attestation', object((map) => { map.set('attStmt', encode(map.get('attStmt'))); })],
  ['FC-042 Resp-3 F-6 authData is absent', 'attestation_object', object((map) => { map.delete('authData'); })],
  ['Resp-3 F-7 authData is a text', 'attestation_object', object((map) => { map.set('authData', map.get('authData').toString('base64url')); })],
  ['FC-044 Resp-3 F-8 authData is empty', 'authenticator_data', object((map) => { map.set('authData', Buffer.alloc(0)); })],
  ['FC-045 Resp-3 F-9 AT is clear, attested data is there', 'authenticator_data', { knobs: { at: false } }],
  ['FC-046 Resp-3 F-10 AT is clear, no attested data', 'authenticator_data', { knobs: { at: false, truncate: 37 } }],
  ['FC-047 Resp-3 F-11 AT is set, no attested data', 'authenticator_data', { knobs: { truncate: 37 } }],
  ['Resp-3 F-12 bytes are left over behind the attested data', 'authenticator_data', { knobs: { trailing: 'AAAA' } }],
  ['FC-049 Resp-3 F-13 attStmt is an empty map', 'attestation', object((map) => { map.set('attStmt', new Map()); })],
  ['FC-050 Resp-3 F-14 attStmt.alg is absent', 'attestation', attStmt((map) => { map.delete('alg'); })],
  ['FC-051 Resp-3 F-15 attStmt.alg is a text', 'attestation', attStmt((map) => { map.set('alg', '-7'); })],
  ['FC-051 Resp-3 F-15 attStmt.alg is an array', 'attestation', attStmt((map) => { map.set('alg', [-7]); })],
  ['Resp-3 F-17 attStmt.sig is absent', 'attestation', attStmt((map) => { map.delete('sig'); })],
  ['FC-054 Resp-3 F-18 attStmt.sig is a text', 'attestation', attStmt((map) => { map.set('sig', map.get('sig').toString('base64url')); })],
  ['FC-054 Resp-3 F-18 attStmt.sig is a map', 'attestation', attStmt((map) => { map.set('sig', new Map()); })],
  ['FC-055 Resp-3 F-19 attStmt.sig is empty', 'attestation', attStmt((map) => { map.set('sig', Buffer.alloc(0)); })],
  ['ED is set, no extensions', 'authenticator_data', { knobs: { ed: true } }],
];
for (const [name, reason, bad] of wrong) test(name, () => tool.refusesAttestation(bad, reason));
