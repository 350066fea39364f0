// What a refusal must look like, and what it must leave as it was: rows, cookies and counters; the challenge is spent.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { descriptorsOutsidePools } from './descriptors.js';

export const b64 = (bytes) => Buffer.from(bytes).toString('base64url');
export const clientDataOf = (response) => JSON.parse(Buffer.from(response.response.clientDataJSON, 'base64url'));

const HOLDINGS = ['SELECT * FROM users', 'SELECT * FROM credentials', 'SELECT * FROM enrolment_tickets', 'SELECT * FROM outbox',
  'SELECT id, user_id, ref, secret_hash, authenticated_ms, expires_ms, evidence FROM sessions'];

export const query = (rp, sql) => execFileSync('sqlite3', ['-readonly', '-cmd', '.mode quote', path.join(rp.folder, 'rp.db'), sql], { encoding: 'utf8' }).trim();

/** All that a ceremony can write but the audit log and the spent challenges. */
export const stored = (rp) => query(rp, HOLDINGS.join(';'));

export const signCount = (rp, id) => Number(query(rp, `SELECT sign_count FROM credentials WHERE credential_id = x'${Buffer.from(id, 'base64url').toString('hex')}'`));
export const exists = (rp, name) => query(rp, `SELECT count(*) FROM users WHERE username = '${name.replaceAll("'", "''")}'`) === '1';

/** error: the stable code; undefined for any. */
export function refused(answer, { status = 400, error } = {}, what = '') {
  assert.equal(answer.status, status, `${what}: ${answer.body}`);
  assert.match(answer.headers['content-type'], /^application\/json/, what);
  assert.equal(answer.json.status, 'failed', what);
  assert.equal(typeof answer.json.errorMessage, 'string');
  assert.ok(answer.json.errorMessage.length > 0, what);
  assert.match(answer.json.error, /^[a-z0-9_]+$/, what);
  if (error !== undefined) assert.equal(answer.json.error, error, what);
  assert.ok(answer.body.length < 1024, what);
  assert.ok(!(answer.headers['set-cookie'] ?? []).some((line) => /^(__Host-)?sekisho=[^;]/.test(line)), `${what}: a session cookie`);
}

/* Whether a body says which ceremony it is for, so that it is that one's try however wrong it is. Text that is no plain ASCII is
 * left out: JSON.parse takes what the server does not. */
function isTry(body, challenge) {
  if (typeof body !== 'object' || Buffer.isBuffer(body) || typeof body.response?.clientDataJSON !== 'string') return false;
  const text = Buffer.from(body.response.clientDataJSON, 'base64url').toString('latin1');
  if (!/^[\x20-\x7e]*$/.test(text) || text.includes('\\u') || b64(Buffer.from(text, 'latin1')) !== body.response.clientDataJSON) return false;
  try {
    return JSON.parse(text).challenge === challenge;
  } catch {
    return false;
  }
}

async function sendBoth(b, pathname, bad, good, expected, what) {
  const before = stored(b.rp);
  const cookies = new Map(b.cookies);
  const answer = await b.post(pathname, bad, { cookies, keep: false });
  refused(answer, expected, what);
  if (answer.status !== 413 && (isTry(bad, clientDataOf(good).challenge) || !['malformed', 'client_data'].includes(answer.json.error)))
    refused(await b.post(pathname, good, { cookies, keep: false }), { error: pathname.startsWith('/att') ? 'challenge' : 'authentication_failed' }, `${what}: once more`);
  assert.equal(stored(b.rp), before, `${what}: something was written`);
}

/**
 * A registration for a new account that must be refused. edit(response, options) returns the body to send; knobs are
 * the authenticator's, or a function of the options. Afterwards nothing is there, and the honest result is too late.
 */
export async function refusesRegistration(b, username, { ask = {}, knobs = {}, edit = (response) => response, what = '', ...expected }) {
  const held = new Set((await b.authenticator.list()).map(({ id }) => id));
  const options = await b.registrationOptions(username, ask);
  const good = await b.authenticator.create(options, b.rp.origin, { ignoreExclude: true });
  const response = await b.authenticator.create(options, b.rp.origin, { ignoreExclude: true, ...(typeof knobs === 'function' ? knobs(options) : knobs) });
  await sendBoth(b, '/attestation/result', await edit(response, options), good, expected, what);
  for (const { id } of await b.authenticator.list()) if (!held.has(id)) await b.authenticator.forget(id);
}

/** The same for a login. */
export async function refusesLogin(b, { ask = {}, knobs = {}, edit = (response) => response, what = '', error = 'authentication_failed', ...expected }) {
  const options = await b.loginOptions(ask);
  const given = typeof knobs === 'function' ? knobs(options) : knobs;
  const response = await b.authenticator.get({ ...options, allowCredentials: [] }, b.rp.origin, given);
  const good = await b.authenticator.get(options, b.rp.origin, given.credential ? { credential: given.credential } : {});
  await sendBoth(b, '/assertion/result', await edit(response, options), good, { error, ...expected }, what);
}

/** Client data with members of the test's choice; undefined leaves one out. */
export const clientData = (type, options, origin, more = {}) => b64(JSON.stringify({ type, challenge: options.challenge, origin, crossOrigin: false, ...more }));

const statusOf = (pid, key) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
export const resources = (rp) => ({
  rss: statusOf(rp.program.child.pid, 'VmRSS'),
  threads: statusOf(rp.program.child.pid, 'Threads'),
  sanitized: fs.readFileSync(`/proc/${rp.program.child.pid}/maps`, 'utf8').includes('asan'),
  descriptors: descriptorsOutsidePools(rp.program.child.pid),
});
