/* The login page: passkeys in the autofill of the user name field, and a button for all others. */
import { api } from './api.js';
import { onLanguage, t } from './i18n.js';
import { carried, continueHandle, doorsOpened, leave, startPage } from './page.js';
import { destinationOf } from './permit.js';
import { offerPhone } from './phone.js';
import { drawScene } from './scene.js';
import { sendAssertion, settle } from './sign-in.js';
import { createNotice, showFailure, whileBusy } from './ui.js';
import { createAutofill, isSupported, usePasskey } from './webauthn.js';

const form = document.querySelector('#login');
const username = document.querySelector('#username');
const button = document.querySelector('#go');
const notice = createNotice(document.querySelector('#notice'));
const setScene = drawScene(document.querySelector('#scene'));
onLanguage(notice.render);

async function finish(options, credential) {
  notice.say('wait', () => t('wait.signing'));
  const { redirect } = await sendAssertion(options, credential);
  setScene('open');
  notice.say('done', () => t('wait.leaving'));
  await Promise.all([doorsOpened(), settle(credential, site)]);
  leave(redirect);
}

function fail(error) {
  setScene('failed');
  showFailure(notice, error);
  autofill.start();
}

const autofill = createAutofill({
  getOptions: () => api.loginOptions({ ...carried, mediation: 'conditional' }),
  finish: (options, credential) => finish(options, credential).catch(fail),
});

async function signIn(wishes) {
  const name = username.value.trim();
  await autofill.stop();
  setScene('waiting');
  notice.say('wait', () => t('wait.prompt'));
  try {
    const options = await api.loginOptions({ ...carried, ...wishes, ...(name ? { username: name } : {}) });
    await finish(options, await usePasskey(options));
  } catch (error) {
    fail(error);
  }
}

async function describeRequest() {
  const line = document.querySelector('#destination');
  const request = await api.continuation(continueHandle);
  onLanguage(() => {
    line.textContent = t('login.to', { name: destinationOf(request) });
    line.hidden = false;
  });
  if (request.login_hint && !username.value) username.value = request.login_hint;
}

const site = await startPage('login.title');
document.querySelector(site.registration === 'open' ? '#register-open' : '#register-invite').hidden = false;
if (continueHandle) describeRequest().catch(() => {});

if (isSupported()) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    whileBusy(button, () => signIn({}));
  });
  offerPhone((pressed) => whileBusy(pressed, () => signIn({ hints: ['hybrid'] })));
  autofill.start();
  if (matchMedia('(pointer: fine)').matches) username.focus({ preventScroll: true });
} else {
  button.setAttribute('aria-disabled', 'true');
  form.addEventListener('submit', (event) => event.preventDefault());
  notice.say('error', () => t('error.unsupported'));
}
