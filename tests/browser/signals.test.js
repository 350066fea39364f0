/* Passkeys that are gone here vanish from the person's passkey manager too: Chromium's virtual authenticator follows the
 * signals of WebAuthn's Signal API as a manager would. */
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

const skip = process.env.SEKISHO_URL && 'needs the operators\u2019 interface';

async function settled(options) {
  const person = await newPerson(browser, server.url, options);
  const name = newName();
  await person.register(name);
  return { person, name };
}

const idOf = (credential) => Buffer.from(credential.credentialId, 'base64').toString('base64url');

/* Adds a passkey on a key that is plugged in; the first authenticator waits meanwhile. */
async function addOnKey(person) {
  await person.authenticator.touch(false);
  const key = await person.plugIn();
  await person.page.click('#add');
  await person.page.locator('#notice[data-kind=done]').waitFor();
  await person.authenticator.touch(true);
  return key;
}

const revoke = (name, credential) =>
  server.admin('DELETE', `/users/${encodeURIComponent(name)}/credentials/${idOf(credential)}`);

/* Opens the login page and lets the passkey in the autofill be taken. */
async function tryAutofill(person) {
  await person.page.goto(`${server.url}/login`);
  await person.page.waitForSelector('#notice[data-kind=error]');
}

test('a passkey that is deleted on the account page vanishes from its manager', async () => {
  const { person } = await settled();
  const key = await addOnKey(person);
  const [first] = await person.authenticator.credentials();
  await person.page.locator(`li[data-id="${idOf(first)}"] .delete`).click();
  await person.page.click('dialog[open] .dialog-actions button:last-child');
  await person.authenticator.holds(0);
  assert.equal((await key.credentials()).length, 1);
  await person.leave();
});

test('what an operator revoked vanishes at the next login with another passkey', { skip }, async () => {
  const { person, name } = await settled();
  const key = await addOnKey(person);
  const [first] = await person.authenticator.credentials();
  await revoke(name, first);
  await person.authenticator.touch(false);
  await person.page.goto(`${server.url}/login`);
  await person.atAccount(name);
  await person.authenticator.holds(0);
  assert.equal((await key.credentials()).length, 1);
  await person.leave();
});

test('a revoked passkey vanishes when it is tried, and the page says what to do', { skip }, async () => {
  const { person, name } = await settled();
  const [only] = await person.authenticator.credentials();
  await revoke(name, only);
  await tryAutofill(person);
  assert.match(await person.notice(), /^That passkey was deleted here .* ask for a recovery link\.$/);
  await person.authenticator.holds(0);
  await person.leave();
});

test('so does the passkey of an account that was deleted, by the button too', { skip }, async () => {
  const { person, name } = await settled();
  await server.admin('DELETE', `/users/${encodeURIComponent(name)}`);
  await person.openLogin();
  await person.page.click('#go');
  await person.authenticator.holds(0);
  await person.leave();
});

test('a recovery link clears away the passkeys of before', { skip }, async () => {
  const { person, name } = await settled();
  const [lost] = await person.authenticator.credentials();
  await revoke(name, lost);
  const { ticket } = await server.admin('POST', `/users/${encodeURIComponent(name)}/recovery`);
  await person.authenticator.touch(false);
  const key = await person.plugIn();
  await person.open(`/register?ticket=${ticket}`);
  await person.page.click('#go');
  await person.atAccount(name);
  await person.authenticator.holds(0);
  assert.equal((await key.credentials()).length, 1);
  await person.leave();
});

test('a passkey that the server refuses is not kept', async () => {
  const { person: owner, name } = await settled();
  await owner.leave();
  const person = await newPerson(browser, server.url);
  await person.open('/register');
  await person.page.fill('#username', name);
  await person.page.click('#go');
  await person.page.waitForSelector('#notice[data-kind=error]');
  await person.authenticator.holds(0);
  await person.leave();
});

test('the passkeys of another account in the same manager stay', async () => {
  const { person } = await settled();
  await person.signOut();
  const other = newName('kenta');
  await person.register(other);
  assert.equal((await person.authenticator.credentials()).length, 2);
  await person.page.reload();
  await person.atAccount(other);
  await person.page.waitForLoadState('networkidle');
  await person.authenticator.holds(2);
  await person.leave();
});

test('names in the manager follow those of the account', async () => {
  const person = await newPerson(browser, server.url);
  const name = newName();
  await person.open('/register');
  await person.page.fill('#username', name);
  await person.page.fill('#display-name', 'Mina 高橋');
  await person.page.click('#go');
  await person.atAccount(name);
  const [credential] = await person.authenticator.credentials();
  await person.authenticator.forget();
  await person.authenticator.put({ ...credential, userName: 'old', userDisplayName: 'Old Name' });
  await person.page.reload();
  await person.authenticator.shows(name, 'Mina 高橋');
  await person.signOut();
  await person.authenticator.forget();
  await person.authenticator.put({ ...credential, userName: 'old', userDisplayName: 'Old Name', signCount: 100 });
  await person.page.goto(`${server.url}/login`);
  await person.atAccount(name);
  await person.authenticator.shows(name, 'Mina 高橋');
  await person.leave();
});

test('a further passkey bears the account’s name, not the form’s', async () => {
  const person = await newPerson(browser, server.url);
  const name = newName();
  await person.open('/register');
  await person.page.fill('#username', name);
  await person.page.fill('#display-name', 'Mina 高橋');
  await person.page.click('#go');
  await person.atAccount(name);
  const key = await addOnKey(person);
  await key.shows(name, 'Mina 高橋');
  await person.leave();
});

for (const [what, spoil] of [
  ['without the Signal API', () => {
    for (const name of ['signalUnknownCredential', 'signalAllAcceptedCredentials', 'signalCurrentUserDetails']) delete PublicKeyCredential[name];
  }],
  ['whose manager refuses every signal', () => {
    for (const name of ['signalUnknownCredential', 'signalAllAcceptedCredentials', 'signalCurrentUserDetails'])
      PublicKeyCredential[name] = () => Promise.reject(new DOMException('no', 'NotSupportedError'));
  }],
  ['whose manager never answers', () => {
    for (const name of ['signalUnknownCredential', 'signalAllAcceptedCredentials', 'signalCurrentUserDetails'])
      PublicKeyCredential[name] = () => new Promise(() => {});
  }],
])
  test(`a browser ${what} works as before`, async () => {
    const person = await newPerson(browser, server.url);
    await person.page.addInitScript(spoil);
    const name = newName();
    await person.register(name);
    await person.signOut();
    await person.page.goto(`${server.url}/login`);
    await person.atAccount(name);
    await person.leave();
  });

test('signals that cannot be fetched keep nobody from the account', async () => {
  const { person, name } = await settled();
  await person.signOut();
  await person.page.route('**/signals', (route) => route.abort());
  await person.page.goto(`${server.url}/login`);
  await person.page.waitForURL('**/account');
  await person.ready();
  assert.equal(await person.page.locator('#name').innerText(), name);
  await person.page.locator('#passkeys li[data-id]').waitFor();
  await person.leave();
});
