/* Telling the person's passkey manager how things stand here, by WebAuthn's Signal API, so that it offers no passkey that
 * was deleted. Best effort: few browsers know how, and a manager need not follow. */
import { api } from './api.js';

const PATIENCE_MS = 500;

/* Nothing depends on a signal: it is neither waited for long nor missed when it fails. */
function signal(name, details) {
  const sent = new Promise((resolve) => resolve(PublicKeyCredential[name]?.(details))).catch(() => {});
  return Promise.race([sent, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}

/** A passkey that the server does not know, or did not accept: it is not to be offered again. */
export async function forgetPasskey(rpId, credentialId) {
  await signal('signalUnknownCredential', { rpId, credentialId });
}

/** What the signed-in account has today: its passkeys, all of them, and its names. As api.signals() said, or asks it. */
export async function signalAccount(account = null) {
  if (typeof window.PublicKeyCredential?.signalAllAcceptedCredentials !== 'function') return;
  const { rpId, userId, name, displayName, allAcceptedCredentialIds } = account ?? (await api.signals());
  await Promise.all([
    signal('signalAllAcceptedCredentials', { rpId, userId, allAcceptedCredentialIds }),
    signal('signalCurrentUserDetails', { rpId, userId, name, displayName }),
  ]);
}
