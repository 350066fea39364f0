/* Logging in: by autofill, by the button, by name, and everything that can come between. */
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

/* A person who has registered and signed out again, with the authenticator waiting for a touch. */
async function registered(options) {
  const person = await newPerson(browser, server.url, options);
  const name = newName();
  await person.register(name);
  await person.signOut();
  await person.authenticator.touch(false);
  return { person, name };
}

test('WA-40 autofill: a passkey offered in the field signs in without a press', async () => {
  const { person, name } = await registered();
  await person.authenticator.touch(true);
  await person.page.goto(`${server.url}/login`);
  await person.atAccount(name);
  await person.leave();
});

test('WA-40 autofill asks for a discoverable credential and at least five minutes', async () => {
  const { person } = await registered();
  const answered = person.page.waitForResponse('**/assertion/options');
  await person.open('/login');
  const answer = await answered;
  const options = await answer.json();
  assert.deepEqual(answer.request().postDataJSON(), { mediation: 'conditional' });
  assert.deepEqual(options.allowCredentials ?? [], []);
  assert.ok(options.timeout >= 300_000, `timeout ${options.timeout}`);
  await person.leave();
});

test('autofill renews its options before they expire', async () => {
  const { person } = await registered();
  await person.page.clock.install();
  let asked = 0;
  person.page.on('request', (request) => (asked += request.url().endsWith('/assertion/options') ? 1 : 0));
  const first = person.page.waitForResponse('**/assertion/options');
  await person.open('/login');
  const { timeout } = await (await first).json();
  const again = person.page.waitForResponse('**/assertion/options');
  await person.page.clock.fastForward(timeout * 0.85);
  await again;
  assert.equal(asked, 2);
  await person.leave();
});

test('the button takes over from autofill and signs in', async () => {
  const { person, name } = await registered();
  await person.openLogin();
  await person.page.click('#go');
  await person.atAccount(name);
  await person.leave();
});

test('while the authenticator waits, the page says so and takes no second press', async () => {
  const { person } = await registered();
  await person.open('/login');
  await person.page.click('#go');
  await person.page.waitForSelector('#notice[data-kind=wait]');
  assert.equal(await person.notice(), 'Follow the prompt of your browser.');
  assert.equal(await person.page.getAttribute('#go', 'aria-disabled'), 'true');
  assert.equal(await person.page.getAttribute('#scene', 'data-state'), 'waiting');
  let asked = 0;
  person.page.on('request', () => asked++);
  await person.page.locator('#go').dispatchEvent('click');
  assert.equal(asked, 0);
  await person.leave();
});

test('a typed name asks for the passkeys of that name', async () => {
  const { person, name } = await registered();
  await person.openLogin();
  await person.page.fill('#username', name);
  const asked = person.page.waitForRequest((request) => request.postData()?.includes(name));
  await person.page.click('#go');
  await asked;
  await person.atAccount(name);
  await person.leave();
});

test('wrong user: the passkey of one does not open the account of another', async () => {
  const other = await registered();
  await other.person.leave();
  const { person } = await registered();
  await person.shortPrompts();
  await person.open('/login');
  await person.page.fill('#username', other.name);
  await person.page.click('#go');
  await person.page.waitForSelector('#notice:is([data-kind=info], [data-kind=error])');
  assert.equal(new URL(person.page.url()).pathname, '/login');
  assert.equal((await person.fetch('GET', '/session')).status, 401);
  await person.leave();
});

test('an unknown name looks like a known one whose passkey is not here', async () => {
  const other = await registered();
  await other.person.leave();
  const { person } = await registered();
  await person.shortPrompts();
  const said = [];
  for (const name of [other.name, newName('nobody')]) {
    await person.open('/login');
    await person.page.fill('#username', name);
    await person.page.click('#go');
    await person.page.waitForSelector('#notice:is([data-kind=info], [data-kind=error])');
    said.push(await person.notice());
  }
  assert.equal(said[0], said[1]);
  await person.leave();
});

test('a refused prompt is said kindly and can be tried again', async () => {
  const { person, name } = await registered();
  await person.openLogin();
  await person.authenticator.recognise(false);
  await person.page.click('#go');
  await person.page.waitForSelector('#notice[data-kind=info]');
  assert.match(await person.notice(), /^Nothing was sent\./);
  assert.equal(await person.page.getAttribute('#go', 'aria-disabled'), null);
  await person.authenticator.recognise(true);
  await person.page.click('#go');
  await person.atAccount(name);
  await person.leave();
});

test('without the JSON methods of WebAuthn the fallback does their work', async () => {
  const person = await newPerson(browser, server.url);
  await person.page.addInitScript(() => {
    delete PublicKeyCredential.parseCreationOptionsFromJSON;
    delete PublicKeyCredential.parseRequestOptionsFromJSON;
    delete PublicKeyCredential.prototype.toJSON;
  });
  const name = newName();
  await person.register(name);
  await person.signOut();
  await person.authenticator.touch(false);
  await person.openLogin();
  await person.page.fill('#username', name);
  await person.page.click('#go');
  await person.atAccount(name);
  await person.leave();
});

test('a browser without WebAuthn is told what to do', async () => {
  const person = await newPerson(browser, server.url);
  await person.page.addInitScript(() => delete window.PublicKeyCredential);
  for (const path of ['/login', '/register']) {
    await person.open(path);
    assert.match(await person.notice(), /^This browser has no passkeys here\./);
    assert.equal(await person.page.getAttribute('#go', 'aria-disabled'), 'true');
  }
  await person.leave();
});

test('a lost connection is named, and nothing is lost with it', async () => {
  const { person, name } = await registered();
  await person.openLogin();
  await person.page.fill('#username', name);
  await person.page.context().setOffline(true);
  await person.page.click('#go');
  await person.page.waitForSelector('#notice[data-kind=error]');
  assert.match(await person.notice(), /cannot be reached/);
  assert.equal(await person.page.inputValue('#username'), name);
  await person.page.context().setOffline(false);
  await person.page.click('#go');
  await person.atAccount(name);
  await person.leave();
});

test('the keyboard alone signs in', async () => {
  const { person, name } = await registered();
  await person.openLogin();
  const focused = () => person.page.evaluate(() => document.activeElement.id || document.activeElement.tagName);
  assert.equal(await focused(), 'username');
  await person.page.keyboard.press('Tab');
  assert.equal(await focused(), 'go');
  await person.authenticator.recognise(false);
  await person.page.keyboard.press('Enter');
  await person.page.waitForSelector('#notice[data-kind=info]');
  assert.equal(await focused(), 'go', 'the button keeps the focus');
  await person.authenticator.recognise(true);
  await person.page.keyboard.press('Enter');
  await person.atAccount(name);
  await person.leave();
});

test('an account page asks strangers to sign in', async () => {
  const person = await newPerson(browser, server.url);
  await person.page.goto(`${server.url}/account`);
  await person.page.waitForURL('**/login');
  await person.leave();
});
