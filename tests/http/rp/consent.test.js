// Applications of others: the person is asked before they get anything (OpenID Connect Core §3.1.2.4), once for what they ask.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { authorize, codeOf, continueOf, payload, place, redeem } from '../support/entry.js';
import { postForm } from '../support/http.js';
import { Rp } from '../support/rp.js';

let rp;
before(async () => {
  rp = await Rp.start({
    authority: true,
    config: (text) => text.replace('    clients:\n      - {id: pay-web,', '    clients:\n      - {id: partner, name: Partner Shop, third_party: true, public: true, redirect_uris: ["http://localhost:9001/callback", "com.partner.app:/cb"]}\n      - {id: pay-web,'),
  });
});
after(() => rp?.done());

const PARTNER = { client_id: 'partner' };
const ask = (browser, more = {}) => authorize(browser, rp, { ...PARTNER, ...more });
const consentOf = (answer) => {
  assert.equal(answer.status, 303, answer.body);
  const address = place(answer, rp);
  assert.equal(address.pathname, '/consent', address.href);
  return address.searchParams.get('continue');
};
const allow = (browser, handle) => browser.post('/continue/allow', { continue: handle });
async function person(name) {
  const browser = rp.browser();
  await browser.register(name);
  return browser;
}

test('the person is asked, sees for whom and what, and says yes: once', async () => {
  const browser = await person('ann');
  const handle = consentOf(await ask(browser, { scope: 'openid balance.read' }));
  const shown = (await browser.get(`/continue?continue=${handle}`)).json;
  assert.deepEqual([shown.consent, shown.client_name, shown.client_host, shown.domain_name, shown.username], [true, 'Partner Shop', 'localhost:9001', 'Pay', 'ann']);
  assert.deepEqual(shown.scopes, [{ title: { en: 'See your balance', ja: '残高の確認' } }]);
  const { redirect } = (await allow(browser, handle)).json;
  const code = codeOf(await browser.get(redirect), rp);
  const tokens = (await redeem(rp, code, 'pay', PARTNER)).json;
  assert.equal(payload(tokens.access_token).scope, 'openid balance.read');
  assert.ok(codeOf(await ask(browser, { scope: 'openid balance.read' }), rp), 'nobody is asked twice');
  assert.ok(codeOf(await ask(browser, { scope: 'balance.read' }), rp), 'nor for less');
});

test('for more it asks again, and what was allowed stays so', async () => {
  const browser = await person('bob');
  await browser.get((await allow(browser, consentOf(await ask(browser, { scope: 'openid' })))).json.redirect);
  const more = consentOf(await ask(browser, { scope: 'openid balance.read' }));
  assert.ok(codeOf(await ask(browser, { scope: 'openid' }), rp));
  codeOf(await browser.get((await allow(browser, more)).json.redirect), rp);
  assert.ok(codeOf(await ask(browser, { scope: 'openid' }), rp));
  assert.ok(codeOf(await ask(browser, { scope: 'openid balance.read' }), rp));
});

test('prompt=consent asks in any case, also of the operator’s own; prompt=none never', async () => {
  const browser = await person('cat');
  assert.equal(place(await ask(browser, { prompt: 'none' }), rp).searchParams.get('error'), 'consent_required');
  await browser.get((await allow(browser, consentOf(await ask(browser)))).json.redirect);
  assert.ok(codeOf(await ask(browser, { prompt: 'none' }), rp));
  const again = consentOf(await ask(browser, { prompt: 'consent' }));
  assert.ok(codeOf(await browser.get((await allow(browser, again)).json.redirect), rp));
  assert.ok(codeOf(await authorize(browser, rp), rp), 'the operator’s own ask nobody');
  const own = consentOf(await authorize(browser, rp, { prompt: 'consent' }));
  assert.ok(codeOf(await browser.get((await allow(browser, own)).json.redirect), rp));
});

test('no is told to the application, and kept nowhere', async () => {
  const browser = await person('dan');
  const handle = consentOf(await ask(browser));
  const { redirect } = (await browser.post('/continue/decline', { continue: handle })).json;
  const said = place(await browser.get(redirect), rp).searchParams;
  assert.deepEqual([said.get('error'), said.get('code'), said.get('state')], ['access_denied', null, 'state-1']);
  consentOf(await ask(browser));
});

test('a sign-in comes first, and is no word', async () => {
  const browser = await person('eve');
  await browser.send('DELETE', '/session');
  const handle = continueOf(await ask(browser));
  assert.equal((await allow(browser, handle)).status, 400, 'nothing was asked yet');
  const { redirect } = await browser.login({ continue: handle });
  const asked = consentOf(await browser.get(redirect));
  await browser.send('DELETE', '/session');
  assert.equal((await allow(browser, asked)).status, 401, 'nobody is signed in');
  await browser.login({ username: 'eve' });
  assert.ok(codeOf(await browser.get((await allow(browser, asked)).json.redirect), rp));
});

test('the word is the account’s that gave it, in its browser, for one request', async () => {
  const browser = await person('fay');
  const handle = consentOf(await ask(browser));
  const { redirect } = (await allow(browser, handle)).json;
  const other = rp.browser();
  await other.register('gil');
  assert.equal((await allow(other, handle)).status, 400);
  await browser.send('DELETE', '/session');
  await browser.register('hal');
  consentOf(await browser.get(redirect));
  assert.equal((await browser.post('/continue/allow', { continue: handle }, { headers: { origin: 'https://evil.example' } })).status, 403);
  assert.equal((await browser.post('/continue/allow', {})).status, 400);
  assert.equal((await browser.post('/continue/allow', { continue: 'x' })).status, 400);
});

test('a request that waits for a sign-in cannot be allowed instead', async () => {
  const browser = await person('ida');
  const handle = continueOf(await authorize(browser, rp, { prompt: 'login' }));
  assert.equal((await allow(browser, handle)).status, 400);
});

test('an application of the device is shown by its scheme', async () => {
  const browser = await person('joe');
  const handle = consentOf(await ask(browser, { redirect_uri: 'com.partner.app:/cb' }));
  assert.equal((await browser.get(`/continue?continue=${handle}`)).json.client_host, 'com.partner.app');
});

/* --- taking it back --- */

async function given(browser, scope = 'openid balance.read') {
  const code = codeOf(await browser.get((await allow(browser, consentOf(await ask(browser, { scope })))).json.redirect), rp);
  return (await redeem(rp, code, 'pay', PARTNER)).json.access_token;
}
const active = async (token) => (await postForm({ port: rp.internalPort }, '/pay/introspect', { token })).json.active;
const withdraw = (browser, client = 'partner', domain = 'pay') => browser.send('DELETE', `/applications/${domain}/${client}`);

test('the account says what was allowed, and takes it back: tokens end at once, and the person is asked again', async () => {
  const [mia, noa] = [await person('mia'), await person('noa')];
  assert.deepEqual((await mia.get('/applications')).json, { applications: [], unavailable: [] });
  const [token, other] = [await given(mia), await given(noa)];
  const own = payload((await redeem(rp, codeOf(await authorize(mia, rp), rp))).json.access_token);
  const { applications: [listed, ...more] } = (await mia.get('/applications')).json;
  assert.equal(more.length, 0, 'the operator’s own are not listed');
  assert.ok(own.client_id === 'pay-web' && Math.abs(listed.granted_at - Date.now() / 1000) < 60);
  assert.deepEqual({ ...listed, granted_at: 0 }, {
    domain: 'pay', domain_name: 'Pay', client: 'partner', client_name: 'Partner Shop', granted_at: 0,
    scopes: [{ title: { en: 'See your balance', ja: '残高の確認' } }],
  });
  assert.deepEqual([await active(token), await active(other)], [true, true]);
  assert.equal((await withdraw(mia)).status, 200);
  assert.deepEqual([await active(token), await active(other)], [false, true], 'of this person alone');
  assert.deepEqual((await mia.get('/applications')).json.applications, []);
  assert.equal((await noa.get('/applications')).json.applications.length, 1);
  consentOf(await ask(mia, { scope: 'openid balance.read' }));
  assert.equal((await withdraw(mia)).status, 200, 'twice is the same');
});

test('a code that is under way when the word is taken back is worth nothing', async () => {
  const kay = await person('kay');
  const code = codeOf(await kay.get((await allow(kay, consentOf(await ask(kay)))).json.redirect), rp);
  assert.equal((await withdraw(kay)).status, 200);
  const answer = await redeem(rp, code, 'pay', PARTNER);
  assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_grant']);
});

test('nobody takes back for others: not without a session, not from another site, not at a domain that is none', async () => {
  const liv = await person('liv');
  const token = await given(liv);
  assert.equal((await withdraw(rp.browser())).status, 401);
  assert.equal((await liv.send('DELETE', '/applications/pay/partner', undefined, { headers: { origin: 'https://evil.example' } })).status, 403);
  assert.equal((await withdraw(liv, 'partner', 'nowhere')).status, 404);
  assert.equal((await withdraw(liv, 'someone-else')).status, 200);
  assert.equal(await active(token), true);
});
