// Speaks to the softauthn program: `const authenticator = new SoftAuthenticator()`, then `create` and `get` as a
// browser's navigator.credentials would, with knobs to misbehave (softauthn.c, authenticator.h).
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const DEFAULT_PROGRAM = join(resolve(root, process.env.SEKISHO_BUILD ?? 'build'), 'tests/authenticator/softauthn');

export class SoftAuthenticator {
  #child;
  #waiting = [];
  #ended; /* why it no longer answers */

  constructor(program = DEFAULT_PROGRAM) {
    this.#child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#waiting.shift()?.resolve(JSON.parse(line)));
    const fail = (why) => {
      this.#ended ??= new Error(`softauthn: ${why}`);
      this.#waiting.splice(0).forEach(({ reject }) => reject(this.#ended));
    };
    this.#child.on('exit', (code) => fail(`ended with ${code}`));
    this.#child.on('error', (error) => fail(error.message));
  }

  async #ask(request) {
    if (this.#ended) throw this.#ended;
    const reply = await new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    });
    if (reply.error !== undefined) throw new Error(reply.error);
    return reply;
  }

  /** PublicKeyCredentialCreationOptionsJSON → RegistrationResponseJSON */
  async create(options, origin, knobs = {}) {
    return (await this.#ask({ op: 'create', options, origin, knobs })).response;
  }

  /** PublicKeyCredentialRequestOptionsJSON → AuthenticationResponseJSON; credential: an id, or the newest that fits */
  async get(options, origin, { credential, ...knobs } = {}) {
    return (await this.#ask({ op: 'get', options, origin, credential, knobs })).response;
  }

  async list() {
    return (await this.#ask({ op: 'list' })).credentials;
  }

  async forget(credential) {
    return (await this.#ask({ op: 'forget', credential })).forgotten;
  }

  /** The root of the attestation certificates, as PEM. */
  async roots() {
    return (await this.#ask({ op: 'roots' })).pem;
  }

  /** A metadata BLOB with that payload, signed below `roots` (PEM); fault: soft_metadata.c */
  async metadata(payload, fault = 'good') {
    const { blob, roots } = await this.#ask({ op: 'metadata', payload, fault });
    return { blob: Buffer.from(blob, 'base64url'), roots };
  }

  /** Revocation lists of the metadata's certificates, as PEM. */
  async metadataCrls(revoked = 'none') {
    return (await this.#ask({ op: 'metadata-crls', revoked })).pem;
  }

  close() {
    this.#child.stdin.end();
  }
}
