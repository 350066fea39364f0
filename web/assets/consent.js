/* The page that asks whether an application of somebody else's may have what it asks for; either way the application is
 * told. */
import { api } from './api.js';
import { onLanguage, t } from './i18n.js';
import { continueHandle, doorsOpened, leave, pageAddress, startPage } from './page.js';
import { renderAccess } from './permit.js';
import { drawScene } from './scene.js';
import { createNotice, explain, whileBusy } from './ui.js';

const button = document.querySelector('#go');
const decline = document.querySelector('#decline');
const notice = createNotice(document.querySelector('#notice'));
const setScene = drawScene(document.querySelector('#scene'));
onLanguage(notice.render);

async function answer(say, open) {
  try {
    const { redirect } = await say(continueHandle);
    if (open) {
      setScene('open');
      await doorsOpened();
    }
    leave(redirect);
  } catch (error) {
    if (error.wantsLogin) location.assign(pageAddress('/login'));
    else notice.say('error', explain(error));
  }
}

function showRequest(request) {
  const list = document.querySelector('#permit-list');
  const who = document.querySelector('#who');
  onLanguage(() => {
    document.querySelector('#lead').textContent = t('consent.lead', { client: request.client_name });
    renderAccess(list, request);
    if (request.username) who.querySelector('#who-name').textContent = t('stepup.as', { name: request.username });
  });
  who.hidden = !request.username;
  button.addEventListener('click', () => whileBusy(button, () => answer(api.allow, true)));
  decline.addEventListener('click', () => whileBusy(decline, () => answer(api.decline, false)));
}

function showGone() {
  document.querySelector('#request').hidden = true;
  document.querySelector('#gone').hidden = false;
  setScene('failed');
}

const request = continueHandle ? api.continuation(continueHandle).catch(() => null) : Promise.resolve(null);
await startPage('consent.title');
const found = await request;

if (found?.consent) showRequest(found);
else showGone();
