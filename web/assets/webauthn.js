/* Talking to authenticators. A browser runs one request at a time, so each new one first ends the one before;
 * autofill waits in the background for as long as nothing else is asked. */
import { credentialToJson, parseCreationOptions, parseRequestOptions } from './webauthn-json.js';

let running = null; /* {controller, done}: the request that the browser is busy with */

/** Whether this browser can use passkeys here (not, for example, on an insecure address). */
export function isSupported() {
  return typeof PublicKeyCredential === 'function' && typeof navigator.credentials?.get === 'function';
}

/** Ends the running request, if any; its promise is rejected with AbortError. */
export async function stopRequest() {
  const ended = running;
  ended?.controller.abort();
  await ended?.done;
}

async function request(start) {
  await stopRequest();
  const controller = new AbortController();
  const answer = start(controller.signal);
  const mine = { controller, done: answer.then(() => {}, () => {}) };
  running = mine;
  try {
    return credentialToJson(await answer);
  } finally {
    if (running === mine) running = null;
  }
}

/* Browsers say NotAllowedError for a prompt that was closed and for an authenticator that will not do (an old key that cannot
 * hold passkeys, one without a PIN): which it was is the person's to know, what to try is ours to say. */
class NotMade extends Error {}

/** Makes a new passkey from the server's options; resolves to RegistrationResponseJSON. */
export async function createPasskey(options) {
  const publicKey = parseCreationOptions(options);
  try {
    return await request((signal) => navigator.credentials.create({ publicKey, signal }));
  } catch (error) {
    throw error.name === 'NotAllowedError' ? new NotMade('no passkey was made', { cause: error }) : error;
  }
}

/** Asks for a passkey in the browser's own dialog; resolves to AuthenticationResponseJSON. */
export function usePasskey(options) {
  const publicKey = parseRequestOptions(options);
  return request((signal) => navigator.credentials.get({ publicKey, signal }));
}

/** Makes a passkey without a prompt, where the browser finds that fit (conditional create); ends after a while. Rejects
 * otherwise. */
export async function createPasskeyQuietly(options, limit) {
  const publicKey = parseCreationOptions(options);
  const timer = setTimeout(stopRequest, limit);
  try {
    return await request((signal) => navigator.credentials.create({ publicKey, signal, mediation: 'conditional' }));
  } finally {
    clearTimeout(timer);
  }
}

function offerInAutofill(options) {
  const publicKey = parseRequestOptions({ ...options, allowCredentials: [] });
  return request((signal) => navigator.credentials.get({ publicKey, signal, mediation: 'conditional' }));
}

async function canAutofill() {
  return isSupported() && ((await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false);
}

/** What went wrong, by the names that WebAuthn gives: cancelled, not_made, registered, address, unusable, stopped or null. */
export function causeOf(error) {
  if (error instanceof NotMade) return 'not_made';
  const causes = {
    NotAllowedError: 'cancelled',
    InvalidStateError: 'registered',
    SecurityError: 'address',
    NotSupportedError: 'unusable',
    ConstraintError: 'unusable',
    NotReadableError: 'unusable',
    UnknownError: 'unusable',
    AbortError: 'stopped',
  };
  return error instanceof DOMException ? (causes[error.name] ?? null) : null;
}

/* Options are renewed well before their challenge expires: waiting people are not to be refused. */
const RENEW_AT = 0.8;
const SHORTEST_WAIT_MS = 30_000;

/** Offers passkeys in the autofill of the user name field: getOptions() asks the server, finish(options, credential) takes
 * the choice. start() and stop() may be called in any order; errors of the offer itself are silent, the button remains. */
export function createAutofill({ getOptions, finish }) {
  let round = 0;
  let timer = 0;
  let renewAt = 0;

  async function run(mine) {
    const options = await getOptions();
    if (mine !== round) return;
    const wait = Math.max(SHORTEST_WAIT_MS, (options.timeout ?? 300_000) * RENEW_AT);
    renewAt = Date.now() + wait;
    timer = setTimeout(start, wait);
    const credential = await offerInAutofill(options);
    if (mine !== round) return;
    clearTimeout(timer);
    await finish(options, credential);
  }

  async function start() {
    clearTimeout(timer);
    const mine = ++round;
    if (!(await canAutofill()) || mine !== round) return;
    await run(mine).catch(() => {});
  }

  /* A sleeping tab's timers come late: look again when it wakes. */
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && renewAt && Date.now() >= renewAt) start();
  });

  return {
    start,
    async stop() {
      round++;
      renewAt = 0;
      clearTimeout(timer);
      await stopRequest();
    },
  };
}
