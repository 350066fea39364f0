/* The account: passkeys, sessions, and leaving. */
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

const rows = (person) => person.page.locator('#passkeys li[data-id]');
const saysDone = (person, text) => person.page.locator('#notice[data-kind=done]', { hasText: text }).waitFor();

async function settled() {
  const person = await newPerson(browser, server.url);
  const name = newName();
  await person.register(name);
  return { person, name };
}

async function addSecond(person) {
  await person.authenticator.touch(false);
  const key = await person.plugIn();
  await person.page.click('#add');
  await saysDone(person, 'Passkey added.');
  await person.authenticator.touch(true);
  return key;
}

async function confirmDialog(person) {
  await person.page.click('dialog[open] .dialog-actions button:last-child');
}

test('a second passkey is added, named and shown with what is known of it', async () => {
  const { person } = await settled();
  const key = await addSecond(person);
  assert.equal(await rows(person).count(), 2);
  assert.equal((await key.credentials()).length, 1);
  assert.ok(await person.page.locator('#only-one').isHidden());
  assert.match(await person.page.evaluate(() => document.activeElement.className), /rename/, 'focus offers the name');
  await person.page.keyboard.press('Enter');
  await person.page.keyboard.type('Blue key');
  await person.page.keyboard.press('Enter');
  await saysDone(person, 'Renamed to “Blue key”.');
  await person.page.reload();
  await person.atAccount();
  assert.ok((await person.page.locator('#passkeys h3').allInnerTexts()).includes('Blue key'));
  await person.leave();
});

test('the same authenticator is not registered twice', async () => {
  const { person } = await settled();
  await person.page.click('#add');
  await person.page.waitForSelector('#notice[data-kind=error]');
  assert.match(await person.notice(), /already holds a passkey/);
  assert.equal(await rows(person).count(), 1);
  await person.leave();
});

test('renaming can be left with Escape, and focus returns', async () => {
  const { person } = await settled();
  const before = await person.page.locator('#passkeys h3').innerText();
  await person.page.click('.rename');
  await person.page.keyboard.type('Something else');
  await person.page.keyboard.press('Escape');
  assert.equal(await person.page.locator('#passkeys h3').innerText(), before);
  assert.match(await person.page.evaluate(() => document.activeElement.className), /rename/);
  await person.leave();
});

test('a name is text, never markup', async () => {
  const { person } = await settled();
  const nasty = '<img src=x onerror=alert(1)>';
  await person.page.click('.rename');
  await person.page.fill('#new-name', nasty);
  await person.page.keyboard.press('Enter');
  await saysDone(person, 'Renamed');
  assert.equal(await person.page.locator('#passkeys h3').innerText(), nasty);
  await person.leave();
});

test('a deleted passkey is gone and signs in no more', async () => {
  const { person } = await settled();
  const key = await addSecond(person);
  const [first] = await person.authenticator.credentials();
  const id = Buffer.from(first.credentialId, 'base64').toString('base64url');
  await person.page.locator(`li[data-id="${id}"] .delete`).click();
  await confirmDialog(person);
  await saysDone(person, 'Passkey deleted.');
  assert.equal(await rows(person).count(), 1);
  assert.equal(await person.page.locator(`li[data-id="${id}"]`).count(), 0);
  assert.equal(await person.page.evaluate(() => document.activeElement.id), 'add');
  await person.signOut();
  await key.touch(false);
  await person.authenticator.holds(0); /* it heard of it; a manager that did not would still offer it */
  await person.authenticator.put(first);
  await person.page.goto(`${server.url}/login`);
  await person.page.waitForSelector('#notice[data-kind=error]');
  assert.equal((await person.fetch('GET', '/session')).status, 401);
  await person.leave();
});

test('deleting asks first, and Escape keeps the passkey', async () => {
  const { person } = await settled();
  await person.page.click('.delete');
  await person.page.waitForSelector('dialog[open]');
  await person.page.keyboard.press('Escape');
  await person.page.waitForSelector('dialog', { state: 'detached' });
  assert.equal(await rows(person).count(), 1);
  assert.match(await person.page.evaluate(() => document.activeElement.className), /delete/);
  await person.leave();
});

test('the last passkey is not deleted, and the dialog says why', async () => {
  const { person } = await settled();
  await person.page.click('.delete');
  await confirmDialog(person);
  await person.page.waitForSelector('dialog[open] .notice[data-kind=error]');
  assert.match(await person.page.locator('dialog[open] .notice-text').innerText(), /^Your only passkey stays/);
  await person.page.keyboard.press('Escape');
  await person.page.reload();
  await person.atAccount();
  assert.equal(await rows(person).count(), 1);
  await person.leave();
});

test('after five minutes a change asks for the passkey again, then goes on', { skip: process.env.SEKISHO_URL && 'needs the test clock' }, async () => {
  const { person } = await settled();
  await addSecond(person);
  await server.passTime(301);
  await person.page.locator('.delete').first().click();
  await confirmDialog(person);
  await person.page.locator('dialog[open] h2', { hasText: 'Confirm it is you' }).waitFor();
  await confirmDialogOnTop(person);
  await saysDone(person, 'Passkey deleted.');
  assert.equal(await rows(person).count(), 1);
  await person.leave();
});

async function confirmDialogOnTop(person) {
  await person.page.locator('dialog[open]').last().locator('.dialog-actions button').last().click();
}

test('not confirming changes nothing', { skip: process.env.SEKISHO_URL && 'needs the test clock' }, async () => {
  const { person } = await settled();
  await server.passTime(301);
  await person.page.click('#add');
  await person.page.locator('dialog[open] h2', { hasText: 'Confirm it is you' }).waitFor();
  await person.page.keyboard.press('Escape');
  await person.page.waitForSelector('dialog', { state: 'detached' });
  assert.equal(await rows(person).count(), 1);
  assert.equal(await person.page.getAttribute('#add', 'aria-disabled'), null);
  await person.leave();
});

test('sign out ends the session and says so', async () => {
  const { person } = await settled();
  await person.signOut();
  assert.equal(await person.page.locator('#left h1').innerText(), 'You are signed out.');
  assert.equal(await person.page.evaluate(() => document.activeElement.tagName), 'H1', 'the news has the focus');
  assert.equal((await person.fetch('GET', '/session')).status, 401);
  await person.leave();
});

/* The same person at a second browser, whose passkey provider has synchronised the passkey. */
async function secondBrowser(name, person) {
  const [credential] = await person.authenticator.credentials();
  const other = await newPerson(browser, server.url);
  await other.authenticator.put(credential);
  await other.page.goto(`${server.url}/login`);
  await other.atAccount(name);
  return other;
}

test('one session is ended from another', async () => {
  const { person, name } = await settled();
  const other = await secondBrowser(name, person);
  await person.page.reload();
  await person.atAccount(name);
  assert.equal(await person.page.locator('#sessions li').count(), 2);
  assert.equal(await person.page.locator('#sessions .tag').count(), 1);
  await person.page.click('#sessions .entry-actions button');
  await saysDone(person, 'Signed out there.');
  assert.equal(await person.page.locator('#sessions li').count(), 1);
  assert.equal((await other.fetch('GET', '/session')).status, 401);
  assert.equal((await person.fetch('GET', '/session')).status, 200);
  await other.leave();
  await person.leave();
});

test('sign out everywhere ends every session', async () => {
  const { person, name } = await settled();
  const other = await secondBrowser(name, person);
  await person.page.click('#end-all');
  await confirmDialog(person);
  await person.page.waitForSelector('#left:not([hidden])');
  assert.equal((await person.fetch('GET', '/session')).status, 401);
  assert.equal((await other.fetch('GET', '/session')).status, 401);
  await other.leave();
  await person.leave();
});
