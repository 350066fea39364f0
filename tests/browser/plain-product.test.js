/* A web product with no login code behind a real nginx, as docs/integrations/plain-web-product.md sets it up, and a person at a browser. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Gateway, noNginx } from '../http/support/gateway.js';
import { Rp } from '../http/support/rp.js';
import { newName, newPerson, startBrowser } from './support/person.js';

const CONFIG = (port) => `    external_url: http://localhost:${port}
    gateway_session: true
    entry: {acr: phr, max_age: 12h}
    routes:
      - {match: GET /health, public: true}
      - {match: GET /goodbye, public: true}
      - {match: GET /favicon.ico, public: true}
      - {match: POST /transfers, scopes: [transfer], service: web, grants: [web.transfer]}
      - {match: "GET /**", service: web, grants: [web.read]}
`;
const PAGE = `<!doctype html><title>Shop</title><h1></h1><p></p>
<form method="post" action="/transfers"><button id="send">Send</button></form>
<form method="post" action="/.sekisho/leave"><input type="hidden" name="to" value="/goodbye"><button id="leave">Leave</button><button id="everywhere" name="everywhere" value="true">Everywhere</button></form>`;

let gateway, rp, browser;
before(async () => {
  if (noNginx) return;
  gateway = await Gateway.prepare({ page: 'plain-web-product.md' });
  gateway.product.answer = (request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(PAGE.replace('<h1>', `<h1>${request.method} ${request.url}`).replace('<p>', `<p>${request.headers.cookie?.includes('sekisho-pay') ? 'leaked' : 'kept'}`));
  };
  rp = await Rp.start({ authority: true, config: (text) => text.replace('    entry: {acr: phr, max_age: 12h}\n', CONFIG(gateway.port)) });
  await gateway.start(rp.internalPort);
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await gateway?.done();
  await rp?.done();
});

const shows = (page, what) => page.locator('h1', { hasText: what }).waitFor().catch((error) => { throw new Error(`${page.url()} shows no ${what}: ${error}`); });

test('in, a step-up that comes back to the page, and out', { skip: noNginx }, async () => {
  const shop = `http://localhost:${gateway.port}`;
  const person = await newPerson(browser, rp.origin, { origins: [shop, `http://localhost:${rp.authorityPort}`] });
  const { page } = person;
  await person.register(newName());
  await person.signOut();
  await person.authenticator.touch(false);
  await page.goto(`${shop}/list?month=10`);
  assert.equal(new URL(page.url()).origin, rp.origin, 'to sign in');
  await person.authenticator.touch(true); // the page had offered the passkey already
  await shows(page, 'GET /list?month=10');
  await page.locator('p', { hasText: 'kept' }).waitFor();
  assert.equal(page.url(), `${shop}/list?month=10`);
  assert.equal(await page.evaluate(() => document.cookie.includes('sekisho-pay')), false, 'no script reads it');
  await page.click('#send');
  await shows(page, 'POST /transfers');
  await page.goto(`${shop}/list?month=11`);
  await shows(page, 'GET /list?month=11');
  rp.pass(301);
  await page.click('#send');
  await page.waitForURL((url) => url.origin === rp.origin);
  await page.click('#go', { noWaitAfter: true });
  await shows(page, 'GET /list?month=11');
  await page.click('#send');
  await shows(page, 'POST /transfers');
  await page.click('#leave');
  await shows(page, 'GET /goodbye');
  await page.goto(`${shop}/list`);
  await shows(page, 'GET /list');
  await page.click('#everywhere');
  await page.waitForURL((url) => url.origin === rp.origin);
  await page.goto(`${shop}/list`);
  await page.waitForURL((url) => url.origin === rp.origin && url.pathname === '/login');
});
