/* What an application's authorization request makes of the pages: for whom, why, in which language, and the ways back. */
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

const CALLBACK = 'http://localhost:9001/callback';

/* The address with which the application begins; its PKCE challenge is RFC 7636's example. */
function authorize(more = {}) {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'pay-web',
    redirect_uri: CALLBACK,
    scope: 'openid transfer',
    state: 'a-state',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...more,
  });
  return `/pay/authorize?${query}`;
}

/* Does what leads back to the application and returns the answer that arrives there; nobody listens, so that the
 * request itself is looked at. */
async function answerAfter(person, act) {
  const [request] = await Promise.all([
    person.page.waitForRequest((one) => one.url().startsWith(`${CALLBACK}?`)),
    act(),
  ]);
  return new URL(request.url()).searchParams;
}

async function registered(options) {
  const person = await newPerson(browser, server.url, options);
  const name = newName();
  await person.register(name);
  return { person, name };
}

test('a stranger signs in for an application and comes back to it with a code', async () => {
  const { person } = await registered();
  await person.signOut();
  await person.authenticator.touch(false);
  await person.open(authorize());
  assert.equal(new URL(person.page.url()).pathname, '/login');
  await person.page.locator('#destination', { hasText: 'to continue to Pay' }).waitFor();
  assert.deepEqual(await accessibilityProblems(person.page), []);
  await person.authenticator.touch(true);
  const answer = await answerAfter(person, () => person.page.click('#go'));
  assert.ok(answer.get('code'));
  assert.equal(answer.get('state'), 'a-state');
  await person.leave();
});

test('a newcomer makes an account on the way and comes back with a code', async () => {
  const person = await newPerson(browser, server.url);
  await person.open(authorize());
  await person.page.click('#register-open a');
  await person.ready();
  assert.ok(new URL(person.page.url()).searchParams.get('continue'), 'the request is carried along');
  await person.page.fill('#username', newName());
  const answer = await answerAfter(person, () => person.page.click('#go'));
  assert.ok(answer.get('code'));
  await person.leave();
});

test('step-up says for whom and why, and one touch goes on', async () => {
  const { person, name } = await registered();
  await person.open(authorize({ prompt: 'login' }));
  assert.equal(new URL(person.page.url()).pathname, '/step-up');
  const permit = await person.page.locator('#permit-list').innerText();
  assert.match(permit, /Pay/);
  assert.match(permit, /Transfer money/);
  assert.match(permit, /Why now\nPay asks for a passkey/);
  assert.match(await person.page.locator('#who').innerText(), new RegExp(`Signed in as ${name}`));
  assert.deepEqual(await accessibilityProblems(person.page), []);
  const answer = await answerAfter(person, () => person.page.click('#go'));
  assert.ok(answer.get('code'));
  await person.leave();
});

test('step-up in Japanese, as the application asked', async () => {
  const { person } = await registered();
  await person.open(authorize({ prompt: 'login', ui_locales: 'ja-JP en' }));
  assert.equal(await person.page.getAttribute('html', 'lang'), 'ja');
  assert.match(await person.page.locator('#permit-list').innerText(), /送金/);
  assert.deepEqual(await accessibilityProblems(person.page), []);
  await person.leave();
});

test('who declines goes back, and the application is told', async () => {
  const { person } = await registered();
  await person.open(authorize({ prompt: 'login' }));
  const answer = await answerAfter(person, () => person.page.click('#decline'));
  assert.equal(answer.get('error'), 'access_denied');
  assert.equal(answer.get('state'), 'a-state');
  assert.equal(answer.get('code'), null);
  await person.leave();
});

test('a refused prompt at step-up gives nothing and can be tried again', async () => {
  const { person } = await registered();
  await person.open(authorize({ prompt: 'login' }));
  await person.authenticator.recognise(false);
  await person.page.click('#go');
  await person.page.waitForSelector('#notice[data-kind=info]');
  await person.authenticator.recognise(true);
  const answer = await answerAfter(person, () => person.page.click('#go'));
  assert.ok(answer.get('code'));
  await person.leave();
});

test('wrong user at step-up: another account’s passkey does not confirm this one’s request', async () => {
  const { person } = await registered();
  const other = await registered();
  const [foreign] = await other.person.authenticator.credentials();
  await person.open(authorize({ prompt: 'login' }));
  await person.authenticator.forget();
  await person.authenticator.put(foreign);
  await person.page.route('**/assertion/options', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), allowCredentials: [] } });
  });
  await person.page.click('#go');
  await person.page.waitForSelector('#notice[data-kind=error]');
  assert.equal(new URL(person.page.url()).pathname, '/step-up');
  await other.person.leave();
  await person.leave();
});

test('another account can be used instead', async () => {
  const { person } = await registered();
  await person.authenticator.touch(false);
  await person.open(authorize({ prompt: 'login' }));
  await person.page.click('#other');
  await person.page.waitForURL('**/login?**');
  await person.ready();
  assert.ok(new URL(person.page.url()).searchParams.get('continue'));
  assert.equal((await person.fetch('GET', '/session')).status, 401);
  await person.leave();
});

test('a request that began in another browser is not shown here', async () => {
  const { person } = await registered();
  await person.open(authorize({ prompt: 'login' }));
  const address = new URL(person.page.url());
  const other = await registered();
  await other.person.open(`/step-up${address.search}`);
  await other.person.page.locator('h1', { hasText: 'This request has ended' }).waitFor();
  assert.ok(await other.person.page.locator('#go').isHidden());
  await other.person.leave();
  await person.leave();
});

test('an application that is not known gets a page of ours, and nothing is passed on', async () => {
  const person = await newPerson(browser, server.url);
  await person.page.goto(server.url + authorize({ redirect_uri: 'http://localhost:9001/elsewhere' }));
  assert.equal(new URL(person.page.url()).origin, server.url);
  assert.match(await person.page.locator('h1').innerText(), /cannot go on/);
  assert.ok(await person.page.locator('main.card').isVisible());
  await person.leave();
});

test('an answer by form_post arrives as a form', async () => {
  const { person } = await registered();
  const posted = person.page.waitForRequest((request) => request.url() === CALLBACK && request.method() === 'POST');
  await person.page.goto(server.url + authorize({ response_mode: 'form_post' }));
  const fields = new URLSearchParams((await posted).postData());
  assert.ok(fields.get('code'));
  assert.equal(fields.get('state'), 'a-state');
  await person.leave();
});
