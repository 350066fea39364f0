// MakeCredential Response, Resp-1: the members of ServerAuthenticatorAttestationResponse.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Tool } from '../support/conformance.js';

let tool;
before(async () => { tool = await Tool.start(); });
after(() => tool.done());

test('FC-004 Resp-1 P-1 a registered credential is excluded when options are asked for again', async () => {
  const { username, credential } = await tool.passesAttestation();
  const { excludeCredentials } = await tool.attestationOptions(username);
  assert.equal(excludeCredentials.length, 1);
  assert.equal(excludeCredentials[0].type, 'public-key');
  assert.equal(excludeCredentials[0].id, credential.id);
});

const wrong = [
  ['FC-005 Resp-1 F-1 id is absent', (body) => { delete body.id; }],
  ['FC-006 Resp-1 F-2 id is a number', (body) => { body.id = 5; }],
  ['FC-006 Resp-1 F-2 id is an array', (body) => { body.id = [body.id]; }],
  ['FC-007 Resp-1 F-3 id is plain base64', (body) => { body.id = `${Buffer.from(body.id, 'base64url').toString('base64').slice(0, -2)}/+=`; }],
  ['FC-007 Resp-1 F-3 id is no base64url at all', (body) => { body.id = `${body.id.slice(0, -1)}!`; }],
  ['FC-007 Resp-1 F-3 id is padded', (body) => { body.id = `${body.id}=`; }],
  ['Resp-1 F-4 type is absent', (body) => { delete body.type; }],
  ['FC-009 Resp-1 F-5 type is a number', (body) => { body.type = 1; }],
  ['FC-009 Resp-1 F-5 type is null', (body) => { body.type = null; }],
  ['FC-010 Resp-1 F-6 type is another', (body) => { body.type = 'public-keys'; }],
  ['FC-011 Resp-1 F-7 response is absent', (body) => { delete body.response; }],
  ['FC-012 Resp-1 F-8 response is a text', (body) => { body.response = JSON.stringify(body.response); }],
  ['FC-012 Resp-1 F-8 response is an array', (body) => { body.response = [body.response]; }],
  ['Resp-1 F-9 clientDataJSON is absent', (body) => { delete body.response.clientDataJSON; }],
  ['FC-014 Resp-1 F-10 clientDataJSON is an object', (body) => { body.response.clientDataJSON = {}; }],
  ['FC-014 Resp-1 F-10 clientDataJSON is a number', (body) => { body.response.clientDataJSON = 7; }],
  ['FC-015 Resp-1 F-11 clientDataJSON is empty', (body) => { body.response.clientDataJSON = ''; }],
  ['FC-016 Resp-1 F-12 attestationObject is absent', (body) => { delete body.response.attestationObject; }],
  ['FC-017 Resp-1 F-13 attestationObject is an array', (body) => { body.response.attestationObject = [1, 2]; }],
  ['Resp-1 F-14 attestationObject is empty', (body) => { body.response.attestationObject = ''; }],
  ['rawId is another than id', (body) => { body.rawId = `${body.id}AAAA`; }],
  ['getClientExtensionResults is no object', (body) => { body.getClientExtensionResults = 'x'; }],
];
for (const [name, change] of wrong) test(name, () => tool.refusesAttestation({ change }, 'malformed'));

const right = [
  ['rawId beside id', (body) => { body.rawId = body.id; }],
  ['no extension results at all', (body) => { delete body.getClientExtensionResults; }],
  ['extension results by their W3C name', (body) => { body.clientExtensionResults = {}; delete body.getClientExtensionResults; }],
  ['transports', (body) => { body.response.transports = ['usb', 'nfc', 'another']; }],
  ['members that nobody knows', (body) => { body.more = { a: [1] }; body.response.more = null; }],
];
for (const [name, change] of right) test(`a response passes with ${name}`, () => tool.passesAttestation({ change }));

test('a response to another name\'s options, or to none, is refused', async () => {
  const username = tool.name();
  const answers = [];
  const change = (body) => { answers.push(body); };
  tool.passed(await tool.attest(username, { change }));
  await tool.refused(await tool.post('/attestation/result', answers[0]), 'challenge');
  assert.equal((await tool.credentials(username)).json.length, 1);
});
