// GetAssertion Response, Resp-3: authenticator data. What is changed is signed as it is sent.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { encode } from '../support/cbor.js';
import { Tool } from '../support/conformance.js';

let tool;
before(async () => { tool = await Tool.start(); });
after(() => tool.done());

const uv = (userVerification) => ({ userVerification });
const example = encode(new Map([['example.extension', 'some text']])).toString('base64url');

test('FC-154 Resp-3 P-1 a counter that is always 0 passes, again and again', async () => {
  const { username } = await tool.passesAssertion({ knobs: { signCount: 0 } });
  await tool.passesAssertion({ knobs: { signCount: 0 } }, username);
});

const right = [
  ['FC-155 Resp-3 P-2 verification required, UV set', 'required', { uv: true, up: false }],
  ['FC-156 Resp-3 P-3 verification required, UV and UP set', 'required', { uv: true, up: true }],
  ['Resp-3 P-5 verification discouraged, UP set', 'discouraged', { uv: false, up: true }],
  ['FC-159 Resp-3 P-6 verification discouraged, UV set', 'discouraged', { uv: true, up: false }],
];
for (const [name, asked, knobs] of right) test(name, () => tool.passesAssertion({ ask: uv(asked), knobs }));

test('FC-161 Resp-3 P-8 extension data, with ED set, passes', () => tool.passesAssertion({ knobs: { extensions: example } }));

/** Passes, and is no evidence of anything: neither a new session nor an old one holds more for it. */
async function silent(userVerification) {
  tool.browser.cookies.clear();
  const { username } = await tool.passesAttestation();
  tool.browser.cookies.clear();
  const { answer } = await tool.passesAssertion({ ask: uv(userVerification), knobs: { uv: false, up: false } }, username);
  assert.equal(answer.session.username, username);
  assert.equal(answer.session.acr, undefined);
  assert.equal(answer.session.amr, undefined);
  const standing = (await tool.browser.get('/session?acr=urn:sekisho:acr:presence')).json;
  assert.equal(standing.acr, undefined);
  assert.equal(standing.satisfied, false);
  const change = await tool.browser.send('DELETE', `/credentials/${(await tool.credentials(username)).json[0].id}`);
  assert.equal(change.status, 401);
}
test('FC-157 Resp-3 P-4 verification preferred, UV and UP clear', () => silent('preferred'));
test('FC-160 Resp-3 P-7 verification discouraged, UV and UP clear', () => silent('discouraged'));

const wrong = [
  ['FC-162 Resp-3 F-1 two bytes are left over', 'authenticator_data', { knobs: { trailing: 'AAA' } }],
  ['Resp-3 F-2 rpIdHash is of another RP', 'rp_id', { knobs: { rpId: 'example.test' } }],
  ['FC-166 Resp-3 F-5 verification required, only UP set', 'user_verification', { ask: uv('required'), knobs: { uv: false, up: true } }],
  ['verification required, neither set', 'user_verification', { ask: uv('required'), knobs: { uv: false, up: false } }],
];
for (const [name, reason, bad] of wrong) test(name, () => tool.refusesAssertion(bad, reason));

test('FC-164 Resp-3 F-3 the signature covers another client data hash', () => tool.refusesAssertion({
  change: (body) => {
    const data = JSON.parse(Buffer.from(body.response.clientDataJSON, 'base64url'));
    body.response.clientDataJSON = Buffer.from(JSON.stringify({ ...data, more: 1 })).toString('base64url');
  },
}, 'signature'));

test('FC-165 Resp-3 F-4 a counter that did not grow is refused', async () => {
  const { username } = await tool.passesAssertion({ knobs: { signCount: 10 } });
  for (const signCount of [10, 9, 0]) await tool.refused(await tool.assert(username, { knobs: { signCount } }), 'sign_count');
  await tool.passesAssertion({ knobs: { signCount: 11 } }, username);
});
