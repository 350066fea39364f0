// MakeCredential Request, Req-1: options for a registration.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Tool } from '../support/conformance.js';

let tool;
before(async () => { tool = await Tool.start(); });
after(() => tool.done());

const isText = (value) => assert.equal(typeof value, 'string', `${value}`);
const isBase64url = (value, least, most) => {
  assert.match(value, /^[A-Za-z0-9_-]+$/);
  const { length } = Buffer.from(value, 'base64url');
  assert.ok(length >= least && length <= most, `${length} bytes`);
};

test('FC-001 Req-1 P-1 options have every member that the profile names', async () => {
  const username = tool.name();
  const authenticatorSelection = { requireResidentKey: false, authenticatorAttachment: 'cross-platform', userVerification: 'preferred' };
  const options = await tool.attestationOptions(username, { authenticatorSelection, extensions: { 'example.extension': 'some text' } });
  assert.equal(options.status, 'ok');
  assert.equal(options.errorMessage, '');
  assert.equal(options.user.name, username);
  assert.equal(options.user.displayName, `Of ${username}`);
  isBase64url(options.user.id, 1, 64);
  isText(options.rp.name);
  assert.equal(options.rp.id, 'localhost');
  isBase64url(options.challenge, 16, 64);
  for (const { type, alg } of options.pubKeyCredParams) {
    assert.equal(type, 'public-key');
    assert.ok(Number.isInteger(alg));
  }
  assert.ok(options.timeout > 0);
  assert.equal(options.attestation, 'direct');
  assert.deepEqual(options.extensions, { 'example.extension': 'some text' });
  assert.deepEqual(options.authenticatorSelection, authenticatorSelection);
  assert.deepEqual(options.excludeCredentials, []);
});

test('Req-1 every algorithm that the tools have a test for is offered', async () => {
  const { pubKeyCredParams } = await tool.attestationOptions(tool.name());
  const offered = pubKeyCredParams.map(({ alg }) => alg);
  for (const alg of [-7, -257, -65535, -8, -35, -36, -37, -38, -39, -47, -258, -259]) assert.ok(offered.includes(alg), `${alg}`);
  assert.equal(new Set(offered).size, offered.length);
});

test('FC-002 Req-1 P-2 attestation is as it was asked', async () => {
  for (const attestation of ['none', 'indirect', 'direct', 'enterprise']) {
    assert.equal((await tool.attestationOptions(tool.name(), { attestation })).attestation, attestation);
  }
  assert.equal((await tool.attestationOptions(tool.name(), { attestation: undefined })).attestation, 'none');
});

test('Req-1 P-3 no challenge comes twice', async () => {
  const username = tool.name();
  const seen = new Set();
  for (let i = 0; i < 8; i += 1) seen.add((await tool.attestationOptions(username)).challenge);
  assert.equal(seen.size, 8);
});

test('Req-1 authenticatorSelection is as it was asked, and nothing is forced', async () => {
  const none = await tool.attestationOptions(tool.name(), { authenticatorSelection: undefined });
  assert.notEqual(none.authenticatorSelection?.requireResidentKey, true);
  assert.notEqual(none.authenticatorSelection?.residentKey, 'required');
  for (const asked of [
    { requireResidentKey: true, userVerification: 'required' },
    { residentKey: 'discouraged', requireResidentKey: false, userVerification: 'discouraged' },
    { residentKey: 'required', requireResidentKey: true, authenticatorAttachment: 'platform', userVerification: 'preferred' },
  ]) {
    const { authenticatorSelection } = await tool.attestationOptions(tool.name(), { authenticatorSelection: asked });
    assert.deepEqual(authenticatorSelection, asked);
  }
});

test('Req-1 members of the wrong type are refused', async () => {
  for (const wrong of [
    { username: 5 }, { username: '' }, { displayName: ['x'] }, { attestation: 'all' }, { attestation: 1 }, { extensions: [] },
    { authenticatorSelection: 'x' }, { authenticatorSelection: { userVerification: 'always' } },
    { authenticatorSelection: { requireResidentKey: 'yes' } }, { authenticatorSelection: { authenticatorAttachment: 'usb' } },
  ]) {
    const answer = await tool.post('/attestation/options', { username: tool.name(), displayName: 'x', ...wrong });
    assert.ok([400, 403].includes(answer.status), JSON.stringify(wrong));
    assert.equal(answer.json.status, 'failed');
    assert.ok(answer.json.errorMessage.length > 0);
  }
});

test('Req-1 a name that is taken is asked for again and again, and keeps its account', async () => {
  const { username } = await tool.passesAttestation();
  const first = await tool.attestationOptions(username);
  for (let count = 2; count < 5; count += 1) {
    const answer = await tool.attest(username, { knobs: { ignoreExclude: true } });
    tool.passed(answer);
    const again = await tool.attestationOptions(username);
    assert.equal(again.user.id, first.user.id);
    assert.equal(again.excludeCredentials.length, count);
  }
});
