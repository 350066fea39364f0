/* The registration page: a new account with its first passkey, or, with a ticket, a passkey for an account that
 * the operator has prepared. */
import { api } from './api.js';
import { onLanguage, t } from './i18n.js';
import { carried, doorsOpened, leave, startPage, ticket } from './page.js';
import { offerPhone } from './phone.js';
import { drawScene } from './scene.js';
import { sendRegistration, settle } from './sign-in.js';
import { createNotice, showFailure, whileBusy } from './ui.js';
import { createPasskey, isSupported } from './webauthn.js';

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

/* Browsers that know no hints yet look at the attachment. */
const ON_PHONE = { hints: ['hybrid'], authenticatorSelection: { authenticatorAttachment: 'cross-platform' } };

async function register(wishes) {
  setScene('waiting');
  notice.say('wait', () => t('wait.prompt'));
  try {
    const options = await api.registrationOptions({ ...wanted(), ...wishes });
    const credential = await createPasskey(options);
    notice.say('wait', () => t('wait.signing'));
    const { redirect } = await sendRegistration(options, credential);
    setScene('open');
    notice.say('done', () => t('done.created'));
    await Promise.all([doorsOpened(), settle(credential, site)]);
    leave(redirect);
  } catch (error) {
    setScene('failed');
    showFailure(notice, error);
  }
}

function submit(pressed, wishes) {
  const missing = !ticket && !username.value.trim();
  username.setAttribute('aria-invalid', String(missing));
  if (missing) {
    notice.say('error', () => t('register.username.missing'));
    username.focus();
  } else {
    whileBusy(pressed, () => register(wishes));
  }
}

const site = await startPage(ticket ? 'register.invited.title' : 'register.title');
const kind = ticket ? 'invited' : site.registration === 'open' ? 'open' : 'closed';
for (const part of document.querySelectorAll('[data-when]')) part.hidden = !part.dataset.when.split(' ').includes(kind);

if (isSupported()) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit(button, {});
  });
  offerPhone((pressed) => submit(pressed, ON_PHONE));
} else {
  form.addEventListener('submit', (event) => event.preventDefault());
  button.setAttribute('aria-disabled', 'true');
  notice.say('error', () => t('error.unsupported'));
}
