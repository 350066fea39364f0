/* The main job: a passkey in a real browser becomes tokens of two isolated products, and calls through their gateways. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityProblems } from './support/accessibility.js';
import { startDemo } from './support/demo.js';
import { newName, newPerson, startBrowser } from './support/person.js';

let demo;
let browser;
before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  assert.equal(await demo?.stop(), 0);
});

const MINUTE = 60;

/* A person at a product's page, who tells what it shows. */
async function newCustomer(options) {
  const person = await newPerson(browser, demo.login, { origins: [demo.pay, demo.coin], ...options });
  const { page } = person;
  return {
    ...person,
    visit: async (product) => {
      await page.goto(product);
      await person.ready();
    },
    state: () => page.evaluate(async () => (await fetch('/state')).json()),
    headline: (text) => page.waitForFunction((wanted) => document.querySelector('#headline')?.textContent.includes(wanted), text),
    told: (text) => page.waitForFunction((wanted) => document.querySelector('#notice')?.textContent.includes(wanted), text),
    scope: (name) => page.locator(`[data-scope="${name}"]`).getAttribute('data-state'),
    /** Presses a product's button and counts the passkey requests until the page says the words again. */
    async doing(button, words) {
      let prompts = 0;
      const count = (request) => {
        if (request.url().endsWith('/assertion/result')) prompts++;
      };
      page.on('request', count);
      await page.click(button);
      await this.told(words);
      page.off('request', count);
      return prompts;
    },
    /** From a product that knows nobody yet, through registration, back to it. */
    async enrol(product) {
      await this.visit(product);
      await page.click('#read');
      await page.waitForURL(`${demo.login}/login?**`);
      await person.ready();
      await page.click('[data-page="/register"]');
      await person.ready();
      await page.fill('#username', newName());
      await page.click('#go');
      await page.waitForURL(`${product}/`);
      await this.told('Allowed by the gateway');
    },
  };
}

test('entering pay: one registration, then balance and transfer without another prompt', async () => {
  const customer = await newCustomer();
  await customer.enrol(demo.pay);
  await customer.headline('1,284,500');
  const state = await customer.state();
  assert.equal(state.access.header.typ, 'at+jwt');
  assert.equal(state.access.claims.iss, state.issuer);
  assert.equal(state.access.claims.acr, 'phr');
  assert.equal(state.id_token.claims.aud, 'pay-web');
  assert.equal(state.internal.header.typ, 'txntoken+jwt');
  assert.deepEqual(state.internal.claims.scope, 'ledger.read');
  assert.equal(await customer.doing('#act', 'Sent.'), 0);
  assert.equal(await customer.scope('transfer'), 'good');
  await customer.leave();
});

test('a transfer asks again after five minutes, the balance does not', async () => {
  const customer = await newCustomer();
  await customer.enrol(demo.pay);
  assert.equal(await customer.doing('#act', 'Sent.'), 0);
  const before = await customer.state();
  await demo.passTime(5 * MINUTE + 5);
  assert.equal(await customer.doing('#read', 'Allowed by the gateway'), 0);
  await customer.page.click('#act');
  await customer.page.waitForURL(`${demo.login}/step-up?**`);
  await customer.ready();
  const words = await customer.page.locator('main').innerText();
  assert.match(words, /Pay/);
  await customer.page.click('#go');
  await customer.told('Sent.');
  const after = await customer.state();
  assert.ok(after.access.claims.auth_time > before.access.claims.auth_time);
  assert.equal(after.access.claims.sub, before.access.claims.sub);
  await customer.leave();
});

test('entering coin asks again even right after pay, and is another person there', async () => {
  const customer = await newCustomer();
  await customer.enrol(demo.pay);
  const pay = await customer.state();
  await customer.visit(demo.coin);
  await customer.page.click('#read');
  await customer.page.waitForURL(`${demo.login}/step-up?**`);
  await customer.ready();
  assert.match(await customer.page.locator('main').innerText(), /Coin/);
  await customer.page.click('#go');
  await customer.told('Allowed by the gateway');
  const coin = await customer.state();
  assert.notEqual(coin.access.claims.sub, pay.access.claims.sub);
  assert.notEqual(coin.access.claims.sid, pay.access.claims.sid);
  assert.notEqual(coin.access.claims.iss, pay.access.claims.iss);
  await customer.leave();
});

test('going back to pay the same day needs no prompt', async () => {
  const customer = await newCustomer();
  await customer.enrol(demo.pay);
  await customer.page.click('#leave');
  await demo.passTime(60 * MINUTE);
  assert.equal(await customer.doing('#read', 'Allowed by the gateway'), 0);
  await customer.leave();
});

test('declining a step-up comes back to the product with nothing changed', async () => {
  const customer = await newCustomer();
  await customer.enrol(demo.pay);
  await demo.passTime(6 * MINUTE);
  await customer.page.click('#act');
  await customer.page.waitForURL(`${demo.login}/step-up?**`);
  await customer.ready();
  await customer.page.click('#decline');
  await customer.page.waitForURL(`${demo.pay}/`);
  await customer.told('not completed');
  assert.notEqual(await customer.scope('transfer'), 'good');
  await customer.leave();
});

test('the switch shortens the times, and the servers reread them', async () => {
  const customer = await newCustomer();
  await customer.enrol(demo.pay);
  assert.equal(await customer.doing('#act', 'Sent.'), 0);
  await customer.page.click('#fast');
  await customer.page.waitForFunction(() => document.querySelector('#words').textContent.includes('30 seconds'));
  await demo.passTime(31);
  await customer.visit(demo.pay); /* a page knows how far its device's clock is off, not when that changes */
  await customer.page.waitForFunction(() => document.querySelector('[data-scope="transfer"]').dataset.state === 'lapsed');
  await customer.page.click('#act');
  await customer.page.waitForURL(`${demo.login}/step-up?**`);
  await customer.ready();
  await customer.page.click('#go');
  await customer.told('Sent.');
  await customer.page.click('#fast');
  await customer.page.waitForFunction(() => document.querySelector('#words').textContent.includes('5 minutes'));
  await customer.leave();
});

test('the demo speaks Japanese and is usable', async () => {
  const customer = await newCustomer({ language: 'ja-JP' });
  await customer.visit(demo.pay);
  assert.equal(await customer.page.locator('#act').innerText(), '1万円を送金');
  assert.deepEqual(await accessibilityProblems(customer.page), []);
  await customer.page.click('#language');
  assert.equal(await customer.page.locator('#act').innerText(), 'Send ¥10,000');
  await customer.leave();
});
