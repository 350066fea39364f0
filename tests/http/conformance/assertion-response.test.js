// GetAssertion Response, Resp-1: the members of ServerAuthenticatorAssertionResponse.
import { after, before, test } from 'node:test';
import { Tool } from '../support/conformance.js';

let tool;
before(async () => { tool = await Tool.start(); });
after(() => tool.done());

test('FC-115 Resp-1 P-1 a good assertion passes', () => tool.passesAssertion());

const wrong = [
  ['FC-116 Resp-1 F-1 id is absent', (body) => { delete body.id; }],
  ['FC-117 Resp-1 F-2 id is an object', (body) => { body.id = {}; }],
  ['FC-117 Resp-1 F-2 id is a number', (body) => { body.id = 12; }],
  ['Resp-1 F-3 id is no base64url', (body) => { body.id = `${body.id}=`; }],
  ['FC-119 Resp-1 F-4 type is absent', (body) => { delete body.type; }],
  ['FC-120 Resp-1 F-5 type is a boolean', (body) => { body.type = true; }],
  ['FC-121 Resp-1 F-6 type is another', (body) => { body.type = 'password'; }],
  ['FC-122 Resp-1 F-7 response is absent', (body) => { delete body.response; }],
  ['Resp-1 F-8 response is an array', (body) => { body.response = Object.values(body.response); }],
  ['FC-124 Resp-1 F-9 clientDataJSON is absent', (body) => { delete body.response.clientDataJSON; }],
  ['FC-125 Resp-1 F-10 clientDataJSON is a number', (body) => { body.response.clientDataJSON = 4; }],
  ['FC-126 Resp-1 F-11 clientDataJSON is empty', (body) => { body.response.clientDataJSON = ''; }],
  ['FC-127 Resp-1 F-12 authenticatorData is absent', (body) => { delete body.response.authenticatorData; }],
  ['Resp-1 F-13 authenticatorData is an array', (body) => { body.response.authenticatorData = [1]; }],
  ['FC-129 Resp-1 F-14 authenticatorData is no base64url', (body) => { body.response.authenticatorData = `${body.response.authenticatorData}==`; }],
  ['FC-129 Resp-1 F-14 authenticatorData has a space', (body) => { body.response.authenticatorData = ` ${body.response.authenticatorData}`; }],
  ['FC-130 Resp-1 F-15 authenticatorData is empty', (body) => { body.response.authenticatorData = ''; }],
  ['FC-131 Resp-1 F-16 signature is absent', (body) => { delete body.response.signature; }],
  ['FC-132 Resp-1 F-17 signature is null', (body) => { body.response.signature = null; }],
  ['FC-132 Resp-1 F-17 signature is an object', (body) => { body.response.signature = {}; }],
  ['Resp-1 F-18 signature is no base64url', (body) => { body.response.signature = `${body.response.signature.slice(0, -1)}*`; }],
  ['FC-134 Resp-1 F-19 signature is empty', (body) => { body.response.signature = ''; }],
  ['FC-136 Resp-1 F-21 userHandle is a number', (body) => { body.response.userHandle = 5; }],
  ['FC-136 Resp-1 F-21 userHandle is an object', (body) => { body.response.userHandle = {}; }],
];
for (const [name, change] of wrong) test(name, () => tool.refusesAssertion({ change }, 'malformed'));

test('FC-135 Resp-1 F-20 the signature does not verify', () => tool.refusesAssertion({ knobs: { signature: 'flip' } }, 'signature'));
test('FC-135 Resp-1 F-20 the signature is by another key', () => tool.refusesAssertion({ knobs: { wrongKey: true } }, 'signature'));

const right = [
  ['no userHandle', (body) => { delete body.response.userHandle; }],
  ['rawId and the W3C name of the extension results', (body) => { body.rawId = body.id; body.clientExtensionResults = {}; }],
  ['no extension results', (body) => { delete body.getClientExtensionResults; }],
];
for (const [name, change] of right) test(`a response passes with ${name}`, () => tool.passesAssertion({ change }));

test('a userHandle that is not the user\'s is refused', () => tool.refusesAssertion(
  { change: (body) => { body.response.userHandle = Buffer.alloc(32, 1).toString('base64url'); } }, 'user_handle',
));
