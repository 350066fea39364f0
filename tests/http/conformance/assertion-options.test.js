// GetAssertion Request, Req-1: options for a login.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Tool } from '../support/conformance.js';

let tool;
before(async () => { tool = await Tool.start(); });
after(() => tool.done());

test('Req-1 P-1 options have every member that the profile names, and the one credential', async () => {
  const { username, credential } = await tool.passesAttestation();
  for (const userVerification of ['required', 'preferred', 'discouraged']) {
    const options = await tool.assertionOptions(username, { userVerification, extensions: { 'example.extension': 'some text' } });
    assert.equal(options.status, 'ok');
    assert.equal(options.errorMessage, '');
    assert.match(options.challenge, /^[A-Za-z0-9_-]+$/);
    assert.ok(Buffer.from(options.challenge, 'base64url').length >= 16);
    assert.ok(options.timeout > 0);
    assert.equal(options.rpId, 'localhost');
    assert.deepEqual(options.allowCredentials.map(({ type, id }) => ({ type, id })), [{ type: 'public-key', id: credential.id }]);
    assert.equal(options.userVerification, userVerification);
    assert.deepEqual(options.extensions, { 'example.extension': 'some text' });
  }
  assert.equal((await tool.assertionOptions(username, { userVerification: undefined })).userVerification, 'preferred');
});

test('FC-114 Req-1 P-2 no challenge comes twice', async () => {
  const { username } = await tool.passesAttestation();
  const one = await tool.assertionOptions(username);
  const two = await tool.assertionOptions(username);
  assert.notEqual(one.challenge, two.challenge);
});

test('Req-1 each of several credentials is listed', async () => {
  const { username } = await tool.passesAttestation();
  tool.passed(await tool.attest(username, { knobs: { ignoreExclude: true } }));
  const held = (await tool.credentials(username)).json.map(({ id }) => id);
  const { allowCredentials } = await tool.assertionOptions(username);
  assert.deepEqual(allowCredentials.map(({ id }) => id).sort(), held.sort());
});

test('Req-1 a name that nobody has is answered like another', async () => {
  const { status, json } = await tool.post('/assertion/options', { username: tool.name(), userVerification: 'preferred' });
  assert.equal(status, 200);
  assert.ok(json.allowCredentials.length > 0);
});
