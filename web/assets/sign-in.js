/* The end of a login: the assertion goes to the server, and what is good to know goes back to the device. */
import { api } from './api.js';
import { capabilities } from './capabilities.js';
import { forgetPasskey, signalAccount } from './signals.js';
import { createPasskeyQuietly } from './webauthn.js';

/* Nobody waits longer for what they did not ask for. */
const SIGNALS_MS = 1000;
const PROMPTLESS_MS = 2000;
const BACKGROUND_MS = 3000; /* with what the server has to say to it */

const OFFER = 'sekisho.offer';

/** Sends an assertion made with options. A passkey that was deleted on the server is taken out of the manager too. */
export async function sendAssertion(options, credential) {
  try {
    return await api.loginResult(credential);
  } catch (error) {
    if (error.unknownCredential) await forgetPasskey(options.rpId, credential.id);
    throw error;
  }
}

/* Refusals of a passkey that the server may have taken all the same: the request came twice. */
const TAKEN = ['credential_exists', 'challenge'];

/** Sends a new passkey made with options. One that is refused is of no use in the manager either. */
export async function sendRegistration(options, credential) {
  try {
    return await api.registrationResult(credential);
  } catch (error) {
    if (error.isRefusal && !TAKEN.includes(error.code)) await forgetPasskey(options.rp.id, credential.id);
    throw error;
  }
}

function within(limit, work) {
  return Promise.race([work.catch(() => {}), new Promise((resolve) => setTimeout(resolve, limit))]);
}

/* 'open', 'closed', or null: not yet an occasion. Kept for the tab; where storage is blocked nothing is offered. */
function offerState() {
  try {
    return sessionStorage.getItem(OFFER);
  } catch {
    return 'closed';
  }
}

function setOffer(state) {
  try {
    sessionStorage.setItem(OFFER, state);
  } catch {
    /* see offerState() */
  }
}

/** Whether the account page should offer a passkey for this device. */
export function isOfferOpen() {
  return offerState() === 'open';
}

/** The offer was taken, or declined. */
export function closeOffer() {
  setOffer('closed');
}

/* After a login from another device: a passkey for this one, without a prompt where the browser finds that fit; else the
 * account page offers it. Once in a tab. */
async function bringHome(site) {
  if (offerState() !== null) return;
  const { platform, background } = await capabilities();
  setOffer(platform ? 'open' : 'closed');
  if (!background || !site.conditional_create) return;
  const options = await api.registrationOptions({ mediation: 'conditional' });
  await sendRegistration(options, await createPasskeyQuietly(options, PROMPTLESS_MS));
  closeOffer();
}

/** What follows a login or registration with credential, before the page is left. Never fails, never takes long. */
export async function settle(credential, site) {
  const away = credential.authenticatorAttachment === 'cross-platform';
  if (away) await within(BACKGROUND_MS, bringHome(site));
  await within(SIGNALS_MS, signalAccount());
}
