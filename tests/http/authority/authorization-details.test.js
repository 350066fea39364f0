// Authorization details at the authority alone: what the login server must bring for an approval, and where details go from there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Authority, authorizationRequest, b64, decode } from '../support/authority.js';
import { postJson } from '../support/http.js';
import { ACCESS, DETAILS, ENGLISH, PAYMENT } from '../support/payments.js';
import fs from 'node:fs';
import path from 'node:path';

const SECRET = 'Kq7Xv2Jt9Zr4Wm8Lp3Nc6Bd1Hs5Gf0Ay';
let authority;
before(async () => {
  authority = await Authority.start({
    config: (text) => text.replace('    routes:\n      - {match: GET /balance', `${DETAILS.slice(1)}      old_access:
        max_age: 1h
        schema: {type: object, properties: {account: {type: string}}, required: [account]}
        display: {en: "{account}", ja: "{account}"}
    routes:\n      - {match: GET /balance`)
      .replace('      - {id: pay-web,', `      - {id: cron, token_endpoint_auth_method: client_secret_basic, client_secret_file: cron.secret, grant_types: [client_credentials], scope: balance.read transfer, authorization_details_types: [payment, account_access, old_access]}
      - {id: pay-web, authorization_details_types: [payment, account_access, old_access],`),
    prepare: (folder) => fs.writeFileSync(path.join(folder, 'cron.secret'), SECRET, { mode: 0o600 }),
  });
});
after(async () => { await authority?.done(); });

const details = (...list) => ({ authorization_details: JSON.stringify(list) });

/** A request that waits for an approval, as the login server hears of it. */
async function waiting(...list) {
  const request = authorizationRequest(details(...list));
  const asked = await authority.begin(request.fields, { session: authority.session() });
  assert.equal(asked.outcome, 'authenticate', JSON.stringify(asked));
  return { request, asked };
}

/** The approval that a login server would bring; more: what is wrong with it. */
function approval(asked, { hash = asked.statement_en, length = 64, type = 'webauthn.get', keyless = false, clientData, ...more } = {}) {
  const challenge = Buffer.alloc(length, 9);
  Buffer.from(hash, 'base64url').copy(challenge, 25, 0, 23);
  return {
    ...authority.evidence({ purpose: 'transaction', domain: 'pay', request: asked.request, ...more }),
    client_data: b64(clientData ?? JSON.stringify({ type, challenge: b64(challenge), origin: 'http://localhost:8080', crossOrigin: false })),
    ...(keyless ? {} : { public_key: b64('a COSE key'), algorithm: -7 }),
  };
}
const finishWith = (asked, ...pieces) => authority.finish(asked.handle, { session: authority.session({ evidence: [authority.evidence(), ...pieces] }) });
const codeIn = (answer) => {
  assert.equal(answer.outcome, 'respond', JSON.stringify(answer));
  return new URL(answer.location).searchParams.get('code');
};

test('the answer says what to show, and the hash to be signed in each language', async () => {
  const { asked } = await waiting(PAYMENT);
  assert.equal(asked.details_en, ENGLISH);
  assert.equal(Buffer.from(asked.statement_en, 'base64url').length, 32);
  assert.notEqual(asked.statement_en, asked.statement_ja);
  assert.equal(asked.requirement.this_request, true);
  const again = await waiting(PAYMENT);
  assert.notEqual(again.asked.statement_en, asked.statement_en, 'every request has a statement of its own');
  const nobody = await authority.begin(authorizationRequest(details(PAYMENT)).fields);
  assert.equal(nobody.statement_en, undefined, 'a statement names its person');
});

test('either language’s approval gives the code; the other one’s hash is no matter', async () => {
  for (const language of ['en', 'ja']) {
    const { asked, request } = await waiting(PAYMENT);
    const code = codeIn(await finishWith(asked, approval(asked, { hash: asked[`statement_${language}`] })));
    const tokens = (await authority.redeem({ ...request, code })).json;
    assert.deepEqual(decode(tokens.access_token).payload.authorization_details, [PAYMENT]);
  }
});

test('what is no approval of this request gives no code', async () => {
  const other = (await waiting({ ...PAYMENT, amount: '1' })).asked;
  const { asked } = await waiting(PAYMENT);
  const wrong = {
    'no evidence': [], 'an approval of another statement': [approval(asked, { hash: other.statement_en })], 'an approval given for another request': [approval(other)],
    'another request’s, relabelled': [{ ...approval(other), request: asked.request }], 'no verification': [approval(asked, { uv: false })], 'verification claimed, but not signed': [approval(asked, { uv: false, lie: true })],
    'a step-up': [approval(asked, { purpose: 'step_up' })], 'a login': [approval(asked, { purpose: 'login' })], 'another domain’s': [approval(asked, { domain: 'coin' })],
    'an ordinary challenge': [approval(asked, { length: 57 })], 'a registration': [approval(asked, { type: 'webauthn.create' })], 'no key': [approval(asked, { keyless: true })],
    'no signature': [{ ...approval(asked), signature: undefined }], 'no client data': [{ ...approval(asked), client_data: undefined }], 'client data that is not JSON': [approval(asked, { clientData: 'x' })],
    'a challenge named twice': [approval(asked, { clientData: `{"type":"webauthn.get","challenge":"AA","challenge":"${b64(Buffer.alloc(64))}"}` })],
  };
  for (const [what, pieces] of Object.entries(wrong))
    assert.equal((await finishWith(asked, ...pieces)).outcome, 'authenticate', what);
  codeIn(await finishWith(asked, approval(asked)));
  assert.equal((await finishWith(asked, approval(asked))).outcome, 'error_page', 'and it gives one code');
});

test('an approval of one person is none of another', async () => {
  const { asked } = await waiting(PAYMENT);
  const session = authority.session({ subject: 'mallory-at-pay', evidence: [authority.evidence(), approval(asked)] });
  assert.equal((await authority.finish(asked.handle, { session })).outcome, 'authenticate');
});

test('a template that was changed in between is another statement', async () => {
  const { asked } = await waiting(PAYMENT);
  const text = fs.readFileSync(authority.file, 'utf8');
  fs.writeFileSync(authority.file, text.replace('en: "Pay {amount}', 'en: "Send {amount}'));
  await authority.stop();
  await authority.run();
  const answer = await finishWith(asked, approval(asked));
  assert.equal(answer.outcome, 'authenticate');
  assert.match(answer.details_en, /^Send 1200/);
  codeIn(await finishWith(answer, approval(answer)));
  fs.writeFileSync(authority.file, text);
  await authority.stop();
  await authority.run();
});

test('the hand-off takes a key and its algorithm together, and hashes whole', async () => {
  const { asked } = await waiting(PAYMENT);
  for (const wrong of [{ algorithm: undefined }, { public_key: undefined }, { algorithm: 'ES256' }])
    await assert.rejects(finishWith(asked, { ...approval(asked), ...wrong }), /hand-off: 4|hand-off: 5/);
});

test('the internal token carries them as tctx', async () => {
  const { asked, request } = await waiting(PAYMENT);
  const code = codeIn(await finishWith(asked, approval(asked)));
  const tokens = (await authority.redeem({ ...request, code })).json;
  for (const round of ['fresh', 'cached']) {
    const answer = await authority.check(tokens.access_token);
    assert.equal(answer.status, 200, round);
    assert.deepEqual(decode(answer.headers['txn-token']).payload.tctx, { authorization_details: [PAYMENT] });
  }
  const plain = await authority.check((await authority.tokens()).access_token);
  assert.deepEqual(decode(plain.headers['txn-token']).payload.tctx, {});
});

test('refreshing repeats them only while their requirement holds', async () => {
  const old = { type: 'old_access', account: 'JP-1' };
  const got = await authority.tokens({ ...details(old), scope: 'openid offline_access' });
  const refresh = async (token) => (await authority.token({ grant_type: 'refresh_token', client_id: 'pay-web', refresh_token: token })).json;
  const soon = await refresh(got.refresh_token);
  assert.deepEqual(soon.authorization_details, [old]);
  authority.pass(3700);
  const late = await refresh(soon.refresh_token);
  assert.ok(late.access_token, JSON.stringify(late));
  assert.equal(late.authorization_details, undefined);
  assert.equal(decode(late.access_token).payload.authorization_details, undefined);
  authority.pass(-3700);
});

test('a client in its own name has what asks for nobody', async () => {
  const own = (fields) => authority.token({ grant_type: 'client_credentials', scope: 'balance.read', ...fields }, { headers: { authorization: `Basic ${Buffer.from(`cron:${SECRET}`).toString('base64')}` } });
  const answer = await own(details(ACCESS));
  assert.deepEqual(answer.json.authorization_details, [ACCESS], answer.body);
  assert.deepEqual(decode(answer.json.access_token).payload.authorization_details, [ACCESS]);
  for (const one of [PAYMENT, { type: 'old_access', account: 'a' }, { type: 'gift' }])
    assert.equal((await own(details(one))).json.error, 'invalid_authorization_details');
});

test('clients of the store have types, too', async () => {
  const register = (types) => postJson(authority.socket, '/admin/clients/pay', {
    client_name: 'New', token_endpoint_auth_method: 'none', redirect_uris: ['http://localhost:9001/callback'], authorization_details_types: types });
  const added = await register(['account_access']);
  assert.equal(added.status, 200, added.body);
  const got = await authority.code({ client_id: added.json.client_id, ...details(ACCESS) });
  assert.deepEqual((await authority.redeem(got)).json.authorization_details, [ACCESS]);
  const more = await authority.begin(authorizationRequest({ client_id: added.json.client_id, ...details(PAYMENT) }).fields, { session: authority.session() });
  assert.match(more.location, /error=invalid_authorization_details/);
  for (const wrong of [['gift'], 'account_access', [1], ['a b']]) assert.equal((await register(wrong)).status, 400, JSON.stringify(wrong));
});
