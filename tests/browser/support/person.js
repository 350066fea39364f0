/* A person at a browser: Chromium with a virtual authenticator. Everything that must not happen on our pages
 * (a violation of the content security policy, a request to another origin, an uncaught error) is written down. */
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const CHROMIUM = process.env.SEKISHO_CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Chromium, headless; with further arguments. */
export function startBrowser(more = []) {
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: [...ARGUMENTS, ...more] });
}

let people = 0;

/** A user name that nobody else has. */
export function newName(stem = 'mina') {
  return `${stem}-${process.pid}-${Date.now().toString(36)}-${++people}`;
}

/* Where the applications of the configuration that `sekisho init` writes would be; nobody listens there. */
const APPLICATIONS = ['http://localhost:9001', 'http://localhost:9002'];

function watch(page, origins) {
  const problems = [];
  const expected = [...origins, ...APPLICATIONS];
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.stack ?? error}`));
  page.on('request', (request) => {
    const { protocol, origin: target } = new URL(request.url());
    if (['http:', 'https:'].includes(protocol) && !expected.includes(target)) problems.push(`another origin: ${request.url()}`);
  });
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) problems.push(message.text());
  });
  return problems;
}

const AUTHENTICATOR = {
  protocol: 'ctap2',
  ctap2Version: 'ctap2_1',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
};

/* Waits, for as long as a page may, until check() holds. */
async function until(check, what) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await new Promise((done) => setTimeout(done, 25))) {
    if (await check()) return;
  }
  throw new Error(`waited in vain for ${what}`);
}

/* The DevTools side of a page's authenticators; options say what is other than usual. */
async function openAuthenticators(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable', { enableUI: false });
  return async (options) => {
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: { ...AUTHENTICATOR, ...options },
    });
    const credentials = async () => (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
    return {
      credentials,
      /** Waits until it holds so many credentials: a signal takes a moment to reach it. */
      holds: (count) => until(async () => (await credentials()).length === count, `${count} credentials in the authenticator`),
      /** Waits until it shows its only credential under these names. */
      shows: (name, displayName) =>
        until(async () => {
          const [{ userName, userDisplayName }] = await credentials();
          return userName === name && userDisplayName === displayName;
        }, `the names ${name}, ${displayName}`),
      unplug: () => devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId }),
      /** Whether touches come by themselves, or the request waits. */
      touch: (enabled) => devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }),
      /** Whether PIN or fingerprint will match. */
      recognise: (isUserVerified) => devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
      /** Puts a credential of another authenticator into this one, as a passkey provider's synchronisation would. */
      put: (credential) => devtools.send('WebAuthn.addCredential', { authenticatorId, credential }),
      forget: () => devtools.send('WebAuthn.clearCredentials', { authenticatorId }),
    };
  };
}

/* Runs in the page. Extension inputs go around the server: bytes are given as {bytes: [...]}. */
async function runCeremony([kind, method, request, extensions]) {
  const revive = (value) => {
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value.bytes)) return new Uint8Array(value.bytes);
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, revive(inner)]));
  };
  const ask = async (path, body) => {
    const answer = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  };
  const { body: options, status } = await ask(`/${kind}/options`, request);
  if (status !== 200) return { status, body: options };
  const json = await import('/assets/webauthn-json.js');
  const publicKey = method === 'create' ? json.parseCreationOptions(options) : json.parseRequestOptions(options);
  publicKey.extensions = { ...publicKey.extensions, ...revive(extensions) };
  publicKey.timeout = Math.min(publicKey.timeout, 3000);
  try {
    const credential = json.credentialToJson(await navigator.credentials[method]({ publicKey }));
    return { options, credential, ...(await ask(`/${kind}/result`, credential)) };
  } catch (error) {
    return { options, failure: error.name };
  }
}

/* Runs in the page: counts the requests that it makes of authenticators. */
function countRequests() {
  if (!window.CredentialsContainer) return; /* the browser's own error page */
  window.credentialRequests = 0;
  window.autofills = () => PublicKeyCredential.isConditionalMediationAvailable();
  const { get } = CredentialsContainer.prototype;
  CredentialsContainer.prototype.get = function counted(options) {
    window.credentialRequests++;
    return get.call(this, options);
  };
}

const PATIENCE_MS = 15_000;
const DISPATCH_MS = 150; /* from the page's call to the authenticator's */
const DESKTOP = { width: 1280, height: 800 };

/** A new person at a page of their own, with one authenticator in the device, of the kind given; plugIn() gives them
 * another. Their page may ask the server at url, and origins. */
export async function newPerson(
  browser,
  url,
  { language = 'en-US', scheme = 'light', viewport = DESKTOP, origins = [], kind = {} } = {},
) {
  const context = await browser.newContext({ locale: language, colorScheme: scheme, reducedMotion: 'reduce', viewport });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.addInitScript(countRequests);
  const add = await openAuthenticators(page);
  const person = {
    page,
    problems: watch(page, [new URL(url).origin, ...origins]),
    authenticator: await add(kind),
    plugIn: (other = {}) => add({ transport: 'usb', ...other }),
    /** Opens a page of the server and waits until its text is there. */
    async open(path) {
      await page.goto(url + path);
      await person.ready();
    },
    ready: () => page.waitForSelector('html[data-ready]'),
    /** Opens the login page with autofill, if there is any, waiting for a touch that does not come; the next request will get
     * one. */
    async openLogin() {
      await person.authenticator.touch(false);
      await person.open('/login');
      await page.waitForFunction(async () => window.credentialRequests === 1 || !(await window.autofills()));
      await page.waitForTimeout(DISPATCH_MS);
      await person.authenticator.touch(true);
    },
    /** Makes prompts for a named user end after a moment, as if the person had closed them. */
    shortPrompts: () =>
      page.route('**/assertion/options', async (route) => {
        if (!route.request().postDataJSON().username) return route.continue();
        const answer = await route.fetch();
        const options = { ...(await answer.json()), timeout: 1500 };
        return route.fulfill({ response: answer, json: options });
      }),
    notice: () => page.locator('#notice .notice-text').innerText(),
    async register(name) {
      await person.open('/register');
      await page.fill('#username', name);
      await page.click('#go');
      await person.atAccount(name);
    },
    async atAccount(name) {
      await page.waitForURL('**/account');
      await person.ready();
      await page.waitForSelector('#passkeys li[data-id]');
      if (name) assert.equal(await page.locator('#name').innerText(), name);
    },
    async signOut() {
      await page.click('#sign-out');
      await page.waitForSelector('#left:not([hidden])');
    },
    /** A ceremony of the page's own, without our forms: asks for options with request, adds extension inputs, and hands the
     * answer in. {options, credential, status, body}, or {failure: name of the DOMException}. */
    create: (request, extensions = {}) => page.evaluate(runCeremony, ['attestation', 'create', request, extensions]),
    get: (request, extensions = {}) => page.evaluate(runCeremony, ['assertion', 'get', request, extensions]),
    /** A request of the page's own, with its cookies: {status, body}. */
    fetch: (method, path, body) =>
      page.evaluate(
        async ([verb, target, json]) => {
          const answer = await fetch(target, {
            method: verb,
            headers: json ? { 'Content-Type': 'application/json' } : {},
            body: json ? JSON.stringify(json) : undefined,
          });
          return { status: answer.status, body: await answer.json().catch(() => null) };
        },
        [method, path, body ?? null],
      ),
    async leave() {
      await context.close();
      assert.deepEqual(person.problems, []);
    },
  };
  return person;
}
