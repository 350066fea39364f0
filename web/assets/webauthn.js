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

/** Makes a new passkey from the server's options; resolves to RegistrationResponseJSON. */
export function createPasskey(options) {
  const publicKey = parseCreationOptions(options);
  return request((signal) => navigator.credentials.create({ publicKey, signal }));
}

/** Asks for a passkey in the browser's own dialog; resolves to AuthenticationResponseJSON. */
export function usePasskey(options) {
  const publicKey = parseRequestOptions(options);
  return request((signal) => navigator.credentials.get({ publicKey, signal }));
}

function offerInAutofill(options) {
  const publicKey = parseRequestOptions({ ...options, allowCredentials: [] });
  return request((signal) => navigator.credentials.get({ publicKey, signal, mediation: 'conditional' }));
}

/** Tells the passkey provider that a passkey just made was not accepted, so that it is not offered for ever. Best
 * effort: few browsers know how. */
export async function forgetPasskey(rpId, credentialId) {
  await PublicKeyCredential.signalUnknownCredential?.({ rpId, credentialId })?.catch(() => {});
}

async function canAutofill() {
  return isSupported() && ((await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false);
}

/** What went wrong, by the names that WebAuthn gives: cancelled, registered, address, unusable, stopped or null. */
export function causeOf(error) {
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

/** Offers passkeys in the autofill of the user name field: getOptions() asks the server, finish(credential) takes the
 * choice. start() and stop() may be called in any order; errors of the offer itself are silent, the button remains. */
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
    await finish(credential);
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
