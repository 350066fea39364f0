// Authorization details (RFC 9396), and approvals that a passkey signs: from /authorize to the token, and back from the evidence.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { authorize, codeOf, continueOf, payload, place, redeem, request } from '../support/entry.js';
import { postForm } from '../support/http.js';
import { ACCESS, ENGLISH, JAPANESE, PAYMENT, withDetails } from '../support/payments.js';
import { Rp } from '../support/rp.js';
import { sekisho } from '../support/site.js';

let rp;
before(async () => {
  rp = await Rp.start({
    authority: true,
    config: withDetails((text) => text.replace('      - {id: pay-web,', [
      '      - {id: partner, third_party: true, public: true, authorization_details_types: [account_access, payment], redirect_uris: ["http://localhost:9001/callback"]}',
      '      - {id: narrow, public: true, scope: balance.read, authorization_details_types: [payment], redirect_uris: ["http://localhost:9001/callback"]}',
      '      - {id: app, public: true, first_party: true, authorization_details_types: [payment], redirect_uris: ["http://localhost:9001/callback"]}',
      '      - {id: plain, public: true, redirect_uris: ["http://localhost:9001/callback"]}',
      '      - {id: pay-web,'].join('\n'))),
  });
});
after(() => rp?.done());

const json = JSON.stringify;
const ask = (browser, details, more = {}) => authorize(browser, rp, { authorization_details: typeof details === 'string' ? details : json(details), ...more });
const errorOf = (answer) => place(answer, rp).searchParams.get('error');
const shownAt = async (browser, handle) => (await browser.get(`/continue?continue=${handle}`)).json;
async function person(name) {
  const browser = rp.browser();
  await browser.register(name);
  return browser;
}

/** Approves what waits behind a handle; the code. */
async function approve(browser, handle, more = {}) {
  const { redirect } = await browser.login({ continue: handle, ...more });
  return codeOf(await browser.get(redirect), rp);
}

const introspect = (token) => postForm({ port: rp.internalPort }, '/pay/introspect', { token });
const granted = (tokens) => payload(tokens.access_token).authorization_details;

test('a payment is shown, approved, and in the token of its code', async () => {
  const browser = await person('ann');
  const handle = continueOf(await ask(browser, [PAYMENT]));
  const shown = await shownAt(browser, handle);
  assert.deepEqual(shown.details, { en: ENGLISH, ja: JAPANESE });
  assert.equal(shown.approval, true);
  assert.equal(shown.requirement.max_age, 0, 'it is asked for this very request');
  const tokens = (await redeem(rp, await approve(browser, handle))).json;
  assert.deepEqual(tokens.authorization_details, [PAYMENT]);
  assert.deepEqual(granted(tokens), [PAYMENT]);
  const told = (await introspect(tokens.access_token)).json;
  assert.equal(told.active, true);
  assert.deepEqual(told.authorization_details, [PAYMENT]);
});

test('the challenge is 64 bytes and covers the statement’s hash', async () => {
  const browser = await person('bob');
  const handle = continueOf(await ask(browser, [PAYMENT]));
  const options = (await browser.post('/assertion/options', { continue: handle })).json;
  const plain = (await browser.post('/assertion/options', {})).json;
  assert.equal(Buffer.from(options.challenge, 'base64url').length, 64);
  assert.equal(Buffer.from(plain.challenge, 'base64url').length, 57);
  assert.equal(options.userVerification, 'required');
  const japanese = (await browser.post('/assertion/options', { continue: handle, language: 'ja' })).json;
  const part = (challenge) => Buffer.from(challenge, 'base64url').subarray(25, 48).toString('hex');
  assert.notEqual(part(japanese.challenge), part(options.challenge), 'another language, another statement');
  assert.equal((await browser.post('/assertion/options', { continue: handle, language: 'de' })).status, 400);
});

test('a session, however fresh, approves nothing', async () => {
  const browser = await person('cat');
  await browser.login({ username: 'cat', requirement: { max_age: 0 } });
  continueOf(await ask(browser, [PAYMENT]));
  assert.equal(errorOf(await ask(browser, [PAYMENT], { prompt: 'none' })), 'interaction_required');
});

test('one approval, one token: the same request again is asked again', async () => {
  const browser = await person('dan');
  const first = continueOf(await ask(browser, [PAYMENT]));
  const { redirect } = await browser.login({ continue: first });
  codeOf(await browser.get(redirect), rp);
  assert.equal((await browser.get(redirect)).status, 400, 'the request is finished');
  continueOf(await ask(browser, [PAYMENT]));
});

test('an approval of one statement finishes no other', async () => {
  const browser = await person('eve');
  const small = continueOf(await ask(browser, [PAYMENT]));
  const large = continueOf(await ask(browser, [{ ...PAYMENT, amount: '9999999' }]));
  await browser.login({ continue: small });
  const second = await browser.login({ continue: large });
  codeOf(await browser.get(second.redirect), rp);
  const third = continueOf(await ask(browser, [{ ...PAYMENT, amount: '7' }]));
  const reply = await browser.login({ continue: continueOf(await ask(browser, [PAYMENT])) });
  const swapped = new URL(reply.redirect, rp.origin);
  assert.ok(swapped.searchParams.get('continue'));
  continueOf(await browser.get(`/pay/authorize?continue=${third}`)); // approved was another request
});

test('an ordinary step-up of that request does not approve it', async () => {
  const browser = await person('fay');
  const handle = continueOf(await ask(browser, [PAYMENT]));
  await browser.login({ username: 'fay', requirement: { max_age: 0 } });
  continueOf(await browser.get(`/pay/authorize?continue=${handle}`));
});

test('whoever is not signed in signs in first, and then sees what to approve', async () => {
  const browser = await person('gil');
  await browser.send('DELETE', '/session');
  const login = continueOf(await ask(browser, [PAYMENT]));
  assert.equal((await shownAt(browser, login)).approval, false);
  const { redirect } = await browser.login({ continue: login });
  const answer = await browser.get(redirect);
  assert.match(answer.headers.location, /^\/step-up/);
  const tokens = (await redeem(rp, await approve(browser, continueOf(answer)))).json;
  assert.deepEqual(granted(tokens), [PAYMENT]);
});

test('no is told to the application', async () => {
  const browser = await person('hal');
  const handle = continueOf(await ask(browser, [PAYMENT]));
  const { redirect } = (await browser.post('/continue/decline', { continue: handle })).json;
  assert.equal(errorOf(await browser.get(redirect)), 'access_denied');
});

test('details that are not bound need no approval, and refreshing gives them again; bound ones it does not', async () => {
  const browser = await person('ida');
  const more = { scope: 'openid offline_access' };
  const free = (await redeem(rp, codeOf(await ask(browser, [ACCESS], more), rp))).json;
  assert.deepEqual(granted(free), [ACCESS]);
  const refresh = (token, extra = {}) => postForm({ port: rp.authorityPort }, '/pay/token', {
    grant_type: 'refresh_token', client_id: 'pay-web', refresh_token: token, ...extra }, { host: `localhost:${rp.authorityPort}` });
  const again = (await refresh(free.refresh_token)).json;
  assert.deepEqual(granted(again), [ACCESS]);
  assert.deepEqual(again.authorization_details, [ACCESS]);
  const both = (await redeem(rp, await approve(browser, continueOf(await ask(browser, [PAYMENT, ACCESS], more))))).json;
  assert.deepEqual(granted(both), [PAYMENT, ACCESS]);
  const later = (await refresh(both.refresh_token)).json;
  assert.deepEqual(granted(later), [ACCESS]);
  const asked = await refresh(later.refresh_token, { authorization_details: json([PAYMENT]) });
  assert.deepEqual([asked.status, asked.json.error], [400, 'invalid_authorization_details']);
});

test('a token request narrows, and never widens (RFC 9396 §6)', async () => {
  const browser = await person('joe');
  const two = [ACCESS, { ...ACCESS, accounts: ['JP-3'] }];
  const narrowed = (await redeem(rp, codeOf(await ask(browser, two), rp), 'pay', { authorization_details: json([two[1]]) })).json;
  assert.deepEqual(granted(narrowed), [two[1]]);
  for (const wrong of [[{ ...ACCESS, days: 31 }], [PAYMENT], [], {}, 'x']) {
    const answer = await redeem(rp, codeOf(await ask(browser, [ACCESS]), rp), 'pay', { authorization_details: json(wrong) });
    assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_authorization_details'], json(wrong));
  }
});

const nested = (depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
test('whatever the schema does not say is refused', async () => {
  const browser = await person('kim');
  const wrong = {
    'no JSON': '{', 'an object': json(PAYMENT), 'an empty list': '[]', 'a list of texts': '["payment"]', 'deep': nested(40), 'deep, but read': nested(20),
    'huge': json([{ ...ACCESS, accounts: ['x'.repeat(5000)] }]), 'nine': json(Array(9).fill(ACCESS)),
    'no type': json([{ amount: '1' }]), 'an unknown type': json([{ ...PAYMENT, type: 'transfer' }]), 'a type that is a number': json([{ type: 1 }]),
    'one good and one unknown': json([ACCESS, { type: 'gift' }]),
    'a duplicate member': '[{"type":"payment","amount":"1","amount":"999","currency":"JPY","payee":{"name":"a","account":"b"}}]',
    'a duplicate type': '[{"type":"account_access","type":"payment","accounts":["a"]}]',
    'a member too many': json([{ ...PAYMENT, note: 'x' }]), 'one inside too many': json([{ ...PAYMENT, payee: { ...PAYMENT.payee, bank: 'x' } }]),
    'a member missing': json([{ ...PAYMENT, amount: undefined }]), 'none of the enum': json([{ ...PAYMENT, currency: 'USD' }]),
    'a number for a text': json([{ ...PAYMENT, amount: 1200 }]), 'an empty text': json([{ ...PAYMENT, amount: '' }]), 'a long text': json([{ ...PAYMENT, amount: '1'.repeat(21) }]),
    'null': json([{ ...PAYMENT, payee: null }]), 'below the minimum': json([{ ...ACCESS, days: 0 }]), 'above the maximum': json([{ ...ACCESS, days: 91 }]),
    'a fraction for an integer': '[{"type":"account_access","accounts":["a"],"days":1.5}]', 'too many entries': json([{ ...ACCESS, accounts: ['a', 'b', 'c', 'd'] }]),
    'a text for a boolean': json([{ ...ACCESS, history: 'true' }]), 'an integer no double holds': '[{"type":"account_access","accounts":["a"],"days":9007199254740993}]',
    'a control character': json([{ ...PAYMENT, payee: { ...PAYMENT.payee, name: 'a\nPay 1 JPY to b' } }]),
    'a bidirectional override': json([{ ...PAYMENT, payee: { ...PAYMENT.payee, name: 'a\u202eb' } }]),
    'a bidirectional isolate': json([{ ...PAYMENT, payee: { ...PAYMENT.payee, name: 'a\u2066b' } }]),
  };
  for (const [what, details] of Object.entries(wrong))
    assert.equal(errorOf(await ask(browser, details)), 'invalid_authorization_details', what);
  for (const share of [0, 0.5, 1]) assert.ok(codeOf(await ask(browser, [{ ...ACCESS, share }]), rp), `${share}`);
});

test('a client sends the types that it is registered for, and has the scope of', async () => {
  const browser = await person('lea');
  assert.equal(errorOf(await ask(browser, [ACCESS], { client_id: 'plain' })), 'invalid_authorization_details');
  assert.equal(errorOf(await ask(browser, [ACCESS], { client_id: 'narrow', scope: 'balance.read' })), 'invalid_authorization_details');
  assert.equal(errorOf(await ask(browser, [PAYMENT], { client_id: 'narrow', scope: 'balance.read' })), 'invalid_authorization_details', 'its scope is not');
});

test('pushed requests say so at once, and lead to the same', async () => {
  const push = (details) => postForm({ port: rp.authorityPort }, '/pay/par', `${request('pay', { authorization_details: json(details) })}`, { host: `localhost:${rp.authorityPort}` });
  const wrong = await push([{ type: 'gift' }]);
  assert.deepEqual([wrong.status, wrong.json.error], [400, 'invalid_authorization_details']);
  const pushed = await push([PAYMENT]);
  assert.equal(pushed.status, 201, pushed.body);
  const browser = await person('mia');
  const handle = continueOf(await browser.get(`/pay/authorize?client_id=pay-web&request_uri=${encodeURIComponent(pushed.json.request_uri)}`));
  assert.deepEqual(granted((await redeem(rp, await approve(browser, handle))).json), [PAYMENT]);
});

test('applications of others: details are asked for each time, an approval is the word itself', async () => {
  const browser = await person('nan');
  const more = { client_id: 'partner' };
  const allowed = async () => {
    const answer = await ask(browser, [ACCESS], more);
    const address = place(answer, rp);
    assert.equal(address.pathname, '/consent');
    const handle = address.searchParams.get('continue');
    assert.match((await shownAt(browser, handle)).details.en, /See the accounts JP-1, JP-2 for 30 days/);
    const { redirect } = (await browser.post('/continue/allow', { continue: handle })).json;
    return codeOf(await browser.get(redirect), rp);
  };
  await allowed();
  await allowed();
  assert.ok(await approve(browser, continueOf(await ask(browser, [PAYMENT], more))));
});

test('without a browser: the application shows the statement in its language, and the passkey signs that', async () => {
  const browser = await person('oli');
  browser.cookies.clear();
  const call = (fields) => postForm({ port: rp.port }, '/pay/challenge', fields, { host: new URL(rp.origin).host });
  const answerTo = async ({ json: begun }) => ({ auth_session: begun.auth_session, ui_locales: 'ja', passkey_response: json(await browser.authenticator.get(begun.passkey, rp.origin)) });
  const begun = await call({ client_id: 'app', scope: 'openid', code_challenge: crypto.createHash('sha256').update('v'.repeat(43)).digest('base64url'), code_challenge_method: 'S256', authorization_details: json([PAYMENT]), ui_locales: 'ja' });
  assert.equal(begun.json.request.approval, false, begun.body);
  const asked = await call(await answerTo(begun));
  assert.equal(asked.json.error, 'insufficient_authorization', asked.body);
  assert.deepEqual([asked.json.request.approval, asked.json.request.details.ja], [true, JAPANESE]);
  const done = await call(await answerTo(asked));
  assert.equal(done.status, 200, done.body);
  const tokens = await postForm({ port: rp.authorityPort }, '/pay/token', { grant_type: 'authorization_code', client_id: 'app', code: done.json.authorization_code, code_verifier: 'v'.repeat(43) }, { host: `localhost:${rp.authorityPort}` });
  assert.deepEqual(tokens.json.authorization_details, [PAYMENT], tokens.body);
  const { events } = JSON.parse((await sekisho(['audit', 'show', '--domain', 'pay', '--json', '-c', rp.file])).stdout);
  const { transaction } = JSON.parse(events.find((event) => event.event === 'transaction.approved').detail);
  assert.equal((await show(transaction)).record.language, 'ja');
});

test('metadata names the types', async () => {
  const { exchange } = await import('../support/http.js');
  const answer = await exchange({ port: rp.authorityPort }, { path: '/pay/.well-known/openid-configuration', headers: { host: `localhost:${rp.authorityPort}` } });
  assert.deepEqual(answer.json.authorization_details_types_supported, ['payment', 'account_access']);
});

// --- evidence ---

async function approvedTransaction(name, language) {
  const browser = await person(name);
  await approve(browser, continueOf(await ask(browser, [PAYMENT])), { language });
  const { events } = JSON.parse((await sekisho(['audit', 'show', '--domain', 'pay', '--json', '-c', rp.file], { env: rp.commandEnv })).stdout);
  const row = events.find((event) => event.event === 'transaction.approved');
  return JSON.parse(row.detail);
}
const show = async (id) => {
  const run = await sekisho(['audit', 'show', '--domain', 'pay', '--transaction', id, '--json', '-c', rp.file]);
  return { ...run, record: run.stdout ? JSON.parse(run.stdout) : null };
};
const database = () => path.join(rp.folder, 'authority-pay.db');

test('the evidence is kept, in the language shown, and verifies again by itself', async () => {
  const { transaction, statement } = await approvedTransaction('ora', 'ja');
  const { code, record, stderr } = await show(transaction);
  assert.equal(code, 0, stderr);
  assert.equal(record.verified, true);
  assert.deepEqual([record.language, record.shown, record.client], ['ja', JAPANESE, 'pay-web']);
  assert.equal(crypto.createHash('sha256').update(record.statement).digest('base64url'), statement, 'the audit log names it');
  const stated = JSON.parse(record.statement);
  assert.deepEqual(stated.details, [PAYMENT]);
  assert.equal(stated.text, JAPANESE);
  const challenge = Buffer.from(JSON.parse(Buffer.from(record.client_data, 'base64url')).challenge, 'base64url');
  assert.deepEqual(challenge.subarray(25, 48), Buffer.from(statement, 'base64url').subarray(0, 23));
  assert.equal((await show('AAAAAAAAAAAAAAAAAAAAAA')).code, 1);
  assert.equal((await sekisho(['audit', 'show', '--transaction', transaction, '-c', rp.file])).code, 2);
});

test('evidence that was changed says what does not hold', async () => {
  const { transaction } = await approvedTransaction('pam', 'en');
  const original = (await show(transaction)).record;
  const changes = [
    ['shown', 'Pay 1 JPY', 'statement'], ['details', original.details.replace('1200', '1'), 'statement'], ['client', 'other', 'statement'],
    ['language', 'ja', 'statement'], ['statement', original.statement.replace('"1200"', '"1"').replace('Pay 1200', 'Pay 1'), 'statement'],
  ];
  const set = (column, value) => execFileSync('sqlite3', [database(), `UPDATE transactions SET ${column} = ${value} WHERE id = '${transaction}'`]);
  const quote = (text) => `'${text.replaceAll("'", "''")}'`;
  const blob = (text) => `x'${Buffer.from(text, 'base64url').toString('hex')}'`;
  for (const [column, value, failed] of changes) {
    set(column, quote(value));
    const { code, record } = await show(transaction);
    assert.deepEqual([code, record.verified, record.failed], [1, false, failed], column);
    set(column, quote(original[column]));
  }
  const flip = (text, at) => { const bytes = Buffer.from(text, 'base64url'); bytes[at] ^= 0x04; return bytes.toString('base64url'); };
  const client = (edit) => Buffer.from(JSON.stringify(edit(JSON.parse(Buffer.from(original.client_data, 'base64url'))))).toString('base64url');
  const blobs = [
    ['signature', flip(original.signature, 12), 'signature'], ['authenticator_data', flip(original.authenticator_data, 36), 'signature'],
    ['authenticator_data', flip(original.authenticator_data, 32), 'user_verified'], ['authenticator_data', flip(original.authenticator_data, 0), 'rp_id'],
    ['client_data', client((data) => ({ ...data, origin: 'https://evil.example' })), 'origin'],
    ['client_data', client((data) => ({ ...data, type: 'webauthn.create' })), 'type'],
    ['client_data', client((data) => ({ ...data, challenge: flip(data.challenge, 30) })), 'challenge'],
    ['client_data', client((data) => ({ ...data, extra: 1 })), 'signature'],
  ];
  const columns = { signature: 'signature', authenticator_data: 'authenticator_data', client_data: 'client_data' };
  for (const [column, value, failed] of blobs) {
    set(columns[column], blob(value));
    const { code, record } = await show(transaction);
    assert.deepEqual([code, record.verified, record.failed], [1, false, failed], `${column} ${failed}`);
    set(columns[column], blob(original[column]));
  }
  assert.equal((await show(transaction)).code, 0, 'and whole again it holds');
  assert.ok(fs.existsSync(database()));
});
