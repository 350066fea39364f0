/* The page that asks whether an application may have what it asks for. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityProblems } from './support/accessibility.js';
import { newName, newPerson, startBrowser } from './support/person.js';
import { startServer } from './support/server.js';

let server;
let browser;
before(async () => {
  server = await startServer();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const CALLBACK = 'http://localhost:9001/callback';
const query = new URLSearchParams({
  response_type: 'code', client_id: 'pay-web', redirect_uri: CALLBACK, scope: 'openid transfer profile', state: 'a-state', prompt: 'consent',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256',
});

async function asked(options) {
  const person = await newPerson(browser, server.url, options);
  await person.register(newName());
  await person.open(`/pay/authorize?${query}`);
  await person.page.waitForURL('**/consent?**');
  await person.page.waitForSelector('#permit-list dd');
  return person;
}

async function answerAfter(person, act) {
  const [request] = await Promise.all([person.page.waitForRequest((one) => one.url().startsWith(`${CALLBACK}?`)), act()]);
  return new URL(request.url()).searchParams;
}

for (const [language, scheme, viewport] of [
  ['en', 'light', { width: 1280, height: 800 }],
  ['ja', 'dark', { width: 320, height: 640 }],
]) {
  test(`the page in ${language}, ${scheme}: for whom, what, and where to; allowed by the keyboard`, async () => {
    const person = await asked({ language, scheme, viewport });
    assert.deepEqual(await accessibilityProblems(person.page), []);
    const text = await person.page.locator('main').innerText();
    assert.match(text, /localhost:9001/);
    assert.match(text, language === 'en' ? /Allow access\?/ : /アクセスを許可しますか？/);
    await person.page.focus('#go');
    const answer = await answerAfter(person, () => person.page.keyboard.press('Enter'));
    assert.ok(answer.get('code'));
    await person.leave();
  });
}

test('who does not allow it goes back, and the application is told', async () => {
  const person = await asked();
  const answer = await answerAfter(person, () => person.page.click('#decline'));
  assert.deepEqual([answer.get('error'), answer.get('code')], ['access_denied', null]);
  await person.leave();
});

test('without a request there is nothing to allow', async () => {
  const person = await newPerson(browser, server.url);
  await person.open('/consent');
  await person.page.locator('h1', { hasText: 'This request has ended' }).waitFor();
  assert.deepEqual(await accessibilityProblems(person.page), []);
  await person.leave();
});

for (const language of ['en', 'ja']) {
  test(`the account page in ${language} lists what was allowed, and takes it back`, async () => {
    const person = await asked({ language, viewport: { width: 360, height: 780 } });
    await answerAfter(person, () => person.page.click('#go'));
    const page = await person.page.context().newPage(); // the other one goes to an application that is not there
    await page.goto(`${server.url}/account`);
    const entry = page.locator('#applications li[data-client=pay-web]');
    await entry.waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    await entry.locator('.delete').click();
    await page.click('dialog[open] .dialog-actions button:last-child');
    await page.locator('#notice[data-kind=done]').waitFor();
    assert.ok(await page.locator('#applications').isHidden());
    await page.reload();
    await page.locator('#sessions li h3').first().waitFor();
    assert.ok(await page.locator('#applications').isHidden());
    await person.leave();
  });
}
