// A domain with a page of its own (`origin:`) and a login server in an attacker's hands: what docs/threat-model.md says of both. The
// test plays the login server, the browsers, and the people who touch; the page's interface and the hand-off are the real ones.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { Authority, authorizationRequest, b64, decode, sha256 } from '../support/authority.js';
import { exchange } from '../support/http.js';
import { DETAILS, ENGLISH, JAPANESE, PAYMENT } from '../support/payments.js';

const PAGE = 'http://touch.localhost:9009';
let authority;
before(async () => {
  authority = await Authority.start({
    config: (text) => text.replace('evidence: domain}', 'evidence: verified}').replace('- id: coin\n', `- id: coin\n    binding: bound_key\n    origin: ${PAGE}\n`)
      .replace('trade: {acr: phr, max_age: 2m}\n    routes:\n', `trade: {acr: phr, max_age: 2m}\n${DETAILS.slice(1).replace('scope: transfer', 'scope: trade')}    routes:\n`)
      .replace('- {id: coin-web,', '- {id: coin-web, authorization_details_types: [payment, account_access],')
      .concat(`      - {id: coin-app, public: true, first_party: true, redirect_uris: ["http://127.0.0.1/cb"]}\n`),
  });
});
after(async () => { await authority?.done(); });

const FIELDS = { client_id: 'coin-web', redirect_uri: 'http://localhost:9002/callback', scope: 'openid' };
const UNMET = 'unmet_authentication_requirements';
const at = (location, name) => location && new URL(location).searchParams.get(name);
let people = 0;

const passkey = () => ({ id: crypto.randomBytes(16), count: 0, ...crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }) });
const person = () => ({ subject: `owner-${people++}-at-coin`, passkey: passkey() });
/** A browser: the cookie that the page's host has set in it. */
const newBrowser = () => ({ cookie: undefined });

/** What the login server says of a passkey. */
const said = (key, request) => ({
  time_ms: Math.floor(authority.now()), credential: b64(sha256(key.id)), request, purpose: 'step_up', domain: 'coin', flags: 0, credential_id: b64(key.id),
  spki: b64(key.publicKey.export({ type: 'spki', format: 'der' })), spki_algorithm: 'ES256', public_key: b64('a COSE key'), algorithm: -7,
});

/** What the authenticator answers on a page of that origin; knobs: what an attacker changes. */
function assertion(key, challenge, { origin = PAGE, flags = 0x1d, rpId = 'localhost', type = 'webauthn.get' } = {}) {
  const data = Buffer.alloc(37);
  sha256(rpId).copy(data);
  data[32] = flags;
  const clientData = Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const signature = crypto.sign('sha256', Buffer.concat([data, sha256(clientData)]), key.privateKey);
  return { id: b64(key.id), rawId: b64(key.id), type: 'public-key', clientExtensionResults: {},
    response: { clientDataJSON: b64(clientData), authenticatorData: b64(data), signature: b64(signature) } };
}

async function post(browser, name, body, { origin = PAGE } = {}) {
  const text = JSON.stringify(body);
  const answer = await exchange({ port: authority.internalPort }, {
    method: 'POST', path: `/coin/.sekisho/touch/${name}`, body: text,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...(origin ? { origin } : {}), ...(browser.cookie ? { cookie: browser.cookie } : {}) },
  });
  const [set] = [answer.headers['set-cookie'] ?? []].flat();
  if (set) browser.cookie = set.split(';')[0];
  return answer;
}

const sessionOf = (who, ...evidence) => authority.session({ subject: who.subject, sid: `sid-of-${who.subject}`, evidence: [authority.evidence(), ...evidence] });
const begin = (who, more = {}, options = {}) => authority.begin(authorizationRequest({ ...FIELDS, ...more }).fields, { domain: 'coin', session: who && sessionOf(who), ...options });
const askedOf = (answer) => new URLSearchParams(new URL(answer.page).hash.slice(1)).get('asked');

/** The page in a browser, one touch, and what the browser is sent back with. */
async function touch(browser, answer, key, { language = 'en', continuation = 'AAAA', ...knobs } = {}) {
  const asked = askedOf(answer);
  const shown = await post(browser, 'asked', { asked });
  assert.equal(shown.status, 200, shown.body);
  const given = await post(browser, 'given', { asked, continue: continuation, credential: assertion(key, shown.json[`challenge_${language}`], knobs) });
  return { shown: shown.json, given, text: given.status === 200 ? at(given.json.redirect, 'touch') : undefined };
}

const finish = (who, answer, key, text, options = {}) => authority.finish(answer.handle, {
  domain: 'coin', session: sessionOf(who), ...options, more: { touch: text, ...(key ? { touched: said(key, answer.request) } : {}) } });

async function goOn(browser, location) {
  const url = new URL(location);
  assert.equal(url.origin + url.pathname, `${PAGE}/.sekisho/touch/on`, location);
  return exchange({ port: authority.internalPort }, { path: `/coin/.sekisho/touch/on${url.search}`, headers: browser.cookie ? { cookie: browser.cookie } : {} });
}

/** A person of whom the domain has a passkey, and their browser. */
async function bound() {
  const who = person();
  const browser = newBrowser();
  const answer = await begin(who);
  const { text } = await touch(browser, answer, who.passkey);
  const on = await goOn(browser, (await finish(who, answer, who.passkey, text)).location);
  assert.ok(at(on.headers.location, 'code'));
  return { who, browser };
}

test('a touch on the domain\'s own page opens one code, which goes to the browser that was touched', async () => {
  const who = person();
  const browser = newBrowser();
  const request = authorizationRequest(FIELDS);
  const answer = await authority.begin(request.fields, { domain: 'coin', session: sessionOf(who) });
  assert.equal(answer.challenge, undefined, 'the login server has nothing to challenge with');
  assert.ok(answer.page.startsWith(`${PAGE}/.sekisho/touch#asked=`));
  const { shown, text } = await touch(browser, answer, who.passkey);
  assert.deepEqual([shown.domain_name, shown.client_name, shown.rp_id, shown.newcomer, shown.approval], ['Coin', 'coin-web', 'localhost', false, false]);
  const done = await finish(who, answer, who.passkey, text);
  const on = await goOn(browser, done.location);
  assert.equal(on.status, 303);
  const { json } = await authority.redeem({ ...request, code: at(on.headers.location, 'code') }, {}, { domain: 'coin' });
  assert.ok(decode(json.access_token).payload.levels.phr.verified > 0);
  assert.equal((await authority.admin(`/admin/bindings/coin/${who.subject}`)).json.bindings[0].binding, 'first_use');
});

test('nobody is signed in: the login server finds out first, in its own name', async () => {
  const answer = await begin(null);
  assert.equal(answer.outcome, 'authenticate');
  assert.equal(answer.page, undefined);
  assert.equal(answer.challenge, undefined);
  const who = person();
  const next = await authority.finish(answer.handle, { domain: 'coin', session: sessionOf(who, authority.evidence({ request: answer.request })) });
  assert.equal(next.outcome, 'authenticate');
  assert.ok(next.page);
});

test('another account that was asked for is found by the login server, once', async () => {
  const { who, browser } = await bound();
  const answer = await begin(who, { prompt: 'select_account' });
  assert.equal(answer.page, undefined);
  const session = sessionOf(who, authority.evidence({ request: answer.request }));
  const next = await authority.finish(answer.handle, { domain: 'coin', session });
  const { text } = await touch(browser, next, who.passkey);
  const done = await finish(who, next, who.passkey, text, { session });
  assert.ok(at((await goOn(browser, done.location)).headers.location, 'code'));
});

test('a touch on the login server\'s page opens nothing, whatever it signs', async () => {
  const { who, browser } = await bound();
  const answer = await begin(who);
  const { text } = await touch(browser, answer, who.passkey, { origin: `http://localhost:${authority.rpPort}` });
  assert.equal(at((await finish(who, answer, who.passkey, text)).location, 'error'), UNMET);
  const again = await begin(who);
  const shown = await post(browser, 'asked', { asked: askedOf(again) });
  const { response } = assertion(who.passkey, shown.json.challenge_en);
  const piece = { ...said(who.passkey, again.request), authenticator_data: response.authenticatorData, client_data: response.clientDataJSON, signature: response.signature };
  const byEvidence = await authority.finish(again.handle, { domain: 'coin', session: sessionOf(who, piece) });
  assert.equal(byEvidence.outcome, 'authenticate', 'a touch comes over the page or not at all');
});

test('a redirected touch: whoever leads a person to the page for a request of their own gets no code', async () => {
  const { who, browser } = await bound();
  const attackers = newBrowser();
  const attacker = await authority.begin(authorizationRequest({ ...FIELDS, state: 'attacker' }).fields, { domain: 'coin', browser: Buffer.alloc(32, 9), session: sessionOf(who) });
  const { text } = await touch(browser, attacker, who.passkey);
  const done = await authority.finish(attacker.handle, { domain: 'coin', browser: Buffer.alloc(32, 9), session: sessionOf(who), more: { touch: text, touched: said(who.passkey, attacker.request) } });
  assert.equal(at(done.location, 'code'), null, 'the login server sees no code');
  attackers.cookie = `sekisho-coin-touch=${b64(crypto.randomBytes(32))}`;
  for (const thief of [attackers, newBrowser()]) {
    const refused = await goOn(thief, done.location);
    assert.equal(refused.status, 400);
    assert.equal(refused.json.error, 'own_page');
    assert.equal(refused.headers.location, undefined);
  }
  assert.ok(at((await goOn(browser, done.location)).headers.location, 'code'), 'and in the person\'s own browser the application refuses a state that it does not know');
});

test('no way around the page: no form, no native application', async () => {
  const { who } = await bound();
  const posted = await begin(who, { response_mode: 'form_post' });
  assert.equal(posted.outcome, 'respond');
  assert.equal(new URLSearchParams(posted.form_fields).get('error'), 'invalid_request');
  assert.equal(new URLSearchParams(posted.form_fields).get('code'), null);
  const message = { domain: 'coin', query: new URLSearchParams(authorizationRequest({ ...FIELDS, client_id: 'coin-app', redirect_uri: 'urn:sekisho:native' }).fields).toString(), browser: b64(Buffer.alloc(32, 7)), native: true, session: sessionOf(who) };
  const text = JSON.stringify(message);
  const native = await exchange(authority.socket, { method: 'POST', path: '/handoff/authz_begin', body: text, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } });
  assert.match(native.json.location, /error=redirect_to_web/);
});

test('a touch is good for its request, its person, once', async () => {
  const { who, browser } = await bound();
  const first = await begin(who);
  const second = await begin(who);
  const { text } = await touch(browser, first, who.passkey);
  const elsewhere = await finish(who, second, who.passkey, text);
  assert.deepEqual([elsewhere.outcome, elsewhere.error], ['error_page', 'own_page']);
  const stranger = person();
  assert.equal(at((await finish(stranger, first, who.passkey, text)).location, 'error'), UNMET, 'a passkey is one person\'s: the login server cannot give it to another');
  const third = await begin(who);
  const fresh = await touch(browser, third, who.passkey);
  assert.ok((await finish(who, third, who.passkey, fresh.text)).location.includes('/touch/on?way='));
  assert.equal((await finish(who, third, who.passkey, fresh.text)).outcome, 'error_page', 'one handle, one code');
});

test('what the page hands over is the domain\'s alone: changed, made up, or over it is refused', async () => {
  const { who, browser } = await bound();
  const answer = await begin(who);
  const { text } = await touch(browser, answer, who.passkey);
  const changed = `${text.slice(0, -2)}${text.endsWith('AA') ? 'BB' : 'AA'}`;
  for (const wrong of [changed, 'AAAA', '*', askedOf(answer)]) assert.equal((await finish(who, answer, who.passkey, wrong)).error, 'own_page', wrong);
  const asked = askedOf(answer);
  for (const wrong of ['', 'AAAA', text, `${asked.slice(0, -2)}zz`]) {
    const refused = await post(browser, 'asked', { asked: wrong });
    assert.equal(refused.status, 400, refused.body);
    assert.equal(refused.json.error, 'own_page');
  }
  const late = await begin(who);
  const lateTouch = await touch(browser, late, who.passkey);
  authority.pass(601);
  assert.equal((await post(browser, 'asked', { asked: askedOf(late) })).json.error, 'own_page');
  assert.notEqual((await finish(who, late, who.passkey, lateTouch.text)).outcome, 'respond');
});

test('the way on ends after a minute', async () => {
  const { who, browser } = await bound();
  const answer = await begin(who);
  const { text } = await touch(browser, answer, who.passkey);
  const done = await finish(who, answer, who.passkey, text);
  authority.pass(61);
  assert.equal((await goOn(browser, done.location)).status, 400);
});

test('pages elsewhere cannot use the page\'s interface, and it takes JSON of its form alone', async () => {
  const { who, browser } = await bound();
  const answer = await begin(who);
  for (const origin of [null, 'null', `http://localhost:${authority.rpPort}`, 'http://localhost:9002', `${PAGE}.evil.example`]) {
    const refused = await post(browser, 'asked', { asked: askedOf(answer) }, { origin });
    assert.equal(refused.status, 403, `${origin}: ${refused.body}`);
    assert.equal(refused.json.error, 'cross_site');
  }
  const good = { asked: askedOf(answer), continue: 'AAAA', credential: assertion(who.passkey, 'AAAA') };
  for (const [wrong, status] of [[{ ...good, continue: 'a&code=x' }, 400], [{ ...good, continue: undefined }, 400], [{ ...good, continue: 'A'.repeat(7000) }, 400], [{ ...good, credential: undefined }, 400],
    [{ ...good, credential: { ...good.credential, response: { ...good.credential.response, signature: 5 } } }, 400],
    [{ ...good, credential: { ...good.credential, response: { ...good.credential.response, clientDataJSON: b64(Buffer.alloc(5000)) } } }, 413]])
    assert.equal((await post(browser, 'given', wrong)).status, status, JSON.stringify(wrong).slice(0, 80));
});

test('a further passkey is let in by a touch of one that is bound, in the same browser, and by nothing else', async () => {
  const { who, browser } = await bound();
  const newcomer = passkey();
  const answer = await begin(who);
  const first = await touch(browser, answer, newcomer);
  const asks = await finish(who, answer, newcomer, first.text);
  assert.equal(asks.outcome, 'authenticate');
  const second = await touch(browser, asks, who.passkey);
  assert.equal(second.shown.newcomer, true);
  assert.notEqual(second.shown.challenge_en, first.shown.challenge_en);
  const done = await finish(who, asks, who.passkey, second.text);
  assert.ok(at((await goOn(browser, done.location)).headers.location, 'code'));
  const { bindings } = (await authority.admin(`/admin/bindings/coin/${who.subject}`)).json;
  assert.deepEqual(bindings.map((row) => row.binding).sort(), ['bound_key', 'first_use']);
  const next = await begin(who);
  const alone = await touch(browser, next, newcomer);
  assert.ok(at((await goOn(browser, (await finish(who, next, newcomer, alone.text)).location)).headers.location, 'code'), 'it opens by itself from then on');
});

test('a taken-over rp cannot let a key of its own in', async () => {
  const { who, browser } = await bound();
  const thief = passkey();
  const attackers = newBrowser();
  const answer = await begin(who);
  const first = await touch(attackers, answer, thief);
  const asks = await finish(who, answer, thief, first.text);
  const itself = await touch(attackers, asks, thief);
  assert.equal(at((await finish(who, asks, thief, itself.text)).location, 'error'), UNMET, 'it does not vouch for itself');

  const again = await begin(who);
  const tried = await touch(attackers, again, thief);
  const asksAgain = await finish(who, again, thief, tried.text);
  const led = await touch(browser, asksAgain, who.passkey);
  assert.equal(led.given.status, 400, 'the person\'s browser is not the one that the key was touched in');
  assert.equal(led.given.json.error, 'own_page');

  const plain = await begin(who);
  const usual = await touch(browser, plain, who.passkey);
  const swapped = await finish(who, plain, thief, usual.text);
  assert.ok(swapped.location.includes('/touch/on?way='), 'what the login server says of keys that are bound does not count');
  const { bindings } = (await authority.admin(`/admin/bindings/coin/${who.subject}`)).json;
  assert.equal(bindings.length, 1);
});

test('a key that is bound to one person is not bound to another by the login server\'s word', async () => {
  const { who, browser } = await bound();
  const other = person();
  const answer = await begin(other);
  const { text } = await touch(browser, answer, who.passkey);
  assert.equal(at((await finish(other, answer, who.passkey, text)).location, 'error'), UNMET);
  assert.equal((await authority.admin(`/admin/bindings/coin/${other.subject}`)).json.bindings.length, 0);
});

for (const [language, words] of [['en', ENGLISH], ['ja', JAPANESE]]) {
  test(`an approval is shown by the domain itself and signed as shown (${language})`, async () => {
    const { who, browser } = await bound();
    const request = authorizationRequest({ ...FIELDS, scope: 'openid trade', authorization_details: JSON.stringify([PAYMENT]) });
    const answer = await authority.begin(request.fields, { domain: 'coin', session: sessionOf(who) });
    const { shown, text } = await touch(browser, answer, who.passkey, { language });
    assert.equal(shown.approval, true);
    assert.equal(shown[`details_${language}`], words);
    assert.notEqual(shown.challenge_en, shown.challenge_ja);
    const done = await finish(who, answer, who.passkey, text);
    const on = await goOn(browser, done.location);
    const { json } = await authority.redeem({ ...request, code: at(on.headers.location, 'code') }, {}, { domain: 'coin' });
    assert.equal(decode(json.access_token).payload.authorization_details[0].amount, '1200');
    const plain = await authority.begin(request.fields, { domain: 'coin', session: sessionOf(who) });
    const bare = await touch(browser, plain, who.passkey, {});
    const { response } = assertion(who.passkey, Buffer.from(bare.shown.challenge_en, 'base64url').subarray(0, 16).toString('base64url'));
    const cut = await post(browser, 'given', { asked: askedOf(plain), continue: 'AAAA', credential: { rawId: b64(who.passkey.id), response } });
    const answerCut = await finish(who, plain, who.passkey, at(cut.json.redirect, 'touch'));
    assert.notEqual(answerCut.outcome, 'respond', 'a touch that does not cover the statement approves nothing');
  });
}

test('the page and its parts are served, as they are and no others', async () => {
  const get = (path) => exchange({ port: authority.internalPort }, { path });
  const page = await get('/coin/.sekisho/touch');
  assert.equal(page.status, 200);
  assert.match(page.headers['content-type'], /^text\/html/);
  assert.match(page.headers['content-security-policy'], /default-src 'none'/);
  for (const [, part] of page.body.matchAll(/"\/\.sekisho\/(assets\/[^"]+)"/g)) assert.equal((await get(`/coin/.sekisho/${part}`)).status, 200, part);
  for (const path of ['/coin/.sekisho/assets/../touch.html', '/coin/.sekisho/assets/account.js', '/coin/.sekisho/assets/', '/pay/.sekisho/touch', '/pay/.sekisho/assets/touch.js', '/nobody/.sekisho/touch'])
    assert.ok([400, 404].includes((await get(path)).status), path);
});
