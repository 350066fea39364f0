// Metadata for the models of a software authenticator, and a login server that reads it.
import fs from 'node:fs';
import path from 'node:path';
import { Rp } from './rp.js';

export const MODEL = '8d2b4a1e-0f3c-4c5d-9e6f-7a8b9c0d1e2f';
export const OTHER = '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
export const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUg==', 'base64');
const FULL = { authenticationAlgorithms: ['secp256r1_ecdsa_sha256_raw'], attestationTypes: ['basic_full'], keyProtection: ['hardware', 'secure_element'] };

/** The AAGUID knob of a model. */
export const aaguid = (model = MODEL) => Buffer.from(model.replaceAll('-', ''), 'hex').toString('base64url');
export const derOf = (pem) => pem.replace(/-----[^-]+-----|\s/g, '');
/** A day so many days from now. */
export const day = (offset) => new Date(Date.now() + offset * 86400000).toISOString().slice(0, 10);

export class MetadataRp {
  number = 7;

  /** section: below rp.metadata, beside file and roots; extra: further text of the rp section. */
  static async start({ section = 'file: blob.jwt', extra = '', entries, files = () => {}, authority } = {}) {
    const self = new MetadataRp();
    const { SoftAuthenticator } = await import('../../authenticator/softauthn.mjs');
    self.tool = new SoftAuthenticator();
    self.root = derOf(await self.tool.roots());
    const first = await self.sign(entries ?? [self.entry()]);
    self.pem = first.roots;
    self.rp = await Rp.start({
      authority,
      config: (text) => text.replace('  database: rp.db', `  database: rp.db
  metadata:
    roots: mds.pem
    ${section}${extra ? `\n${extra}` : ''}`),
      prepare: (folder) => {
        self.folder = folder;
        fs.writeFileSync(path.join(folder, 'mds.pem'), first.roots);
        fs.writeFileSync(path.join(folder, 'blob.jwt'), first.blob);
        files(folder, self);
      },
    });
    return self;
  }

  statement(more = {}, model = MODEL) {
    return { aaguid: model, description: 'Pocket Key', ...FULL, attestationRootCertificates: [this.root], ...more };
  }

  /** An entry of the payload: the statement's members, the reports. */
  entry({ statement = {}, reports = [{ status: 'FIDO_CERTIFIED_L1', effectiveDate: '2024-01-01' }], model = MODEL } = {}) {
    return { aaguid: model, metadataStatement: this.statement(statement, model), statusReports: reports, timeOfLastStatusChange: '2024-01-01' };
  }

  sign(entries, { number = this.number, nextUpdate = day(30), fault } = {}) {
    return this.tool.metadata({ legalHeader: 'For tests.', no: number, nextUpdate, entries }, fault);
  }

  write(name, bytes) {
    const file = path.join(this.folder, name);
    fs.writeFileSync(`${file}.new`, bytes);
    fs.renameSync(`${file}.new`, file);
  }

  /** Publishes the next BLOB, and has it read. */
  async publish(entries, options = {}) {
    this.number = options.number ?? this.number + 1;
    this.write('blob.jwt', (await this.sign(entries, { ...options, number: this.number })).blob);
    return this.update();
  }

  update() {
    return this.rp.admin('POST', '/metadata/update');
  }

  async show() {
    return (await this.rp.admin('GET', '/metadata')).json;
  }

  /** A browser whose authenticator is the one that the metadata knows. */
  browser() {
    const browser = this.rp.browser();
    browser.authenticator.close();
    browser.authenticator = this.tool;
    return browser;
  }

  register(name, knobs = {}) {
    return this.browser().tryRegister(name, { format: 'packed', aaguid: aaguid(), ...knobs });
  }

  async events(name) {
    const { events } = (await this.rp.admin('GET', '/audit?limit=200')).json;
    return events.filter(({ event }) => event === name).map((event) => ({ ...event, detail: JSON.parse(event.detail) }));
  }

  async done() {
    this.tool.close();
    await this.rp.done();
  }
}
