/* Making an account with its first passkey. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
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

test('register: a name, a touch, and the account is there', async () => {
  const person = await newPerson(browser, server.url);
  const name = newName();
  await person.register(name);
  assert.equal((await person.authenticator.credentials()).length, 1);
  assert.equal(await person.page.locator('#passkeys li').count(), 1);
  assert.ok(await person.page.locator('#only-one').isVisible(), 'a single passkey comes with advice');
  await person.leave();
});

test('a missing name is asked for, and the field is marked', async () => {
  const person = await newPerson(browser, server.url);
  await person.open('/register');
  await person.page.click('#go');
  assert.equal(await person.notice(), 'Choose a username first.');
  assert.equal(await person.page.getAttribute('#username', 'aria-invalid'), 'true');
  assert.equal(await person.page.evaluate(() => document.activeElement.id), 'username');
  await person.leave();
});

test('a refused prompt makes no account and can be tried again', async () => {
  const person = await newPerson(browser, server.url);
  const name = newName();
  await person.authenticator.recognise(false);
  await person.open('/register');
  await person.page.fill('#username', name);
  await person.page.click('#go');
  await person.page.waitForSelector('#notice[data-kind=info]');
  assert.equal((await person.fetch('GET', '/session')).status, 401);
  await person.authenticator.recognise(true);
  await person.page.click('#go');
  await person.atAccount(name);
  await person.leave();
});

test('a name that is taken stays with its owner', async () => {
  const name = newName();
  const owner = await newPerson(browser, server.url);
  await owner.register(name);
  const thief = await newPerson(browser, server.url);
  await thief.open('/register');
  await thief.page.fill('#username', name);
  await thief.page.click('#go');
  await thief.page.waitForSelector('#notice[data-kind=error]');
  assert.equal((await thief.fetch('GET', '/session')).status, 401);
  await owner.page.reload();
  await owner.atAccount(name);
  assert.equal(await owner.page.locator('#passkeys li').count(), 1);
  await thief.leave();
  await owner.leave();
});

test('names in other scripts and with spaces around are taken as meant', async () => {
  const person = await newPerson(browser, server.url, { language: 'ja' });
  const name = newName('美奈');
  await person.open('/register');
  await person.page.fill('#username', `  ${name} `);
  await person.page.fill('#display-name', '高橋 美奈');
  await person.page.click('#go');
  await person.atAccount(name);
  await person.leave();
});
