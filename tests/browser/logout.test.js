/* The page that an application's wish to sign the person out leads to. */
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

async function registered(options) {
  const person = await newPerson(browser, server.url, options);
  await person.register(newName());
  return person;
}

const signedIn = (page) => page.evaluate(async () => (await fetch('/session')).status === 200);

test('SS-03 the person is asked, says no, and is still signed in; says yes, and is signed out', async () => {
  const person = await registered();
  await person.open('/pay/logout');
  assert.equal(new URL(person.page.url()).pathname, '/logout');
  await person.page.locator('h1', { hasText: 'Sign out?' }).waitFor();
  assert.deepEqual(await accessibilityProblems(person.page), []);
  await person.page.locator('a', { hasText: 'Stay signed in' }).click();
  await person.page.waitForURL(/\/account/);
  assert.ok(await signedIn(person.page));
  await person.open('/pay/logout');
  await person.page.locator('#go').click();
  await person.page.locator('h1', { hasText: 'You are signed out' }).waitFor();
  assert.deepEqual(await accessibilityProblems(person.page), []);
  assert.ok(!(await signedIn(person.page)));
});

test('the application that asks is named, in the person\'s language', async () => {
  const person = await registered({ language: 'ja-JP' });
  await person.open('/pay/logout?client_id=pay-web');
  await person.page.locator('h1', { hasText: 'ログアウトしますか' }).waitFor();
  await person.page.locator('#lead', { hasText: 'ログアウトを求めています' }).waitFor();
  await person.page.locator('#go').click();
  await person.page.locator('h1', { hasText: 'ログアウトしました' }).waitFor();
});

test('without a session there is nothing to ask', async () => {
  const person = await newPerson(browser, server.url);
  await person.open('/logout');
  await person.page.locator('h1', { hasText: 'You are signed out' }).waitFor();
});

test('who cannot be reached has said nothing: the person is not shown as signed out, and may ask again', async () => {
  const person = await registered();
  const { page } = person;
  for (const fail of [(route) => route.abort(), (route) => route.fulfill({ status: 503, json: { error: 'unavailable' } })]) {
    await page.route('**/session', fail);
    await person.open('/logout');
    await page.waitForSelector('#notice[data-kind=error]');
    assert.equal(await page.locator('#done').isVisible(), false);
    assert.deepEqual(await accessibilityProblems(page), []);
    await page.unroute('**/session');
    await page.locator('#go', { hasText: 'Try again' }).click();
    await page.locator('#go', { hasText: 'Sign out' }).waitFor();
    assert.ok(await signedIn(page));
  }
  await person.leave();
});
