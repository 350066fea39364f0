/* After a login from another device: a passkey for this one, in the background where the browser can (conditional create),
 * else by an offer. Chromium makes none in the background for virtual authenticators, whose passwords it does not know: the
 * pages' request is answered here by the device's own authenticator, as a manager would that finds it fit. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityProblems } from './support/accessibility.js';
import { newName, newPerson, startBrowser } from './support/person.js';
import { startServer } from './support/server.js';

let server;
let plain;
let browser;
before(async () => {
  server = await startServer({ edit: (yaml) => yaml.replace('  registration: open', '  create: {conditional: true}\n  registration: open') });
  plain = await startServer();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await plain?.stop();
});

const skip = process.env.SEKISHO_URL && 'needs a server of its own';

/* Runs in the page: answers requests without a prompt as told, and counts them over reloads. */
function answerQuietly(how) {
  if (!window.CredentialsContainer) return;
  const { create } = CredentialsContainer.prototype;
  CredentialsContainer.prototype.create = function quiet(options) {
    if (options.mediation !== 'conditional') return create.call(this, options);
    localStorage.setItem('quiet', String(Number(localStorage.getItem('quiet') ?? 0) + 1));
    if (how === 'make') {
      const authenticatorSelection = { ...options.publicKey.authenticatorSelection, authenticatorAttachment: 'platform' };
      return create.call(this, { publicKey: { ...options.publicKey, authenticatorSelection }, signal: options.signal });
    }
    if (how === 'refuse') return Promise.reject(new DOMException('no password was used', 'NotAllowedError'));
    return new Promise((_, reject) => options.signal.addEventListener('abort', () => reject(options.signal.reason)));
  };
}

const quietRequests = (person) => person.page.evaluate(() => Number(localStorage.getItem('quiet') ?? 0));

/* Someone with a passkey on a key, at a device that could hold one too and waits for its touches. */
async function withKey(at, how, prepare = () => {}, settings = {}) {
  const person = await newPerson(browser, at.url, { kind: { transport: 'usb' }, ...settings });
  await person.page.addInitScript(answerQuietly, how);
  await person.page.addInitScript(prepare);
  const name = newName();
  await person.register(name);
  await person.signOut();
  await person.page.evaluate(() => {
    sessionStorage.clear();
    localStorage.removeItem('quiet');
  });
  const device = await person.plugIn({ transport: 'internal' });
  return { person, name, device };
}

/* A login with the key, whose passkey the autofill takes: the device has none. */
async function signIn(person, name) {
  await person.page.goto(new URL('/login', person.page.url()).href);
  await person.atAccount(name);
}

const offer = (person) => person.page.locator('#offer');
const passkeys = async (person) => (await person.fetch('GET', '/credentials')).body.length;

test('conditional create: a login with a key leaves a passkey on the device, and no offer', { skip }, async () => {
  const { person, name, device } = await withKey(server, 'make');
  const asked = person.page.waitForRequest((request) => request.postData()?.includes('"mediation":"conditional"'));
  await signIn(person, name);
  assert.deepEqual((await asked).postDataJSON(), { mediation: 'conditional' });
  assert.equal(await quietRequests(person), 1);
  assert.equal(await passkeys(person), 2);
  assert.equal((await device.credentials()).length, 1);
  assert.ok(await offer(person).isHidden());
  await person.signOut();
  await person.authenticator.unplug();
  await person.page.goto(`${server.url}/login`);
  await person.atAccount(name);
  await person.leave();
});

test('a login with the device’s own passkey asks for no other', { skip }, async () => {
  const person = await newPerson(browser, server.url);
  await person.page.addInitScript(answerQuietly, 'make');
  const name = newName();
  await person.register(name);
  await person.signOut();
  await person.page.goto(`${server.url}/login`);
  await person.atAccount(name);
  assert.equal(await quietRequests(person), 0);
  assert.ok(await offer(person).isHidden());
  await person.leave();
});

for (const how of ['refuse', 'wait'])
  test(`a browser that will not (${how}) lets the person go on, and the account offers it`, { skip }, async () => {
    const { person, name } = await withKey(server, how);
    await signIn(person, name);
    assert.equal(await quietRequests(person), 1);
    assert.equal(await passkeys(person), 1);
    await offer(person).waitFor();
    await person.leave();
  });

test('nothing is made in the background that the operator has not allowed', { skip }, async () => {
  const { person, name } = await withKey(plain, 'make');
  await signIn(person, name);
  assert.equal(await quietRequests(person), 0);
  await offer(person).waitFor();
  await person.leave();
});

test('a browser that cannot is not asked', { skip }, async () => {
  const { person, name } = await withKey(server, 'make', () => {
    if (!window.PublicKeyCredential) return;
    const say = PublicKeyCredential.getClientCapabilities;
    PublicKeyCredential.getClientCapabilities = async () => ({ ...(await say.call(PublicKeyCredential)), conditionalCreate: false });
  });
  await signIn(person, name);
  assert.equal(await quietRequests(person), 0);
  await offer(person).waitFor();
  await person.leave();
});

test('the offer taken makes a passkey on this device, whatever else is plugged in', { skip }, async () => {
  const { person, name, device } = await withKey(plain, 'refuse');
  await signIn(person, name);
  await offer(person).waitFor();
  assert.deepEqual(await accessibilityProblems(person.page), []);
  const asked = person.page.waitForResponse('**/attestation/options');
  await person.page.click('#offer-add');
  const options = await (await asked).json();
  assert.equal(options.authenticatorSelection.authenticatorAttachment, 'platform');
  assert.deepEqual(options.hints, ['client-device']);
  await person.page.locator('#notice[data-kind=done]', { hasText: 'Passkey added.' }).waitFor();
  await offer(person).waitFor({ state: 'hidden' });
  assert.equal((await device.credentials()).length, 1);
  assert.equal(await passkeys(person), 2);
  await person.page.reload();
  await person.atAccount(name);
  assert.ok(await offer(person).isHidden());
  await person.leave();
});

test('the offer is accessible in Japanese, dark, on a narrow screen', { skip }, async () => {
  const settings = { language: 'ja', scheme: 'dark', viewport: { width: 320, height: 640 } };
  const { person, name } = await withKey(plain, 'refuse', undefined, settings);
  await signIn(person, name);
  await offer(person).waitFor();
  assert.deepEqual(await accessibilityProblems(person.page), []);
  await person.leave();
});

test('the offer declined is not made again, and the focus goes where passkeys are added', { skip }, async () => {
  const { person, name } = await withKey(plain, 'refuse');
  await signIn(person, name);
  await person.page.click('#offer-no');
  assert.ok(await offer(person).isHidden());
  assert.equal(await person.page.evaluate(() => document.activeElement.id), 'add');
  await person.signOut();
  await signIn(person, name);
  assert.ok(await offer(person).isHidden());
  assert.equal(await passkeys(person), 1);
  await person.leave();
});

test('an offer that fails stays open, and says why', { skip }, async () => {
  const { person, name, device } = await withKey(plain, 'refuse');
  await signIn(person, name);
  await device.recognise(false);
  await person.page.click('#offer-add');
  await person.page.waitForSelector('#notice[data-kind=info]');
  assert.match(await person.notice(), /^No passkey was made\./);
  assert.ok(await offer(person).isVisible());
  await person.leave();
});

test('no offer where the device has nothing to keep a passkey in', { skip }, async () => {
  const { person, name, device } = await withKey(plain, 'refuse');
  await device.unplug();
  await person.open('/login');
  await person.page.click('#go');
  await person.atAccount(name);
  assert.ok(await offer(person).isHidden());
  await person.leave();
});

test('a link of a passkey manager leads to the button that adds one', async () => {
  const person = await newPerson(browser, plain.url);
  const name = newName();
  await person.register(name);
  const { body } = await person.fetch('GET', '/.well-known/passkey-endpoints');
  await person.page.goto('about:blank');
  await person.page.goto(body.enroll);
  await person.page.waitForFunction(() => document.activeElement?.id === 'add');
  await person.leave();
});
