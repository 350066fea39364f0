// GetAssertion Response, Resp-2: CollectedClientData of a login. The client data that is sent is what was signed.
import { after, before, test } from 'node:test';
import { clientData, Tool } from '../support/conformance.js';

let tool;
before(async () => { tool = await Tool.start(); });
after(() => tool.done());

const get = (change) => ({ knobs: clientData('webauthn.get', change) });

const wrong = [
  ['FC-137 Resp-2 F-1 type is absent', 'client_data', (data) => { delete data.type; }],
  ['Resp-2 F-2 type is an array', 'client_data', (data) => { data.type = ['webauthn.get']; }],
  ['FC-139 Resp-2 F-3 type is empty', 'ceremony_type', (data) => { data.type = ''; }],
  ['FC-140 Resp-2 F-4 type is another text', 'ceremony_type', (data) => { data.type = 'webauthn.got'; }],
  ['FC-141 Resp-2 F-5 type is that of a registration', 'ceremony_type', (data) => { data.type = 'webauthn.create'; }],
  ['FC-142 Resp-2 F-6 challenge is absent', 'client_data', (data) => { delete data.challenge; }],
  ['Resp-2 F-7 challenge is an object', 'client_data', (data) => { data.challenge = {}; }],
  ['FC-144 Resp-2 F-8 challenge is empty', 'challenge', (data) => { data.challenge = ''; }],
  ['FC-145 Resp-2 F-9 challenge is no base64url', 'client_data', (data) => { data.challenge = `${data.challenge.slice(0, -1)}%`; }],
  ['FC-146 Resp-2 F-10 challenge is not the one that was sent', 'challenge', (data) => { data.challenge = Buffer.alloc(56, 9).toString('base64url'); }],
  ['FC-147 Resp-2 F-11 origin is absent', 'client_data', (data) => { delete data.origin; }],
  ['Resp-2 F-12 origin is a number', 'client_data', (data) => { data.origin = 8080; }],
  ['FC-149 Resp-2 F-13 origin is empty', 'origin', (data) => { data.origin = ''; }],
  ['FC-150 Resp-2 F-14 origin is not ours', 'origin', (data) => { data.origin = 'http://localhost:1'; }],
  ['FC-151 Resp-2 F-15 tokenBinding is a text', 'client_data', (data) => { data.tokenBinding = 'supported'; }],
  ['FC-151 Resp-2 F-15 tokenBinding is an array', 'client_data', (data) => { data.tokenBinding = []; }],
  ['FC-152 Resp-2 F-16 tokenBinding has no status', 'client_data', (data) => { data.tokenBinding = {}; }],
  ['Resp-2 F-17 tokenBinding.status is unknown', 'client_data', (data) => { data.tokenBinding = { status: 'PRESENT' }; }],
];
for (const [name, reason, change] of wrong) test(name, () => tool.refusesAssertion(get(change), reason));

test('client data passes with tokenBinding as old browsers sent it', () => tool.passesAssertion(get((data) => {
  data.tokenBinding = { status: 'supported' };
  data.hashAlgorithm = 'SHA-256';
})));
