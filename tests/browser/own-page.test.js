/* A domain's own page behind a real nginx or Caddy, as docs/integrations/own-page.md sets it up, and a person at a browser. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Gateway, PROGRAMS } from '../http/support/gateway.js';
import { DETAILS, ENGLISH, JAPANESE, PAYMENT } from '../http/support/payments.js';
import { Rp } from '../http/support/rp.js';
import { accessibilityProblems } from './support/accessibility.js';
import { newName, newPerson, startBrowser } from './support/person.js';

const CALLBACK = 'http://localhost:9002/callback';
const VERIFIER = 'v'.repeat(43);

const withOrigin = (port) => (text) => text.replace('evidence: domain}', 'evidence: verified}')
  .replace('- id: coin\n', `- id: coin\n    binding: bound_key\n    origin: http://localhost:${port}\n`)
  .replace(/( {4}scopes:\n {6}trade:.*\n)/, `$1${DETAILS.slice(1).replace('scope: transfer', 'scope: trade')}`)
  .replace('- {id: coin-web,', '- {id: coin-web, name: Coin Web, authorization_details_types: [payment],')
  .concat('      - {id: guest-web, name: Guest, public: true, third_party: true, redirect_uris: ["http://localhost:9002/callback"]}\n');

function authorize(more = {}) {
  const query = new URLSearchParams({
    response_type: 'code', client_id: 'coin-web', redirect_uri: CALLBACK, scope: 'openid', state: 'a-state',
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'), code_challenge_method: 'S256', ...more,
  });
  return `/coin/authorize?${query}`;
}

for (const [kind, missing] of PROGRAMS) {
  let gateway, rp, browser;
  before(async () => {
    if (missing) return;
    gateway = await Gateway.prepare({ kind, page: 'own-page.md', hasProduct: false });
    rp = await Rp.start({ authority: true, config: withOrigin(gateway.port) });
    await gateway.start(rp.internalPort);
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await gateway?.done();
    await rp?.done();
  });

  const page = () => `http://localhost:${gateway.port}`;
  const somebody = async (options = {}) => {
    const person = await newPerson(browser, rp.origin, { ...options, origins: [page()] });
    await person.register(newName());
    return person;
  };
  const onPage = async (person, title) => {
    await person.page.waitForURL((url) => url.origin === page());
    await person.page.locator('h1', { hasText: title }).waitFor();
  };
  async function answerAfter(person, act) {
    const [request] = await Promise.all([person.page.waitForRequest((one) => one.url().startsWith(`${CALLBACK}?`)), act()]);
    await person.page.waitForFunction(() => location.protocol === 'chrome-error:'); // nobody listens there
    return new URL(request.url()).searchParams;
  }
  async function redeem(code) {
    const answer = await fetch(`http://localhost:${rp.authorityPort}/coin/token`, {
      method: 'POST', body: new URLSearchParams({ grant_type: 'authorization_code', client_id: 'coin-web', redirect_uri: CALLBACK, code, code_verifier: VERIFIER }),
    });
    assert.equal(answer.status, 200);
    return answer.json();
  }

  test(`${kind}: one touch on the domain's own host, and on to the application`, { skip: missing }, async () => {
    const person = await somebody();
    await person.open(authorize());
    await onPage(person, 'Confirm it with Coin itself');
    assert.match(await person.page.textContent('#permit-list'), /Coin Web/);
    assert.deepEqual(await accessibilityProblems(person.page), []);
    const answer = await answerAfter(person, () => person.page.click('#go'));
    assert.equal(answer.get('state'), 'a-state');
    const { access_token: token } = await redeem(answer.get('code'));
    assert.ok(JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).levels.phr.verified > 0);
    await person.leave();
  });

  test(`${kind}: a stranger signs in first, and touches then; "not now" tells the application`, { skip: missing }, async () => {
    const person = await somebody();
    await person.signOut();
    await person.open(authorize());
    await onPage(person, 'Confirm it with Coin itself'); // the login page had offered the passkey already
    const answer = await answerAfter(person, () => person.page.click('#decline'));
    assert.equal(answer.get('error'), 'access_denied');
    await person.leave();
  });

  for (const [language, words] of [['en', ENGLISH], ['ja', JAPANESE]]) {
    test(`${kind}: an approval is shown by the domain (${language}), and the token carries it`, { skip: missing }, async () => {
      const person = await somebody({ language });
      await person.open(authorize({ scope: 'openid trade', authorization_details: JSON.stringify([PAYMENT]) }));
      await onPage(person, language === 'ja' ? '承認しますか' : 'Approve this?');
      assert.match(await person.page.textContent('#permit-list'), new RegExp(words.replace(/[()]/g, '\\$&')));
      assert.deepEqual(await accessibilityProblems(person.page), []);
      const { authorization_details: details } = await redeem((await answerAfter(person, () => person.page.click('#go'))).get('code'));
      assert.equal(details[0].amount, PAYMENT.amount);
      await person.leave();
    });
  }

  test(`${kind}: an application of others asks the person on the login server, and the touch still counts`, { skip: missing }, async () => {
    const person = await somebody();
    await person.open(authorize({ client_id: 'guest-web' }));
    await onPage(person, 'Confirm it with Coin itself');
    await person.page.click('#go');
    await person.page.waitForURL((url) => url.origin === rp.origin && url.pathname === '/consent');
    await person.page.waitForSelector('html[data-ready]');
    assert.ok((await answerAfter(person, () => person.page.click('#go'))).get('code'));
    await person.leave();
  });

  test(`${kind}: a further passkey is let in by one that is known`, { skip: missing }, async () => {
    const person = await somebody();
    await person.open(authorize());
    await onPage(person, 'Confirm it with Coin itself');
    assert.ok((await answerAfter(person, () => person.page.click('#go'))).get('code'));
    const newcomer = await person.plugIn();
    const answers = async (one) => { // of the two, the one that is touched
      await person.authenticator.touch(one === person.authenticator);
      await newcomer.touch(one === newcomer);
    };
    await person.open('/account');
    await answers(newcomer);
    await person.page.click('#add');
    await newcomer.holds(1);
    await person.page.waitForFunction(() => document.querySelectorAll('#passkeys li[data-id]').length === 2);
    await person.open(authorize());
    await onPage(person, 'Confirm it with Coin itself');
    await person.page.click('#go');
    await onPage(person, 'Let a new passkey in?');
    assert.deepEqual(await accessibilityProblems(person.page), []);
    await answers(person.authenticator);
    assert.ok((await answerAfter(person, () => person.page.click('#go'))).get('code'));
    await answers(newcomer);
    await person.open(authorize());
    await onPage(person, 'Confirm it with Coin itself');
    assert.ok((await answerAfter(person, () => person.page.click('#go'))).get('code'));
    await person.leave();
  });

  test(`${kind}: nothing else of the internal listener is reachable over the page's host`, { skip: missing }, async () => {
    for (const path of ['/metrics', '/coin/check/nginx', '/.sekisho/touch/../../check/nginx', '/.sekisho/assets/..%2f..%2fcheck/nginx', '/.sekisho/enter', '/.sekisho/touch/on/x', '/.sekisho//touch/asked', '/healthz'])
      assert.ok([400, 404, 405].includes((await gateway.send('GET', path)).status), path);
    assert.equal((await gateway.send('GET', '/.sekisho/touch')).status, 200);
    assert.equal((await gateway.send('GET', '/.sekisho/assets/icons/passkey.svg')).status, 200);
  });
}
