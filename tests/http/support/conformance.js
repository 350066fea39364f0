// Plays FIDO's server conformance tools against a login server in conformance mode: bodies in the shape of the
// transport binding profile, one cookie jar for all names, no session that anybody meant to have.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { SoftAuthenticator } from '../../authenticator/softauthn.mjs';
import { decode, encode } from './cbor.js';
import { makeFolder, removeFolder } from './processes.js';
import { Browser, Rp } from './rp.js';
import { until } from './site.js';

const bytes = (text) => Buffer.from(text, 'base64url');
const text = (value) => Buffer.from(value).toString('base64url');

/** A change of the attestation object behind the authenticator's back: nothing in it but authData is signed. */
export const attestationObject = (change) => (body) => {
  const object = decode(bytes(body.response.attestationObject));
  body.response.attestationObject = text(encode(change(object) ?? object));
};

/** The same for attStmt. */
export const statement = (change) => attestationObject((object) => { change(object.get('attStmt')); });

/** Client data as the client makes it, but changed; what it is, is signed. */
export const clientData = (type, change) => (options, origin) => {
  const data = { challenge: options.challenge, origin, type };
  change(data);
  return { clientDataJSON: text(JSON.stringify(data)) };
};

export class Tool {
  #names = 0;

  /** lines: more of the configuration's rp, behind a function of the folder of files. */
  static async start({ conformance = true, lines = () => [], prepare = () => {}, registration = 'invite' } = {}) {
    const tool = new Tool();
    tool.folder = makeFolder();
    tool.authenticator = new SoftAuthenticator();
    tool.file('roots.pem', await tool.authenticator.roots());
    await prepare(tool);
    const all = [`trust_roots: ${path.join(tool.folder, 'roots.pem')}`, `conformance: ${conformance}`, ...lines(tool.folder)];
    tool.rp = await Rp.start({
      config: (plain) => plain.replace('  registration: open\n', `  registration: ${registration}\n${all.map((line) => `  ${line}\n`).join('')}`),
    });
    tool.browser = new Browser(tool.rp, tool.authenticator);
    return tool;
  }

  file(name, content) {
    fs.writeFileSync(path.join(this.folder, name), content);
    return path.join(this.folder, name);
  }

  async done() {
    this.authenticator.close();
    await this.rp.done();
    removeFolder(this.folder);
  }

  /** The server's clock, for statements that say when they were made. */
  get now() {
    return Date.now() + this.rp.clock * 1000;
  }

  name() {
    this.#names += 1;
    return `user-${this.#names}@example.test`;
  }

  post(pathname, body, headers = {}) {
    return this.browser.post(pathname, body, { headers: { origin: null, ...headers } });
  }

  async #options(pathname, body) {
    const answer = await this.post(pathname, body);
    assert.equal(answer.status, 200, answer.body);
    return answer.json;
  }

  attestationOptions(username, ask = {}) {
    return this.#options('/attestation/options', {
      username, displayName: `Of ${username}`, attestation: 'direct',
      authenticatorSelection: { requireResidentKey: false, userVerification: 'preferred' }, ...ask,
    });
  }

  assertionOptions(username, ask = {}) {
    return this.#options('/assertion/options', { username, userVerification: 'preferred', ...ask });
  }

  /** One registration up to its result; knobs may be a function of options and origin, change works on the body. */
  async attest(username, { ask, knobs = {}, change = () => {} } = {}) {
    const options = await this.attestationOptions(username, ask);
    const lies = typeof knobs === 'function' ? knobs(options, this.rp.origin) : knobs;
    const { id, type, response } = await this.authenticator.create(options, this.rp.origin, { format: 'packed', ...lies });
    const { clientDataJSON, attestationObject: object } = response;
    const body = { id, type, response: { clientDataJSON, attestationObject: object }, getClientExtensionResults: {} };
    return this.post('/attestation/result', change(body, options) ?? body);
  }

  /** One login up to its result, as above. */
  async assert(username, { ask, knobs = {}, change = () => {} } = {}) {
    const options = await this.assertionOptions(username, ask);
    const lies = typeof knobs === 'function' ? knobs(options, this.rp.origin) : knobs;
    const { id, type, response } = await this.authenticator.get(options, this.rp.origin, lies);
    const { clientDataJSON, authenticatorData, signature } = response;
    const body = {
      id, type, response: { clientDataJSON, authenticatorData, signature, userHandle: '' }, getClientExtensionResults: {},
    };
    return this.post('/assertion/result', change(body, options) ?? body);
  }

  credentials(username) {
    return this.rp.admin('GET', `/users/${encodeURIComponent(username)}/credentials`);
  }

  /** Why it was refused: logins tell it to the log only. */
  async reason({ json }) {
    if (json.error !== 'authentication_failed') return json.error;
    let line;
    await until(() => {
      line = this.rp.program.log.split('\n').find((each) => each.includes('.refused"') && each.includes(json.request_id));
      return line !== undefined;
    }, `the reason of ${json.request_id}`);
    return JSON.parse(line).error;
  }

  async refused(answer, reason) {
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.body}`);
    assert.equal(answer.json.status, 'failed');
    assert.equal(typeof answer.json.errorMessage, 'string');
    assert.notEqual(answer.json.errorMessage, '');
    assert.equal(await this.reason(answer), reason);
  }

  passed(answer) {
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.json.status, 'ok');
    assert.equal(answer.json.errorMessage, '');
    return answer.json;
  }

  /** The registration is refused for that reason and leaves nothing, not even the account; the good one passes. */
  async refusesAttestation(bad, reason, good = {}) {
    const username = this.name();
    await this.refused(await this.attest(username, bad), reason);
    assert.equal((await this.credentials(username)).status, 404);
    return this.passesAttestation(good, username);
  }

  async passesAttestation(good = {}, username = this.name()) {
    const { credential } = this.passed(await this.attest(username, good));
    const held = (await this.credentials(username)).json;
    assert.deepEqual(held.map(({ id }) => id), [credential.id]);
    return { username, credential: held[0] };
  }

  /** The login is refused for that reason, the credential stays as it was; the good one passes. */
  async refusesAssertion(bad, reason, good = {}) {
    const { username, credential } = await this.passesAttestation();
    const session = this.browser.session;
    await this.refused(await this.assert(username, bad), reason);
    assert.deepEqual((await this.credentials(username)).json, [credential]);
    assert.equal(this.browser.session, session);
    return this.passesAssertion(good, username);
  }

  async passesAssertion(good = {}, known = undefined) {
    const username = known ?? (await this.passesAttestation()).username;
    const answer = this.passed(await this.assert(username, good));
    const [held] = (await this.credentials(username)).json;
    assert.notEqual(held.last_used_at, null);
    return { username, answer };
  }
}
