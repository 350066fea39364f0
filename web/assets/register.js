/* The registration page: a new account with its first passkey, or, with a ticket, a passkey for an account that
 * the operator has prepared. */
import { ApiError, api } from './api.js';
import { onLanguage, t } from './i18n.js';
import { carried, doorsOpened, leave, startPage, ticket } from './page.js';
import { drawScene } from './scene.js';
import { createNotice, showFailure, whileBusy } from './ui.js';
import { createPasskey, forgetPasskey, isSupported } from './webauthn.js';

const form = document.querySelector('#register');
const username = document.querySelector('#username');
const displayName = document.querySelector('#display-name');
const button = document.querySelector('#go');
const notice = createNotice(document.querySelector('#notice'));
const setScene = drawScene(document.querySelector('#scene'));
onLanguage(notice.render);

function wanted() {
  const name = username.value.trim();
  return {
    ...carried,
    ...(ticket ? { ticket } : { username: name, displayName: displayName.value.trim() || name }),
  };
}

/* Hands the new passkey to the server; one that it refuses is of no use on the device either. */
async function enrol(options, credential) {
  try {
    return await api.registrationResult(credential);
  } catch (error) {
    if (error instanceof ApiError && error.status < 500) await forgetPasskey(options.rp.id, credential.id);
    throw error;
  }
}

async function register() {
  setScene('waiting');
  notice.say('wait', () => t('wait.prompt'));
  try {
    const options = await api.registrationOptions(wanted());
    const credential = await createPasskey(options);
    notice.say('wait', () => t('wait.signing'));
    const { redirect } = await enrol(options, credential);
    setScene('open');
    notice.say('done', () => t('done.created'));
    await doorsOpened();
    leave(redirect);
  } catch (error) {
    setScene('failed');
    showFailure(notice, error);
  }
}

function submit(event) {
  event.preventDefault();
  const missing = !ticket && !username.value.trim();
  username.setAttribute('aria-invalid', String(missing));
  if (missing) {
    notice.say('error', () => t('register.username.missing'));
    username.focus();
  } else {
    whileBusy(button, register);
  }
}

const { registration } = await startPage(ticket ? 'register.invited.title' : 'register.title');
const kind = ticket ? 'invited' : registration === 'open' ? 'open' : 'closed';
for (const part of document.querySelectorAll('[data-when]')) part.hidden = !part.dataset.when.split(' ').includes(kind);

if (isSupported()) {
  form.addEventListener('submit', submit);
} else {
  form.addEventListener('submit', (event) => event.preventDefault());
  button.setAttribute('aria-disabled', 'true');
  notice.say('error', () => t('error.unsupported'));
}
