/* The step-up page: says why and for whom a fresh confirmation is asked, and takes it; or the person declines, and
 * the application is told so. */
import { api } from './api.js';
import { currentLanguage, onLanguage, t, translate } from './i18n.js';
import { carried, continueHandle, doorsOpened, leave, pageAddress, startPage } from './page.js';
import { renderPermit } from './permit.js';
import { drawScene } from './scene.js';
import { sendAssertion, settle } from './sign-in.js';
import { createNotice, explain, showFailure, whileBusy } from './ui.js';
import { isSupported, usePasskey } from './webauthn.js';

const button = document.querySelector('#go');
const decline = document.querySelector('#decline');
const notice = createNotice(document.querySelector('#notice'));
const setScene = drawScene(document.querySelector('#scene'));
onLanguage(notice.render);

async function confirm() {
  setScene('waiting');
  notice.say('wait', () => t('wait.prompt'));
  try {
    const options = await api.loginOptions({ ...carried, language: currentLanguage() });
    const credential = await usePasskey(options);
    notice.say('wait', () => t('wait.signing'));
    const { redirect } = await sendAssertion(options, credential);
    setScene('open');
    notice.say('done', () => t('wait.leaving'));
    await Promise.all([doorsOpened(), settle(credential, site)]);
    leave(redirect);
  } catch (error) {
    setScene('failed');
    showFailure(notice, error);
  }
}

async function giveUp() {
  try {
    const { redirect } = await api.decline(continueHandle);
    leave(redirect);
  } catch (error) {
    notice.say('error', explain(error));
  }
}

async function otherAccount() {
  try {
    await api.signOut();
  } catch {
    /* nobody was signed in: the login page is right all the same */
  }
  location.assign(pageAddress('/login'));
}

/* An approval is said to be one: what the passkey signs is what is shown, in the language shown. */
function showApproval() {
  document.querySelector('#title').dataset.t = 'stepup.approve.title';
  document.querySelector('#lead').dataset.t = 'stepup.approve.lead';
  document.querySelector('#go-text').dataset.t = 'stepup.approve.button';
  translate(document.querySelector('#request'));
}

function showRequest(request) {
  if (request.approval) showApproval();
  const list = document.querySelector('#permit-list');
  const who = document.querySelector('#who');
  onLanguage(() => {
    renderPermit(list, request);
    if (request.username) who.querySelector('#who-name').textContent = t('stepup.as', { name: request.username });
  });
  who.hidden = !request.username;
}

function showGone() {
  document.querySelector('#request').hidden = true;
  document.querySelector('#gone').hidden = false;
  setScene('failed');
}

const request = continueHandle ? api.continuation(continueHandle).catch(() => null) : Promise.resolve(null);
const site = await startPage('stepup.title');
const found = await request;

if (!found) {
  showGone();
} else {
  showRequest(found);
  decline.addEventListener('click', () => whileBusy(decline, giveUp));
  document.querySelector('#other').addEventListener('click', otherAccount);
  if (isSupported()) {
    button.addEventListener('click', () => whileBusy(button, confirm));
  } else {
    button.setAttribute('aria-disabled', 'true');
    notice.say('error', () => t('error.unsupported'));
  }
}
