// A login server in an attacker's hands, against a domain that asks for verified evidence: each line of what
// docs/threat-model.md says that it can and cannot do.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { Authority, authorizationRequest, b64, decode, sha256 } from '../support/authority.js';
import { DETAILS, PAYMENT } from '../support/payments.js';

let authority;
before(async () => {
  authority = await Authority.start({
    config: (text) => text.replace('evidence: domain}', 'evidence: verified}').replace('- id: coin\n', '- id: coin\n    binding: first_use\n')
      .replace('      balance.read:', '      seal: {acr: phr, evidence: verified}\n      balance.read:')
      .replace('trade: {acr: phr, max_age: 2m}\n    routes:\n', `trade: {acr: phr, max_age: 2m}\n${DETAILS.slice(1).replace('scope: transfer', 'scope: trade')}    routes:\n      - {match: GET /orders, scopes: [trade], evidence: verified, max_age: 2m, service: orders, grants: [orders.read]}\n`)
      .replace('- {id: coin-web,', '- {id: coin-web, authorization_details_types: [payment, account_access],')
      .concat('  - id: gold\n    issuer: ISSUER/gold\n    binding: ticket\n    entry: {acr: phr, evidence: verified}\n'.replace('ISSUER', text.match(/issuer: (.*)\/coin/)[1]),
        '    clients:\n      - {id: gold-web, public: true, redirect_uris: ["http://localhost:9003/callback"]}\n'),
  });
});
after(async () => { await authority?.done(); });

const FIELDS = { client_id: 'coin-web', redirect_uri: 'http://localhost:9002/callback', scope: 'openid' };
const GOLD = { client_id: 'gold-web', redirect_uri: 'http://localhost:9003/callback', scope: 'openid' };
let people = 0;

/** A person with a passkey: what touches, and what the rp says of it. */
function person(type = 'ec') {
  const name = `person-${people++}`;
  const pair = type === 'ec' ? crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : type === 'rsa' ? crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }) : crypto.generateKeyPairSync('ed25519');
  return { subject: `${name}-at-coin`, id: Buffer.from(`credential of ${name}`), ...pair, algorithm: { ec: 'ES256', rsa: 'RS256', ed: 'EdDSA' }[type], count: 0 };
}

/** The evidence of a touch on the page of the honest rp's origin; knobs: what an attacker changes before the signature. */
function touch(who, asked, { challenge = Buffer.concat([Buffer.from(asked.challenge, 'base64url'), crypto.randomBytes(41)]), origin = `http://localhost:${authority.rpPort}`,
  type = 'webauthn.get', flags = 0x1d, rpId = 'localhost', crossOrigin = false, count = who.count, client, domain = 'coin', key = who.publicKey, ...said } = {}) {
  const data = Buffer.alloc(37);
  sha256(rpId).copy(data);
  data[32] = flags;
  data.writeUInt32BE(count, 33);
  const clientData = Buffer.from(client ?? JSON.stringify({ type, challenge: b64(challenge), origin, crossOrigin }));
  const signed = Buffer.concat([data, sha256(clientData)]);
  return {
    time_ms: Math.floor(authority.now()), credential: b64(sha256(who.id)), request: asked.request, purpose: 'login', domain,
    flags: (flags & 1) | ((flags & 4) >> 1) | ((flags & 8) >> 1) | ((flags & 16) >> 1),
    credential_id: b64(who.id), authenticator_data: b64(data), client_data: b64(clientData),
    signature: b64(crypto.sign(who.algorithm === 'EdDSA' ? null : 'sha256', signed, who.privateKey)),
    spki: b64(key.export({ type: 'spki', format: 'der' })), spki_algorithm: who.algorithm, ...said,
  };
}

const begin = (more = {}) => authority.begin(authorizationRequest({ ...FIELDS, ...more }).fields, { domain: 'coin' });
const sessionOf = (who, ...evidence) => authority.session({ subject: who.subject, evidence });
const finish = (who, asked, ...evidence) => authority.finish(asked.handle, { domain: 'coin', session: sessionOf(who, ...evidence) });
const codeIn = (answer) => answer.location && new URL(answer.location).searchParams.get('code');
const errorIn = (answer) => answer.location && new URL(answer.location).searchParams.get('error');
const UNMET = 'unmet_authentication_requirements';

/** A person whose key the domain holds. */
async function bound(type) {
  const who = person(type);
  const asked = await begin();
  assert.ok(codeIn(await finish(who, asked, touch(who, asked))));
  return who;
}

/** A bound person's touch, changed, opens nothing; the same unchanged does. */
async function refuses(knobs, more = (piece) => piece) {
  const who = await bound();
  const asked = await begin();
  assert.equal(errorIn(await finish(who, asked, more(touch(who, asked, knobs)))), UNMET);
  const again = await begin();
  assert.ok(codeIn(await finish(who, again, touch(who, again))));
}

for (const type of ['ec', 'rsa', 'ed']) {
  test(`a touch that answers the domain's challenge opens one code (${type}), and the token says who verified it`, async () => {
    const who = person(type);
    const request = authorizationRequest(FIELDS);
    const asked = await authority.begin(request.fields, { domain: 'coin' });
    assert.equal(asked.requirement.evidence, 'verified');
    assert.equal(Buffer.from(asked.challenge, 'base64url').length, 16);
    const code = codeIn(await finish(who, asked, touch(who, asked)));
    const { json } = await authority.redeem({ ...request, code }, {}, { domain: 'coin' });
    const { payload } = decode(json.access_token);
    assert.ok(payload.levels.phr.verified > 0);
    assert.ok(payload.levels.phr.domain > 0);
  });
}

test('the rp\'s word alone opens nothing: it is asked for a touch, and for one more', async () => {
  const who = await bound();
  const word = authority.evidence({ domain: 'coin' });
  const asked = await authority.begin(authorizationRequest(FIELDS).fields, { domain: 'coin', session: sessionOf(who, word) });
  assert.equal(asked.outcome, 'authenticate');
  const { signature, ...unsigned } = touch(who, asked);
  assert.ok(signature);
  assert.equal((await finish(who, asked, unsigned)).outcome, 'authenticate');
});

test('forged evidence: a signature of another key, or none that is one', async () => {
  await refuses({}, (piece) => ({ ...piece, signature: b64('signature') }));
  const thief = person();
  const who = await bound();
  const asked = await begin();
  const forged = touch({ ...thief, id: who.id }, asked);
  assert.equal(errorIn(await finish(who, asked, forged)), UNMET);
});

test('a swapped key: the rp cannot bring one for a passkey that is bound, nor add a passkey of its own', async () => {
  const who = await bound();
  const thief = person();
  for (const id of [who.id, thief.id]) {
    const asked = await begin();
    assert.equal(errorIn(await finish(who, asked, touch({ ...thief, id }, asked))), UNMET);
  }
});

test('a replayed touch: neither for the request that it opened, nor for another', async () => {
  const who = await bound();
  const asked = await begin();
  const piece = touch(who, asked);
  assert.ok(codeIn(await finish(who, asked, piece)));
  assert.equal((await finish(who, asked, piece)).outcome, 'error_page');
  const other = await begin();
  assert.equal(errorIn(await finish(who, other, { ...piece, request: other.request })), UNMET);
  const silent = await authority.begin(authorizationRequest({ ...FIELDS, prompt: 'none' }).fields, { domain: 'coin', session: sessionOf(who, piece) });
  assert.match(errorIn(silent), /_required$/);
});

test('another request\'s challenge, one of the rp\'s own, and a short one', async () => {
  const other = await begin();
  await refuses({ challenge: Buffer.concat([Buffer.from(other.challenge, 'base64url'), Buffer.alloc(41)]) });
  await refuses({ challenge: crypto.randomBytes(57) });
  await refuses({ challenge: Buffer.alloc(15) });
});

test('the challenge of a request in another domain is none here', async () => {
  const gold = await authority.begin(authorizationRequest(GOLD).fields, { domain: 'gold' });
  await refuses({ challenge: Buffer.concat([Buffer.from(gold.challenge, 'base64url'), Buffer.alloc(41)]) });
});

test('foreign purpose: a registration, another origin, a frame, another RP ID', async () => {
  await refuses({ type: 'webauthn.create' });
  await refuses({ origin: 'https://evil.example' });
  await refuses({ crossOrigin: true });
  await refuses({ rpId: 'evil.example' });
});

test('client data that is not strict JSON', async () => {
  const who = await bound();
  const asked = await begin();
  const challenge = b64(Buffer.concat([Buffer.from(asked.challenge, 'base64url'), Buffer.alloc(41)]));
  const origin = `http://localhost:${authority.rpPort}`;
  const client = `{"type":"webauthn.create","type":"webauthn.get","challenge":"${challenge}","origin":"${origin}","crossOrigin":false}`;
  assert.equal(errorIn(await finish(who, asked, touch(who, asked, { client }))), UNMET);
});

test('an assertion without a touch', async () => {
  await refuses({ flags: 0x1c });
});

test('a touch without verification is not raised by the rp\'s word', async () => {
  const who = await bound();
  const asked = await begin();
  const answer = await finish(who, asked, { ...touch(who, asked, { flags: 0x19 }), flags: 15 });
  assert.equal(answer.outcome, 'authenticate');
});

test('a counter that stands still is a copied key', async () => {
  const who = await bound();
  const first = await begin();
  assert.ok(codeIn(await finish(who, first, touch(who, first, { count: 5 }))));
  const second = await begin();
  assert.equal(errorIn(await finish(who, second, touch(who, second, { count: 5 }))), UNMET);
  const third = await begin();
  assert.ok(codeIn(await finish(who, third, touch(who, third, { count: 6 }))));
});

test('one state of a counter, used for two requests at once, gives one code', async () => {
  const who = await bound();
  const requests = await Promise.all([1, 2, 3, 4].map(() => begin()));
  const answers = await Promise.all(requests.map((asked) => finish(who, asked, touch(who, asked, { count: 9 }))));
  assert.equal(answers.filter(codeIn).length, 1);
  assert.ok(answers.every((answer) => codeIn(answer) || errorIn(answer) === UNMET));
});

test('a passkey under the name of another', async () => {
  const who = person();
  const asked = await begin();
  assert.equal(errorIn(await finish(who, asked, { ...touch(who, asked), credential: b64(sha256('another')) })), UNMET);
});

test('a redirected touch: a person\'s touch for one request cannot be spent on a request of the attacker\'s client or browser', async () => {
  const who = await bound();
  const victim = await begin();
  const piece = touch(who, victim);
  const attacker = await authority.begin(authorizationRequest({ ...FIELDS, state: 'attacker' }).fields, { domain: 'coin', browser: Buffer.alloc(32, 9) });
  const answer = await authority.finish(attacker.handle, { domain: 'coin', browser: Buffer.alloc(32, 9), session: sessionOf(who, { ...piece, request: attacker.request }) });
  assert.equal(errorIn(answer), UNMET);
});

test('what a taken-over rp still can: show a person the challenge of the attacker\'s own request, once', async () => {
  const who = await bound();
  const attacker = await begin({ state: 'attacker' });
  assert.ok(codeIn(await finish(who, attacker, touch(who, attacker))), 'the threat model says so');
  const next = await begin();
  assert.equal(next.outcome, 'authenticate');
});

test('what a taken-over rp still can: bind a key of its own for a person who has never been here, at first use', async () => {
  const thief = person();
  const asked = await begin();
  assert.ok(codeIn(await finish(thief, asked, touch(thief, asked))), 'the threat model says so');
});

test('first use never gives phrh, whatever the rp says of the hardware', async () => {
  const who = person();
  const request = authorizationRequest(FIELDS);
  const asked = await authority.begin(request.fields, { domain: 'coin' });
  const piece = { ...touch(who, asked, { flags: 0x05 }), flags: 19 };
  const code = codeIn(await finish(who, asked, piece));
  const { json } = await authority.redeem({ ...request, code }, {}, { domain: 'coin' });
  const { levels } = decode(json.access_token).payload;
  assert.equal(levels.phrh?.verified, undefined);
  assert.ok(levels.phr.verified > 0);
});

test('a domain with binding: ticket binds nobody at first use; a ticket is good for one key', async () => {
  const who = person();
  const attempt = async (key) => {
    const asked = await authority.begin(authorizationRequest(GOLD).fields, { domain: 'gold' });
    return authority.finish(asked.handle, { domain: 'gold', session: sessionOf(who, touch(key, asked, { domain: 'gold' })) });
  };
  assert.equal(errorIn(await attempt(who)), UNMET);
  const ticket = await authority.admin(`/admin/bindings/gold/${who.subject}/ticket`, 'POST');
  assert.equal(ticket.status, 200, ticket.body);
  assert.ok(codeIn(await attempt(who)));
  assert.ok(codeIn(await attempt(who)), 'bound from then on');
  assert.equal(errorIn(await attempt(person())), UNMET, 'the ticket is spent');
  assert.equal((await authority.admin(`/admin/bindings/gold/${who.subject}/ticket`, 'POST')).status, 200);
  authority.pass(901);
  assert.equal(errorIn(await attempt(person())), UNMET, 'the ticket is over');
  const listed = await authority.admin(`/admin/bindings/gold/${who.subject}`);
  assert.equal(listed.json.bindings.length, 1);
  assert.equal(listed.json.bindings[0].binding, 'ticket');
  assert.equal((await authority.admin(`/admin/bindings/gold/${who.subject}`, 'DELETE')).status, 204);
  assert.equal(errorIn(await attempt(who)), UNMET);
});

test('a scope alone may ask for it: the other scopes of the domain go by their own entry', async () => {
  const word = authority.session({ subject: 'someone', evidence: [authority.evidence({ domain: 'pay' })] });
  const usual = await authority.begin(authorizationRequest({ scope: 'openid balance.read' }).fields, { session: word });
  assert.ok(codeIn(usual));
  const sealed = await authority.begin(authorizationRequest({ scope: 'openid seal' }).fields, { session: word });
  assert.equal(sealed.outcome, 'authenticate');
  assert.equal(sealed.requirement.evidence, 'verified');
  const who = person();
  const answer = await authority.finish(sealed.handle, { session: sessionOf(who, touch(who, sealed, { domain: 'pay' })) });
  assert.ok(codeIn(answer));
});

test('a route that asks for it is judged by the time in the token, and grows stale', async () => {
  const who = await bound();
  const request = authorizationRequest({ ...FIELDS, scope: 'openid trade' });
  const asked = await authority.begin(request.fields, { domain: 'coin' });
  const code = codeIn(await finish(who, asked, touch(who, asked)));
  const { json } = await authority.redeem({ ...request, code }, {}, { domain: 'coin' });
  const check = () => authority.check(json.access_token, { uri: '/orders', domain: 'coin' });
  assert.equal((await check()).status, 200);
  authority.pass(125);
  const stale = await check();
  assert.equal(stale.status, 401);
  assert.match(stale.headers['www-authenticate'], /insufficient_user_authentication/);
});

test('a real touch carries no approval that was made up beside it; the one assertion that was verified approves', async () => {
  const who = await bound();
  const ask = () => authority.begin(authorizationRequest({ ...FIELDS, authorization_details: JSON.stringify([PAYMENT]) }).fields, { domain: 'coin', session: sessionOf(who) });
  const covering = (asked, hash) => {
    const challenge = Buffer.concat([Buffer.from(asked.challenge, 'base64url'), crypto.randomBytes(48)]);
    Buffer.from(hash, 'base64url').copy(challenge, 25, 0, 23);
    return { challenge, purpose: 'transaction', public_key: b64('a COSE key'), algorithm: -7 };
  };
  for (const purpose of ['login', 'transaction'])
    for (const order of [1, -1]) {
      const asked = await ask();
      const real = touch(who, asked, { ...covering(asked, b64(crypto.randomBytes(32))), purpose });
      const forged = { ...touch(who, asked, covering(asked, asked.statement_en)), signature: b64('made up') };
      const answer = await finish(who, asked, ...(order > 0 ? [real, forged] : [forged, real]));
      assert.equal(codeIn(answer) ?? null, null, `${purpose}: ${JSON.stringify(answer)}`);
    }
  const honest = await ask();
  assert.ok(codeIn(await finish(who, honest, touch(who, honest, { purpose: 'login' }), touch(who, honest, covering(honest, honest.statement_en)))));
});
