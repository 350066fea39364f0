/* The step-up page of a payment: it shows exactly what the passkey signs, as text, in the language of the page. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { ENGLISH, JAPANESE, PAYMENT, DETAILS } from '../http/support/payments.js';
import { accessibilityProblems } from './support/accessibility.js';
import { newName, newPerson, startBrowser } from './support/person.js';
import { startServer } from './support/server.js';

const CALLBACK = 'http://localhost:9001/callback';
const VERIFIER = 'v'.repeat(43);
let server;
let browser;
before(async () => {
  server = await startServer({
    edit: (yaml) => {
      const edited = yaml.replace(/^ {4}routes:/m, `${DETAILS.slice(1)}    routes:`).replace(/\{id: pay-web,|- id: pay-web\n/, (found) =>
        (found.startsWith('{') ? '{id: pay-web, authorization_details_types: [payment],' : `${found}        authorization_details_types: [payment]\n`));
      assert.notEqual(edited, yaml);
      return edited;
    },
  });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function asked(payment, options) {
  const person = await newPerson(browser, server.url, options);
  await person.register(newName());
  const query = new URLSearchParams({
    response_type: 'code', client_id: 'pay-web', redirect_uri: CALLBACK, scope: 'openid', state: 'a-state', authorization_details: JSON.stringify([payment]),
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'), code_challenge_method: 'S256',
  });
  await person.open(`/pay/authorize?${query}`);
  await person.page.waitForURL('**/step-up?**');
  await person.page.waitForSelector('#permit-list dd');
  return person;
}

async function answerAfter(person, act) {
  const [request] = await Promise.all([person.page.waitForRequest((one) => one.url().startsWith(`${CALLBACK}?`)), act()]);
  return new URL(request.url()).searchParams;
}

const issuer = () => { const url = new URL(server.url); return `http://localhost:${Number(url.port) + 1}/pay`; };
async function redeem(code) {
  const answer = await fetch(`${issuer()}/token`, {
    method: 'POST', body: new URLSearchParams({ grant_type: 'authorization_code', client_id: 'pay-web', redirect_uri: CALLBACK, code, code_verifier: VERIFIER }),
  });
  return answer.json();
}

for (const [language, scheme, viewport, statement, title] of [
  ['en', 'light', { width: 1280, height: 800 }, ENGLISH, /Approve this\?/],
  ['ja', 'dark', { width: 320, height: 640 }, JAPANESE, /承認しますか/],
]) {
  test(`the page in ${language}, ${scheme}: what is signed is what is shown; the token carries it`, async () => {
    const person = await asked(PAYMENT, { language, scheme, viewport });
    assert.deepEqual(await accessibilityProblems(person.page), []);
    const text = await person.page.locator('main').innerText();
    assert.ok(text.includes(statement), text);
    assert.match(text, title);
    const options = person.page.waitForRequest('**/assertion/options');
    const answer = await answerAfter(person, () => person.page.click('#go'));
    assert.equal((await options).postDataJSON().language, language);
    const tokens = await redeem(answer.get('code'));
    assert.deepEqual(tokens.authorization_details, [PAYMENT], JSON.stringify(tokens));
    await person.leave();
  });
}

test('markup in a member is text, and nothing else', async () => {
  const name = '<img src=x onerror=alert(1)><b>Eve</b>';
  const person = await asked({ ...PAYMENT, payee: { name, account: 'JP-77' } });
  assert.ok((await person.page.locator('#permit-list').innerText()).includes(name));
  assert.equal(await person.page.locator('#permit-list img, #permit-list b').count(), 0);
  await person.leave();
});

test('a change of language changes what is shown, and what is signed', async () => {
  const person = await asked(PAYMENT);
  await person.page.click('[data-language-switch]');
  await person.page.waitForFunction((wanted) => document.querySelector('main').innerText.includes(wanted), JAPANESE);
  const options = person.page.waitForRequest('**/assertion/options');
  await answerAfter(person, () => person.page.click('#go'));
  assert.equal((await options).postDataJSON().language, 'ja');
  await person.leave();
});
