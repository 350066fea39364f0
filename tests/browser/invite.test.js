/* Where new accounts are by invitation: the links that operators make, and what they open. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityProblems } from './support/accessibility.js';
import { newName, newPerson, startBrowser } from './support/person.js';
import { startServer } from './support/server.js';

let server;
let browser;
before(async () => {
  server = await startServer({ edit: (yaml) => yaml.replace('registration: open', 'registration: invite') });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const skip = process.env.SEKISHO_URL && 'needs a server by invitation';

/* The path of a one-time link of an operator for a user. */
async function link(kind, name) {
  const { ticket } = await server.admin('POST', `/users/${encodeURIComponent(name)}/${kind}`);
  return `/register?ticket=${ticket}`;
}

async function invited() {
  const name = newName();
  await server.admin('POST', '/users', { username: name });
  const person = await newPerson(browser, server.url);
  await person.open(await link('invite', name));
  await person.page.click('#go');
  await person.atAccount(name);
  return { person, name };
}

test('without an invitation the pages say that one is needed', { skip }, async () => {
  const person = await newPerson(browser, server.url);
  await person.open('/register');
  assert.equal(await person.page.locator('h1:visible').innerText(), 'By invitation only');
  assert.ok(await person.page.locator('#register').isHidden());
  assert.deepEqual(await accessibilityProblems(person.page), []);
  await person.open('/login');
  assert.ok(await person.page.locator('#register-invite').isVisible());
  assert.ok(await person.page.locator('#register-open').isHidden());
  await person.leave();
});

test('an invitation opens the account that was prepared, without a name being typed', { skip }, async () => {
  const { person } = await invited();
  await person.leave();
});

test('an invitation opens once', { skip }, async () => {
  const name = newName();
  await server.admin('POST', '/users', { username: name });
  const address = await link('invite', name);
  for (const expected of ['in', 'refused']) {
    const person = await newPerson(browser, server.url);
    await person.open(address);
    await person.page.click('#go');
    if (expected === 'in') await person.atAccount(name);
    else await person.page.locator('#notice', { hasText: 'This link was used already or is too old.' }).waitFor();
    await person.leave();
  }
});

test('an invitation is over after a quarter of an hour', { skip }, async () => {
  const name = newName();
  await server.admin('POST', '/users', { username: name });
  const address = await link('invite', name);
  await server.passTime(16 * 60);
  const person = await newPerson(browser, server.url);
  await person.open(address);
  await person.page.click('#go');
  await person.page.locator('#notice', { hasText: 'This link was used already or is too old.' }).waitFor();
  await person.leave();
});

test('a recovery link lets someone without a passkey back in, and ends the sessions of before', { skip }, async () => {
  const { person, name } = await invited();
  const again = await newPerson(browser, server.url);
  await again.open(await link('recovery', name));
  await again.page.click('#go');
  await again.atAccount(name);
  assert.equal(await again.page.locator('#passkeys li[data-id]').count(), 2);
  assert.equal((await person.fetch('GET', '/session')).status, 401);
  await again.leave();
  await person.leave();
});
