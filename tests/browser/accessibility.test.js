/* Every page, in both languages and schemes, on a desk and on a phone, against what a program can check of
 * WCAG 2.2 AA. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityProblems, focusIsVisible } from './support/accessibility.js';
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

const PHONE = { width: 320, height: 640 };
const DESK = { width: 1280, height: 800 };

for (const [language, scheme, viewport] of [
  ['en', 'light', DESK],
  ['en', 'dark', PHONE],
  ['ja', 'dark', DESK],
  ['ja', 'light', PHONE],
]) {
  test(`pages in ${language}, ${scheme}, ${viewport.width} px`, async () => {
    const person = await newPerson(browser, server.url, { language, scheme, viewport });
    const check = async (what) => assert.deepEqual(await accessibilityProblems(person.page), [], what);
    await person.authenticator.touch(false);
    await person.open('/login');
    await person.page.click('summary');
    await check('login');
    await person.open('/register?ticket=abc');
    await check('register with a ticket');
    await person.open('/register');
    await person.page.click('#go');
    await check('register, name missing');
    await person.open('/step-up');
    await check('step-up without a request');
    await person.authenticator.touch(true);
    await person.register(newName());
    await check('account');
    await person.page.click('.rename');
    await check('account, renaming');
    await person.page.keyboard.press('Escape');
    await person.page.click('.delete');
    await check('account, deleting');
    await person.page.keyboard.press('Escape');
    await person.signOut();
    await check('signed out');
    await person.leave();
  });
}

test('the keyboard reaches every control, in order, and the focus is seen', async () => {
  const person = await newPerson(browser, server.url);
  await person.register(newName());
  const order = [];
  for (let step = 0; step < 12; step++) {
    await person.page.keyboard.press('Tab');
    const name = await person.page.evaluate(() => {
      const at = document.activeElement;
      return at === document.body ? '' : at.id || at.className.split(' ').pop() || at.dataset.t;
    });
    if (!name) break;
    order.push(name);
    assert.ok(await focusIsVisible(person.page), `the focus on ${name} is not seen`);
  }
  assert.deepEqual(order, ['small', 'sign-out', 'add', 'rename', 'delete', 'end-all']);
  await person.leave();
});

test('a dialog takes the focus, keeps it, and gives it back', async () => {
  const person = await newPerson(browser, server.url);
  await person.register(newName());
  await person.page.focus('#end-all');
  await person.page.keyboard.press('Enter');
  await person.page.waitForSelector('dialog[open]');
  for (let step = 0; step < 4; step++) {
    const inside = await person.page.evaluate(() => document.activeElement === document.body || Boolean(document.activeElement.closest('dialog')));
    assert.ok(inside);
    await person.page.keyboard.press('Tab');
  }
  await person.page.keyboard.press('Escape');
  await person.page.waitForSelector('dialog', { state: 'detached' });
  assert.equal(await person.page.evaluate(() => document.activeElement.id), 'end-all');
  await person.leave();
});

test('with reduced motion nothing moves for long', async () => {
  const person = await newPerson(browser, server.url);
  await person.authenticator.touch(false);
  await person.open('/login');
  await person.page.click('#go');
  await person.page.waitForSelector('#notice[data-kind=wait]');
  await person.page.waitForTimeout(200);
  const moving = await person.page.evaluate(() =>
    document.getAnimations().filter((one) => one.playState === 'running' && one.animationName !== 'stuck').map((one) => one.animationName),
  );
  assert.deepEqual(moving, []);
  await person.leave();
});
