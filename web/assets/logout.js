/* The page that asks whether to sign out, when an application wishes it and may not decide it alone; and the one that
 * says that it is done. */
import { api } from './api.js';
import { onLanguage, t } from './i18n.js';
import { leave, startPage } from './page.js';
import { drawScene } from './scene.js';
import { createNotice, explain, whileBusy } from './ui.js';

const button = document.querySelector('#go');
const notice = createNotice(document.querySelector('#notice'));
const setScene = drawScene(document.querySelector('#scene'));
onLanguage(notice.render);

const handle = new URLSearchParams(location.search).get('handle');

function showDone() {
  document.querySelector('#request').hidden = true;
  document.querySelector('#done').hidden = false;
  setScene('open');
}

async function signOut(redirect) {
  try {
    await api.signOut();
  } catch (error) {
    if (!error.wantsLogin) {
      notice.say('error', explain(error));
      return;
    }
    /* nobody was signed in any more: what was wished is so */
  }
  if (redirect) leave(redirect);
  else showDone();
}

function showRequest(session, request) {
  const lead = document.querySelector('#lead');
  const who = document.querySelector('#who');
  onLanguage(() => {
    lead.textContent = request?.client_name ? t('logout.asked', { client: request.client_name }) : t('logout.lead');
    who.textContent = t('stepup.as', { name: session.username });
  });
  who.hidden = false;
  document.querySelector('#request').hidden = false;
  button.addEventListener('click', () => whileBusy(button, () => signOut(request?.redirect)));
}

/* Whether anybody is signed in is not known: nothing is said of it, and asking again is all that there is to do. */
function showFailed(error) {
  const label = button.querySelector('span:last-child');
  delete label.dataset.t;
  onLanguage(() => {
    label.textContent = t('common.retry');
    document.querySelector('#lead').textContent = t('logout.lead');
  });
  document.querySelector('#request').hidden = false;
  notice.say('error', explain(error));
  button.addEventListener('click', () => location.reload());
}

/* Only the server's word counts: that nobody is signed in, or that the application's wish is over. */
const nothing = (isWord) => (error) => {
  if (isWord(error)) return null;
  throw error;
};
const known = Promise.all([
  api.session().catch(nothing((error) => error.wantsLogin)),
  handle ? api.logoutRequest(handle).catch(nothing((error) => error.isRefusal)) : null,
]).catch((error) => ({ error }));
await startPage('logout.title');
const found = await known;

if (found.error) showFailed(found.error);
else if (found[0]) showRequest(...found);
else showDone();
