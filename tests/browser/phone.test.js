/* Devices that hold no passkeys: a phone nearby can, over the hybrid transport. Chromium without Bluetooth says that it
 * cannot, so here it is told to say that it can; the phone is a virtual authenticator of that transport. */
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

/* Runs in the page: what the browser says of itself, changed. */
function claim(changes) {
  const say = PublicKeyCredential.getClientCapabilities;
  PublicKeyCredential.getClientCapabilities = async () => ({ ...(await say.call(PublicKeyCredential)), ...changes });
}

async function atDesk({ kind = { transport: 'hybrid' }, changes = { hybridTransport: true }, ...more } = {}) {
  const person = await newPerson(browser, server.url, { kind, ...more });
  await person.page.addInitScript(claim, changes);
  return person;
}

/* What the server answers to the next request: read before the page has it, which may then be left at once. */
function optionsOf(person, path) {
  return new Promise((done) => {
    person.page.route(
      path,
      async (route) => {
        const answer = await route.fetch();
        done(await answer.json());
        await route.fulfill({ response: answer });
      },
      { times: 1 },
    );
  });
}

const phone = (person) => person.page.locator('#phone');

test('register and sign in with the phone, by buttons that say so', async () => {
  const person = await atDesk();
  const name = newName();
  await person.open('/register');
  await phone(person).waitFor();
  assert.equal(await phone(person).innerText(), 'Create it on your phone');
  assert.ok(await person.page.locator('#phone-hint').isVisible());
  await person.page.fill('#username', name);
  const options = optionsOf(person, '**/attestation/options');
  await phone(person).click();
  const made = await options;
  assert.deepEqual(made.hints, ['hybrid']);
  assert.equal(made.authenticatorSelection.authenticatorAttachment, 'cross-platform');
  await person.atAccount(name);
  const { body } = await person.fetch('GET', '/credentials');
  assert.ok(body[0].transports.includes('hybrid'));

  await person.signOut();
  await person.open('/login');
  await phone(person).waitFor();
  assert.equal(await phone(person).innerText(), 'Use your phone');
  const asked = optionsOf(person, '**/assertion/options');
  await phone(person).click();
  assert.deepEqual((await asked).hints, ['hybrid']);
  await person.atAccount(name);
  await person.leave();
});

test('a name that is missing is asked for by the phone’s button too', async () => {
  const person = await atDesk();
  await person.open('/register');
  await phone(person).click();
  assert.equal(await person.notice(), 'Choose a username first.');
  await person.leave();
});

for (const [what, setting, shown] of [
  ['a platform authenticator', { kind: {} }, false],
  ['neither platform authenticator nor hybrid transport', { kind: { transport: 'usb' }, changes: { hybridTransport: false } }, false],
  ['a security key and the hybrid transport', { kind: { transport: 'usb' } }, true],
  ['a platform authenticator without user verification', { kind: { hasUserVerification: false, isUserVerified: false } }, true],
])
  test(`with ${what} the phone is ${shown ? '' : 'not '}offered`, async () => {
    const person = await atDesk(setting);
    await person.authenticator.touch(false);
    for (const path of ['/login', '/register']) {
      const asked = person.page.waitForFunction(() => document.querySelector('#phone')?.dataset.asked !== undefined);
      await person.open(path);
      await asked;
      assert.equal(await phone(person).isVisible(), shown, path);
    }
    await person.leave();
  });

test('a browser too old to be asked is taken for one that can', async () => {
  const person = await newPerson(browser, server.url, { kind: { transport: 'usb' } });
  await person.page.addInitScript(() => delete PublicKeyCredential.getClientCapabilities);
  await person.authenticator.touch(false);
  await person.open('/login');
  await phone(person).waitFor();
  await person.leave();
});

test('a browser that fails when asked is not told to use a phone', async () => {
  const person = await newPerson(browser, server.url, { kind: { transport: 'usb' } });
  await person.page.addInitScript(() => {
    PublicKeyCredential.getClientCapabilities = () => Promise.reject(new Error('broken'));
  });
  const asked = person.page.waitForFunction(() => document.querySelector('#phone')?.dataset.asked !== undefined);
  await person.authenticator.touch(false);
  await person.open('/login');
  await asked;
  assert.ok(await phone(person).isHidden());
  await person.leave();
});

for (const language of ['en', 'ja'])
  test(`the phone’s button is accessible in ${language}, on a narrow screen`, async () => {
    const person = await atDesk({ language, viewport: { width: 320, height: 640 } });
    await person.authenticator.touch(false);
    for (const path of ['/login', '/register']) {
      await person.open(path);
      await phone(person).waitFor();
      assert.deepEqual(await accessibilityProblems(person.page), []);
    }
    await person.leave();
  });
