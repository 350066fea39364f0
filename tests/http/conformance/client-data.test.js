// MakeCredential Response, Resp-2: CollectedClientData of a registration. The client data that is sent is what the
// authenticator signed, so that nothing else is wrong with it.
import { after, before, test } from 'node:test';
import { clientData, Tool } from '../support/conformance.js';

let tool;
before(async () => { tool = await Tool.start(); });
after(() => tool.done());

const create = (change) => ({ knobs: clientData('webauthn.create', change) });

const wrong = [
  ['FC-019 Resp-2 F-1 type is absent', 'client_data', (data) => { delete data.type; }],
  ['FC-020 Resp-2 F-2 type is a number', 'client_data', (data) => { data.type = 5; }],
  ['FC-020 Resp-2 F-2 type is an object', 'client_data', (data) => { data.type = {}; }],
  ['FC-021 Resp-2 F-3 type is empty', 'ceremony_type', (data) => { data.type = ''; }],
  ['FC-022 Resp-2 F-4 type is another text', 'ceremony_type', (data) => { data.type = 'webauthn.made'; }],
  ['Resp-2 F-5 type is that of an assertion', 'ceremony_type', (data) => { data.type = 'webauthn.get'; }],
  ['FC-024 Resp-2 F-6 challenge is absent', 'client_data', (data) => { delete data.challenge; }],
  ['FC-025 Resp-2 F-7 challenge is a number', 'client_data', (data) => { data.challenge = 5; }],
  ['FC-025 Resp-2 F-7 challenge is an array', 'client_data', (data) => { data.challenge = [data.challenge]; }],
  ['FC-026 Resp-2 F-8 challenge is empty', 'challenge', (data) => { data.challenge = ''; }],
  ['FC-027 Resp-2 F-9 challenge is no base64url', 'client_data', (data) => { data.challenge = `${data.challenge}==`; }],
  ['FC-027 Resp-2 F-9 challenge is plain base64', 'client_data', (data) => { data.challenge = `+/${data.challenge.slice(2)}`; }],
  ['Resp-2 F-10 challenge is not the one that was sent', 'challenge', (data) => { data.challenge = Buffer.alloc(56, 7).toString('base64url'); }],
  ['FC-029 Resp-2 F-11 origin is absent', 'client_data', (data) => { delete data.origin; }],
  ['FC-030 Resp-2 F-12 origin is a boolean', 'client_data', (data) => { data.origin = true; }],
  ['FC-030 Resp-2 F-12 origin is an array', 'client_data', (data) => { data.origin = [data.origin]; }],
  ['FC-031 Resp-2 F-13 origin is empty', 'origin', (data) => { data.origin = ''; }],
  ['FC-032 Resp-2 F-14 origin is not ours', 'origin', (data) => { data.origin = 'https://other.example.test'; }],
  ['FC-032 Resp-2 F-14 origin is ours with a path', 'origin', (data) => { data.origin = `${data.origin}/`; }],
  ['Resp-2 F-15 tokenBinding is a text', 'client_data', (data) => { data.tokenBinding = 'present'; }],
  ['Resp-2 F-15 tokenBinding is an array', 'client_data', (data) => { data.tokenBinding = []; }],
  ['FC-034 Resp-2 F-16 tokenBinding has no status', 'client_data', (data) => { data.tokenBinding = { id: 'AAAA' }; }],
  ['FC-035 Resp-2 F-17 tokenBinding.status is unknown', 'client_data', (data) => { data.tokenBinding = { status: 'yes' }; }],
];
for (const [name, reason, change] of wrong) test(name, () => tool.refusesAttestation(create(change), reason));

const right = [
  ['no tokenBinding', () => {}],
  ['tokenBinding that is null, as programs write none', (data) => { data.tokenBinding = null; }],
  ['tokenBinding that is present', (data) => { data.tokenBinding = { status: 'present', id: 'AAAA' }; }],
  ['tokenBinding that is supported', (data) => { data.tokenBinding = { status: 'supported' }; }],
  ['tokenBinding that is not', (data) => { data.tokenBinding = { status: 'not-supported' }; }],
  ['what old clients added', (data) => { data.hashAlgorithm = 'SHA-256'; data.clientExtensions = {}; }],
];
for (const [name, change] of right) test(`client data passes with ${name}`, () => tool.passesAttestation(create(change)));
