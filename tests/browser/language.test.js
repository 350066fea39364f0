/* English and Japanese: which is chosen, that both say everything, and that nobody sees the wrong one first. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import english from '../../web/assets/messages.en.js';
import japanese from '../../web/assets/messages.ja.js';
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

const heading = (person) => person.page.locator('h1:visible').innerText();
const language = (person) => person.page.getAttribute('html', 'lang');

test('both languages have the same messages with the same places to fill', () => {
  assert.deepEqual(Object.keys(japanese), Object.keys(english));
  const places = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
  for (const key of Object.keys(english)) assert.deepEqual(places(japanese[key]), places(english[key]), key);
});

test('the language is the address’s, else the one chosen before, else the browser’s', async () => {
  const person = await newPerson(browser, server.url, { language: 'ja-JP' });
  await person.open('/login');
  assert.deepEqual([await language(person), await heading(person)], ['ja', 'ログイン']);
  await person.open('/login?ui_locales=fr%20en');
  assert.deepEqual([await language(person), await heading(person)], ['en', 'Sign in']);
  await person.open('/login?ui_locales=en&lang=ja');
  assert.equal(await language(person), 'ja');
  await person.open('/login');
  assert.equal(await language(person), 'ja');
  await person.page.click('[data-language-switch]');
  await person.page.locator('h1', { hasText: 'Sign in' }).waitFor();
  assert.equal(await person.page.title().then((title) => title.split(' · ')[0]), 'Sign in');
  await person.open('/login');
  assert.equal(await language(person), 'en', 'the choice is kept');
  await person.leave();
});

test('another language than ours gets English', async () => {
  const person = await newPerson(browser, server.url, { language: 'de-DE' });
  await person.open('/login');
  assert.equal(await language(person), 'en');
  await person.leave();
});

test('switching keeps what was typed and translates what was said', async () => {
  const person = await newPerson(browser, server.url);
  await person.authenticator.recognise(false);
  await person.open('/register');
  await person.page.fill('#username', newName());
  const typed = await person.page.inputValue('#username');
  await person.page.click('#go');
  await person.page.waitForSelector('#notice[data-kind=info]');
  await person.page.click('[data-language-switch]');
  await person.page.locator('h1', { hasText: 'アカウントを作成' }).waitFor();
  assert.equal(await person.page.inputValue('#username'), typed);
  assert.equal(await person.notice(), japanese['error.not_made']);
  await person.leave();
});

test('the account speaks Japanese throughout', async () => {
  const person = await newPerson(browser, server.url, { language: 'ja' });
  await person.register(newName());
  assert.match(await person.page.locator('#passkeys').innerText(), /パスキーを追加/);
  await person.page.click('.rename');
  await person.page.fill('#new-name', '仕事用の鍵');
  await person.page.keyboard.press('Enter');
  await person.page.locator('#notice', { hasText: '「仕事用の鍵」' }).waitFor();
  await person.page.click('.delete');
  assert.equal(await person.page.locator('dialog h2').innerText(), '「仕事用の鍵」を削除しますか');
  await person.page.keyboard.press('Escape');
  await person.signOut();
  assert.equal(await heading(person), 'ログアウトしました。');
  await person.leave();
});

test('no text is shown before its language is there', async () => {
  const person = await newPerson(browser, server.url, { language: 'ja' });
  let release;
  const held = new Promise((done) => (release = done));
  await person.page.route('**/messages.*.js', async (route) => {
    await held;
    await route.continue();
  });
  await person.page.goto(`${server.url}/login`, { waitUntil: 'commit' });
  await person.page.waitForSelector('main', { state: 'attached' });
  await person.page.waitForTimeout(300);
  assert.ok(await person.page.locator('main').isHidden());
  release();
  await person.ready();
  assert.ok(await person.page.locator('main').isVisible());
  await person.leave();
});

test('without scripts both languages say what is missing', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  for (const path of ['/login', '/register', '/step-up', '/account']) {
    await page.goto(server.url + path);
    const said = await page.locator('noscript').innerText();
    assert.match(said, /JavaScript.*reload/);
    assert.match(said, /再読み込み/);
    assert.ok(await page.locator('noscript p').first().isVisible());
  }
  await context.close();
});

test('when the scripts do not come, the page says so after a while', async () => {
  const person = await newPerson(browser, server.url);
  await person.page.route('**/i18n.js', (route) => route.abort());
  await person.page.goto(`${server.url}/login`);
  assert.ok(await person.page.locator('.stuck p').first().isHidden());
  await person.page.locator('.stuck p').first().waitFor({ state: 'visible' });
  await person.leave();
});
