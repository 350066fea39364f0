/* A domain that verifies touches itself, as Chromium's authenticator gives them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newName, newPerson, startBrowser } from './support/person.js';
import { startServer } from './support/server.js';

let server;
let browser;
before(async () => {
  server = await startServer({ edit: (yaml) => yaml.replace('evidence: domain}', 'evidence: verified}') });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/* The address with which the application begins; its PKCE challenge is RFC 7636's example. */
function authorize(callback) {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'coin-web',
    redirect_uri: callback,
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  return `/coin/authorize?${query}`;
}

const CALLBACK = 'http://localhost:9002/callback';

/* What the application is answered after one press on the page's button; nobody listens, so that the browser ends
 * on its own page of errors. */
async function answerOf(person) {
  const [request] = await Promise.all([
    person.page.waitForRequest((one) => one.url().startsWith(`${CALLBACK}?`)),
    person.page.click('#go'),
  ]);
  await person.page.waitForFunction(() => location.protocol === 'chrome-error:');
  return new URL(request.url()).searchParams;
}

test('one touch goes on to the application, and the next request asks for the next touch', async () => {
  const person = await newPerson(browser, server.url);
  await person.register(newName());
  for (let i = 0; i < 2; i++) {
    await person.open(authorize(CALLBACK));
    assert.equal(new URL(person.page.url()).pathname, '/step-up');
    assert.ok((await answerOf(person)).get('code'));
  }
  await person.leave();
});

test('a stranger signs in for the domain with one touch', async () => {
  const person = await newPerson(browser, server.url);
  await person.register(newName());
  await person.signOut();
  await person.authenticator.touch(false);
  await person.open(authorize(CALLBACK));
  assert.equal(new URL(person.page.url()).pathname, '/login');
  await person.authenticator.touch(true);
  assert.ok((await answerOf(person)).get('code'));
  await person.leave();
});
