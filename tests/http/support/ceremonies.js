// What tests of ceremonies share: servers by their rp settings, authenticator outputs in CBOR, the audit log.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { SoftAuthenticator } from '../../authenticator/softauthn.mjs';
import { Browser, Rp } from './rp.js';

/** The model that the software authenticator says it is. */
export const AAGUID = '736f6674-2d61-7574-6865-6e7469636174';

/** A server with more lines below `rp:` (two spaces of indentation), or with whatever `config` makes of the text. */
export const serve = (lines = '', { config = (text) => text, ...more } = {}) => Rp.start({
  config: (text) => config(text.replace('  attestation: none\n', `${lines}\n`)), ...more,
});

/** A server that trusts the roots of one authenticator, and a browser that has it. */
export async function serveTrusting(lines, { config = (text) => text, ...more } = {}) {
  const authenticator = new SoftAuthenticator();
  const pem = await authenticator.roots();
  const folder = fs.mkdtempSync('/tmp/sekisho-roots-');
  const file = path.join(folder, 'roots.pem');
  fs.writeFileSync(file, pem);
  const rp = await serve(`  trust_roots: ${file}\n${lines}`, { config, ...more });
  const done = async () => {
    authenticator.close();
    fs.rmSync(folder, { recursive: true });
    await rp.done();
  };
  return { rp, browser: () => new Browser(rp, authenticator), done };
}

export function refused(answer, status, error) {
  assert.equal(answer.status, status, answer.body);
  assert.equal(answer.json.status, 'failed');
  assert.equal(answer.json.error, error);
  assert.ok(answer.json.errorMessage.length > 20);
}

export const credentialsOf = async (rp, name) => (await rp.admin('GET', `/users/${name}/credentials`)).json;

/** Events of one kind, newest first, with their detail. */
export async function audited(rp, event) {
  const { json } = await rp.admin('GET', '/audit?limit=200');
  return json.events.filter((row) => row.event === event).map((row) => ({ ...row, detail: JSON.parse(row.detail) }));
}

function head(major, value) {
  return value < 24 ? Buffer.from([(major << 5) | value]) : Buffer.from([(major << 5) | 24, value]);
}

/** CBOR of small values, maps in CTAP2's order of keys. */
export function cbor(value) {
  if (typeof value === 'boolean') return Buffer.from([value ? 0xf5 : 0xf4]);
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  const entries = Object.entries(value).map(([key, item]) => [cbor(key), cbor(item)]);
  entries.sort(([a], [b]) => a.length - b.length || Buffer.compare(a, b));
  return Buffer.concat([head(5, entries.length), ...entries.flat()]);
}

/** The knob `extensions` of the software authenticator. */
export const outputs = (map) => cbor(map).toString('base64url');
